"""Requests of this wire are read, and spelled again as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core import history
from chat_core.errors import ChatError, DecodeError
from chat_core.options import Options
from chat_core.request import OutputFormat, Request
from chat_core.tools import NativeTool, Tool
from chat_ollama.options import OllamaOptions
from chat_ollama.provider import Ollama

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

OLLAMA = Ollama()
ORIGIN = OLLAMA.origin("m")
BODY: JSONObject = {"model": "m", "stream": False, "messages": [{"role": "user", "content": "Hi"}]}


def parse(**more: JSON) -> Request:
    return OLLAMA.parse({**BODY, **more})


SAME: dict[str, JSONObject] = {
    "nothing": {},
    "sampling": {"options": {"temperature": 0, "top_p": 0.5, "top_k": 3, "min_p": 0.1, "stop": ["a"], "seed": 0}},
    "a limit": {"options": {"num_predict": -1, "num_ctx": 9, "repeat_penalty": 1.1, "use_mmap": True}},
    "options nobody knows": {"options": {"mirostat": 1, "think": True, "stop": "x", "seed": "y", "top_k": True}},
    "thinking": {"think": True},
    "no thinking": {"think": False},
    "a level": {"think": "high"},
    "a level by another name": {"think": "minimal"},
    "a level that switches thinking off elsewhere": {"think": "none"},
    "thinking nobody knows": {"think": {"depth": 2}},
    "any JSON": {"format": "json"},
    "a schema": {"format": {"type": "object", "properties": {"a": {"const": None}}}},
    "a form nobody knows": {"format": "yaml"},
    "a form of the wrong type": {"format": [1]},
    "seconds": {"keep_alive": -1},
    "a duration": {"keep_alive": "5m"},
    "no duration": {"keep_alive": True},
    "probabilities": {"logprobs": True, "top_logprobs": 2},
    "what to do with long prompts": {"truncate": False, "shift": True},
    "fields nobody knows": {"x_new": {"a": [None]}, "logprobs": "some", "truncate": 1},
    "tools": {
        "tools": [
            {"type": "function", "function": {"name": "f"}},
            {"type": "function", "function": {"name": "g", "description": "G", "parameters": {"type": "object"}}},
            {"type": "function", "x": 1, "function": {"name": "h", "y": 2}},
            {"type": "function", "function": {"name": "i", "parameters": "none"}},
            {"type": "web"},
        ]
    },
}


@pytest.mark.parametrize("name", SAME)
def test_a_request_is_spelled_again_as_it_was(name: str) -> None:
    request = parse(**SAME[name])
    wire = OLLAMA.encode(request)
    assert wire.body == {**BODY, **SAME[name]}
    assert wire.notices == ()
    loaded = history.load(history.dump(request), Request)
    assert OLLAMA.encode(loaded).body == wire.body


def test_what_has_a_portable_name_gets_it() -> None:
    request = parse(
        options={"num_predict": 9, "temperature": 0.5, "stop": ["a"], "num_ctx": 8},
        think=False,
        format={"type": "object"},
        keep_alive=0,
        logprobs=True,
    )
    assert request.options == Options(
        max_tokens=9,
        temperature=0.5,
        stop=("a",),
        reasoning_effort="none",
        logprobs=True,
        native=(OllamaOptions(num_ctx=8, keep_alive=0),),
    )
    assert request.output == OutputFormat(schema={"type": "object"})


def test_a_tool_keeps_what_stands_beside_it() -> None:
    (tool, other) = parse(tools=[{"type": "function", "x": 1, "function": {"name": "h", "y": 2}}, {"type": "w"}]).tools
    assert tool == Tool(name="h", meta={ORIGIN: {"x": 1, "function": {"y": 2}}})
    assert other == NativeTool(provider="ollama", data={"type": "w"})


def test_empty_values_and_nulls_say_nothing() -> None:
    said_nothing = parse(format="", options={}, tools=[], think=None, keep_alive=None)
    assert said_nothing == parse()


@pytest.mark.parametrize(
    "body", [{}, {"model": 3}, {"model": "m", "messages": 3}, {"model": "m", "tools": 3}, {"model": "m", "tools": [3]}]
)
def test_what_is_no_request_is_an_error(body: JSONObject) -> None:
    with pytest.raises(DecodeError):
        OLLAMA.parse(body)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["role", "name", "function"]), inner),
    max_leaves=6,
)
FIELDS = ["model", "messages", "tools", "format", "think", "options", "keep_alive", "logprobs", "x"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSONS, max_size=4))
def test_whatever_json_comes_only_decode_errors_come_out(more: JSONObject) -> None:
    try:
        parse(**more)
    except ChatError as error:
        assert isinstance(error, DecodeError)  # noqa: PT017 - success is fine as well
