from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from interacting import HELLO, MODEL, SERVICE, body_of, encoded, native

from chat_core.errors import UnsupportedTransport
from chat_core.messages import user
from chat_core.options import Options
from chat_core.request import OutputFormat, Request
from chat_core.tools import NativeTool, Tool, ToolChoice
from chat_gemini.interactions.options import InteractionsOptions, google_search
from chat_gemini.interactions.provider import Interactions
from chat_gemini.places import developer, vertex

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

SCHEMA: JSONObject = {"type": "object", "properties": {"a": {"type": "integer"}}}
ADD = Tool(name="add", description="Add.", parameters=SCHEMA)


def asked(**more: object) -> tuple[JSONObject, list[tuple[str, JSON]]]:
    wire = SERVICE.encode(Request(model=MODEL, messages=(user("Hi"),), **more))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - each test names fields that there are
    return body_of(wire), [(notice.feature, notice.applied) for notice in wire.notices]


def test_a_request_goes_to_one_endpoint_and_says_which_revision_it_speaks() -> None:
    wire = Interactions(headers={"x-mine": "1"}).encode(HELLO, stream=True)
    assert wire.url == "https://generativelanguage.googleapis.com/v1/interactions"
    assert wire.headers == {"api-revision": "2026-05-20", "content-type": "application/json", "x-mine": "1"}
    assert body_of(wire)["stream"] is True
    assert wire.framer is not None
    assert "stream" not in encoded(user("Hi"))


def test_other_places_have_other_addresses() -> None:
    beta = Interactions(place=developer("https://proxy.example/v1beta"))
    assert beta.encode(HELLO).url == "https://proxy.example/v1beta/interactions"
    cloud = Interactions(place=vertex("p", "europe-west4"))
    path = "/v1beta1/projects/p/locations/europe-west4/interactions"
    assert cloud.encode(HELLO).url == f"https://europe-west4-aiplatform.googleapis.com{path}"
    with pytest.raises(UnsupportedTransport, match="http only"):
        SERVICE.encode(HELLO, channel="websocket")


def test_portable_options_are_members_of_the_generation_config() -> None:
    options = Options(
        max_tokens=9, temperature=0, top_p=0.5, seed=7, stop=("a",), reasoning_effort="low", service_tier="flex", n=1
    )
    body, notices = asked(options=options)
    assert notices == []
    assert body["service_tier"] == "flex"
    assert body["generation_config"] == {
        "max_output_tokens": 9,
        "temperature": 0,
        "top_p": 0.5,
        "seed": 7,
        "stop_sequences": ["a"],
        "thinking_level": "low",
    }


def test_options_without_a_field_are_noticed() -> None:
    _, notices = asked(options=Options(top_k=3, logprobs=True, n=2, reasoning_tokens=5))
    assert [name for name, _ in notices] == ["top_k", "logprobs", "n", "reasoning_tokens"]


def test_native_options_are_sent_as_they_are_called() -> None:
    values: JSONObject = {
        "agent_config": {"type": "deep-research"},
        "background": True,
        "cached_content": "cachedContents/1",
        "environment": "env_1",
        "labels": {"a": "b"},
        "previous_interaction_id": "v1_9",
        "response_format": {"type": "audio"},
        "response_mime_type": "text/plain",
        "safety_settings": [{"type": "a", "threshold": "b"}],
        "store": False,
        "webhook_config": {"uris": ["u"]},
    }
    given = {**values, "safety_settings": ({"type": "a", "threshold": "b"},)}
    body = encoded(user("Hi"), options=native(**given, response_modalities=("text", "audio"), extra={"new": 1}))
    assert {key: body[key] for key in values} == values
    assert (body["response_modalities"], body["new"]) == (["text", "audio"], 1)


def test_settings_of_media_and_thought_are_members_of_the_generation_config() -> None:
    own = InteractionsOptions(
        thinking_summaries="auto",
        image_config={"image_size": "2K"},
        speech_config=[{"voice": "Kore"}],
        tool_choice="validated",
        generation_config={"image_config": {"aspect_ratio": "1:1"}, "weight": 1},
    )
    body, _ = asked(options=Options(temperature=1.0, native=(own,)))
    assert body["generation_config"] == {
        "temperature": 1.0,
        "image_config": {"image_size": "2K", "aspect_ratio": "1:1"},
        "speech_config": [{"voice": "Kore"}],
        "thinking_summaries": "auto",
        "tool_choice": "validated",
        "weight": 1,
    }


def test_an_agent_answers_in_place_of_a_model() -> None:
    body = encoded(user("Hi"), options=native(agent="deep-research-preview-04-2026"))
    assert body["agent"] == "deep-research-preview-04-2026"
    assert "model" not in body


def test_tools_and_the_choice_among_them_are_sent() -> None:
    body, notices = asked(tools=(ADD, google_search()), tool_choice=ToolChoice(mode="required", names=("add",)))
    assert notices == []
    assert body["tools"] == [
        {"type": "function", "name": "add", "description": "Add.", "parameters": SCHEMA},
        {"type": "google_search"},
    ]
    assert body["generation_config"] == {"tool_choice": {"allowed_tools": {"mode": "any", "tools": ["add"]}}}
    plain, _ = asked(tools=(ADD,), tool_choice=ToolChoice(mode="none"))
    assert plain["generation_config"] == {"tool_choice": "none"}


def test_what_of_tools_cannot_be_sent_is_noticed() -> None:
    stranger = NativeTool(provider="claude", data={"type": "web"})
    body, notices = asked(tools=(stranger,), tool_choice=ToolChoice())
    assert "tools" not in body
    assert [name for name, _ in notices] == ["tools", "tool_choice"]
    _, notices = asked(tools=(Tool(name="a", strict=True),), tool_choice=ToolChoice(mode="none", names=("a",)))
    assert [name for name, _ in notices] == ["strict", "tool_choice"]
    _, notices = asked(tools=(ADD,), tool_choice=ToolChoice(), options=native(tool_choice="validated"))
    assert notices == [("tool_choice", "validated")]


def test_the_form_of_an_answer_is_its_response_format() -> None:
    body, _ = asked(output=OutputFormat(schema=SCHEMA, name="a"))
    assert body["response_format"] == {"type": "text", "mime_type": "application/json", "schema": SCHEMA}
    body, _ = asked(output=OutputFormat(kind="json"))
    assert body["response_format"] == {"type": "text", "mime_type": "application/json"}
    body, notices = asked(output=OutputFormat(schema=SCHEMA), options=native(response_format={"type": "audio"}))
    assert (body["response_format"], notices) == ({"type": "audio"}, [("output", {"type": "audio"})])


def test_what_a_form_is_called_has_no_field_and_a_notice() -> None:
    plain, none = asked(output=OutputFormat(schema=SCHEMA, strict=True))
    named, notices = asked(output=OutputFormat(schema=SCHEMA, name="sum", description="A sum.", strict=False))
    assert (named, none) == (plain, [])
    assert [feature for feature, _ in notices] == ["output.name", "output.description", "output.strict"]


def test_a_tool_of_another_wire_is_left_out_and_its_token_is_not_told() -> None:
    server = NativeTool(provider="responses", data={"type": "mcp", "authorization": "tok-1"})
    wire = SERVICE.encode(Request(model=MODEL, messages=(user("Hi"),), tools=(server,)))
    assert [notice.requested for notice in wire.notices] == ["mcp"]
    assert "tok-1" not in repr(wire)


def test_options_that_hold_tokens_are_not_shown() -> None:
    secret: JSONObject = {"key": "tok-1"}
    options = InteractionsOptions(environment=secret, webhook_config=secret, continuation_token="tok-1")
    assert "tok-1" not in repr(options)
