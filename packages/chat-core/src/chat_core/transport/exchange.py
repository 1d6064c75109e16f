"""Exchanges: what a request is to a connection, and what a connection is to the transport.

Law: pure, and names no client library. What may hold a secret is not shown.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from chat_core.transport.deadline import Deadline

PORTS = {"http": 80, "https": 443}
"""The port of a scheme whose URL names none."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a URL leads.

    Attributes:
        target: path and query.
        header: the header `host`.
    """

    scheme: str
    host: str
    port: int
    target: bytes = field(repr=False)
    header: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What requests must have in common to share a connection."""
        return self.scheme, self.host, self.port

    @property
    def peer(self) -> str:
        """The other side's name in errors: no path and no query, they may hold a key."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Message:
    """A request as a connection sends it; it can be sent again. Its headers name the host and the body's length."""

    to: Address
    method: str
    headers: list[tuple[bytes, bytes]] = field(repr=False)
    body: bytes = field(repr=False)


class Network(Protocol):
    """Reads on where a protocol was switched; the first read brings what came along with the head."""

    def read(self, max_bytes: int) -> bytes:
        """Wait for bytes; `b""` at the end."""
        ...


class AsyncNetwork(Protocol):
    """As `Network`."""

    async def read(self, max_bytes: int) -> bytes:
        """As `Network.read`."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of a reply: `chunks` bring its body, `end` tells the connection that it is over.

    `network` is where the conversation goes on after a switch, if the connection can switch at all.
    """

    status: int
    headers: dict[str, str]
    chunks: Iterator[bytes]
    end: Callable[[], None]
    network: Network | None = None


@dataclass(frozen=True, slots=True)
class AsyncAnswer:
    """As `Answer`; `http2` tells that other exchanges may share the connection."""

    status: int
    headers: dict[str, str]
    chunks: AsyncIterator[bytes]
    end: Callable[[], Awaitable[None]]
    network: AsyncNetwork | None = None
    http2: bool = False


class HTTPLine(Protocol):
    """One connection for threads, open or not; as `lines.Line`."""

    @property
    def deadline(self) -> Deadline:
        """The limits of the exchange that is going on."""
        ...

    @property
    def fit(self) -> bool:
        """Whether the connection can serve again."""
        ...

    @property
    def moved(self) -> tuple[int, int]:
        """How often it was connected and how many bytes it brought; unchanged = no byte of a reply came."""
        ...

    def exchange(self, message: Message) -> Answer:
        """Send a request and wait for the head of its reply."""
        ...

    def abort(self) -> None:
        """Close the socket at once."""
        ...

    def forget(self) -> None:
        """Close this process's copy of a socket that belongs to its parent."""
        ...


class AsyncHTTPLine(Protocol):
    """One connection for the tasks of a loop, open or not; as `HTTPLine`.

    Attributes:
        shared: whether several exchanges may go on at once; the deadline is then nobody's.
    """

    shared: bool

    @property
    def deadline(self) -> Deadline:
        """As `HTTPLine.deadline`."""
        ...

    @property
    def fit(self) -> bool:
        """As `HTTPLine.fit`."""
        ...

    @property
    def moved(self) -> tuple[int, int]:
        """As `HTTPLine.moved`."""
        ...

    async def exchange(self, message: Message) -> AsyncAnswer:
        """As `HTTPLine.exchange`."""
        ...

    def abort(self) -> None:
        """As `HTTPLine.abort`."""
        ...

    def forget(self) -> None:
        """As `HTTPLine.forget`."""
        ...
