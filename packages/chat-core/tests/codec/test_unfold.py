"""A response unfolds into the stream that would have given it."""

from __future__ import annotations

import pytest
from hypothesis import given
from strategies import responses

from chat_core.codec.fold import fold
from chat_core.codec.unfold import unfold
from chat_core.errors import GrammarError
from chat_core.events import MediaDelta, PartEnd, PartStart, ResponseEnd, ResponseStart, TextDelta, ToolCallDelta
from chat_core.messages import assistant
from chat_core.parts import Inline, Media, Reasoning, Refusal, Text, ToolCall
from chat_core.response import FinishReason, Notice, Response


def test_one_text_is_one_delta() -> None:
    response = Response(message=assistant("Hello"), finish_reason=FinishReason.STOP, id="a", model="m")
    assert list(unfold(response)) == [
        ResponseStart(id="a", model="m"),
        PartStart(0, Text("")),
        TextDelta(0, "Hello"),
        PartEnd(0, Text("Hello")),
        ResponseEnd(response),
    ]


def test_a_call_without_arguments_still_starts_and_ends() -> None:
    call = ToolCall(id="1", name="now", arguments={}, raw="")
    response = Response(message=assistant(call), finish_reason=FinishReason.TOOL_CALLS)
    events = list(unfold(response))
    assert [type(event) for event in events] == [ResponseStart, PartStart, PartEnd, ResponseEnd]
    assert fold(events) == response


def test_a_part_without_text_has_no_delta() -> None:
    withheld = Response(message=assistant(Reasoning(""), Refusal(""), Text("")), finish_reason=FinishReason.STOP)
    assert {type(event) for event in unfold(withheld)} == {ResponseStart, PartStart, PartEnd, ResponseEnd}


def test_arguments_come_as_their_text() -> None:
    call = ToolCall(id="1", name="add", arguments={"a": 1})
    events = list(unfold(Response(message=assistant(call), finish_reason=FinishReason.TOOL_CALLS)))
    assert events[2] == ToolCallDelta(0, '{"a":1}')


def test_bytes_come_once_and_not_in_the_start() -> None:
    media = Media(kind="audio", source=Inline(b"pcm"), transcript="hi")
    events = list(unfold(Response(message=assistant(media), finish_reason=FinishReason.STOP)))
    assert events[1] == PartStart(0, Media(kind="audio", source=Inline(b"")))
    assert events[2] == MediaDelta(0, b"pcm", transcript="hi")


def test_alternatives_are_choices_and_notices_are_in_the_start() -> None:
    other = Response(message=assistant("B"), finish_reason=FinishReason.STOP)
    notices = (Notice(feature="seed"),)
    response = Response(message=assistant("A"), finish_reason=FinishReason.STOP, alternatives=(other,), notices=notices)
    events = list(unfold(response))
    assert events[0] == ResponseStart(notices=notices)
    assert [event.choice for event in events if isinstance(event, TextDelta)] == [0, 1]
    assert fold(events) == response


def test_a_partial_response_has_no_stream() -> None:
    with pytest.raises(GrammarError):
        list(unfold(Response(message=assistant("Hel"))))


@given(responses)
def test_folding_gives_the_response_back(response: Response) -> None:
    if response.finish_reason is not None:
        assert fold(unfold(response)) == response
