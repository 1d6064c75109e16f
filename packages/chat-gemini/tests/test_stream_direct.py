"""The direct path of the decoder changes nothing, and no count is lost on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.codec.wire import Frame, dump
from chat_core.errors import ChatError
from chat_core.messages import user
from chat_core.request import Request
from chat_core.testing.direct import Counting, Usual, read
from chat_gemini.provider import Gemini
from chat_gemini.stream import GenerateDecoder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from chat_core.jsonvalue import JSON, JSONObject

Members: TypeAlias = "Mapping[str, st.SearchStrategy[Any]]"
GEMINI, ASK = Gemini(), Request(model="m", messages=(user("Hi"),))


class UsualGenerate(Usual, GenerateDecoder):
    """Takes nothing directly."""


class CountingGenerate(Counting, GenerateDecoder):
    """Counts what is taken directly."""


def counts(answer: JSON, **more: JSON) -> JSONObject:
    return {"promptTokenCount": 8, "candidatesTokenCount": answer, **more}


def said(*parts: JSON, usage: JSON = None, candidate: JSONObject | None = None, **more: JSON) -> JSONObject:
    content: JSON = {"role": "model", "parts": [*parts]}
    told: JSONObject = {} if usage is None else {"usageMetadata": usage}
    whole: JSONObject = {"content": content, "index": 0, **(candidate or {})}
    return {"candidates": [whole], "modelVersion": "m1", "responseId": "r1", **told, **more}


A: JSONObject = {"text": "a"}
B: JSONObject = {"text": "b"}
STOP: JSONObject = {"finishReason": "STOP"}


def test_texts_are_taken_directly_after_the_first_and_the_last_counts_stand() -> None:
    decoder = CountingGenerate(GEMINI, ASK)
    stream = [said(A, usage=counts(1)), said(B, usage=counts(2)), said(B, usage=counts(3))]
    events = read([*stream, said(A, candidate=STOP)], decoder)
    assert decoder.taken == 2
    assert "output_tokens=3" in str(events[-2])


ODD: list[JSONObject] = [
    said(B, modelVersion="m2"), said(B, extra=1), said(B, B), said({"text": ""}), said({"text": "b", "thought": True}),
    said(B, candidate={"index": 1}), said(B, candidate={"index": False}), said(B, candidate=STOP),
    said(B, usage=counts(None)), said(B, usage=counts(True)), said(B, usage=counts(2, thoughtsTokenCount=1)),
    said(B, usage=counts("2")), said(B, usage={"promptTokenCount": 8}),
]  # fmt: skip


@pytest.mark.parametrize("event", ODD)
def test_what_is_not_usual_is_not_taken(event: JSONObject) -> None:
    decoder = CountingGenerate(GEMINI, ASK)
    read([said(A, usage=counts(1)), event], decoder)
    assert decoder.taken == 0


def test_counts_of_another_kind_are_not_lost_on_the_way() -> None:
    sound: JSON = [{"modality": "AUDIO", "tokenCount": 5}]
    stream = [
        said(A, usage=counts(1, promptTokensDetails=[])),
        said(B, usage=counts(2, promptTokensDetails=sound)),
        said(B, usage=counts(3, promptTokensDetails=[])),
        said(B, candidate=STOP),
    ]
    assert read(stream, GenerateDecoder(GEMINI, ASK)) == read(stream, UsualGenerate(GEMINI, ASK))
    assert "audio_input_tokens=5" in str(read(stream, GenerateDecoder(GEMINI, ASK))[-2])


def test_counts_come_with_what_a_malformed_event_left() -> None:
    decoder = GenerateDecoder(GEMINI, ASK)
    with pytest.raises(ChatError) as caught:
        list(decoder.feed([Frame(dump(said(A, usage=counts(n)))) for n in (1, 2)] + [Frame(b"{")]))
    assert caught.value.partial is not None
    assert caught.value.partial.usage is not None
    assert caught.value.partial.usage.output_tokens == 2


def some(*values: JSON) -> st.SearchStrategy[JSON]:
    return st.sampled_from(values)


def having(required: Members, optional: Members) -> st.SearchStrategy[JSONObject]:
    return st.fixed_dictionaries(required, optional=optional)


texts = some("a", "b", "", "\ud83d", "\udc69", None, "HUGE")
CALLS: list[JSONObject] = [
    {"functionCall": {"name": "f", "args": {}}},
    {"functionCall": {"name": "f", "willContinue": True}},
]
parts = st.one_of(
    having({"text": texts}, {}),
    having({"text": texts}, {"thought": some(True, False), "thoughtSignature": some("s")}),
    st.sampled_from(CALLS),
)
number = some(1, 2, 0, None, True, 1.0, "HUGE")
AUDIO: list[JSON] = [[{"modality": "AUDIO", "tokenCount": count}] for count in (1, 1.0, True)]
details = some(None, [], *AUDIO)
usages = st.one_of(
    st.none(),
    st.builds(counts, st.integers(0, 3)),
    having(
        {"promptTokenCount": number},
        {"candidatesTokenCount": number, "thoughtsTokenCount": number, "promptTokensDetails": details},
    ),
)
CANDIDATES: list[JSONObject] = [{}, {"index": 1}, {"index": None}, STOP, {"x": "HUGE"}, {"content": None}]
often = st.builds(said, parts, usage=usages)
odd = st.builds(
    said,
    parts,
    parts,
    usage=usages,
    candidate=st.sampled_from(CANDIDATES),
    responseId=some("r1", "r2", None, "HUGE"),
)


@given(st.lists(st.one_of(often, often, odd), max_size=6))
def test_the_direct_path_changes_nothing(stream: list[JSONObject]) -> None:
    assert read(stream, GenerateDecoder(GEMINI, ASK)) == read(stream, UsualGenerate(GEMINI, ASK))
