"""Names are looked up once for all who want them in the same moment; whoever leaves takes nothing from the others."""

from __future__ import annotations

import asyncio
import socket
from threading import Event
from typing import Any

import pytest

from chat_core.errors import ConnectFailed
from chat_core.transport.deadline import Deadline
from chat_core.transport.dialling import connected


class Kept(asyncio.Protocol):
    """Keeps its connection, to close it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


class Names:
    """Stands for the system's lookups of names: counts them, and may let them wait or fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[object] = []
        self.open = Event()
        self.open.set()
        self.begun = Event()
        self.failure: OSError | None = None
        self._usual = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look)

    def _look(self, host: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as the standard library has it
        if named.get("flags") == socket.AI_NUMERICHOST:  # nobody is asked
            return self._usual(host, *args, **named)
        self.asked.append(host)
        self.begun.set()
        self.open.wait(10)
        if self.failure is not None:
            raise self.failure
        return self._usual(host, *args, **named)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


async def served() -> tuple[asyncio.Server, int]:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def dial(host: str, port: int) -> None:
    await connected(Kept, Deadline(f"{host}:{port}"), host, port)


def test_a_name_is_looked_up_once_for_all_who_want_it(names: Names) -> None:
    async def main() -> None:
        server, port = await served()
        await asyncio.gather(*(dial("localhost", port) for _ in range(20)))
        server.close()

    asyncio.run(main())
    assert len(names.asked) == 1


def test_an_address_is_not_looked_up(names: Names) -> None:
    async def main() -> None:
        server, port = await served()
        await asyncio.gather(*(dial("127.0.0.1", port) for _ in range(20)))
        server.close()

    asyncio.run(main())
    assert not names.asked


def test_a_name_is_looked_up_again_by_those_who_come_later(names: Names) -> None:
    async def main() -> None:
        server, port = await served()
        await dial("localhost", port)
        await dial("localhost", port)
        server.close()

    asyncio.run(main())
    assert len(names.asked) == 2


def test_whoever_leaves_does_not_end_the_lookup_of_the_others(names: Names) -> None:
    async def main() -> None:
        server, port = await served()
        names.open.clear()
        first, second = (asyncio.create_task(dial("localhost", port)) for _ in range(2))
        await asyncio.to_thread(names.begun.wait, 10)
        first.cancel()
        names.open.set()
        with pytest.raises(asyncio.CancelledError):
            await first
        await second
        server.close()

    asyncio.run(main())
    assert len(names.asked) == 1


def test_a_lookup_that_fails_is_an_error_of_each(names: Names) -> None:
    names.failure = OSError("no such name")

    async def main() -> list[object]:
        return [*await asyncio.gather(*(dial("nowhere.example", 1) for _ in range(3)), return_exceptions=True)]

    failures = asyncio.run(main())
    assert [type(failure) for failure in failures] == [ConnectFailed] * 3
    assert len({id(failure) for failure in failures}) == 3
