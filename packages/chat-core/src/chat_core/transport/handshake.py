"""Handshakes: how a connection of the HTTP client becomes a WebSocket, and what a service says that will have none.

Law: a handshake is one HTTP request, so proxies, TLS and time limits are those of HTTP. A refusal is read whole, as the
failure of any request: it says why, in the service's own words.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from chat_core.codec.wire import WireResponse
from chat_core.errors import ConnectFailed, TransportError
from chat_core.frozen import dataclass
from chat_core.transport.inflate import inflater
from chat_core.transport.replies import AsyncReply, Reply, over

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.wire import Outgoing
    from chat_core.transport.client import AsyncLine, Line, Settings
    from chat_core.transport.exchange import Address, Answer, AsyncAnswer, Message
    from chat_core.transport.talking import Speaker, Talking

SWITCHED = 101
"""The status with which a service agrees."""

REFUSED = 300
"""The first status of a refusal; those below say that the service did not understand what it was asked."""

_NOT_OURS = frozenset({"content-type", "content-length", "accept"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What it takes to make a connection for a request.

    Attributes:
        key: what requests must have in common to share a connection.
        conversation: what requests have in common that are best sent over the same one; `None` = nothing.
        speaker: makes the protocol of a connection.
        message: makes its handshake.
        talking: begins the conversation once the handshake is answered.
    """

    key: tuple[object, ...]
    conversation: object
    to: Address
    settings: Settings
    speaker: Callable[[], Speaker]
    message: Callable[[Speaker], Message]
    talking: Callable[[Speaker], Talking]


def asking(request: Outgoing, speaker: Speaker | None = None) -> Outgoing:
    """Return the handshake for a request, with the headers of the protocol once there is one."""
    wire = replace(request.wire, url=as_http(request.wire.url), method="GET", body=None)
    headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_OURS}
    return replace(request, wire=wire, body=b"", headers=headers | dict(speaker.asking if speaker is not None else {}))


def speaks(url: str) -> bool:
    """Tell whether a URL is one of a WebSocket."""
    return url[:6].lower().startswith(("ws://", "wss://"))


def as_http(url: str) -> str:
    """Return the URL of a handshake: `ws` is to `wss` as `http` is to `https`."""
    return "http" + url[2:]


class Unheard(Exception):
    """The connection had rested, and ended before anything came: it was dead when the request was sent."""

    def __init__(self, error: TransportError) -> None:
        """Keep why it ended."""
        super().__init__(error.message)
        self.error = error


def closed_here() -> TransportError:
    """Return the error for who still reads."""
    return TransportError("the stream was closed while it was read")


class Refused:
    """A stream that there is none of: the head says why. It serves both colours."""

    def __init__(self, head: WireResponse) -> None:
        """Be over."""
        self.head = head

    def receive(self, until: float | None) -> None:  # noqa: ARG002 - the protocol's parameter
        """Say that there is nothing."""
        over(closed=False)

    def close(self, *, reuse: bool) -> None:
        """Do nothing: the connection is closed."""

    async def areceive(self, until: float | None) -> None:
        """As `receive`."""
        self.receive(until)

    async def aclose(self, *, reuse: bool) -> None:
        """As `close`."""


AnyLine: TypeAlias = "Line | AsyncLine"


class _Lone:
    """A connection that serves nobody else; to `replies` it is what a reply holds."""

    def __init__(self, line: AnyLine) -> None:
        self.deadline = line.deadline
        self.alone = True
        self._line = line

    def leave(self, *, rest: bool) -> None:  # noqa: ARG002 - it never rests
        self._line.abort()


def refusal(answer: Answer, line: Line, until: float | None) -> WireResponse:
    """Read what a service says that will have no WebSocket.

    Raises:
        ConnectFailed: it says nothing of the kind.
    """
    head = _refused(answer.status, answer.headers, line)
    reply = Reply(head, answer.chunks, answer.end, _Lone(line), inflater(head.headers))
    reply.failed(until)
    return reply.head


async def arefusal(answer: AsyncAnswer, line: AsyncLine, until: float | None) -> WireResponse:
    """As `refusal`."""
    head = _refused(answer.status, answer.headers, line)
    reply = AsyncReply(head, answer.chunks, answer.end, _Lone(line), inflater(head.headers))
    await reply.failed(until)
    return reply.head


def _refused(status: int, headers: dict[str, str], line: AnyLine) -> WireResponse:
    if status < REFUSED:
        error = ConnectFailed(f"{line.deadline.peer} has no WebSocket at this address: it answered with HTTP {status}")
        error.retryable = False
        raise error
    return WireResponse(status=status, headers=headers)
