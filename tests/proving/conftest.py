"""The third-party servers, and the four ways to ask: whole and streamed, blocking and async."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.proving.asking import WAYS
from tests.proving.counterparts import Ground

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.proving.asking import Way


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    scripts = os.environ.get("CHAT_PROVING")
    if not scripts:
        pytest.skip("CHAT_PROVING names no folder of third-party servers")
    found = Ground(Path(scripts), tmp_path_factory.mktemp("proving"))
    found.install("aimock", "tap", "tls")
    yield found
    found.close()


@pytest.fixture(scope="session")
def aimock(ground: Ground) -> Iterator[str]:
    """Run a scripted server of many wires, whose answer depends on what the user says; give its address."""
    with ground.running("aimock") as url:
        yield url


@pytest.fixture(scope="session")
def tap(ground: Ground, aimock: str) -> Iterator[str]:
    """Run a proxy before aimock that breaks exchanges when it is told to."""
    with ground.running("tap", aimock) as url:
        yield url


@pytest.fixture(scope="session")
def tls(ground: Ground, aimock: str) -> Iterator[str]:
    """Run a web server before aimock: TLS with a private authority, HTTP/2."""
    with ground.running("tls", aimock) as url:
        yield url.replace("http://127.0.0.1", "https://localhost")


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


@pytest.fixture(params=["claude", "gemini", "openai", "openai-chat"])
def provider(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen
