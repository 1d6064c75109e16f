from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_completions.answer import Answer
from chat_core.codec.builder import ResponseBuilder
from chat_core.errors import DecodeError
from chat_core.events import ResponseEnd

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Response


def answered(*deltas: JSONObject, logprobs: JSON = None) -> Response:
    build = ResponseBuilder("o")
    answer = Answer(build, 0, "o", 0, None)
    for delta in deltas:
        answer.take(delta, logprobs)
    answer.settle(strict=True)
    build.end()
    (end,) = [event for event in build.take() if isinstance(event, ResponseEnd)]
    return end.response


def test_what_describes_a_delta_is_collected_in_the_answers_meta() -> None:
    response = answered(
        {"content": "a", "token_id": 5, "channel": "final"}, {"content": "b", "token_id": 5, "channel": "final"}
    )
    assert response.message.meta == {}
    assert response.meta == {"o": {"token_id": 5, "channel": "final"}}


def test_collected_values_that_differ_are_a_list() -> None:
    assert answered({"token_id": 1}, {"token_id": 2}, {"token_id": 1}).meta == {"o": {"token_id": [1, 2]}}


def test_probabilities_of_other_shapes_are_joined_end_to_end() -> None:
    response = answered({"content": "a"}, {"content": "b"}, logprobs={"tokens": ["x"], "refusal": [{"token": "x"}]})
    assert response.meta == {"o": {"logprobs": {"tokens": ["x", "x"], "refusal": [{"token": "x"}, {"token": "x"}]}}}


def test_an_empty_word_does_not_replace_a_finish_reason() -> None:
    answer = Answer(ResponseBuilder("o"), 0, "o", 0, None)
    answer.finish("")
    assert (answer.word, answer.finished) == ("", False)
    answer.finish("stop")
    answer.finish("")
    answer.finish(None)
    assert (answer.word, answer.finished) == ("stop", True)


def test_a_finish_reason_is_a_word() -> None:
    with pytest.raises(DecodeError):
        Answer(ResponseBuilder("o"), 0, "o", 0, None).finish(1)


def test_a_message_repeats_what_was_said_or_says_more() -> None:
    build = ResponseBuilder("o")
    answer = Answer(build, 0, "o", 0, None)
    answer.take({"content": "Hello"})
    assert answer.repeats({"role": "assistant", "content": "Hell"})
    assert not answer.repeats({"content": "Other"})
    assert not answer.repeats({"content": "Hello", "odd": 1})
    assert not answer.repeats(None)


def test_what_a_long_answer_collects_costs_its_length() -> None:
    deltas: list[JSONObject] = [{"content": "a", "token_id": number} for number in range(30_000)]
    assert answered(*deltas).meta == {"o": {"token_id": [*range(30_000)]}}
