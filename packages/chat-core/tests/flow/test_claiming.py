"""A paused turn is taken up once, and given back by whoever fails with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from toy import World

from chat_core.errors import AlreadyResumed
from chat_core.flow.claiming import UNNAMED, Claim
from chat_core.flow.pausing import OpenTurn
from chat_core.flow.rules import Rules
from chat_core.messages import Message
from chat_core.parts import ToolCall
from chat_core.stores.memory import MemoryJournal

CALL = ToolCall(id="c", name="f")
NAMED = Message(role="assistant", parts=(CALL,), meta={"chat": {"turn": "t"}})
TURN = OpenTurn(messages=(NAMED,), calls=(CALL,), results={})


def claims(journal: MemoryJournal | None, *, takeover: bool = False) -> Claim:
    return Claim(Rules(journal=journal, takeover=takeover))


def test_one_process_has_a_turn_until_it_gives_it_back() -> None:
    journal, world = MemoryJournal(), World()
    first, second = claims(journal), claims(journal)
    assert world.run(first.take(TURN)) == ()
    with pytest.raises(AlreadyResumed, match="takeover=True"):
        world.run(second.take(TURN))
    world.run(first.release())
    assert world.run(second.take(TURN)) == ()


def test_a_turn_that_was_ended_is_not_taken_up_again() -> None:
    journal, world = MemoryJournal(), World()
    first = claims(journal)
    world.run(first.take(TURN))
    world.run(first.end())
    world.run(first.release())  # nothing is held any more
    with pytest.raises(AlreadyResumed):
        world.run(claims(journal).take(TURN))
    assert world.run(claims(journal, takeover=True).take(TURN)) == ()


def test_a_turn_without_a_name_cannot_be_guarded_and_that_is_said() -> None:
    bare = replace(TURN, messages=(replace(NAMED, meta={}),))
    assert World().run(claims(MemoryJournal()).take(bare)) == (UNNAMED,)
    assert World().run(claims(None).take(bare)) == ()
