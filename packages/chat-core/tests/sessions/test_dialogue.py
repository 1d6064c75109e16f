"""Whatever is done with a session, in whatever order: its history is one that services take, and the store has it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import Model, call, called, said
from talking import COLOURS, Colour, Talk, Wire, fresh

from chat_core.approval import Approve, Reject
from chat_core.codec.answers import require_answers
from chat_core.codec.wire import dump
from chat_core.errors import Overloaded, StepsExceeded, UnansweredToolCall
from chat_core.history import dump as saved
from chat_core.jsonvalue import parse
from chat_core.parts import ToolResult
from chat_core.sessions.trimming import DropOldest
from chat_core.sessions.windows import exchange_starts
from chat_core.stores.memory import MemoryStore
from chat_core.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.messages import Message
    from chat_core.request import Request
    from chat_core.response import Response
    from chat_core.stores.protocol import Store

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["send", "send", "tool", "pause", "fail", "fail later", "leave", "leave", "approve", "reject", "go on",
             "undo", "fork", "load", "open"]
        ),
        st.integers(0, 12),
    ),
    max_size=14,
)  # fmt: skip


@dataclass
class House:
    """A session, and what is known about it.

    Attributes:
        said: how many user's words were given.
        inside: whether it was forked, which can be in the middle of an exchange.
    """

    colour: Colour
    store: Store
    wire: Wire = field(default_factory=Wire)
    said: int = 0
    inside: bool = False

    def __post_init__(self) -> None:
        self.trim = DropOldest(220, to=0.5)
        self.session: Talk = self.colour.session(self.wire, system="s", store=self.store, trim=self.trim)
        self.stored = True
        self.asked: list[Request] = []

    def do(self, step: str, number: int) -> None:
        """Do a step; what the model cannot do now is an error that changes nothing."""
        getattr(self, step.replace(" ", "_"))(number)
        self.asked += self.wire.model.asked
        assert_history(self.session.held.messages)
        self.inside |= step == "fork"
        assert self.inside or self.session.held.messages[-1].role != "user"

    def words(self) -> str:
        self.said += 1
        return f"words {self.said}"

    def _say(self, *answers: Response | Exception) -> None:
        before, waiting = self.session.held.messages, self.session.held.waiting
        self.wire.model = Model(*answers)
        if waiting:
            with pytest.raises(UnansweredToolCall):
                self.session.send(self.words())
            assert self.session.held.messages == before
        else:
            self.session.send(self.words())

    def send(self, number: int) -> None:
        self._say(said("answer " * number + "."))

    def tool(self, number: int) -> None:
        calls = [call(fresh(), "act", key=str(each)) for each in range(number % 3 + 1)]
        self._say(called(*calls), said("done"))

    def pause(self, number: int) -> None:
        kinds = ["guarded", *("act" if number % 2 else "guarded" for _ in range(number % 3))]
        self._say(called(*(call(fresh(), kind, key="k") for kind in kinds)))

    def fail(self, number: int) -> None:
        before = self.session.held.messages
        with suppress(Overloaded):
            self._say(Overloaded(str(number)))
        assert self.session.held.messages == before

    def fail_later(self, number: int) -> None:
        with suppress(Overloaded):
            self._say(called(call(fresh(), "act", key="k")), Overloaded(str(number)))

    def leave(self, number: int) -> None:
        if self.session.held.waiting:
            return
        calls = called(call(fresh(), "act", key="k"), call(fresh(), "guarded", key="k"), text="let me see")
        self.wire.model = Model(*([calls] if number % 2 else [said("a long answer")]))
        before = self.session.held.messages
        _, turn = self.session.stream(self.words(), number)
        if turn is None:
            assert self.session.held.messages == before
        else:
            assert turn.messages == self.session.held.messages

    def approve(self, number: int) -> None:
        self._resume({each.id: Approve() for each in self.session.held.waiting[: number % 4]})

    def reject(self, number: int) -> None:
        self._resume({each.id: Reject("no") for each in self.session.held.waiting[: number % 4]})

    def go_on(self, number: int) -> None:
        self._resume({}, number)

    def _resume(self, decisions: dict[str, Approve] | dict[str, Reject], number: int = 99) -> None:
        last = [message for message in self.session.held.messages if message.role != "tool"][-1:]
        if not last or not last[0].tool_calls:
            return
        self.wire.model = Model(said("gone on"))
        self.session.resume_stream(decisions, number)

    def undo(self, number: int) -> None:
        before = self.session.held.messages
        exchanges = len(exchange_starts(before))  # a fork may end with words, to which the next ones belong
        if exchanges:
            turns = number % exchanges + 1
            taken = self.session.undo(turns)
            assert (*self.session.held.messages, *taken) == before
            assert (taken[0].role, len(exchange_starts(taken))) == ("user", turns)

    def fork(self, number: int) -> None:
        before = self.session
        length = len(before.held.messages)
        at = length if number % 2 else max(0, length - number)
        self.session = before.fork(at)
        assert self.session.held.messages == before.held.messages[:at]
        if self.stored and before.held.head is not None:
            self.assert_stored(before)

    def load(self, number: int) -> None:
        data = parse(dump(self.session.held.save()))
        before, self.session = self.session, self.colour.load(self.wire, data, trim=self.trim)
        assert (self.session.held.messages, self.session.held.usage) == (before.held.messages, before.held.usage), (
            number
        )
        assert self.session.held.pending == before.held.pending
        self.stored = False

    def open(self, number: int) -> None:
        if not self.stored or self.session.held.head is None:
            return
        before = self.session
        self.session = self.colour.open(self.wire, self.store, before.held.id, trim=self.trim)
        assert (self.session.held.messages, self.session.held.head) == (before.held.messages, before.held.head), number

    def assert_stored(self, session: Talk) -> None:
        there = self.store.conversation(session.held.id)
        assert there.head == session.held.head
        kept = [node.message for node in self.store.history(there.head)]
        assert dump(saved(kept)) == dump(saved(session.held.messages))


def assert_history(messages: tuple[Message, ...]) -> None:
    """Require a history that services take, but for calls at its end that wait."""
    answers = [place for place, message in enumerate(messages) if message.role == "assistant"]
    require_answers(messages[: answers[-1] if answers else 0])
    ids = [part.call_id for message in messages for part in message.parts if isinstance(part, ToolResult)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("colour", COLOURS, ids=repr)
@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_the_history_stays_one_that_services_take_and_the_store_has_it(
    colour: Colour, steps: list[tuple[str, int]]
) -> None:
    house = House(colour, MemoryStore())
    for step, number in steps:
        with suppress(StepsExceeded):
            house.do(step, number)
        if house.stored and house.session.held.head is not None:
            house.assert_stored(house.session)
    for request in house.asked:
        require_answers(request.messages)
        roles = [message.role for message in request.messages]
        assert roles[0] == "system" or not house.stored or "system" not in roles
        assert next(role for role in roles if role != "system") == "user"


def test_a_story_goes_on_through_a_file(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "talk.db")
    for colour in COLOURS:
        house = House(colour, store)
        for step in ("send", "tool", "pause", "open", "approve", "go on", "undo", "pause", "fork", "reject", "fail"):
            house.do(step, 3)
            house.assert_stored(house.session)
    store.close()
