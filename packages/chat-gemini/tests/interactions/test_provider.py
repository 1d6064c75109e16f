from __future__ import annotations

from datetime import UTC, datetime

from interacting import HELLO, MODEL, ORIGIN, SERVICE

import chat_gemini.interactions
from chat_core.codec.capabilities import StructuredOutput, Unchain
from chat_core.codec.provider import Secret, capability
from chat_core.plugins.registry import registry
from chat_core.plugins.spec import ProviderConfig
from chat_core.request import OutputFormat
from chat_gemini.interactions.options import (
    code_execution,
    computer_use,
    file_search,
    google_maps,
    google_search,
    mcp_server,
    retrieval,
    tool_search,
    url_context,
)
from chat_gemini.interactions.provider import Interactions
from chat_gemini.places import vertex


def test_it_is_found_by_its_name_and_placed_by_settings() -> None:
    spec = registry().provider("gemini-interactions")
    assert spec.env == ("GOOGLE_API_KEY", "GEMINI_API_KEY")
    assert spec.load(ProviderConfig()) == SERVICE
    placed = spec.load(ProviderConfig(settings={"vertex": True, "project": "p", "location": "us"}))
    assert placed == Interactions(place=vertex("p", "us"))


def test_a_key_goes_into_the_header_of_its_place() -> None:
    now, wire = datetime.now(UTC), SERVICE.encode(HELLO)
    assert SERVICE.authorize(wire, b"", Secret("k"), now) == {"x-goog-api-key": "k"}
    cloud = Interactions(place=vertex("p", "us"))
    assert cloud.authorize(wire, b"", Secret("ya29.token"), now) == {"authorization": "Bearer ya29.token"}


def test_private_data_belongs_to_a_place_and_a_family_of_models() -> None:
    assert ORIGIN == "gemini-interactions@generativelanguage.googleapis.com/interactions.gemini-3"
    assert SERVICE.origin("models/gemini-3.8-pro") == ORIGIN
    assert SERVICE.accepts(SERVICE.origin("gemini-4-argon"))
    assert not SERVICE.accepts("gemini@generativelanguage.googleapis.com/gemini-3")
    cloud = Interactions(place=vertex("p", "us"))
    assert not cloud.accepts(ORIGIN)
    assert cloud.accepts(cloud.origin(MODEL))
    assert not cloud.accepts(Interactions(place=vertex("q", "us")).origin(MODEL))


def test_it_offers_structured_output_and_repairs_chains() -> None:
    structured = capability(SERVICE, StructuredOutput)
    assert structured is not None
    assert structured.strategies == ("native", "tool", "prompted")
    assert structured.strategies_for(OutputFormat(kind="json")) == ("native", "prompted")
    assert structured.json_mode
    assert capability(SERVICE, Unchain) is not None


def test_tools_of_the_service_are_declared_as_the_wire_has_them() -> None:
    declared = [
        google_search(["web_search"]),
        url_context(),
        code_execution(),
        google_maps(latitude=1.0),
        file_search(["fileSearchStores/a"], top_k=3),
        computer_use("browser", enable_prompt_injection_detection=True),
        mcp_server("wiki", "https://wiki.example", headers={"a": "b"}),
        retrieval(retrieval_types=["rag_store"]),
        tool_search(execution="server"),
    ]
    assert {tool.provider for tool in declared} == {"gemini-interactions"}
    assert [tool.data for tool in declared] == [
        {"type": "google_search", "search_types": ["web_search"]},
        {"type": "url_context"},
        {"type": "code_execution"},
        {"type": "google_maps", "latitude": 1.0},
        {"type": "file_search", "file_search_store_names": ["fileSearchStores/a"], "top_k": 3},
        {"type": "computer_use", "environment": "browser", "enable_prompt_injection_detection": True},
        {"type": "mcp_server", "name": "wiki", "url": "https://wiki.example", "headers": {"a": "b"}},
        {"type": "retrieval", "retrieval_types": ["rag_store"]},
        {"type": "tool_search", "execution": "server"},
    ]


def test_public_names_are_loaded_when_they_are_used() -> None:
    for name in chat_gemini.interactions.__all__:
        assert getattr(chat_gemini.interactions, name).__name__ == name
    assert set(dir(chat_gemini.interactions)) >= set(chat_gemini.interactions.__all__)
