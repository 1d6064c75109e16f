"""A recorded live session that is played: what the service said comes again, what the program says is checked.

Law: a message of the service comes once all has been said that had been said before it, however early. What is said
must be the next that was recorded: the same JSON however it is spelled, or the same bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import ConfigurationError, DecodeError, TransportError
from chat_core.jsonvalue import parse
from chat_core.transport.cassette import Exchange, Fault
from chat_core.transport.deadline import late
from chat_core.transport.handshake import SWITCHED
from chat_core.transport.redaction import masked, told_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON

Differ: TypeAlias = "Callable[[JSON, JSON, str], str | None]"
"""Returns the path of the first difference between two values."""


class Script:
    """What is left of a recorded session."""

    def __init__(self, exchange: Exchange, pace: float, differ: Differ) -> None:
        """Begin at its beginning."""
        self._reads = deque(read for read in exchange.reads if read.data is not None)
        self._expected = deque(frame for read in exchange.reads if read.said for frame in _frames(read.data))
        self._ahead = 0
        self._secrets: set[bytes] = set()
        self._end = exchange.end
        self._pace = pace
        self._differ = differ
        self._due: float | None = None

    def say(self, message: bytes, *, text: bool) -> None:
        """Take what the program says.

        Raises:
            ConfigurationError: something else was recorded, or nothing more.
        """
        if not self._expected:
            raise ConfigurationError("the program says more than was recorded")
        recorded = self._expected.popleft()
        if text:  # a recording holds no secrets
            self._secrets |= {*told_in(message)}
            (message,) = masked([message], sorted(self._secrets, key=len, reverse=True))
        made = message.decode("utf-8", "surrogatepass") if text else message
        if recorded.data != made:
            where = self._differ(_json(recorded.data), _json(made), "message")
            if where is not None:
                raise ConfigurationError(f"the program says something else than was recorded: it differs at {where}")
        self._ahead += 1

    def next(self, now: float) -> tuple[Frame, ...] | float | None:
        """Return what comes now, or in how many seconds something does; `None` = not before something is said.

        Raises:
            TransportError: the recording ends so.
            EOFError: it ends in order.
        """
        while self._reads and self._reads[0].said:
            frames = len(_frames(self._reads[0].data))
            if self._ahead < frames:
                return None
            self._ahead -= frames
            self._reads.popleft()
        if not self._reads:
            self._ended()
        if self._due is None:
            self._due = now + self._reads[0].after * self._pace
        if now < self._due:
            return self._due - now
        self._due = None
        return _frames(self._reads.popleft().data)

    def _ended(self) -> None:
        match self._end:
            case Fault() as fault:
                raise fault.error()
            case "left":
                raise TransportError("the recording ends here: the program that recorded it left the session")
            case _:
                raise EOFError


class PlayedConnection:
    """A recorded session, for threads; as `protocol.Connection`."""

    def __init__(self, exchange: Exchange, pace: float, differ: Differ) -> None:
        """Be ready to play."""
        self.head = WireResponse(
            status=exchange.status or SWITCHED, headers=dict(exchange.headers), body=_body(exchange)
        )
        self._script = Script(exchange, pace, differ)
        self._changed = threading.Condition()
        self._closed = False

    def send(self, message: bytes, until: float | None, *, text: bool) -> None:  # noqa: ARG002 - nothing is waited for
        """Say something; raises as `Script.say`."""
        with self._changed:
            if self._closed:
                raise TransportError("the connection is closed")
            self._script.say(message, text=text)
            self._changed.notify_all()

    def receive(self, until: float | None) -> tuple[Frame, ...] | None:
        """Wait for what comes next; as `protocol.Connection.receive`."""
        began = monotonic()
        with self._changed:
            while not self._closed:
                now = monotonic()
                try:
                    found = self._script.next(now)
                except EOFError:
                    return None
                if isinstance(found, tuple):
                    return found
                self._changed.wait(patience(found, until, now, began))
        raise TransportError("the connection is closed")

    def close(self, code: int = 1000) -> None:  # noqa: ARG002 - nobody reads it
        """End it."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class AsyncPlayedConnection:
    """A recorded session, for tasks; as `protocol.AsyncConnection`."""

    def __init__(self, exchange: Exchange, pace: float, differ: Differ) -> None:
        """Be ready to play."""
        self.head = WireResponse(
            status=exchange.status or SWITCHED, headers=dict(exchange.headers), body=_body(exchange)
        )
        self._script = Script(exchange, pace, differ)
        self._changed = asyncio.Event()
        self._closed = False

    async def asend(self, message: bytes, until: float | None, *, text: bool) -> None:  # noqa: ARG002 - nothing is waited for
        """Say something; raises as `Script.say`."""
        if self._closed:
            raise TransportError("the connection is closed")
        self._script.say(message, text=text)
        self._changed.set()

    async def areceive(self, until: float | None) -> tuple[Frame, ...] | None:
        """Wait for what comes next; as `protocol.Connection.receive`."""
        began = monotonic()
        while not self._closed:
            self._changed.clear()
            now = monotonic()
            try:
                found = self._script.next(now)
            except EOFError:
                return None
            if isinstance(found, tuple):
                return found
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), patience(found, until, now, began))
        raise TransportError("the connection is closed")

    async def aclose(self, code: int = 1000) -> None:  # noqa: ARG002 - nobody reads it
        """End it."""
        self._closed = True
        self._changed.set()


def patience(seconds: float | None, until: float | None, now: float, began: float) -> float | None:
    """Return how many seconds to wait at most.

    Raises:
        TimedOut: `until` has passed.
    """
    if until is None:
        return seconds
    if now >= until:
        raise late("read", max(until - began, 0.0), "the recording")
    return until - now if seconds is None else min(seconds, until - now)


def _frames(data: bytes | tuple[Frame, ...] | None) -> tuple[Frame, ...]:
    return data if isinstance(data, tuple) else ()


def _body(exchange: Exchange) -> bytes:
    """Return the body of a refusal."""
    return b"".join(read.data for read in exchange.reads if isinstance(read.data, bytes))


def _json(data: bytes | str) -> JSON:
    if isinstance(data, bytes):
        return f"{len(data)} bytes: {hash(data)}"
    try:
        return parse(data)
    except DecodeError:
        return data
