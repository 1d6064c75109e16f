"""Whatever humans decide, and whenever the program is killed: a tool runs once at most, and the history is right."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import Model, call, called, said
from toy import World

from chat_core.approval import Approve, Reject, Result
from chat_core.codec.answers import require_answers
from chat_core.codec.effects import Now
from chat_core.errors import AlreadyResumed
from chat_core.flow.converse import converse
from chat_core.flow.rules import LEASE, Rules
from chat_core.functions import FunctionTool, tool
from chat_core.history import dump, load
from chat_core.messages import user
from chat_core.parts import Text, ToolResult
from chat_core.request import Request
from chat_core.stores.memory import MemoryJournal

if TYPE_CHECKING:
    from chat_core.approval import Decision
    from chat_core.codec.effects import Effect, Flow
    from chat_core.messages import Message
    from chat_core.turn import Turn


class Killed(BaseException):
    """The program was killed."""


class Mortal(World):
    """A world that ends at its n-th effect, before it is carried out."""

    def __init__(self, life: int | None, time: float) -> None:
        super().__init__(time=time)
        self._life = life

    def _perform(self, effect: Effect) -> object:
        if not isinstance(effect, Now) and self._life is not None:
            if self._life == 0:
                raise Killed
            self._life -= 1
        return super()._perform(effect)


@dataclass
class House:
    """The tools, what they did, and the journal that outlives the program."""

    runs: dict[str, int] = field(default_factory=dict[str, int])
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    time: float = 1000.0
    ids: int = 0

    @property
    def tools(self) -> tuple[FunctionTool[..., object], ...]:
        def act(key: str) -> str:
            self.runs[key] = self.runs.get(key, 0) + 1
            return f"did {key}"

        return (
            tool(act, name="free"),
            tool(act, name="guarded", approval=True),
            tool(act, name="repeatable", approval=True, idempotent=True),
        )

    def rules(self, *, takeover: bool = False) -> Rules:
        def fresh() -> str:
            self.ids += 1
            return f"id{self.ids}"

        functions = {each.name: each for each in self.tools}
        return Rules(functions=functions, journal=self.journal, fresh=fresh, takeover=takeover)

    def take(
        self, model: Model, messages: tuple[Message, ...], decisions: dict[str, Decision] | None, **how: bool
    ) -> Flow[Turn[None]]:
        request = Request(model="m", messages=messages, tools=tuple(each.declaration for each in self.tools))
        return converse(model, request, self.rules(**how), decisions=decisions)


KINDS = st.sampled_from(["free", "guarded", "repeatable"])
DECISIONS = st.sampled_from([None, "approve", "edit", "reject", "result"])


def decided(word: str | None, key: str) -> Decision | None:
    match word:
        case "approve":
            return Approve()
        case "edit":
            return Approve({"key": key})
        case "reject":
            return Reject("no")
        case "result":
            return Result("from elsewhere")
        case _:
            return None


@settings(max_examples=300, deadline=None)
@given(kinds=st.lists(KINDS, min_size=1, max_size=4), data=st.data())
def test_every_call_runs_once_at_most_and_the_history_is_one_that_services_take(
    kinds: list[str], data: st.DataObject
) -> None:
    house = House()
    calls = [call(f"c{place}", kind, key=f"c{place}") for place, kind in enumerate(kinds)]
    first = called(*calls)
    opening = house.take(Model(first), (user("Hi"),), None)
    world = Mortal(data.draw(st.one_of(st.none(), st.integers(0, 12))), house.time)
    turn: Turn[None] | None = None
    with suppress(Killed):
        turn = world.run(opening) if any(kind != "free" for kind in kinds) else None
    if turn is None:  # it was killed before it could save anything: nothing can be resumed
        return
    crashed = False
    for _ in range(12):
        messages = load(dump(turn.messages), tuple)
        if turn.status == "complete":
            break
        words = {each.call.id: data.draw(DECISIONS) for each in turn.pending}
        decisions = {
            call_id: decision for call_id, word in words.items() if (decision := decided(word, call_id)) is not None
        }
        flow = house.take(Model(said("done")), messages, decisions, takeover=crashed)
        life = data.draw(st.one_of(st.none(), st.integers(0, 20)))
        try:
            before, turn = turn, Mortal(life, house.time).run(flow)
            crashed = crashed and turn.messages == before.messages
        except Killed:
            crashed = True
            if data.draw(st.booleans()):
                house.time += LEASE + 1
    for place, kind in enumerate(kinds):
        if kind != "repeatable":
            assert house.runs.get(f"c{place}", 0) <= 1
    assert_history(turn.messages, calls=len(calls), complete=turn.status == "complete")


def assert_history(messages: tuple[Message, ...], *, calls: int, complete: bool) -> None:
    answers = [part for message in messages[2:] for part in message.parts if isinstance(part, ToolResult)]
    places = [int(part.call_id[1:]) for part in answers]
    assert places == sorted(set(places))
    if complete:
        require_answers(messages)
        assert len(places) == calls


def paused(house: House, *kinds: str) -> tuple[Message, ...]:
    calls = (call(f"c{place}", kind, key=f"c{place}") for place, kind in enumerate(kinds))
    turn = World().run(house.take(Model(called(*calls)), (user("Hi"),), None))
    assert turn.status == "paused"
    return turn.messages


def outcome(messages: tuple[Message, ...]) -> list[str]:
    parts = [part for message in messages for part in message.parts if isinstance(part, ToolResult)]
    return ["".join(item.text for item in part.content if isinstance(item, Text)) for part in parts]


def kill_inside(house: House, messages: tuple[Message, ...], *, effects: int) -> None:
    with pytest.raises(Killed):
        Mortal(effects, house.time).run(house.take(Model(said("x")), messages, {"c0": Approve()}))


def killed_after_the_mark(house: House, messages: tuple[Message, ...]) -> None:
    """Start and join the claim, start and join the mark: then the tool would start."""
    kill_inside(house, messages, effects=4)


def test_a_call_that_was_begun_and_not_ended_is_answered_as_interrupted() -> None:
    house = House()
    messages = paused(house, "guarded")
    killed_after_the_mark(house, messages)
    turn = World().run(house.take(Model(said("ok")), messages, {"c0": Approve()}, takeover=True))
    assert outcome(turn.messages)[0].startswith("interrupted")
    assert house.runs == {}


def test_a_call_that_may_run_again_does() -> None:
    house = House()
    messages = paused(house, "repeatable")
    killed_after_the_mark(house, messages)
    turn = World().run(house.take(Model(said("ok")), messages, {"c0": Approve()}, takeover=True))
    assert outcome(turn.messages) == ["did c0"]


def test_a_call_that_was_ended_gives_what_it_gave() -> None:
    house = House()
    messages = paused(house, "guarded")
    World().run(house.take(Model(said("lost")), messages, {"c0": Approve()}))
    turn = World().run(house.take(Model(said("ok")), messages, {"c0": Approve()}, takeover=True))
    assert (outcome(turn.messages), house.runs) == (["did c0"], {"c0": 1})


def test_of_two_processes_that_resume_one_turn_one_wins() -> None:
    house = House()
    messages = paused(house, "guarded")
    killed_after_the_mark(house, messages)  # it is not dead: it only takes its time
    with pytest.raises(AlreadyResumed, match="takeover=True"):
        World().run(house.take(Model(), messages, {"c0": Approve()}))
    assert house.runs == {}


def test_a_turn_that_was_resumed_to_its_end_cannot_be_resumed_again() -> None:
    house = House()
    messages = paused(house, "guarded")
    World().run(house.take(Model(said("ok")), messages, {"c0": Approve()}))
    with pytest.raises(AlreadyResumed):
        World(time=1000.0 + 2 * LEASE).run(house.take(Model(), messages, {"c0": Approve()}))


def test_a_turn_whose_process_is_gone_can_be_taken_up_when_its_time_is_over() -> None:
    house = House()
    messages = paused(house, "guarded")
    kill_inside(house, messages, effects=2)
    turn = World(time=1000.0 + LEASE + 1).run(house.take(Model(said("ok")), messages, {"c0": Approve()}))
    assert (outcome(turn.messages), house.runs) == (["did c0"], {"c0": 1})


def test_half_decided_turns_are_resumed_in_turn() -> None:
    house = House()
    messages = paused(house, "guarded", "guarded")
    half = World().run(house.take(Model(), messages, {"c1": Approve()}))
    assert half.status == "paused"
    with pytest.raises(AlreadyResumed):
        World().run(house.take(Model(), messages, {"c0": Approve()}))
    whole = World().run(house.take(Model(said("ok")), half.messages, {"c0": Approve()}))
    assert outcome(whole.messages) == ["did c0", "did c1"]
    assert house.runs == {"c0": 1, "c1": 1}


def test_a_resume_that_decides_nothing_leaves_the_turn_to_others() -> None:
    house = House()
    messages = paused(house, "guarded")
    assert World().run(house.take(Model(), messages, {})).status == "paused"
    assert World().run(house.take(Model(said("ok")), messages, {"c0": Approve()})).status == "complete"


def test_a_call_that_was_run_with_other_arguments_is_not_told_their_result() -> None:
    house = House()
    messages = paused(house, "guarded")
    World().run(house.take(Model(said("lost")), messages, {"c0": Approve({"key": "other"})}))
    turn = World().run(house.take(Model(said("ok")), messages, {"c0": Approve()}, takeover=True))
    assert outcome(turn.messages)[0].startswith("not run: it was run before with other arguments")
    assert house.runs == {"other": 1}


def test_a_turn_that_was_paused_without_a_journal_is_noticed_not_to_be_guarded_by_one() -> None:
    house = House()
    messages = (user("Hi"), called(call("c0", "guarded", key="c0")).message)
    turn = World().run(house.take(Model(said("ok")), messages, {"c0": Approve()}))
    assert [notice.feature for notice in turn.response.notices] == ["journal"]
