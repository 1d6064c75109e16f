"""Sessions without their colour: one conversation, and the flows that make it grow. `Session` only drives them.

Law: a step that gave nothing changes nothing; what was received, and what tools did, is kept whichever way the step
ended. The history changes inside the flow alone, so that every ending goes through one place. What is in the store is
what is in memory, unless the store has failed, and that is an error.
"""

from __future__ import annotations

import secrets
import threading
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from chat_core import calls
from chat_core.codec.answers import require_answers
from chat_core.codec.effects import now, run
from chat_core.errors import Cancelled, ConfigurationError, DecisionRefused, StoreError, UnansweredToolCall
from chat_core.flow.pausing import open_turn
from chat_core.request import Request
from chat_core.response import Usage
from chat_core.sessions.keeping import Shelf
from chat_core.sessions.step import Step
from chat_core.sessions.trimming import strategy
from chat_core.sessions.windows import WHOLE, exchange_starts, last_unit
from chat_core.stores.records import Entry
from chat_core.turn import total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_core.approval import Decisions, Pending
    from chat_core.calls import Asked, Asking
    from chat_core.codec.effects import Flow, Job
    from chat_core.messages import Message
    from chat_core.parts import ToolCall
    from chat_core.response import Response
    from chat_core.sessions.trimming import Trimming
    from chat_core.sessions.windows import Window
    from chat_core.setup import Setup
    from chat_core.stores.protocol import Store
    from chat_core.turn import Turn

ID_BYTES = 8
"""Random bytes of an id that nobody chose."""

_WITH_TOOLS = frozenset({"tools", "tool_choice"})
"""What `Asking` has beside the set-up."""


class Dialogue:
    """A conversation, and what is done with it.

    Attributes:
        setup: the client's set-up, with what holds for each step.
        entries: what was said, whole.
        messages: the messages of `entries`.
        window: what of them is sent.
        trim: what is left out of it.
        usage: what all steps have cost.
        said_pending: what the last step that paused said about calls that wait.
        last: what the last step gave.
        shelf: its place in a store.
        id: its name.
        title: what people call it.
        at_work: is held while a step is at work.
    """

    def __init__(self, setup: Setup, asking: Asking, trim: Trimming) -> None:
        """Begin without words; `asking` holds for each step."""
        self.setup = calls.told(setup, asking, calls.Asking)
        self.entries: tuple[Entry, ...] = ()
        self.messages: tuple[Message, ...] = ()
        self.window: Window = WHOLE
        self.usage = Usage()
        self.said_pending: tuple[Pending, ...] = ()
        self.last: Turn[Any] | None = None
        self.shelf: Shelf | None = None
        self.id = ""
        self.title = ""
        self.trim = strategy(trim)
        self._tools = cast("Asking", {name: value for name, value in asking.items() if name in _WITH_TOOLS})
        self.at_work = threading.Lock()

    # beginnings

    def begin(self, history: Sequence[Message], id: str | None, title: str, store: Store | None) -> None:
        """Take what was said before, and a place in a store."""
        said = calls.request_of(self.setup, tuple(history), {}).messages
        self.put(0, tuple(Entry(message=message) for message in said))
        self.id = secrets.token_hex(ID_BYTES) if id is None else id
        self.title = title
        if store is not None:
            _require_store(store)
            self.keep_in(Shelf(store=store, id=self.id, title=title, model=repr(self.setup)))

    def keep_in(self, shelf: Shelf) -> None:
        """Keep the conversation in a store, which is the journal too where no other one was given."""
        self.shelf = shelf
        if self.setup.given.journal is None:
            self.setup = replace(self.setup, given=replace(self.setup.given, journal=shelf.store))

    def read(self, store: Store, id: str) -> Flow[None]:
        """Take up a conversation of a store.

        Raises:
            StoreMissing: there is none of this id.
        """
        _require_store(store)
        shelf = Shelf(store=store, id=id)
        yield from _done(shelf.thread.job("store", shelf.read))
        self.keep_in(shelf)
        self.id, self.title = id, shelf.title
        self.put(0, shelf.stored)
        self.usage = _cost(shelf.stored)

    def put(self, at: int, entries: tuple[Entry, ...]) -> None:
        """Replace what was said from a place on."""
        self.entries = self.entries[:at] + entries
        self.messages = self.messages[:at] + tuple(entry.message for entry in entries)
        if not self.window.fits(len(self.messages)):
            self.window = WHOLE

    # steps

    @property
    def waiting(self) -> tuple[ToolCall, ...]:
        """The calls at the end of the history that have no result."""
        turn = open_turn(self.messages)
        if turn is None:
            return ()
        return tuple(call for place, call in enumerate(turn.calls) if place not in turn.results)

    def asked(self, content: calls.Content, asking: Asking) -> Asked:
        """Return what a step asks, its new messages alone; no I/O is done.

        Raises:
            TypeError: the content is a whole request.
        """
        if isinstance(content, Request):
            raise TypeError("a session holds the history: pass what is said now, and options= or tools= beside it")
        return calls.ask(self.setup, content, cast("Asking", {**self._tools, **asking}))

    @property
    def pending(self) -> tuple[Pending, ...]:
        """What the last step said about those that still wait."""
        waiting = self.waiting
        return tuple(waits for waits in self.said_pending if waits.call in waiting)

    def step(
        self, asked: Asked, output: object, *, stream: bool, decisions: Decisions | None = None
    ) -> Flow[Turn[Any]]:
        """Go a step on, from words or from decisions to the end of a turn.

        Raises:
            RuntimeError: another step is at work.
            UnansweredToolCall: calls wait for decisions, and none were given.
            DecisionRefused: decisions were given, and nothing waits.
            StoreError: the store has failed; the error's `messages` is the history, which this session still holds.
            ChatError: as `complete`; its `messages` is the whole history.
        """
        self._begin_work()
        try:
            said = asked.request.messages if decisions is None else ()
            self._require_fit(said, decisions)
            step = Step(self, self.messages + said, asked)
            try:
                return (yield from step.run(output, stream=stream, decisions=decisions))
            except Cancelled:
                return step.left()
        finally:
            self.at_work.release()

    def _begin_work(self) -> None:
        if not self.at_work.acquire(blocking=False):
            raise RuntimeError("another step of this session is at work: finish it, or close its stream, first")

    def _require_fit(self, said: tuple[Message, ...], decisions: Decisions | None) -> None:
        if decisions is not None:
            if open_turn(self.messages) is None:
                raise DecisionRefused("nothing was paused: the history does not end with calls that wait")
            return
        try:
            require_answers((*self.messages[last_unit(self.messages) :], *said))
        except UnansweredToolCall:
            names = ", ".join(f"{call.name} ({call.id})" for call in self.waiting)
            raise UnansweredToolCall(
                f"calls wait: {names}: answer them first by resume(decisions), where resume({{}}) has them judged anew"
            ) from None

    def spent(self, *responses: Response) -> None:
        """Count what answers have cost."""
        self.usage = total((self.usage, *(response.usage for response in responses)))

    def stored(self) -> Flow[None]:
        """Bring the store up to what was said.

        Raises:
            StoreError: it has failed.
            Cancelled: the program left; it was written all the same.
        """
        shelf = self.shelf
        if shelf is None or shelf.stored is self.entries or not (self.entries or shelf.created):
            return
        moment = (yield from now()).wall
        try:
            yield from _done(shelf.writing(self.entries, moment))
        except Cancelled:
            yield from _done(shelf.writing(self.entries, moment))  # after the write that goes on in the store's thread
            raise

    # ways back and aside

    def undo(self, turns: int) -> Flow[tuple[Message, ...]]:
        """Take exchanges back.

        Raises:
            ValueError: there are not that many.
        """
        self._begin_work()
        try:
            starts = exchange_starts(self.messages)
            if not 1 <= turns <= len(starts):
                raise ValueError(f"{turns} exchanges cannot be taken back: there are {len(starts)}")
            before, window, at = self.entries, self.window, starts[-turns]
            taken = self.messages[at:]
            self.put(at, ())
            try:
                yield from self.stored()
            except StoreError:
                self.put(0, before)
                self.window = window
                raise
            self.last = None
            return taken
        finally:
            self.at_work.release()

    def fork(self, at: int | None, id: str | None) -> Flow[Dialogue]:
        """Begin another conversation that shares the first `at` messages.

        Raises:
            ValueError: there are not that many.
        """
        self._begin_work()
        try:
            length = len(self.messages) if at is None else at
            if not 0 <= length <= len(self.messages):
                raise ValueError(f"at={length}: the history has {len(self.messages)} messages")
            fork = self._copied(length, secrets.token_hex(ID_BYTES) if id is None else id)
            shelf, moment = self.shelf, (yield from now()).wall
            if shelf is not None:
                made = yield from _done(shelf.thread.job("store", lambda: shelf.forked(fork.id, fork.entries, moment)))
                fork.shelf = cast("Shelf", made)
            return fork
        finally:
            self.at_work.release()

    def _copied(self, length: int, id: str) -> Dialogue:
        fork = copy(self)
        fork.id, fork.shelf, fork.last = id, None, None
        fork.at_work = threading.Lock()
        fork.put(0, self.entries[:length])
        fork.usage = _cost(fork.entries)
        return fork


def _cost(entries: tuple[Entry, ...]) -> Usage:
    return total(entry.response.usage for entry in entries if entry.response is not None)


def _done(job: Job) -> Flow[object]:
    """Run a job of the store and return what it gave."""
    (done,) = yield from run((job,))
    if done is not None and done.error is not None:
        raise done.error
    return done.value if done is not None else None


def _require_store(store: object) -> None:
    """Refuse what is no store, such as the name of a file."""
    if not hasattr(store, "append"):
        raise ConfigurationError(f"store= takes a store, such as SqliteStore('talks.db'), not {type(store).__name__}")
