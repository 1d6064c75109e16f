"""WebSocket connections of threads: each is opened once, read by a thread of its own, and written to by many.

Law: a thread waits for its own request only, and never beyond `until`. A message that could not be sent whole ends the
connection. The reading thread ends with the connection, whoever ends it.
"""

from __future__ import annotations

import contextlib
import copy
import threading
from time import monotonic
from typing import TYPE_CHECKING

from chat_core.codec.wire import WireResponse
from chat_core.errors import ChatError, TimedOut, TransportError
from chat_core.transport.deadline import Deadline, late
from chat_core.transport.duplex import LinkConnection
from chat_core.transport.handshake import SWITCHED, Unheard, closed_here, refusal
from chat_core.transport.lanes import Ended
from chat_core.transport.linkstreams import LinkStream
from chat_core.transport.outbox import Outbox
from chat_core.transport.replies import failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import Frame, Outgoing
    from chat_core.transport.client import Line
    from chat_core.transport.exchange import Network
    from chat_core.transport.handshake import Plan
    from chat_core.transport.http import Held
    from chat_core.transport.lanes import Inbox
    from chat_core.transport.sockets import Socket
    from chat_core.transport.talking import Talking

READ = 64 * 1024
"""Bytes asked of a socket at once."""

ASIDE_SECONDS = 2.0
"""How long what nobody waits for may take to be sent: answers to pings, and that an answer is not wanted any more."""


class Link:
    """One connection, open or not.

    Attributes:
        deadline: the limits of its handshake.
        refusal: what the service said instead of agreeing.
        headers: with what it agreed.
    """

    def __init__(self, line: Line, plan: Plan) -> None:
        """Prepare; the first `open` connects."""
        self.deadline = line.deadline
        self.refusal: WireResponse | None = None
        self.headers: Mapping[str, str] = {}
        self._line = line
        self._plan: Plan | None = plan
        self._new = True
        self._gone = False
        self._failed: ChatError | None = None
        self._talking: Talking | None = None
        self._outbox: Outbox | None = None
        self._opening = threading.Lock()
        self._lock = threading.RLock()  # again: a collector that runs inside of it may close connections
        self._drained = threading.Condition(self._lock)

    @property
    def fit(self) -> bool:
        """Whether it may take a request."""
        if self._gone:
            return False
        return self._talking is None or self._talking.fit(monotonic())

    def open(self, connect: float | None, until: float | None) -> bool:
        """Connect, or wait until another thread has; False when that one gave up for reasons of its own.

        Raises:
            ConnectFailed: no connection could be made.
            TimedOut: `connect`, or `read` when it was `until` that passed.
        """
        limits = Deadline(self.deadline.peer)
        limits.begin(connect=connect, until=until)
        if self._talking is None:
            seconds = limits.left(connecting=True)
            if not self._opening.acquire(timeout=-1 if seconds is None else seconds):
                raise limits.late(connecting=True)
            try:
                if self._new:
                    self._new = False
                    self._shake(connect, until)
            finally:
                self._opening.release()
        if self._failed is not None:
            raise copy.copy(self._failed)
        return self._talking is not None or self.refusal is not None

    def send(self, held: Held[Link], request: Outgoing, until: float | None) -> LinkStream:
        """Send a request and wait for the first thing that comes for it.

        Raises:
            Unheard: the connection had rested, and ended before anything came, or before the request was sent.
            TransportError: as `protocol.Transport.open`.
        """
        talking = self._talking
        if talking is None:
            raise TransportError("the connection is not open")
        with self._lock:
            turn = threading.Condition(self._lock)
            rested = talking.resting
            try:
                inbox = talking.join(request, turn.notify_all)
            except TransportError as error:
                raise Unheard(error) from None
            self._collect(talking)
        stream = LinkStream(WireResponse(status=SWITCHED, headers=self._own_headers(talking)), held, self, inbox, turn)
        try:
            self._flush(until)
            self.wait(inbox, turn, until)
            if not inbox.came:
                inbox.take()
        except BaseException as error:
            stream.close(reuse=False)
            if rested and not inbox.came and type(error) is TransportError and error.retryable:
                raise Unheard(error) from None
            raise
        return stream

    def converse(self, held: Held[Link]) -> LinkConnection:
        """Speak both ways over a connection that serves nobody else."""
        talking = self._talking
        if talking is None:
            raise TransportError("the connection is not open")
        with self._lock:
            turn = threading.Condition(self._lock)
            inbox = talking.begin(turn.notify_all)
        return LinkConnection(WireResponse(status=SWITCHED, headers=self.headers), held, self, inbox, turn)

    def say(self, message: bytes, until: float | None, *, text: bool) -> None:
        """Send a message; raises as `protocol.Connection.send`."""
        talking = self._talking
        if talking is None:
            raise TransportError("the connection is not open")
        with self._lock:
            talking.say(message, text=text)
            self._collect(talking)
        self._flush(until)

    def part(self, code: int) -> None:
        """Say farewell, if that can be sent at once."""
        if self._talking is None or self._outbox is None:
            return
        with self._lock:
            self._talking.part(code)
            data = self._talking.to_send()
        self._outbox.send_now(data)

    def wait(self, inbox: Inbox, turn: threading.Condition, until: float | None) -> None:
        """Wait until there is something to take; raises `TimedOut` as `protocol.Stream.receive`."""
        began = monotonic()
        with self._lock:
            while not inbox.ready:
                seconds = None if until is None else until - monotonic()
                if seconds is not None and seconds <= 0:
                    raise late("read", max((until or began) - began, 0.0), self.deadline.peer)
                turn.wait(seconds)

    def take(self, inbox: Inbox) -> tuple[Frame, ...] | None:
        """Take what has come; the thread that reads goes on if it had paused."""
        with self._lock:
            frames = inbox.take()
            self._drained.notify_all()
            return frames

    def leave(self, inbox: Inbox, turn: threading.Condition, *, done: bool) -> bool:
        """End a request, wake whoever waits for it, and tell whether the connection may serve on."""
        talking = self._talking
        if talking is None:
            return False
        with self._lock:
            rest = talking.leave(inbox, done=done)
            inbox.end(Ended(closed_here))
            turn.notify_all()
            self._drained.notify_all()
            self._collect(talking)
        if rest:
            with contextlib.suppress(ChatError):  # then it is broken, which `fit` says
                self._flush(monotonic() + ASIDE_SECONDS)
        return rest

    def abort(self) -> None:
        """Close the socket at once, with a farewell if it can be sent at once."""
        self._gone = True
        if self._talking is not None:
            with self._lock:
                data = self._talking.farewell()
                self._drained.notify_all()
            if self._outbox is not None:
                self._outbox.send_now(data)
        self._shut()

    def forget(self) -> None:
        """Close this process's copy of a socket that belongs to its parent, whose locks nobody would open here."""
        self._gone = True
        self._line.forget()

    # Opening

    def _shake(self, connect: float | None, until: float | None) -> None:
        """Connect and shake hands."""
        try:
            self._agree(connect, until)
        except Exception as error:  # noqa: BLE001 - whatever the HTTP client raises becomes an error of ours
            self._gone = True
            self._line.abort()
            found = failure(error, self.deadline.peer)
            if isinstance(found, TimedOut):  # a limit of this request, and not of those who wait beside it
                raise found from None
            self._failed = found
        except BaseException:
            self._gone = True
            self._line.abort()
            raise

    def _agree(self, connect: float | None, until: float | None) -> None:
        plan, self._plan = self._plan, None  # it knows the request
        if plan is None:
            return
        speaker = plan.speaker()
        message = plan.message(speaker)
        self.deadline.begin(connect=connect, until=until)
        answer = self._line.exchange(message)
        if answer.status != SWITCHED:
            self._gone = True
            self.refusal = refusal(answer, self._line, until)
            return
        speaker.accept(answer.headers)
        self.headers = answer.headers
        sock = self._line.dialer.socket
        if sock is None or answer.network is None:
            return
        came = self._came_along(answer.network)
        self._outbox = Outbox(sock, self.deadline.peer)
        self._talking = talking = plan.talking(speaker)
        threading.Thread(target=self._read, args=(sock, talking, came), name="chat-websocket", daemon=True).start()

    def _came_along(self, network: Network) -> bytes:
        """Return what came in one read with the head, without waiting for more."""
        came = b""
        self.deadline.begin(connect=None, until=0.0)
        with contextlib.suppress(TimedOut):
            while data := network.read(READ):
                came += data
        return came

    def _own_headers(self, talking: Talking) -> Mapping[str, str]:
        """Return the handshake's headers for the request that made it: they say nothing about later ones."""
        headers, self.headers = self.headers, {}
        return {} if talking.served else headers

    # Reading

    def _read(self, sock: Socket, talking: Talking, came: bytes) -> None:
        """Read until the connection is over."""
        try:
            if came:
                self._took(talking, came)
            while not talking.over:
                data = sock.take(READ)
                if data is not None:
                    self._took(talking, data)
                elif not sock.ready(self._patience(talking)):
                    self._beat(talking)
        except ChatError as error:
            self._broke(talking, error)
        finally:
            self._gone = True
            self._line.abort()

    def _took(self, talking: Talking, data: bytes) -> None:
        with self._lock:
            talking.came(data, monotonic())
            self._collect(talking)
        self._flush(monotonic() + ASIDE_SECONDS, wait=False)
        with self._lock:
            while talking.lanes.paused and not talking.over:
                self._drained.wait()

    def _beat(self, talking: Talking) -> None:
        with self._lock:
            talking.beat(monotonic())
            self._collect(talking)
        self._flush(monotonic() + ASIDE_SECONDS, wait=False)

    def _patience(self, talking: Talking) -> float | None:
        at = talking.pulse.at
        return None if at is None else max(at - monotonic(), 0.0)

    def _broke(self, talking: Talking, error: ChatError) -> None:
        self._gone = True
        with self._lock:
            talking.broke(error)
            self._drained.notify_all()

    # Writing

    def _flush(self, until: float | None, *, wait: bool = True) -> None:
        """Send what is in the outbox; half a message makes the rest of the connection useless."""
        outbox, talking = self._outbox, self._talking
        if outbox is None or talking is None:
            return
        try:
            outbox.flush(until, wait=wait)
        except BaseException as error:
            if outbox.cut:
                self._broke(talking, error if isinstance(error, ChatError) else closed_here())
                self._shut()
            raise

    def _shut(self) -> None:
        """End the connection; where a thread reads, that one closes the socket."""
        if self._talking is None:
            self._line.abort()
        elif (sock := self._line.dialer.socket) is not None:
            sock.shut()

    def _collect(self, talking: Talking) -> None:
        """Put what must be sent into the outbox, in the order in which it was made."""
        if self._outbox is not None:
            self._outbox.add(talking.to_send())
