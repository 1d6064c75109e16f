"""Processes: the server, the contenders, and fresh interpreters whose whole life is measured."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.environments import interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from benchmarks.replies import Recipe
    from benchmarks.roster import Entry

ROOT = Path(__file__).parents[1]
PATIENCE = 300.0
"""Seconds that an order may take."""

QUIET = {
    "NO_PROXY": "*",
    "OPENAI_API_KEY": "sk-benchmark",
    "ANTHROPIC_API_KEY": "sk-benchmark",
    "GEMINI_API_KEY": "sk-benchmark",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LANGSMITH_TRACING": "false",
    "PYTHONWARNINGS": "ignore",
}
"""What keeps contenders from the network, and from talking."""


class SpoiltError(Exception):
    """A contender did not answer; the message says what it wrote."""


def surroundings(entry: Entry) -> dict[str, str]:
    """Return the environment variables of a contender's process."""
    dropped = ("_PROXY", "_proxy", "PYTHONPATH", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.endswith(dropped)}
    return kept | QUIET | dict(entry.variables)


class Upstream:
    """The server, as a context."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.upstream"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())

    def base(self, recipe: Recipe) -> str:
        """Return the address of a recipe."""
        return f"http://127.0.0.1:{self._port}/{recipe}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        end(self._process)


class Contender:
    """A contender's process."""

    def __init__(self, entry: Entry) -> None:
        """Start it.

        Raises:
            SpoiltError: it did not start, or what it needs is not installed.
        """
        python = interpreter(entry)
        if python is None:
            raise SpoiltError(f"needs {', '.join(entry.needs)}")
        self.entry = entry
        self._process = subprocess.Popen(
            [python, "-m", entry.module], cwd=ROOT, env=surroundings(entry),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.versions: dict[str, str] = self._hear(PATIENCE)["versions"]

    def ask(self, order: Mapping[str, Any], patience: float = PATIENCE) -> dict[str, Any]:
        """Give an order and return the answer; one with `failed` says why there is none.

        Raises:
            SpoiltError: there was no answer; the contender is of no more use.
        """
        assert self._process.stdin is not None
        if self._process.stdin.closed:
            raise SpoiltError("it has ended")
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise SpoiltError("it has ended") from None
        return self._hear(patience)

    def end(self) -> None:
        """Let it go."""
        end(self._process)

    def _hear(self, patience: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], patience)[0]:
            self.end()
            raise SpoiltError(f"no answer within {patience:.0f} s")
        line = self._process.stdout.readline()
        if not line:
            raise SpoiltError("it ended without an answer")
        return dict(json.loads(line))


def end(process: subprocess.Popen[str]) -> None:
    """Close a process's input, and kill it if that does not end it."""
    try:
        process.communicate(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass(frozen=True, slots=True)
class Life:
    """The whole life of a process.

    Attributes:
        cpu: seconds of processor time.
        memory: the most memory it held, in kilobytes.
        said: what it wrote.
        began: when it was started, by the clock of the world.
    """

    cpu: float
    memory: int
    said: str
    began: float


def lived(python: str, *words: str, variables: Mapping[str, str]) -> Life:
    """Run an interpreter to its end.

    Raises:
        SpoiltError: it failed.
    """
    began = time.monotonic()
    command = [python, *words]
    with subprocess.Popen(
        command, cwd=ROOT, env=dict(variables), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SpoiltError(f"{words[-1]} ended with status {process.returncode}")
    return Life(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, said, began)
