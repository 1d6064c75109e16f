from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from chat_completions.direct import Direct
from chat_completions.stream import CompletionsDecoder
from chat_core.codec.alike import Alike
from chat_core.codec.wire import Frame, dump
from chat_core.errors import ChatError
from chat_core.messages import user
from chat_core.request import Request

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from chat_completions.answer import Answer
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject

Members: TypeAlias = "Mapping[str, st.SearchStrategy[Any]]"
REQUEST = Request(model="m", messages=(user("Hi"),))


class Never(Direct):
    """Takes nothing: everything goes the usual path."""

    def take(self, data: JSONObject) -> Answer | None:
        del data
        return None


class Usual(CompletionsDecoder):
    """Decodes with another direct path, or none."""

    def __init__(self, direct: Direct) -> None:
        super().__init__(REQUEST, "o")
        self._direct = direct
        if isinstance(direct, Counting):
            self.alike = Alike()  # learns nothing, so that every chunk is parsed


class Counting(Direct):
    """Counts what it takes."""

    taken = 0

    def take(self, data: JSONObject) -> Answer | None:
        took = super().take(data)
        self.taken += took is not None
        return took


def read(chunks: list[JSONObject], direct: Direct) -> list[Event | str]:
    """Return the events of a stream, and what it failed with; `HUGE` stands for a number that is."""
    decoder = Usual(direct)
    events: list[Event | str] = []
    try:
        for chunk in chunks:
            events += decoder.feed([Frame(dump(chunk).replace(b'"HUGE"', b"1e999"))])
        events += decoder.finish()
    except ChatError as error:
        events.append(f"{type(error).__name__}: {error} {error.partial}")
    return events


def chunk(delta: JSON, **more: JSON) -> JSONObject:
    choice: JSON = {"index": 0, "delta": delta, "finish_reason": None}
    return {"id": "c", "object": "chat.completion.chunk", "model": "m", "created": 1, "choices": [choice], **more}


def test_texts_are_taken_directly_after_the_first() -> None:
    direct = Counting()
    read([chunk({"role": "assistant", "content": "a"}), chunk({"content": "b"}), chunk({"content": "c"})], direct)
    assert direct.taken == 2


def test_padding_that_differs_is_taken_directly() -> None:
    direct = Counting()
    read([chunk({"content": "a"}, obfuscation=padding) for padding in ("x", "yz", "")], direct)
    assert direct.taken == 2


def test_what_is_new_beside_a_text_goes_the_usual_path() -> None:
    news = [chunk({"content": "b"}, model="n"), chunk({"content": "b", "refusal": "no"}), chunk({"content": ""})]
    for new in (
        *news,
        chunk({"content": "b"}, usage={"prompt_tokens": 1}),
        chunk({"content": "b"}, extra=[1]),
        chunk({"content": "b"}, created=True),
    ):
        direct = Counting()
        read([chunk({"content": "a"}), new, chunk({"content": "c"})], direct)
        assert direct.taken == 0


def test_a_number_out_of_range_is_refused_wherever_it_stands() -> None:
    for new in (chunk({"content": "b"}, obfuscation="HUGE"), chunk({"content": "b", "role": "HUGE"}, obfuscation="x")):
        *_, end = read([chunk({"content": "a"}, obfuscation="x"), new], Direct())
        assert isinstance(end, str)
        assert "out of range" in end


def some(*values: JSON) -> st.SearchStrategy[JSON]:
    return st.sampled_from(values)


def having(required: Members, optional: Members) -> st.SearchStrategy[JSONObject]:
    return st.fixed_dictionaries(required, optional=optional)


text = some("a", "b", "", "\ud83d", "\udc69", None)
deltas = st.one_of(
    having({"content": text}, {}),
    having(
        {"content": text},
        {
            "role": some("assistant", "HUGE"),
            "reasoning_content": text,
            "refusal": text,
            "tool_calls": some(None, [], [{"index": 0, "id": "i", "function": {"name": "f"}}]),
            "extra": some(None, 1, [1]),
        },
    ),
    st.none(),
)
choices = having(
    {"index": some(0, 0, 0, 1, False), "delta": deltas},
    {
        "finish_reason": some(None, None, "stop"),
        "logprobs": some(None, {"content": [{"token": "a", "logprob": -1}]}),
        "text": text,
        "extra": some(None, 1, [1], {"a": 1}),
        "error": some(None, None, {"message": "oops"}),
    },
)
chunks = having(
    {"choices": st.lists(choices, max_size=2)},
    {
        "id": some("c", "d", ""),
        "model": some("m", "n", None),
        "created": some(1, 2, 0, None, True, 1.0),
        "usage": some(None, {"prompt_tokens": 1}, {"completion_tokens": 2}),
        "obfuscation": some("a", "b", None, "HUGE"),
        "error": some(None, None, {"message": "oops"}),
        "extra": some(None, 1, 2, [1], [2], {"a": 1}, {"b": [2]}),
        "citations": some(None, ["u"]),
    },
)


@given(st.lists(st.tuples(chunks, st.integers(1, 3)), max_size=6))
def test_the_direct_path_changes_nothing(repeated: list[tuple[JSONObject, int]]) -> None:
    stream = [each for each, times in repeated for _ in range(times)]
    # `True` is `1`, but for its `repr`
    assert [*map(repr, read(stream, Direct()))] == [*map(repr, read(stream, Never()))]
