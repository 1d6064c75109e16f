"""The direct path of the decoders changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.messages import user
from chat_core.request import Request
from chat_core.testing.direct import Counting, Usual, read
from chat_ollama.generate import GenerateDecoder
from chat_ollama.stream import ChatDecoder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from chat_core.jsonvalue import JSON, JSONObject

Members: TypeAlias = "Mapping[str, st.SearchStrategy[Any]]"
ASK = Request(model="m", messages=(user("Hi"),))


class UsualChat(Usual, ChatDecoder):
    """Takes nothing directly."""


class UsualGenerate(UsualChat, GenerateDecoder):
    """As `UsualChat`."""


class CountingChat(Counting, ChatDecoder):
    """Counts what is taken directly."""


class CountingGenerate(CountingChat, GenerateDecoder):
    """As `CountingChat`."""


def said(text: JSON, **more: JSON) -> JSONObject:
    message: JSON = {"role": "assistant", "content": text}
    return {"model": "m", "created_at": "now", "message": message, "done": False, **more}


def generated(text: JSON, **more: JSON) -> JSONObject:
    return {"model": "m", "created_at": "now", "response": text, "done": False, **more}


def test_texts_are_taken_directly_after_the_first() -> None:
    chat, generate = CountingChat(ASK, "o"), CountingGenerate(ASK, "o")
    read([said("a"), said("b"), said("c", created_at="later")], chat)
    read([generated("a"), generated("b"), generated("c")], generate)
    assert (chat.taken, generate.taken) == (2, 2)


MESSAGE: JSONObject = {"role": "assistant", "content": "b"}
ODD: list[JSONObject] = [
    said("b", model="n"), said("b", extra=1), said("b", done=None), said(""), said(None), said("b", created_at=1),
    said("b", message={**MESSAGE, "thinking": "t"}), said("b", message={**MESSAGE, "role": "tool"}),
]  # fmt: skip


@pytest.mark.parametrize("line", ODD)
def test_what_is_not_usual_is_not_taken(line: JSONObject) -> None:
    decoder = CountingChat(ASK, "o")
    read([said("a"), line], decoder)
    assert decoder.taken == 0


def some(*values: JSON) -> st.SearchStrategy[JSON]:
    return st.sampled_from(values)


def having(required: Members, optional: Members) -> st.SearchStrategy[JSONObject]:
    return st.fixed_dictionaries(required, optional=optional)


values = some("a", "b", "", "\ud83d", "\udc69", None, 1, "HUGE", ["HUGE"])
messages = having({"content": values}, {"role": some("assistant", "assistant", "tool", "HUGE"), "thinking": values})
lines = having(
    {"model": some("m", "m", "n", None), "done": some(False, False, None, True)},
    {
        "created_at": some("now", "HUGE"),
        "message": messages,
        "response": values,
        "logprobs": some(None, [], [{"token": "a", "logprob": -1}]),
        "error": some(None, "oops"),
        "x": values,
    },
)
often = st.one_of(st.builds(said, some("a", "b", "\ud83d")), st.builds(generated, values), lines)


@given(st.lists(often, max_size=6))
def test_the_direct_path_changes_nothing(stream: list[JSONObject]) -> None:
    assert read(stream, ChatDecoder(ASK, "o")) == read(stream, UsualChat(ASK, "o"))
    assert read(stream, GenerateDecoder(ASK, "o")) == read(stream, UsualGenerate(ASK, "o"))
