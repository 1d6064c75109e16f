"""`LiveSession`: a blocking live session. It does what `livesessions` decides; `AsyncLiveSession` is its twin.

Law: one thread reads, one sends, and each call of a tool has its own: none waits for another. What is said waits for
room at most, never for the other side to be read. Leaving `with` closes the connection at once and stops the tools.
"""

from __future__ import annotations

import contextlib
import threading
import time
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, cast

from chat_core.errors import ChatError, TimedOut
from chat_core.flow.drive import Drive
from chat_core.flow.running import GRACE
from chat_core.live import Interruption, TurnEnd
from chat_core.livesessions.beginning import audio_of, input_of, updated
from chat_core.livesessions.connecting import Connecting
from chat_core.livesessions.moving import Moves
from chat_core.livesessions.opening import Opening
from chat_core.livesessions.outbox import waits_for_room
from chat_core.livesessions.shown import SEND_PATIENCE, LiveShown, closed, idled
from chat_core.livesessions.work import work
from chat_core.setup import blocking

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self, Unpack

    from chat_core.approval import Decision
    from chat_core.codec.wire import Frame, WireRequest
    from chat_core.live import LiveEvent, LiveInput
    from chat_core.livesessions.beginning import Beginning, LiveUpdate
    from chat_core.livesessions.dialogue import LiveDialogue
    from chat_core.livesessions.work import Outcome, Task
    from chat_core.messages import Message
    from chat_core.transport.protocol import Connection


class LiveSession(LiveShown):
    """A conversation over one duplex connection: `with chat.live(…) as session`. Any thread may use it."""

    def __init__(self, beginning: Beginning) -> None:
        """Get ready; `with` connects."""
        self._beginning = beginning
        self._opening = Opening(beginning.setup, blocking=True)
        self._dialogue: LiveDialogue | None = None
        self._connection: Connection | None = None
        self._changed = threading.Condition(threading.RLock())
        self._over = False
        self._cause: Exception | None = None
        self._moves = Moves(beginning.setup.settings.retry)
        self._drives: dict[int, Drive[Outcome]] = {}
        self._threads: set[threading.Thread] = set()
        self._context = copy_context()

    def __enter__(self) -> Self:
        if self._dialogue is not None:
            raise RuntimeError("a live session is entered once: make another with chat.live(…)")
        self._context = copy_context()
        wire = self._beginning.wire(self._beginning.config)
        self._dialogue = self._beginning.dialogue(wire, self._opening.hide)
        connection = self._connect(wire)
        with self._changed:
            if self._over:  # another thread closed it meanwhile
                connection.close()
                raise closed()
            self._connection = connection
        self._spawn(self._read, "chat-live-reader")
        self._spawn(self._write, "chat-live-writer")
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> LiveEvent:
        if (event := self.receive()) is None:
            raise StopIteration
        return event

    def receive(self, timeout: float | None = None) -> LiveEvent | None:
        """Return the next event; `None` when the session is over.

        Raises:
            TimedOut: nothing happened within `timeout` seconds.
            TransportError: the connection was lost.
            ProviderError: the service ended the session with an error.
            DecodeError: the service said something malformed.
        """
        inbox = self._begun.inbox
        with self._changed:
            if not self._changed.wait_for(lambda: inbox.ready, timeout):
                raise TimedOut(f"nothing happened within {timeout:g} s", phase="receive", seconds=timeout or 0.0)
            event = inbox.take()
            self._changed.notify_all()
            return event

    def send(self, said: str | Message | LiveInput, *, timeout: float | None = SEND_PATIENCE) -> None:
        """Say something: a text or a message asks for an answer at once; other inputs say themselves what they ask for.

        Sound, pictures and messages wait while too much waits to be sent. Nothing waits for them to have been sent.

        Raises:
            UnsupportedContent: the wire cannot spell it; nothing is said.
            TimedOut: there was no room within `timeout` seconds.
            TransportError: the session is over.
        """
        spoken = input_of(said)
        with self._changed:
            self._require()
            if waits_for_room(spoken):
                self._room(timeout)
            self._begun.say(spoken)
            self._settle()

    def send_audio(self, data: bytes | bytearray | memoryview, *, timeout: float | None = SEND_PATIENCE) -> None:
        """Say more of what the microphone hears; as `send`."""
        self.send(audio_of(data), timeout=timeout)

    def interrupt(self, heard: int | None = None) -> None:
        """Cut the model short, before anything that waits is sent, and stop the tools.

        Args:
            heard: milliseconds of the answer's sound that the user has heard; `None` = unknown.
        """
        self.send(Interruption(heard))

    def end_turn(self, *, respond: bool = True) -> None:
        """Say that the user has finished speaking, or that the microphone is off; `respond` asks for an answer."""
        self.send(TurnEnd(respond))

    def update(self, **changes: Unpack[LiveUpdate]) -> None:
        """Go on with other instructions, tools or settings; those that are not named stay.

        Raises:
            UnsupportedContent: the service cannot change that in the middle; nothing is changed.
        """
        with self._changed:
            self._require()
            dialogue = self._begun
            dialogue.update(*updated(dialogue.config, dialogue.rules, changes))
            self._settle()

    def decide(self, call_id: str, decision: Decision) -> None:
        """Say what was decided about a call that waits, see `ApprovalRequest`.

        Raises:
            DecisionRefused: no such call waits, or the decision does not fit; nothing has run.
        """
        with self._changed:
            self._require()
            self._begun.decide(call_id, decision, time.time())
            self._settle()

    def close(self) -> None:
        """Close the connection at once and stop the tools. May be called from anywhere, and twice."""
        if self._dialogue is None:
            return
        with self._changed:
            self._end(None)
        end = time.monotonic() + GRACE * 2
        for thread in tuple(self._threads):
            if thread is not threading.current_thread():
                thread.join(max(0.0, end - time.monotonic()))

    # Inside

    def _require(self) -> None:
        if (error := self._unusable()) is not None:
            raise error

    def _room(self, timeout: float | None) -> None:
        """Wait until there is room for more to say."""
        dialogue = self._begun
        if not self._changed.wait_for(lambda: not dialogue.outbox.full or dialogue.inbox.ended, timeout):
            raise TimedOut(
                f"what was said before was not sent within {timeout:g} s", phase="send", seconds=timeout or 0.0
            )
        self._require()

    def _settle(self) -> None:
        """Do what was decided; the lock is held."""
        dialogue = self._begun
        for number in dialogue.stops():
            if (drive := self._drives.get(number)) is not None:
                self._spawn(drive.close, "chat-live-stop")  # it waits for the tool to end
        for task in dialogue.tasks():
            drive = Drive(work(task), blocking(self._beginning.setup))
            self._drives[task.number] = drive
            self._spawn(partial(self._work, task, drive), "chat-live-call")
        self._changed.notify_all()

    def _end(self, error: Exception | None) -> None:
        """End the session; the lock is held."""
        if self._over:
            return
        self._over = True
        self._begun.finish(error)
        self._settle()
        if self._connection is not None:
            with contextlib.suppress(ChatError):
                self._connection.close()

    def _spawn(self, work: Callable[[], object], name: str) -> None:
        """Run something in a thread of its own, with the program's context."""

        def target() -> None:
            try:
                self._context.copy().run(work)
            finally:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=target, name=name, daemon=True)
        self._threads.add(thread)
        thread.start()

    # The connection

    def _connect(self, wire: WireRequest) -> Connection:
        """Return a connection; closing the session does not wait for it."""
        connecting = Connecting(self._beginning.setup, wire, self._opening, self._changed)
        connection = connecting.connected(self._context, lambda: self._over)
        if connection is None:
            raise closed()
        return connection

    def _read(self) -> None:
        """Take what comes, until the session is over."""
        error: Exception | None = None
        try:
            while self._listened():
                pass
        except Exception as failure:  # noqa: BLE001 - whatever it is, the program is told
            error = failure
        with self._changed:
            self._end(error)

    def _listened(self) -> bool:
        """Take what comes next, over another connection if need be; False when the session is over."""
        error: Exception | None = None
        try:
            if self._take(self._received()):
                return True
        except Exception as failure:  # noqa: BLE001 - it is raised, unless another connection helps
            error = self._cause or failure
            self._opening.hide(error)
        if self._over:
            return False
        if self._reconnected(error):
            return True
        if error is not None:
            raise error
        return False

    def _received(self) -> tuple[Frame, ...] | None:
        idle, connection = self._beginning.idle, cast("Connection", self._connection)
        try:
            return connection.receive(None if idle is None else time.monotonic() + idle)
        except TimedOut:
            raise idled(idle or 0.0) from None

    def _take(self, frames: tuple[Frame, ...] | None) -> bool:
        """Let the session take frames, and wait until there is room for more; False when the connection is to end."""
        with self._changed:
            if frames is None or self._over:
                return False
            try:
                self._begun.feed(frames)
            finally:
                self._settle()
            self._changed.wait_for(lambda: self._over or not self._begun.inbox.full)
            return not self._moving()

    def _reconnected(self, error: Exception | None) -> bool:
        """Go on over another connection, if that is possible; tell whether it was."""
        with self._changed:
            again = self._again(error)
            if again is None or self._over:
                return False
            self._begun.hang_up()
            self._settle()
            old, self._connection = self._connection, None
        if old is not None:
            old.close()
        with self._changed:
            if self._changed.wait_for(lambda: self._over, self._moves.pause(time.monotonic())):
                return False
        config, wire = again
        try:
            connection = self._connect(wire)
        except ChatError as failure:
            raise failure from error
        with self._changed:
            if self._over:
                connection.close()
                return False
            self._connection, self._cause = connection, None
            self._begun.move(self._beginning.live.codec(config), error)
            self._settle()
        return True

    def _write(self) -> None:
        """Send what waits, until the session is over."""
        outbox = self._begun.outbox
        while True:
            with self._changed:
                message = None
                self._changed.wait_for(lambda: self._over or (self._connection is not None and bool(outbox.size)))
                connection = self._connection
                if self._over or connection is None:
                    return
                message = outbox.take()
                self._changed.notify_all()
            if message is None:
                continue
            data, text = message
            try:
                connection.send(data, time.monotonic() + SEND_PATIENCE, text=text)
            except Exception as error:  # noqa: BLE001 - whatever it is, the program is told
                self._broken(connection, error)

    def _broken(self, connection: Connection, error: Exception) -> None:
        """Tell the reading thread that nothing can be sent any more."""
        with self._changed:
            if connection is not self._connection or self._over:
                return
            self._cause = error
        connection.close()
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._connection is not connection)

    # Tools

    def _work(self, task: Task, drive: Drive[Outcome]) -> None:
        """Run one call."""
        dialogue = self._begun
        try:
            for event in drive:
                with self._changed:
                    dialogue.reported(task.number, event)
                    self._settle()
            if drive.ended:
                with self._changed:
                    dialogue.done(task.number, drive.result)
        except Exception as error:  # noqa: BLE001 - what a policy raised is the program's to see, too
            self._fail(error)
        finally:
            with self._changed:
                self._drives.pop(task.number, None)
                self._settle()

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self._end(error)
