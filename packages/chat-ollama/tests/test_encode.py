"""Settings, tools and the body as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chat_core.codec.wire import dump
from chat_core.jsonvalue import parse_object
from chat_core.messages import assistant, user
from chat_core.options import Options
from chat_core.request import OutputFormat, Request
from chat_core.tools import NativeTool, Tool, ToolChoice
from chat_ollama.options import OllamaOptions, native_tool
from chat_ollama.provider import Ollama

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

OLLAMA = Ollama()
ADD = Tool(name="add", description="Adds.", parameters={"type": "object", "properties": {"a": {"type": "integer"}}})
SEE = Tool(name="see")
SPELLED: JSON = {"type": "function", "function": {"name": "add", "description": "Adds.", "parameters": ADD.parameters}}


def ask(**more: object) -> Request:
    return replace(Request(model="m", messages=(user("Hi"),)), **more)  # type: ignore[arg-type]


def settings(request: Request) -> JSONObject:
    body = OLLAMA.encode(request).body
    assert isinstance(body, dict)
    sent = parse_object(dump(body))
    return {key: value for key, value in sent.items() if key not in {"model", "messages", "stream"}}


def notices(request: Request) -> list[tuple[str, JSON]]:
    return [(notice.feature, notice.applied) for notice in OLLAMA.encode(request).notices]


def test_a_request_without_options_says_only_whether_it_is_streamed() -> None:
    assert OLLAMA.encode(ask()).body == {
        "model": "m",
        "stream": False,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    streamed = OLLAMA.encode(ask(), stream=True).body
    assert isinstance(streamed, dict)
    assert streamed["stream"] is True


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (Options(max_tokens=9, temperature=0.0), {"options": {"num_predict": 9, "temperature": 0.0}}),
        (Options(top_p=0.5, top_k=0, min_p=0.1), {"options": {"top_p": 0.5, "top_k": 0, "min_p": 0.1}}),
        (Options(stop=("a", "b"), seed=0), {"options": {"stop": ["a", "b"], "seed": 0}}),
        (Options(logprobs=True, top_logprobs=2), {"logprobs": True, "top_logprobs": 2}),
        (Options(logprobs=False), {"logprobs": False}),
        (Options(reasoning_effort="none"), {"think": False}),
        (Options(reasoning_effort="high"), {"think": "high"}),
        (Options(reasoning_effort="utmost"), {"think": "utmost"}),
        (Options(reasoning_tokens=0), {"think": False}),
        (Options(n=1), {}),
    ],
)
def test_a_portable_option_is_sent_by_the_wires_name(options: Options, sent: JSONObject) -> None:
    request = ask(options=options)
    assert settings(request) == sent
    assert notices(request) == []


@pytest.mark.parametrize(
    ("native", "sent"),
    [
        (OllamaOptions(think=True), {"think": True}),
        (OllamaOptions(format="json"), {"format": "json"}),
        (OllamaOptions(keep_alive=0), {"keep_alive": 0}),
        (OllamaOptions(keep_alive="5m"), {"keep_alive": "5m"}),
        (OllamaOptions(truncate=False, shift=False), {"truncate": False, "shift": False}),
        (OllamaOptions(num_ctx=8192, use_mmap=False), {"options": {"num_ctx": 8192, "use_mmap": False}}),
        (OllamaOptions(num_ctx=1, options={"num_ctx": 2, "mirostat": 1}), {"options": {"num_ctx": 2, "mirostat": 1}}),
        (OllamaOptions(extra={"later": {"a": None}}), {"later": {"a": None}}),
    ],
)  # fmt: skip
def test_a_native_option_is_sent_as_it_is(native: OllamaOptions, sent: JSONObject) -> None:
    assert settings(ask(options=Options(native=(native,)))) == sent


@pytest.mark.parametrize(
    ("options", "feature", "applied"),
    [
        (Options(reasoning_effort="minimal"), "reasoning_effort", "low"),
        (Options(reasoning_effort="xhigh"), "reasoning_effort", "max"),
        (Options(reasoning_tokens=99), "reasoning_tokens", None),
        (Options(reasoning_effort="low", native=(OllamaOptions(think=False),)), "reasoning_effort", False),
        (Options(n=2), "n", 1),
        (Options(parallel_tool_calls=False), "parallel_tool_calls", None),
        (Options(logit_bias={"1": 2.0}), "logit_bias", None),
        (Options(user="u"), "user", None),
        (Options(service_tier="fast"), "service_tier", None),
    ],
)
def test_what_cannot_be_sent_as_asked_is_a_notice(options: Options, feature: str, applied: JSON) -> None:
    assert notices(ask(options=options)) == [(feature, applied)]


def test_the_form_of_the_answer_travels_whole() -> None:
    schema: JSONObject = {"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"minimum": 3}}}
    assert settings(ask(output=OutputFormat(schema=schema, strict=True))) == {"format": schema}
    assert settings(ask(output=OutputFormat(kind="json"))) == {"format": "json"}


def test_what_a_form_says_beside_its_schema_is_a_notice() -> None:
    request = ask(
        output=OutputFormat(schema={}, name="n", description="d", strict=False),
        options=Options(native=(OllamaOptions(format="json"),)),
    )
    assert [feature for feature, _ in notices(request)] == [
        "output.name", "output.description", "output.strict", "output",
    ]  # fmt: skip
    assert settings(request) == {"format": "json"}


def test_a_tool_is_a_function_and_keeps_what_stood_beside_it() -> None:
    later = replace(ADD, meta={OLLAMA.origin("m"): {"x_new": 1, "function": {"x_inner": 2}}})
    assert settings(ask(tools=(ADD, SEE))) == {"tools": [SPELLED, {"type": "function", "function": {"name": "see"}}]}
    sent = settings(ask(tools=(later,)))["tools"]
    assert sent == [
        {
            "type": "function",
            "function": {"name": "add", "description": "Adds.", "parameters": ADD.parameters, "x_inner": 2},
            "x_new": 1,
        }
    ]


def test_tools_of_the_wire_are_sent_and_those_of_others_are_not() -> None:
    request = ask(tools=(native_tool({"type": "web"}), NativeTool(provider="claude", data={"type": "bash"})))
    assert settings(request) == {"tools": [{"type": "web"}]}
    assert notices(request) == [("tool", None)]


def test_strictness_is_a_notice() -> None:
    assert notices(ask(tools=(replace(ADD, strict=True),))) == [("strict", None)]


@pytest.mark.parametrize(
    ("choice", "names", "said"),
    [
        (None, ["add", "see"], []),
        (ToolChoice(mode="auto"), ["add", "see"], []),
        (ToolChoice(mode="none"), [], ["no tools are sent"]),
        (ToolChoice(mode="auto", names=("see",)), ["see"], ["only these tools are sent"]),
        (ToolChoice(mode="required"), ["add", "see"], ["auto"]),
        (ToolChoice(mode="required", names=("add",)), ["add"], ["only these tools are sent", "auto"]),
    ],
)
def test_tools_that_may_not_be_called_are_not_sent(
    choice: ToolChoice | None, names: list[str], said: list[str]
) -> None:
    request = ask(tools=(ADD, SEE), tool_choice=choice)
    tools = settings(request).get("tools", [])
    assert isinstance(tools, list)
    sent = [tool["function"] for tool in tools if isinstance(tool, dict)]
    assert [function["name"] for function in sent if isinstance(function, dict)] == names
    assert [applied for _, applied in notices(request)] == said


def test_appending_a_turn_changes_no_earlier_byte() -> None:
    short = ask(options=Options(temperature=1.0))
    long = replace(short, messages=(*short.messages, assistant("Hello."), user("Bye")))
    one, other = OLLAMA.encode(short).body, OLLAMA.encode(long).body
    assert isinstance(one, dict)
    assert isinstance(other, dict)
    assert dump(other).startswith(dump(one).removesuffix(b"]}"))
