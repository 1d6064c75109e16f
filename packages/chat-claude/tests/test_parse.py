"""Requests of this wire are read, and spelled again as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_claude.options import ClaudeOptions
from chat_claude.provider import VERTEX, Claude
from chat_core import history
from chat_core.errors import ChatError, DecodeError
from chat_core.messages import Message
from chat_core.options import Options
from chat_core.parts import Opaque, Text, ToolResult
from chat_core.request import OutputFormat, Request
from chat_core.tools import NativeTool, Tool, ToolChoice

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

CLAUDE = Claude()
ORIGIN = CLAUDE.origin("m")
HI: JSONObject = {"role": "user", "content": [{"type": "text", "text": "Hi"}]}
BODY: JSONObject = {"model": "m", "max_tokens": 9, "messages": [HI]}


def parse(**more: JSON) -> Request:
    return CLAUDE.parse({**BODY, **more})


def again(request: Request) -> object:
    return CLAUDE.encode(request).body


SAME: dict[str, JSONObject] = {
    "sampling": {"temperature": 0, "top_p": 0.5, "top_k": 3, "stop_sequences": ["a"]},
    "a budget": {"thinking": {"type": "enabled", "budget_tokens": 2048}},
    "a budget with display": {"thinking": {"type": "enabled", "budget_tokens": 2048, "display": "omitted"}},
    "adaptive thinking": {"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}},
    "no thinking": {"thinking": {"type": "disabled"}},
    "no thinking beside an effort": {"thinking": {"type": "disabled"}, "output_config": {"effort": "low"}},
    "thinking nobody knows": {"thinking": {"type": "dreaming", "depth": 2}},
    "an effort nobody knows": {"output_config": {"effort": "minimal"}},
    "an output budget": {"output_config": {"task_budget": {"type": "tokens", "total": 5}}},
    "an empty output_config": {"output_config": {}},
    "a form": {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
    "a form nobody knows": {"output_config": {"format": {"type": "grammar", "lark": "x"}}},
    "the user": {"metadata": {"user_id": "u", "trace": "t"}},
    "metadata without a user": {"metadata": {"trace": "t"}},
    "a tier": {"service_tier": "standard_only"},
    "a container": {"container": "c"},
    "servers": {"mcp_servers": [{"type": "url", "url": "u", "name": "n"}]},
    "fallbacks": {"fallbacks": "default"},
    "fields nobody knows": {"new": {"a": None}, "speed": 7, "container": 3, "mcp_servers": [1], "fallbacks": [2]},
    "fields of the wrong type": {"temperature": "hot", "top_k": "x", "stop_sequences": [1], "metadata": "m"},
    "tools": {
        "tools": [
            {"name": "a", "input_schema": {"type": "object"}, "strict": False, "cache_control": {"type": "ephemeral"}},
            {"type": "custom", "name": "b", "description": "B", "input_schema": {}},
            {"type": "web_search_20260318", "name": "web_search", "max_uses": None},
            {"name": "c", "input_schema": {}, "description": 3},
        ]
    },
    "forced": {"tools": [{"name": "a", "input_schema": {}}], "tool_choice": {"type": "tool", "name": "a"}},
    "one at a time": {
        "tools": [{"name": "a", "input_schema": {}}],
        "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
    },
    "a choice nobody knows": {"tool_choice": {"type": "auto", "bias": 1}},
    "none, one at a time": {"tool_choice": {"type": "none", "disable_parallel_tool_use": True}},
    "system": {"system": [{"type": "text", "text": "S", "cache_control": {"type": "ephemeral"}}, {"type": "dream"}]},
    "a later system message": {
        "system": [{"type": "text", "text": "S"}],
        "messages": [HI, {"role": "system", "content": [{"type": "tool_addition", "tool": {}}], "clear_at": "never"}],
    },
    "a first system message": {"messages": [{"role": "system", "content": [{"type": "text", "text": "S"}]}, HI]},
    "results and text in one message": {
        "messages": [
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "1"}]},
                    {"type": "text", "text": "Go on"},
                ],
                "new": 1,
            },
        ]
    },
    "media of the assistant": {
        "messages": [
            HI,
            {"role": "assistant", "content": [{"type": "image", "source": {"type": "url", "url": "u"}, "new": 1}]},
        ]
    },
    "odd media": {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "image", "source": {"type": "url", "url": "u", "new": 1}}, {"type": "document"}],
            }
        ]
    },
}


@pytest.mark.parametrize("name", SAME)
def test_a_request_is_read_and_spelled_again(name: str) -> None:
    request = parse(**SAME[name])
    assert again(request) == {**BODY, **SAME[name]}


@pytest.mark.parametrize("name", SAME)
def test_a_request_can_be_saved_and_spelled_again(name: str) -> None:
    request = history.load(history.dump(parse(**SAME[name])), Request)
    assert again(request) == {**BODY, **SAME[name]}


def test_what_has_a_portable_name_is_portable() -> None:
    request = parse(
        system="S",
        temperature=0.5,
        thinking={"type": "enabled", "budget_tokens": 2048},
        output_config={"effort": "low", "format": {"type": "json_schema", "schema": {"a": 1}}},
        metadata={"user_id": "u"},
        service_tier="auto",
        stop_sequences=["x"],
        tool_choice={"type": "tool", "name": "f", "disable_parallel_tool_use": True},
        tools=[{"name": "f", "input_schema": {}, "description": "F"}, {"type": "bash_20250124", "name": "bash"}],
        stream=True,
    )
    assert request == Request(
        model="m",
        messages=(Message(role="system", parts=(Text("S"),)), Message(role="user", parts=(Text("Hi"),))),
        tools=(
            Tool(name="f", parameters={}, description="F"),
            NativeTool(provider="claude", data={"type": "bash_20250124", "name": "bash"}),
        ),
        tool_choice=ToolChoice(mode="required", names=("f",)),
        output=OutputFormat(schema={"a": 1}),
        options=Options(
            max_tokens=9,
            temperature=0.5,
            stop=("x",),
            reasoning_effort="low",
            reasoning_tokens=2048,
            parallel_tool_calls=False,
            user="u",
            service_tier="auto",
        ),
    )


def test_the_beta_s_output_format_is_the_form() -> None:
    request = parse(output_format={"type": "json_schema", "schema": {"a": 1}})
    assert request.output == OutputFormat(schema={"a": 1})
    assert request.options.native == ()


def test_results_of_tools_get_a_message_of_their_own() -> None:
    content: JSON = [{"type": "tool_result", "tool_use_id": "t"}, {"type": "text", "text": "Go on"}]
    request = parse(messages=[{"role": "user", "content": content}])
    assert [message.role for message in request.messages] == ["tool", "user"]
    assert request.messages[0].parts == (ToolResult(call_id="t"),)


def test_blocks_without_a_name_here_are_opaque() -> None:
    request = parse(messages=[{"role": "user", "content": [{"type": "container_upload", "file_id": "f"}]}])
    data: JSONObject = {"type": "container_upload", "file_id": "f"}
    assert request.messages[0].parts == (Opaque(origin=ORIGIN, kind="container_upload", data=data),)


def test_a_cloud_s_request_takes_its_model_from_outside() -> None:
    vertex = Claude(base_url="https://h.example/models", surface=VERTEX)
    body: JSONObject = {"anthropic_version": "vertex-2023-10-16", "max_tokens": 9, "messages": [HI]}
    request = vertex.parse(body, model="claude-x")
    assert request.model == "claude-x"
    assert request.options.native == (ClaudeOptions(body_version="vertex-2023-10-16"),)
    assert vertex.encode(request).body == body
    with pytest.raises(DecodeError, match="model"):
        vertex.parse(body)


@pytest.mark.parametrize(
    "more",
    [
        {"messages": {}},
        {"messages": ["Hi"]},
        {"messages": [{"role": "narrator", "content": "Hi"}]},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "user", "content": 1}]},
        {"messages": [{"role": "user", "content": ["Hi"]}]},
        {"system": 1},
        {"tools": "all"},
        {"tools": ["f"]},
        {"model": 1},
    ],
)
def test_what_is_no_request_raises(more: JSONObject) -> None:
    with pytest.raises(DecodeError):
        parse(**more)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["type", "text", "name"]), inner),
    max_leaves=5,
)
FIELDS = (
    "system", "tools", "tool_choice", "thinking", "output_config", "output_format", "metadata", "stop_sequences",
    "temperature", "messages", "container", "fallbacks",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), JSONS, max_size=4))
def test_whatever_json_comes_only_decode_errors_come_out(more: JSONObject) -> None:
    try:
        parse(**more)
    except ChatError as error:
        assert isinstance(error, DecodeError)  # noqa: PT017 - success is fine as well


def test_a_truth_in_the_place_of_a_number_is_none_and_stays_as_it_is() -> None:
    body: JSONObject = {"model": "m", "messages": [], "max_tokens": True, "temperature": False, "top_k": 1.5}
    options = Claude().parse(body).options
    assert (options.max_tokens, options.temperature, options.top_k) == (None, None, None)
    (native,) = options.native
    assert native.extra == {"max_tokens": True, "temperature": False, "top_k": 1.5}
