"""What is asked of Gemini's Interactions API is what Google's own client takes for a request.

Law: Google's types are asked, and where they are not installed the test says so.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chat_core.codec.wire import WireResponse, dump
from chat_core.messages import assistant, system, tool_results, user
from chat_core.options import Options
from chat_core.parts import URL, Inline, Json, Media, Text, ToolCall, ToolResult
from chat_core.request import OutputFormat, Request
from chat_core.tools import Tool, ToolChoice
from chat_gemini.interactions.options import (
    InteractionsOptions,
    code_execution,
    computer_use,
    file_search,
    google_maps,
    google_search,
    mcp_server,
    tool_search,
    url_context,
)
from chat_gemini.interactions.provider import Interactions

if TYPE_CHECKING:
    from chat_core.messages import Message
    from chat_core.parts import ResultPart

MODEL = "gemini-3.5-flash"
SERVICE = Interactions()
FIXTURES = Path(__file__).parents[1] / "packages" / "chat-gemini" / "tests" / "interactions" / "fixtures"
ANSWERS = sorted(path.parent.name for path in FIXTURES.glob("*/response.json") if path.parent.name != "failed")
PICTURE = Media(kind="image", source=Inline(b"\x89PNG\r\n\x1a\n00"), mime="image/png")
PAPER = Media(kind="document", source=URL("https://a.example/b.pdf"), mime="application/pdf")
CALL = ToolCall(id="1", name="f", arguments={"x": 1})
CONTENTS: dict[str, tuple[ResultPart, ...]] = {
    "a text": (Text("a"),),
    "an object": (Json({"a": 1}),),
    "an image": (Text("a"), PICTURE),
    "nothing": (),
}


def accepted(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return a body as Google's own client would send it."""
    types: Any = pytest.importorskip("google.genai.interactions")
    return dict(json.loads(getattr(types, kind).model_validate(body).model_dump_json(by_alias=True, exclude_none=True)))


def asked(*messages: Message, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of a request
    wire = SERVICE.encode(Request(model=MODEL, messages=messages, **more))
    assert not wire.notices
    return dict(json.loads(dump(wire.body if isinstance(wire.body, dict) else None)))


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_goes_back_as_google_takes_it(name: str) -> None:
    body = json.loads((FIXTURES / name / "response.json").read_bytes())["body"]
    answer = SERVICE.decode(Request(model=MODEL, messages=()), WireResponse(body=json.dumps(body).encode()))
    results = [ToolResult(call_id=call.id, name=call.name, content=(Text("a"),)) for call in answer.tool_calls]
    sent = asked(user("Hi"), answer.message, tool_results(*results) if results else user("On."))
    assert accepted("CreateModelInteraction", sent) == sent


@pytest.mark.parametrize("name", CONTENTS)
def test_results_and_media_are_sent_as_google_takes_them(name: str) -> None:
    result = ToolResult(call_id="1", name="f", content=CONTENTS[name], is_error=name == "a text")
    sent = asked(user("Hi", PICTURE, PAPER), assistant(CALL), tool_results(result))
    assert accepted("CreateModelInteraction", sent) == sent


def test_options_and_tools_are_sent_as_google_takes_them() -> None:
    own = InteractionsOptions(
        store=True,
        background=False,
        thinking_summaries="auto",
        labels={"a": "b"},
        environment="env_1",
        safety_settings=({"type": "harassment", "threshold": "block_none"},),
        webhook_config={"uris": ["https://a.example"]},
        previous_interaction_id="v1_1",
        speech_config=[{"voice": "Kore"}],
    )
    tools = (
        Tool(name="add", description="Add.", parameters={"type": "object", "properties": {}}),
        google_search(["web_search"]),
        url_context(),
        code_execution(),
        google_maps(latitude=1.0, longitude=2.0),
        file_search(["fileSearchStores/a"], top_k=2),
        computer_use("browser"),
        mcp_server("wiki", "https://wiki.example"),
        tool_search(execution="server"),
    )
    options = Options(
        max_tokens=5, temperature=1.0, top_p=0.5, seed=3, stop=("a",), reasoning_effort="low", service_tier="flex",
        native=(own,),
    )  # fmt: skip
    choice, form = ToolChoice(mode="required", names=("add",)), OutputFormat(schema={"type": "object"})
    sent = asked(system("Be brief."), user("Hi"), tools=tools, tool_choice=choice, output=form, options=options)
    assert accepted("CreateModelInteraction", sent) == sent


def test_an_agent_is_asked_as_google_takes_it() -> None:
    own = InteractionsOptions(
        agent="deep-research-preview-04-2026",
        agent_config={"type": "deep-research", "thinking_summaries": "auto"},
        background=True,
    )
    sent = asked(user("Hi"), options=Options(native=(own,)))
    assert accepted("CreateAgentInteraction", sent) == sent
