"""The direct path of the decoder changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from chat_claude.stream import MessagesDecoder
from chat_core.testing.direct import Counting, Usual, read

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject


class UsualMessages(Usual, MessagesDecoder):
    """Takes nothing directly."""


class CountingMessages(Counting, MessagesDecoder):
    """Counts what is taken directly."""


def begin(index: int, block: JSONObject) -> JSONObject:
    return {"type": "content_block_start", "index": index, "content_block": block}


BEGINNING: list[JSONObject] = [
    {"type": "message_start", "message": {"id": "i", "model": "m", "content": [], "usage": {"input_tokens": 1}}},
    begin(0, {"type": "text", "text": ""}),
    begin(1, {"type": "thinking", "thinking": ""}),
    begin(2, {"type": "tool_use", "id": "t", "name": "f", "input": {}}),
]
SAID: JSONObject = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


def delta(index: JSON, kind: str, text: JSON = "a", **more: JSON) -> JSONObject:
    member = str(SAID.get(kind, "text"))
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, member: text, **more}}


def test_texts_thoughts_and_the_input_of_calls_are_taken_directly() -> None:
    decoder = CountingMessages("o")
    read([*BEGINNING, *(delta(at, kind) for at, kind in enumerate(SAID)), delta(2, "input_json_delta")], decoder)
    assert decoder.taken == 3  # the first piece of an input goes the usual path


def test_what_is_not_usual_is_not_taken() -> None:
    beside: JSONObject = {**delta(0, "text_delta"), "extra": 1}
    odd = [beside, delta(0, "text_delta", extra=1), delta(0, "text_delta", None), delta(1, "text_delta")]
    for event in [*odd, delta(7, "text_delta"), delta("0", "text_delta"), delta(0, "new_delta")]:
        decoder = CountingMessages("o")
        read([*BEGINNING, event], decoder)
        assert decoder.taken == 0


def some(*values: JSON) -> st.SearchStrategy[JSON]:
    return st.sampled_from(values)


def both(event: JSONObject, more: JSONObject) -> JSONObject:
    return {**event, **more}


MORE: list[JSONObject] = [{"extra": 1}, {"type": "ping"}]
OTHERS: list[JSONObject] = [
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
    {"type": "content_block_delta", "index": 0, "delta": {"type": [], "text": "a"}},
]
deltas = st.builds(
    delta,
    some(0, 0, 1, 2, 3, True, None),
    st.sampled_from([*SAID, *SAID, "new_delta"]),
    some("a", "b", "", "\ud83d", "\udc69", None, 1, "HUGE"),
)
events = st.one_of(deltas, st.builds(both, deltas, st.sampled_from(MORE)), st.sampled_from(OTHERS))


@given(st.integers(0, 4), st.lists(events, max_size=8))
def test_the_direct_path_changes_nothing(begun: int, stream: list[JSONObject]) -> None:
    stream = [*BEGINNING[:begun], *stream]
    assert read(stream, MessagesDecoder("o")) == read(stream, UsualMessages("o"))
