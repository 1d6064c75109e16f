"""Requests are spelled for the service in the process, and read back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedContent, UnsupportedTransport
from chat_core.jsonvalue import parse_object
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.options import Options
from chat_core.parts import Inline, Json, Media, Meta, Reasoning, Text, ToolCall, ToolResult
from chat_core.request import OutputFormat, Request
from chat_core.tools import Tool, ToolChoice
from chat_local import Local, LocalOptions

LOCAL = Local()
ASK = Request(model="m", messages=(user("Hi"),))
OWN: Meta = {LOCAL.origin("m"): {}}


def body(request: Request) -> dict[str, object]:
    wire = LOCAL.encode(request)
    assert isinstance(wire.body, dict)
    return dict(wire.body)


def test_the_plainest_request() -> None:
    assert body(ASK) == {"model": "m", "stream": False, "messages": [{"role": "user", "content": "Hi"}]}


def test_options_are_sent_by_their_names() -> None:
    native = LocalOptions(device="cpu", rows=2, format="llama", template={"style": "x"}, extra={"later": 1})
    sent = body(Request(model="m", messages=ASK.messages, options=Options(seed=1, stop=("a",), native=(native,))))
    assert sent["later"] == 1
    assert sent["options"] == {
        "seed": 1, "stop": ["a"], "device": "cpu", "rows": 2, "format": "llama", "template": {"style": "x"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("effort", "words"),
    [("none", {"enable_thinking": False}), ("high", {"enable_thinking": True, "reasoning_effort": "high"})],
)
def test_how_hard_to_think_is_a_word_for_the_template(effort: str, words: dict[str, object]) -> None:
    sent = body(Request(model="m", messages=ASK.messages, options=Options(reasoning_effort=effort)))
    assert sent["options"] == {"template": words}


def test_a_turn_with_tools_is_spelled() -> None:
    call = ToolCall(id="c", name="f", arguments={"a": 1})
    result = tool_results(ToolResult(call_id="c", content=(Json({"b": 2}),), is_error=True))
    told = (system("S"), user("Hi"), assistant(Reasoning("hm", meta=OWN), "Well.", call), result)
    sent = body(Request(model="m", messages=told, tools=(Tool(name="f"),)))
    assert sent["messages"] == [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "Hi"},
        {
            "role": "assistant",
            "content": "Well.",
            "reasoning_content": "hm",
            "tool_calls": [{"id": "c", "name": "f", "arguments": {"a": 1}}],
        },
        {"role": "tool", "tool_call_id": "c", "name": "f", "content": 'Error: {"b":2}'},
    ]


def test_a_transcript_goes_in_place_of_sound_and_an_image_is_refused() -> None:
    spoken = Media(kind="audio", source=Inline(b"x"), mime="audio/wav", transcript="hello")
    wire = LOCAL.encode(Request(model="m", messages=(user(spoken),)))
    assert [notice.feature for notice in wire.notices] == ["audio"]
    page = Media(kind="document", source=Inline(b"frogs"), mime="text/plain", name="pond.txt")
    asked = Request(model="m", messages=(user("What?", page),))
    written = LOCAL.encode(asked)
    assert body(asked)["messages"] == [{"role": "user", "content": "What?\n\npond.txt:\n\nfrogs\n\n"}]
    assert [(notice.feature, notice.applied) for notice in written.notices] == [("document", "text")]
    with pytest.raises(UnsupportedContent, match="no UTF-8 text"):
        LOCAL.encode(Request(model="m", messages=(user(replace(page, source=Inline(b"\xff"))),)))
    with pytest.raises(UnsupportedContent, match="leave the image out"):
        LOCAL.encode(Request(model="m", messages=(user(Media(kind="image", source=Inline(b"x"), mime="image/png")),)))


def test_a_call_cannot_be_required_of_no_tools_without_a_word() -> None:
    wire = LOCAL.encode(Request(model="m", messages=ASK.messages, tool_choice=ToolChoice(mode="required")))
    assert [notice.reason for notice in wire.notices] == ["no tools are offered"]


def test_only_the_local_channel_is_spoken() -> None:
    with pytest.raises(UnsupportedTransport, match="speaks no http"):
        LOCAL.encode(ASK, channel="http")


@pytest.mark.parametrize(
    "request_",
    [
        ASK,
        Request(model="m", messages=ASK.messages, output=OutputFormat(schema={"type": "object"})),
        Request(
            model="m",
            messages=(user("Hi"), assistant(ToolCall(id="c", name="f", raw="{"))),
            tools=(Tool(name="f", parameters={"type": "object"}),),
            tool_choice=ToolChoice(mode="required", names=("f",)),
        ),
        Request(
            model="m",
            messages=(Message(role="user", parts=(Text("Hi"),)),),
            options=Options(
                temperature=0, logprobs=True, top_logprobs=2, reasoning_effort="low", logit_bias={"7": 1.5}
            ),
        ),
    ],
)
def test_what_is_encoded_is_read_back(request_: Request) -> None:
    calls = [part for message in request_.messages for part in message.parts if isinstance(part, ToolCall)]
    answered = tuple(tool_results(ToolResult(call_id=call.id, name=call.name, content=(Text("x"),))) for call in calls)
    whole = Request(
        model="m", messages=(*request_.messages, *answered), tools=request_.tools,
        tool_choice=request_.tool_choice, output=request_.output, options=request_.options,
    )  # fmt: skip
    wire = LOCAL.encode(whole)
    assert isinstance(wire.body, dict)
    assert LOCAL.parse(parse_object(dump(wire.body))) == whole
