"""The direct path of the decoder changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.messages import user
from chat_core.request import Request
from chat_core.testing.direct import Counting, Usual, read
from chat_responses.presets import OPENAI
from chat_responses.provider import Responses
from chat_responses.stream import ResponsesDecoder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from chat_core.jsonvalue import JSON, JSONObject

Members: TypeAlias = "Mapping[str, st.SearchStrategy[Any]]"
SERVICE, ASK = Responses(OPENAI), Request(model="m", messages=(user("Hi"),))


class UsualResponses(Usual, ResponsesDecoder):
    """Takes nothing directly."""


class CountingResponses(Counting, ResponsesDecoder):
    """Counts what is taken directly."""


ITEM: JSONObject = {"type": "message", "id": "i", "role": "assistant", "status": "in_progress", "content": []}
BEGINNING: list[JSONObject] = [
    {"type": "response.created", "response": {"id": "r", "model": "m"}},
    {"type": "response.output_item.added", "output_index": 0, "item": ITEM},
]


def delta(text: JSON = "a", **more: JSON) -> JSONObject:
    place: JSONObject = {"output_index": 0, "content_index": 0, "item_id": "i"}
    return {"type": "response.output_text.delta", **place, "delta": text, "logprobs": [], **more}


def test_texts_are_taken_directly() -> None:
    decoder = CountingResponses(SERVICE, ASK)
    read([*BEGINNING, delta("a"), delta("b", sequence_number=2, obfuscation="x"), delta("c", logprobs=None)], decoder)
    assert decoder.taken == 3


ODD: list[JSONObject] = [
    delta(None), delta(extra=1), delta(sequence_number=[1]), delta(output_index=1), delta(content_index=None),
    delta(logprobs=[{"token": "a", "logprob": -1}]), delta(type="response.refusal.delta"),
]  # fmt: skip


@pytest.mark.parametrize("event", ODD)
def test_what_is_not_usual_is_not_taken(event: JSONObject) -> None:
    decoder = CountingResponses(SERVICE, ASK)
    read([*BEGINNING, event], decoder)
    assert decoder.taken == 0


def some(*values: JSON) -> st.SearchStrategy[JSON]:
    return st.sampled_from(values)


def having(required: Members, optional: Members) -> st.SearchStrategy[JSONObject]:
    return st.fixed_dictionaries(required, optional=optional)


def said(text: JSON, more: JSONObject) -> JSONObject:
    return {**delta(text), **more}


BESIDE: Members = {
    "sequence_number": some(1, None, "HUGE", ["HUGE"]),
    "obfuscation": some("x", "HUGE"),
    "logprobs": some(None, [], [{"token": "a", "logprob": -1}]),
    "output_index": some(0, 1, True, None),
    "content_index": some(0, 1, None),
    "extra": some("HUGE"),
}
SAID: JSONObject = {**ITEM, "status": "completed", "content": [{"type": "output_text", "text": "a", "annotations": []}]}
OTHERS: list[JSONObject] = [
    *BEGINNING,
    {"type": "response.output_item.done", "output_index": 0, "item": SAID},
    {"type": "response.completed", "response": {"id": "r", "model": "m", "status": "completed", "output": []}},
]
deltas = st.builds(said, some("a", "b", "", "\ud83d", "\udc69", None, "HUGE"), having({}, BESIDE))
others = st.sampled_from(OTHERS)


@given(st.lists(st.one_of(deltas, deltas, others), max_size=8))
def test_the_direct_path_changes_nothing(stream: list[JSONObject]) -> None:
    stream = [*BEGINNING, *stream]
    assert read(stream, ResponsesDecoder(SERVICE, ASK)) == read(stream, UsualResponses(SERVICE, ASK))
