"""One WebSocket connection as a state: bytes in, frames for its requests out, bytes to send. No I/O.

Law: pure: time and bytes are handed in, and nothing is locked: each colour does that as it has to. Once a connection is
over, every request on it has been told why.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from chat_core.codec.wire import Frame, dump
from chat_core.errors import ChatError, ConfigurationError, TransportError
from chat_core.frozen import dataclass
from chat_core.transport.closings import NORMAL, Closing, closed
from chat_core.transport.lanes import MAX_QUEUE, Ended, Inbox, Lanes
from chat_core.transport.pulse import Pulse

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.wire import Lane, Outgoing

LEAVING = 1001
"""The code with which this side leaves a connection on which an answer is under way."""


class Speaker(Protocol):
    """The WebSocket protocol of one connection, from a library."""

    @property
    def asking(self) -> Mapping[str, str]:
        """The headers of the handshake."""
        ...

    @property
    def closing(self) -> Closing | None:
        """How the other side closed the connection, once it has."""
        ...

    @property
    def failure(self) -> TransportError | None:
        """What is wrong with what came: it is not the protocol, or a message is longer than the bound."""
        ...

    def accept(self, headers: Mapping[str, str]) -> None:
        """Take the answer to the handshake.

        Raises:
            ConnectFailed: it is none.
        """
        ...

    def feed(self, data: bytes) -> list[Frame]:
        """Take what one read brought, `b""` for the end, and return the messages that it completes."""
        ...

    def say(self, message: bytes, *, text: bool) -> None:
        """Send a message."""
        ...

    def ping(self) -> None:
        """Ask for a sign of life."""
        ...

    def close(self, code: int) -> None:
        """Say farewell, if nobody has yet."""
        ...

    def to_send(self) -> bytes:
        """Return what must be sent, once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How connections are kept.

    Attributes:
        max_age: seconds after which a connection takes no further requests.
        ping_interval: seconds of silence before a ping; `None` = no pings.
        ping_timeout: seconds that its answer may take.
        max_queue: most bytes that may lie unread for one request.
    """

    max_age: float
    ping_interval: float | None
    ping_timeout: float
    max_queue: int = MAX_QUEUE


class Talking:
    """A connection whose handshake has been answered.

    Attributes:
        served: whether a request on it was ever over.
        lanes: the requests on it.
        pulse: when to ask for a sign of life.
    """

    def __init__(self, speaker: Speaker, lane: Lane | None, habits: Habits, peer: str, now: float) -> None:
        """Begin; `peer` names the other side in errors."""
        self.served = False
        self.lanes = Lanes(lane, habits.max_queue)
        self.pulse = Pulse(habits.ping_interval, habits.ping_timeout, now)
        self._speaker = speaker
        self._lane = lane
        self._peer = peer
        self._old = now + habits.max_age
        self._over: Ended | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self._over is not None

    @property
    def resting(self) -> bool:
        """Whether it has served, and serves nobody at the moment."""
        return self.served and not self.lanes.busy

    def fit(self, now: float) -> bool:
        """Tell whether the connection may take another request."""
        return self._over is None and not self.lanes.stray and self.lanes.spare and now < self._old

    def join(self, request: Outgoing, wake: Callable[[], None]) -> Inbox:
        """Begin a request: what it says is then to be sent.

        Raises:
            ConfigurationError: no message can carry it.
            TransportError: the connection has no room for it.
        """
        if (over := self._over) is not None:
            raise over.error()
        inbox = self.lanes.join(wake)
        try:
            body, text = _message(request, self._lane, inbox.name)
            self._speaker.say(body, text=text)
        except BaseException:
            self.lanes.leave(inbox, clean=True)
            raise
        return inbox

    def begin(self, wake: Callable[[], None]) -> Inbox:
        """Begin to speak both ways, with a connection of one's own: nothing is said yet.

        What came meanwhile is there to be taken, also when the connection has ended since.

        Raises:
            TransportError: the connection serves somebody.
        """
        inbox = self.lanes.join(wake)
        if self._over is not None:
            inbox.end(self._over)
        return inbox

    def say(self, message: bytes, *, text: bool) -> None:
        """Say a message, which is then to be sent.

        Raises:
            TransportError: the connection is over.
        """
        if (over := self._over) is not None:
            raise over.error()
        self._speaker.say(message, text=text)

    def part(self, code: int) -> None:
        """Say farewell, which is then to be sent."""
        if self._over is None:
            self._speaker.close(code)

    def leave(self, inbox: Inbox, *, done: bool) -> bool:
        """End a request, and tell whether the connection may serve on; `done`: it was read to its end of meaning."""
        clean = done and inbox.clean
        over = self.over
        self.lanes.leave(inbox, clean=clean)
        self.served = True
        if clean or over or inbox.name is None:
            return clean and not over
        if not done:
            if self._lane is None or self._lane.cancel is None:
                return False
            self._speaker.say(dump(self._lane.cancel(inbox.name)), text=True)
        return True

    def came(self, data: bytes, now: float) -> None:
        """Take what one read brought, `b""` for the end."""
        self.pulse.heard(now)
        try:
            self.lanes.put(self._speaker.feed(data))
        except ChatError as error:
            self.broke(error)
        else:
            if (failure := self._speaker.failure) is not None:
                self.broke(failure)
            elif (closing := self._speaker.closing) is not None:
                self._end(Ended(lambda: closed(self._peer, closing), in_order=closing.code == NORMAL))

    def beat(self, now: float) -> None:
        """Ping if it is time to, or give the connection up."""
        match self.pulse.advice(now):
            case "ping":
                self._speaker.ping()
            case "gone":
                self.broke(TransportError(f"{self._peer} did not answer a ping"))
            case "wait":
                pass

    def broke(self, error: ChatError) -> None:
        """Tell every request why nothing more comes."""
        self._end(Ended(lambda: copy.copy(error)))

    def farewell(self) -> bytes:
        """End the connection from this side, and return what to send if that is possible at once."""
        self._speaker.close(LEAVING if self.lanes.busy or self.lanes.stray else NORMAL)
        data = self._speaker.to_send()
        self.broke(TransportError(f"the connection to {self._peer} was closed here"))
        return data

    def to_send(self) -> bytes:
        """Return what must be sent, once."""
        return self._speaker.to_send()

    def _end(self, ended: Ended) -> None:
        if self._over is None:
            self._over = ended
            self.lanes.end(ended)


def _message(request: Outgoing, lane: Lane | None, name: str | None) -> tuple[bytes, bool]:
    """Return a request as a message, and whether it is text."""
    match request.wire.body:
        case Mapping() as body:
            return (request.body if lane is None or name is None else dump(lane.assign(body, name))), True
        case bytes(body) if lane is None:
            return body, False
        case _:
            raise ConfigurationError("a WebSocket carries JSON objects, and bytes where requests need no id")
