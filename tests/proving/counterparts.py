"""Third-party servers, started and stopped by their own scripts, which lie under CHAT_PROVING.

Law: what was installed once is kept and shared (CHAT_PROVING_HOME, by default in the folder for temporary files);
ports, logs and process ids belong to one test session.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

INSTALL_SECONDS, START_SECONDS = 300, 90


class Ground:
    """The servers of one test session; installs run side by side, in the background."""

    def __init__(self, scripts: Path, state: Path) -> None:
        self.state = state
        self._scripts = scripts
        self._kept = Path(os.environ.get("CHAT_PROVING_HOME", Path(tempfile.gettempdir(), "chat-proving")))
        self._installs: dict[str, subprocess.Popen[bytes]] = {}

    def install(self, *names: str) -> None:
        """Begin to install servers; two sessions do not install the same one at the same time."""
        self._kept.mkdir(parents=True, exist_ok=True)
        alone = shutil.which("flock")
        for name in names:
            command = [*([alone, str(self._kept / f"{name}.lock")] if alone else []), *self._script(name, "install")]
            with (self.state / f"{name}-install.log").open("wb") as log:
                self._installs[name] = subprocess.Popen(
                    command, env=self._environment(name), stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )

    @contextmanager
    def running(self, name: str, upstream: str = "") -> Generator[str]:
        """Start a server and give its address; skip the test, visibly, where it cannot be installed."""
        if self._installs[name].wait(INSTALL_SECONDS) != 0:
            said = (self.state / f"{name}-install.log").read_text(errors="replace").strip()
            pytest.skip(f"{name} cannot be installed here: {said[-300:]}")
        port = free_port()
        environment = {**self._environment(name), "PORT": str(port), "UPSTREAM": upstream}
        subprocess.run(self._script(name, "start"), env=environment, check=True, timeout=START_SECONDS)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            subprocess.run(self._script(name, "stop"), env=environment, check=True, timeout=START_SECONDS)

    def close(self) -> None:
        """End the installs that nobody waited for."""
        for install in self._installs.values():
            install.terminate()
            install.wait()

    def _script(self, name: str, verb: str) -> list[str]:
        return [str(self._scripts / name / "start.sh"), verb]

    def _environment(self, name: str) -> dict[str, str]:
        made = {f"REAL_{kind}": str(self._kept / f"{kind.lower()}-{name}") for kind in ("VENV", "NODE")}
        return {**os.environ, **made, "REAL_HOME": str(self.state)}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
