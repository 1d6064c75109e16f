"""Ways to run `chat`: as a process, with plugins, and a conversation that is fed with inputs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from chat_cli.conversation import Conversation
from chat_cli.talk import begun

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chat_cli.flags import Flags

DEMO = "replay:demo"
HELLO, STORY = "Hello", "Tell me a story"


class Chat:
    """Runs `chat` as a process of its own."""

    command = (sys.executable, "-m", "chat_cli")

    def __call__(
        self,
        *arguments: str,
        stdin: str | bytes = b"",
        env: dict[str, str] | None = None,
        stdout: IO[str] | int = subprocess.PIPE,
    ) -> subprocess.CompletedProcess[str]:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [*self.command, *arguments],
            input=given,
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
            env={**os.environ, **(env or {})},
        )
        out, err = ((text or b"").decode(errors="surrogateescape") for text in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def held(flags: Flags) -> Conversation:
    """Begin the conversation that flags describe, with the demo unless they name a model."""
    flags = flags if flags.model is not None else replace(flags, model=DEMO)
    return Conversation(flags, begun(flags, ""))


def hold(conversation: Conversation, inputs: Iterable[str | type[BaseException]]) -> None:
    """Let a user say things, one of which may be a press of Ctrl-C or Ctrl-D."""
    left = iter([*inputs, EOFError])

    def read() -> str:
        said = next(left)
        if isinstance(said, str):
            return said
        raise said

    conversation.run(read)


def install(folder: Path, distribution: str, entries: dict[str, str], **modules: str) -> dict[str, str]:
    """Install a distribution and return the environment that has it."""
    info = folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    lines = "".join(f"{name} = {target}\n" for name, target in entries.items())
    (info / "entry_points.txt").write_text(f"[chat_core.plugins]\n{lines}")
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)
    return {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
