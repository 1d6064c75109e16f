"""Settings, tools and the body as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chat_claude import options as native
from chat_claude.encode import DEFAULT_MAX_TOKENS
from chat_claude.options import ClaudeOptions
from chat_claude.provider import Claude
from chat_core.codec.wire import dump
from chat_core.jsonvalue import parse_object
from chat_core.messages import assistant, system, tool_results, user
from chat_core.options import Options
from chat_core.parts import Reasoning, Text, ToolCall, ToolResult
from chat_core.request import OutputFormat, Request
from chat_core.tools import NativeTool, Tool, ToolChoice

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message

CLAUDE = Claude()
NEW = Claude(version="2026-10-21")
ADD = Tool(name="add", description="Adds.", parameters={"type": "object", "properties": {"a": {"type": "integer"}}})


def ask(options: Options | None = None, **more: object) -> Request:
    request = Request(model="m", messages=(user("Hi"),), options=replace(options or Options(), max_tokens=9))
    return replace(request, **more)  # type: ignore[arg-type]


def sent_bytes(request: Request, provider: Claude = CLAUDE) -> bytes:
    body = provider.encode(request).body
    assert isinstance(body, dict)
    return dump(body)


def settings(request: Request, provider: Claude = CLAUDE) -> JSONObject:
    body = parse_object(sent_bytes(request, provider))
    return {key: value for key, value in body.items() if key not in {"model", "max_tokens", "messages"}}


def features(request: Request, provider: Claude = CLAUDE) -> list[str]:
    return [notice.feature for notice in provider.encode(request).notices]


def test_a_request_without_options_sends_what_the_wire_requires() -> None:
    wire = CLAUDE.encode(Request(model="m", messages=(system("S"), user("Hi"))))
    assert wire.body == {
        "model": "m",
        "max_tokens": DEFAULT_MAX_TOKENS,
        "system": [{"type": "text", "text": "S"}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    }
    assert [(notice.feature, notice.applied) for notice in wire.notices] == [("max_tokens", DEFAULT_MAX_TOKENS)]


@pytest.mark.parametrize(
    "options", [Options(reasoning_tokens=5000), Options(native=(ClaudeOptions(thinking=native.budget(5000)),))]
)
def test_the_default_limit_leaves_room_beside_the_thinking(options: Options) -> None:
    body = CLAUDE.encode(Request(model="m", messages=(user("Hi"),), options=options)).body
    assert isinstance(body, dict)
    assert body["max_tokens"] == DEFAULT_MAX_TOKENS + 5000


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (Options(temperature=0.0, top_p=0.5, top_k=0), {"temperature": 0.0, "top_p": 0.5, "top_k": 0}),
        (Options(stop=("a", "b")), {"stop_sequences": ["a", "b"]}),
        (Options(stop=()), {"stop_sequences": []}),
        (Options(user="u", service_tier="auto"), {"metadata": {"user_id": "u"}, "service_tier": "auto"}),
        (Options(reasoning_effort="high"), {"output_config": {"effort": "high"}}),
        (Options(reasoning_effort="none"), {"thinking": {"type": "disabled"}}),
        (Options(reasoning_tokens=2048), {"thinking": {"type": "enabled", "budget_tokens": 2048}}),
        (Options(reasoning_tokens=0), {"thinking": {"type": "disabled"}}),
        (
            Options(reasoning_effort="low", native=(ClaudeOptions(thinking=native.adaptive()),)),
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}},
        ),
        (Options(n=1, logprobs=False), {}),
    ],
)
def test_an_option_is_sent_without_a_notice(options: Options, sent: JSONObject) -> None:
    assert settings(ask(options)) == sent
    assert features(ask(options)) == []


@pytest.mark.parametrize(
    ("options", "feature", "sent"),
    [
        (Options(seed=0), "seed", {}),
        (Options(n=2), "n", {}),
        (Options(min_p=0.1), "min_p", {}),
        (Options(frequency_penalty=0.1), "frequency_penalty", {}),
        (Options(presence_penalty=0.1), "presence_penalty", {}),
        (Options(logit_bias={"1": 2.0}), "logit_bias", {}),
        (Options(logprobs=True), "logprobs", {}),
        (Options(top_logprobs=2), "top_logprobs", {}),
        (Options(parallel_tool_calls=True), "parallel_tool_calls", {}),
        (Options(reasoning_effort="minimal"), "reasoning_effort", {"output_config": {"effort": "low"}}),
        (
            Options(reasoning_effort="none", reasoning_tokens=2048),
            "reasoning_effort",
            {"thinking": {"type": "enabled", "budget_tokens": 2048}},
        ),
        (
            Options(reasoning_tokens=2048, native=(ClaudeOptions(thinking=native.adaptive()),)),
            "reasoning_tokens",
            {"thinking": {"type": "adaptive"}},
        ),
        (
            Options(reasoning_effort="low", native=(ClaudeOptions(output_config={"effort": "max"}),)),
            "reasoning_effort",
            {"output_config": {"effort": "max"}},
        ),
    ],
)
def test_an_option_that_cannot_be_sent_is_noticed(options: Options, feature: str, sent: JSONObject) -> None:
    assert features(ask(options)) == [feature]
    assert settings(ask(options)) == sent


def test_the_new_version_takes_no_sampling_parameters() -> None:
    request = ask(Options(temperature=1.0, top_p=1.0, top_k=1))
    assert settings(request, NEW) == {}
    assert features(request, NEW) == ["temperature", "top_p", "top_k"]


def test_a_schema_travels_whole() -> None:
    schema: JSONObject = {
        "$defs": {"a": {"enum": [1]}},
        "type": "object",
        "properties": {"x": {"$ref": "#/$defs/a"}},
        "additionalProperties": False,
    }
    request = ask(output=OutputFormat(schema=schema, strict=True), tools=(replace(ADD, parameters=schema),))
    sent = settings(request)
    assert sent["output_config"] == {"format": {"type": "json_schema", "schema": schema}}
    assert sent["tools"] == [{"name": "add", "description": "Adds.", "input_schema": schema}]
    assert features(request) == []


@pytest.mark.parametrize(
    ("output", "feature"),
    [(OutputFormat(kind="json"), "output"), (OutputFormat(schema={}, strict=False), "output.strict")],
)
def test_a_form_that_the_wire_lacks_is_noticed(output: OutputFormat, feature: str) -> None:
    assert features(ask(output=output)) == [feature]


def test_tools_are_declared_and_those_of_others_are_left_out() -> None:
    mine = Tool(name="now", strict=True, meta={CLAUDE.origin("m"): {"defer_loading": True}, "x": {"y": 1}})
    theirs = NativeTool(provider="other", data={"type": "search"})
    request = ask(tools=(ADD, mine, native.web_search(), theirs))
    assert settings(request)["tools"] == [
        {"name": "add", "description": "Adds.", "input_schema": ADD.parameters},
        {
            "name": "now",
            "input_schema": {"type": "object", "properties": {}, "additionalProperties": False},
            "strict": True,
            "defer_loading": True,
        },
        {"type": "web_search_20260318", "name": "web_search"},
    ]
    assert features(request) == ["tool"]


@pytest.mark.parametrize(
    ("choice", "parallel", "sent", "noticed"),
    [
        (ToolChoice(), None, {"type": "auto"}, []),
        (ToolChoice(mode="required"), None, {"type": "any"}, []),
        (ToolChoice(mode="none"), None, {"type": "none"}, []),
        (ToolChoice(mode="required", names=("add",)), None, {"type": "tool", "name": "add"}, []),
        (ToolChoice(mode="required", names=("a", "b")), None, {"type": "any"}, ["tool_choice"]),
        (ToolChoice(names=("a",)), None, {"type": "auto"}, ["tool_choice"]),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}, []),
        (ToolChoice(mode="required"), True, {"type": "any", "disable_parallel_tool_use": False}, []),
        (ToolChoice(mode="none"), False, {"type": "none"}, ["parallel_tool_calls"]),
    ],
)
def test_the_choice_of_tools_is_spelled(
    choice: ToolChoice | None, parallel: bool | None, sent: JSON, noticed: list[str]
) -> None:
    request = ask(Options(parallel_tool_calls=parallel), tools=(ADD,), tool_choice=choice)
    assert settings(request)["tool_choice"] == sent
    assert features(request) == noticed


@pytest.mark.parametrize("choice", [ToolChoice(mode="required"), ToolChoice(mode="required", names=("add",))])
def test_a_thinking_budget_leaves_the_choice_of_tools_to_the_model(choice: ToolChoice) -> None:
    budget = ask(Options(reasoning_tokens=2048), tools=(ADD,), tool_choice=choice)
    assert settings(budget)["tool_choice"] == {"type": "auto"}
    assert features(budget) == ["tool_choice"]
    adaptive = ask(Options(native=(ClaudeOptions(thinking=native.adaptive()),)), tools=(ADD,), tool_choice=choice)
    assert settings(adaptive)["tool_choice"] != {"type": "auto"}


CALLED = assistant(ToolCall(id="t", name="add", arguments={}))
THOUGHT = replace(
    CALLED, parts=(Reasoning("hm", signature="s", meta={CLAUDE.origin("m"): {"type": "thinking"}}), *CALLED.parts)
)
RESULT = tool_results(ToolResult(call_id="t", content=(Text("1"),)))
AGAIN = (
    assistant(ToolCall(id="u", name="add", arguments={})),
    tool_results(ToolResult(call_id="u", content=(Text("2"),))),
)


@pytest.mark.parametrize(
    ("turn", "thinks"),
    [
        ((CALLED, RESULT), False),
        ((THOUGHT, RESULT), True),
        ((THOUGHT, RESULT, *AGAIN), True),
        ((CALLED, RESULT, *AGAIN), False),
        ((CALLED, RESULT, assistant("1"), user("And?")), True),
        ((), True),
    ],
)
def test_a_turn_that_has_lost_its_thinking_goes_on_without_a_budget(turn: tuple[Message, ...], thinks: bool) -> None:
    request = ask(Options(reasoning_tokens=2048), tools=(ADD,), messages=(user("Hi"), *turn))
    kind = "enabled" if thinks else "disabled"
    assert parse_object(dump(settings(request)["thinking"]))["type"] == kind
    assert features(request) == ([] if thinks else ["thinking"])


def test_extra_fields_are_sent_as_they_are_and_win() -> None:
    request = ask(
        Options(temperature=0.5, native=(ClaudeOptions(extra={"temperature": 0.1, "anthropic_beta": ["b"]}),))
    )
    assert settings(request) == {"temperature": 0.1, "anthropic_beta": ["b"]}


def test_appending_a_turn_never_changes_earlier_bytes() -> None:
    turns = [
        system("S"), user("Hi"), assistant("Ho", ToolCall(id="t", name="add", arguments={"a": 1})),
        tool_results(ToolResult(call_id="t", content=(Text("1"),))), assistant("One."), user("And?"),
        system("Be brief."),
    ]  # fmt: skip
    whole = sent_bytes(ask(tools=(ADD,), messages=tuple(turns)))
    for count in (2, 4, 5, 6):
        part = sent_bytes(ask(tools=(ADD,), messages=tuple(turns[:count])))
        assert part.endswith(b"]}")
        assert whole.startswith(part[:-2])


def test_a_choice_among_tools_that_are_all_left_out_is_left_out_too() -> None:
    request = ask(tools=(NativeTool(provider="elsewhere", data={}),), tool_choice=ToolChoice(mode="required"))
    assert "tool_choice" not in settings(request)
    assert "tool_choice" in features(request)


def test_the_name_of_a_schema_is_noticed() -> None:
    request = ask(output=OutputFormat(schema={"type": "object"}, name="answer", description="what is asked"))
    assert {"output.name", "output.description"} <= set(features(request))
