"""How the form of an answer can be asked for."""

from __future__ import annotations

import json

import pytest
from hosting import gemini, whole

from chat_core import Chat, output
from chat_core.request import OutputFormat
from chat_core.testing.loopback import Loopback
from chat_core.tools import Tool
from chat_gemini.output import GeminiOutput

SAID = whole({"candidates": [{"content": {"parts": [{"text": '{"a": 1}'}]}, "finishReason": "STOP"}]})


def test_a_schema_can_be_carried_in_every_way() -> None:
    assert GeminiOutput().strategies_for(OutputFormat(schema={"type": "object"})) == ("native", "tool", "prompted")


def test_any_json_can_be_asked_for_natively_and_no_tool_can_carry_it() -> None:
    assert GeminiOutput().json_mode
    assert GeminiOutput().strategies_for(OutputFormat(kind="json")) == ("native", "prompted")


@pytest.mark.parametrize(("tools", "held"), [((), {"responseMimeType": "application/json"}), ((Tool(name="f"),), None)])
def test_an_answer_asked_for_in_words_is_held_to_json_where_no_tools_are(
    tools: tuple[Tool, ...], held: dict[str, str] | None
) -> None:
    wanted = output(dict[str, int], strategy="prompted")
    with Loopback(SAID) as server, Chat("mine", provider=gemini(server.address), api_key="k") as chat:
        assert chat.complete("One?", output=wanted, tools=tools).output == {"a": 1}
    assert json.loads(server.asked[0].body).get("generationConfig") == held
