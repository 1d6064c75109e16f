"""`AsyncLiveSession`: an asyncio live session. It does what `livesessions` decides; `LiveSession` is its twin.

Law: one task reads, one sends, and each call of a tool has its own: none waits for another. What is said waits for
room at most, never for the other side to be read. Leaving `async with` closes the connection at once and stops the
tools.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, cast

from chat_core.errors import ChatError, TimedOut
from chat_core.flow.adrive import ADrive, arun
from chat_core.flow.running import GRACE
from chat_core.live import Interruption, TurnEnd
from chat_core.livesessions.beginning import audio_of, input_of, updated
from chat_core.livesessions.moving import Moves
from chat_core.livesessions.opening import Opening, handshake
from chat_core.livesessions.outbox import waits_for_room
from chat_core.livesessions.shown import SEND_PATIENCE, LiveShown, closed, idled
from chat_core.livesessions.work import work
from chat_core.setup import awaiting

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, Self, Unpack

    from chat_core.approval import Decision
    from chat_core.codec.wire import Frame, WireRequest
    from chat_core.live import LiveEvent, LiveInput
    from chat_core.livesessions.beginning import Beginning, LiveUpdate
    from chat_core.livesessions.dialogue import LiveDialogue
    from chat_core.livesessions.work import Task
    from chat_core.messages import Message
    from chat_core.transport.protocol import AsyncConnection


class AsyncLiveSession(LiveShown):
    """A conversation over one duplex connection: `with chat.live(…) as session`. Any task of its loop may use it."""

    def __init__(self, beginning: Beginning) -> None:
        """Get ready; `with` connects."""
        self._beginning = beginning
        self._opening = Opening(beginning.setup, blocking=False)
        self._dialogue: LiveDialogue | None = None
        self._connection: AsyncConnection | None = None
        self._changed = _Bell()
        self._over = False
        self._cause: Exception | None = None
        self._moves = Moves(beginning.setup.settings.retry)
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        if self._dialogue is not None:
            raise RuntimeError("a live session is entered once: make another with chat.live(…)")
        wire = self._beginning.wire(self._beginning.config)
        self._dialogue = self._beginning.dialogue(wire, self._opening.hide)
        connection = await self._connect(wire)
        if self._over:  # another task closed it meanwhile
            await connection.aclose()
            raise closed()
        self._connection = connection
        for loop in (self._read(), self._write()):
            _ = self._spawn(loop)  # `close` ends it
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> LiveEvent:
        if (event := await self.receive()) is None:
            raise StopAsyncIteration
        return event

    async def receive(self, timeout: float | None = None) -> LiveEvent | None:  # noqa: ASYNC109 - as `LiveSession`
        """Return the next event; `None` when the session is over.

        Raises:
            TimedOut: nothing happened within `timeout` seconds.
            TransportError: the connection was lost.
            ProviderError: the service ended the session with an error.
            DecodeError: the service said something malformed.
        """
        inbox = self._begun.inbox
        if not await self._changed.wait_for(lambda: inbox.ready, timeout):
            raise TimedOut(f"nothing happened within {timeout:g} s", phase="receive", seconds=timeout or 0.0)
        event = inbox.take()
        self._changed.ring()
        return event

    async def send(self, said: str | Message | LiveInput, *, timeout: float | None = SEND_PATIENCE) -> None:  # noqa: ASYNC109 - as `LiveSession`
        """Say something: a text or a message asks for an answer at once; other inputs say themselves what they ask for.

        Sound, pictures and messages wait while too much waits to be sent. Nothing waits for them to have been sent.

        Raises:
            UnsupportedContent: the wire cannot spell it; nothing is said.
            TimedOut: there was no room within `timeout` seconds.
            TransportError: the session is over.
        """
        spoken = input_of(said)
        self._require()
        if waits_for_room(spoken):
            await self._room(timeout)
        self._begun.say(spoken)
        self._settle()

    async def send_audio(self, data: bytes | bytearray | memoryview, *, timeout: float | None = SEND_PATIENCE) -> None:  # noqa: ASYNC109 - as `LiveSession`
        """Say more of what the microphone hears; as `send`."""
        await self.send(audio_of(data), timeout=timeout)

    async def interrupt(self, heard: int | None = None) -> None:
        """Cut the model short, before anything that waits is sent, and stop the tools.

        Args:
            heard: milliseconds of the answer's sound that the user has heard; `None` = unknown.
        """
        await self.send(Interruption(heard))

    async def end_turn(self, *, respond: bool = True) -> None:
        """Say that the user has finished speaking, or that the microphone is off; `respond` asks for an answer."""
        await self.send(TurnEnd(respond))

    async def update(self, **changes: Unpack[LiveUpdate]) -> None:
        """Go on with other instructions, tools or settings; those that are not named stay.

        Raises:
            UnsupportedContent: the service cannot change that in the middle; nothing is changed.
        """
        self._require()
        dialogue = self._begun
        dialogue.update(*updated(dialogue.config, dialogue.rules, changes))
        self._settle()

    async def decide(self, call_id: str, decision: Decision) -> None:
        """Say what was decided about a call that waits, see `ApprovalRequest`.

        Raises:
            DecisionRefused: no such call waits, or the decision does not fit; nothing has run.
        """
        self._require()
        self._begun.decide(call_id, decision, time.time())
        self._settle()

    async def close(self) -> None:
        """Close the connection at once and stop the tools. May be called from anywhere, and twice."""
        if self._dialogue is None:
            return
        await self._end(None)
        others = {task for task in self._tasks if task is not asyncio.current_task()}
        for task in others - set(self._workers.values()):
            task.cancel()
        if others:
            await asyncio.wait(others, timeout=GRACE * 2)

    # Inside

    def _require(self) -> None:
        if (error := self._unusable()) is not None:
            raise error

    async def _room(self, timeout: float | None) -> None:  # noqa: ASYNC109 - as `LiveSession`
        """Wait until there is room for more to say."""
        dialogue = self._begun
        if not await self._changed.wait_for(lambda: not dialogue.outbox.full or dialogue.inbox.ended, timeout):
            raise TimedOut(
                f"what was said before was not sent within {timeout:g} s", phase="send", seconds=timeout or 0.0
            )
        self._require()

    def _settle(self) -> None:
        """Do what was decided."""
        dialogue = self._begun
        for number in dialogue.stops():
            if (worker := self._workers.get(number)) is not None:
                worker.cancel()
        for task in dialogue.tasks():
            self._workers[task.number] = self._spawn(self._work(task))
        self._changed.ring()

    async def _end(self, error: Exception | None) -> None:
        """End the session."""
        if self._over:
            return
        self._over = True
        self._begun.finish(error)
        self._settle()
        if self._connection is not None:
            with contextlib.suppress(ChatError):
                await self._connection.aclose()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # The connection

    async def _connect(self, wire: WireRequest) -> AsyncConnection:
        """Return a connection; closing the session ends the handshake."""
        opening = self._opening
        connecting = self._spawn(arun(handshake(self._beginning.setup, wire), opening))
        try:
            await connecting
        except asyncio.CancelledError:
            if opening.async_connection is not None:  # it was made in the same moment
                with contextlib.suppress(ChatError):
                    await opening.async_connection.aclose()
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise closed() from None
        return cast("AsyncConnection", opening.async_connection)

    async def _read(self) -> None:
        """Take what comes, until the session is over."""
        error: Exception | None = None
        try:
            while await self._listened():
                pass
        except Exception as failure:  # noqa: BLE001 - whatever it is, the program is told
            error = failure
        await self._end(error)

    async def _listened(self) -> bool:
        """Take what comes next, over another connection if need be; False when the session is over."""
        error: Exception | None = None
        try:
            if await self._take(await self._received()):
                return True
        except Exception as failure:  # noqa: BLE001 - it is raised, unless another connection helps
            error = self._cause or failure
            self._opening.hide(error)
        if self._over:
            return False
        if await self._reconnected(error):
            return True
        if error is not None:
            raise error
        return False

    async def _received(self) -> tuple[Frame, ...] | None:
        idle, connection = self._beginning.idle, cast("AsyncConnection", self._connection)
        try:
            return await connection.areceive(None if idle is None else time.monotonic() + idle)
        except TimedOut:
            raise idled(idle or 0.0) from None

    async def _take(self, frames: tuple[Frame, ...] | None) -> bool:
        """Let the session take frames, and wait until there is room for more; False when the connection is to end."""
        if frames is None or self._over:
            return False
        try:
            self._begun.feed(frames)
        finally:
            self._settle()
        await self._changed.wait_for(lambda: self._over or not self._begun.inbox.full, None)
        return not self._moving()

    async def _reconnected(self, error: Exception | None) -> bool:
        """Go on over another connection, if that is possible; tell whether it was."""
        again = self._again(error)
        if again is None or self._over:
            return False
        self._begun.hang_up()
        self._settle()
        old, self._connection = self._connection, None
        if old is not None:
            await old.aclose()
        await self._changed.wait_for(lambda: self._over, self._moves.pause(time.monotonic()))
        if self._over:
            return False
        config, wire = again
        try:
            connection = await self._connect(wire)
        except ChatError as failure:
            raise failure from error
        if self._over:
            await connection.aclose()
            return False
        self._connection, self._cause = connection, None
        self._begun.move(self._beginning.live.codec(config), error)
        self._settle()
        return True

    async def _write(self) -> None:
        """Send what waits, until the session is over."""
        outbox = self._begun.outbox
        while True:
            await self._changed.wait_for(
                lambda: self._over or (self._connection is not None and bool(outbox.size)), None
            )
            connection = self._connection
            if self._over or connection is None:
                return
            message = outbox.take()
            self._changed.ring()
            if message is None:
                continue
            data, text = message
            try:
                await connection.asend(data, time.monotonic() + SEND_PATIENCE, text=text)
            except Exception as error:  # noqa: BLE001 - whatever it is, the program is told
                await self._broken(connection, error)

    async def _broken(self, connection: AsyncConnection, error: Exception) -> None:
        """Tell the reading task that nothing can be sent any more."""
        if connection is not self._connection or self._over:
            return
        self._cause = error
        await connection.aclose()
        await self._changed.wait_for(lambda: self._over or self._connection is not connection, None)

    # Tools

    async def _work(self, task: Task) -> None:
        """Run one call."""
        dialogue = self._begun
        drive = ADrive(work(task), awaiting(self._beginning.setup))
        try:
            async for event in drive:
                dialogue.reported(task.number, event)
                self._settle()
            dialogue.done(task.number, drive.result)
        except Exception as error:  # noqa: BLE001 - what a policy raised is the program's to see, too
            await self._end(error)
        finally:
            self._workers.pop(task.number, None)
            await drive.aclose()
            self._settle()


class _Bell:
    """Wakes the tasks that wait for something to change."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._waiters: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Wake all that wait."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def wait_for(self, ready: Callable[[], bool], seconds: float | None) -> bool:
        """Wait until something is so; tell whether it was, within these seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not ready():
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiters.add(waiter)
                    try:
                        await waiter
                    finally:
                        self._waiters.discard(waiter)
        return ready()
