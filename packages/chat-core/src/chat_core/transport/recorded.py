"""What a recording keeps: exchanges, and what came of each, as values.

Law: pure. Everything a transport shows has its place; a fault is the transport's own error again.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.errors import ConnectFailed, TimedOut, TransportError
from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chat_core.codec.wire import Channel, Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request, before credentials."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Received:
    """One network read.

    Attributes:
        after: seconds since the read before it.
        data: bytes, frames, or `None` for the head.
        said: these are messages that the program sent.
    """

    after: float
    data: bytes | tuple[Frame, ...] | None
    said: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An error of the transport, raised `after` seconds."""

    kind: Literal["connect", "time", "broken"]
    message: str
    after: float
    phase: str = "read"
    seconds: float = 0.0

    def error(self) -> TransportError:
        """Return the error again."""
        match self.kind:
            case "connect":
                return ConnectFailed(self.message)
            case "time":
                return TimedOut(self.message, phase=self.phase, seconds=self.seconds)
            case _:
                return TransportError(self.message)


End: TypeAlias = "Literal['complete', 'left'] | Fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and all that came of it.

    Attributes:
        began: seconds since the recording began.
        whole: whether the reply was asked for whole, not as a stream.
        live: whether it is a live session, in which both sides speak.
        status: `None` when no head came.
        reads: the head first.
        end: how it ended.
    """

    request: Sent
    began: float = 0.0
    whole: bool = False
    live: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    reads: tuple[Received, ...] = ()
    end: End = "complete"


@dataclass(frozen=True, slots=True)
class Cassette:
    """Recorded exchanges in the order in which they began."""

    exchanges: tuple[Exchange, ...]
    channel: Channel = "http"


def fault(error: TransportError, after: float, mask: Iterable[bytes] = ()) -> Fault:
    """Return what to keep of an error."""
    message = error.message
    for secret in mask:
        message = message.replace(secret.decode("utf-8", "replace"), "*" * len(secret))
    match error:
        case ConnectFailed():
            return Fault(kind="connect", message=message, after=after)
        case TimedOut():
            return Fault(kind="time", message=message, after=after, phase=error.phase, seconds=error.seconds)
        case _:
            return Fault(kind="broken", message=message, after=after)
