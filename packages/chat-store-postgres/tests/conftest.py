"""A real PostgreSQL server for the tests, started by the script under CHAT_PROVING; skipped, visibly, without it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 300


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Start a server and give its address."""
    folder = os.environ.get("CHAT_PROVING")
    if not folder:
        pytest.skip("CHAT_PROVING names no folder with the start script of a PostgreSQL server")
    script = Path(folder, "postgres", "start.sh")
    state = Path(tempfile.mkdtemp(prefix="chat-postgres-"))
    state.chmod(0o755)  # the server runs as a user of its own
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    environment = {**os.environ, "REAL_HOME": str(state), "PORT": str(port)}
    try:
        begun = subprocess.run(
            [script, "start"], env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        if begun.returncode != 0:
            pytest.skip(f"PostgreSQL cannot be started here: {begun.stderr.strip()[-300:]}")
        yield f"postgresql://real@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([script, "stop"], env=environment, capture_output=True, timeout=SECONDS, check=False)
        shutil.rmtree(state, ignore_errors=True)
