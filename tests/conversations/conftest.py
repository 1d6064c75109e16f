"""A service of each wire on loopback, asked in each of four ways."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.conversations.asking import STREAMS, WAYS
from tests.conversations.said import Said
from tests.conversations.table import LACKS, title
from tests.conversations.wires import WIRES, answer

from chat_core.flow.retry import NEVER
from chat_core.flow.timeouts import Timeouts
from chat_core.testing.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conversations.asking import Taken, Way

    from chat_core.parts import Part
    from chat_core.turn import Turn

TIMEOUTS = Timeouts(total=20)
ROOTS = frozenset({"claude", "ollama"})
"""Providers whose address ends before the version of their API."""


class Service:
    """A service that says what it is told to, and the client that asks it.

    Attributes:
        name: the provider.
        streams, way_is_async: how it is asked.
        events: what the last turn emitted.
    """

    def __init__(self, name: str, way: Way, server: Loopback) -> None:
        self.name = name
        self.wire = WIRES[name]
        self.streams = way.__name__ in STREAMS
        self.way_is_async = way.__name__.startswith("awaited")
        self.events: list[object] = []
        self._way = way
        self._server = server
        self._before = len(server.asked)

    def says(self, *answers: tuple[Part, ...] | Said) -> None:
        """Give these answers from now on."""
        said = [each if isinstance(each, Said) else Said(each) for each in answers]
        self._server.answers([answer(self.wire, each, stream=self.streams) for each in said])
        self._before = len(self._server.asked)

    def settings(self, **settings: object) -> dict[str, Any]:
        """Return the settings of a client of the service."""
        base = self._server.address + ("" if self.name in ROOTS else "/v1")
        return {
            "model": f"{self.name}:m",
            "base_url": base,
            "api_key": "k",
            "retry": NEVER,
            "timeouts": TIMEOUTS,
            **settings,
        }

    def turn(self, *content: object, settings: dict[str, object] | None = None, **arguments: object) -> Turn[Any]:
        """Take a conversation to the end of a turn; two contents are a history and decisions."""
        taken: Taken = self._way(self.settings(**(settings or {})), *content, **arguments)
        turn, self.events[:] = taken
        return turn

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The bodies that the service got for its present answers."""
        return [json.loads(request.body) for request in self._server.asked[self._before :]]


@pytest.fixture(scope="session")
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


@pytest.fixture(params=WIRES)
def service(request: pytest.FixtureRequest, way: Way, server: Loopback) -> Service:
    if (lack := LACKS.get((title(request.node.originalname), request.param))) and way.__name__ in lack.ways:
        pytest.skip(lack.reason)
    return Service(request.param, way, server)
