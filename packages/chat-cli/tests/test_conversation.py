from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from running import HELLO, STORY, held, hold

from chat_cli.flags import Flags
from chat_cli.turns import cut_off
from chat_core.messages import assistant, system, user

if TYPE_CHECKING:
    from chat_cli.conversation import Conversation

CUT = "a cut answer"


@pytest.fixture
def conversation() -> Conversation:
    return held(Flags(retries=0))


def test_each_exchange_becomes_history(conversation: Conversation, capsys: pytest.CaptureFixture[str]) -> None:
    hold(conversation, [HELLO, STORY])
    assert [message.role for message in conversation.history] == ["user", "assistant"] * 2
    assert [message.text for message in conversation.history[::2]] == [HELLO, STORY]
    assert "A bridge" in capsys.readouterr().out


def test_an_interrupt_at_the_prompt_throws_the_input_away_and_nothing_else(conversation: Conversation) -> None:
    hold(conversation, [KeyboardInterrupt, HELLO, KeyboardInterrupt, "  ", STORY])
    assert len(conversation.history) == 4


def test_a_turn_that_fails_is_said_and_not_kept(conversation: Conversation, capsys: pytest.CaptureFixture[str]) -> None:
    hold(conversation, [HELLO, CUT, "are you busy?", STORY])
    assert [message.text for message in conversation.history[::2]] == [HELLO, STORY]
    said = capsys.readouterr()
    assert "This answer will break off" in said.out
    assert said.err.count("Error: ") == 2
    assert said.err.count("/retry asks it again") == 2


def test_instructions_come_first_and_are_no_history() -> None:
    conversation = held(Flags(system="Be brief"))
    hold(conversation, [HELLO])
    assert conversation.messages[0] == system("Be brief")
    assert len(conversation.history) == 2


def test_a_question_may_begin_with_a_slash(conversation: Conversation) -> None:
    hold(conversation, ["//hello there"])
    assert conversation.history[0].text == "/hello there"


def test_an_answer_that_was_cut_off_is_kept_as_far_as_it_had_come() -> None:
    asked = (system("Be brief"), user(HELLO))
    turn = cut_off(asked, "Hel")
    assert turn is not None
    assert (turn.status, turn.messages) == ("cancelled", (*asked, assistant("Hel")))
    assert cut_off(asked, "") is None


def test_an_unknown_model_is_an_error_at_the_beginning() -> None:
    with pytest.raises(Exception, match="no installed package offers the provider 'reply'"):
        held(Flags(model="reply:demo"))
