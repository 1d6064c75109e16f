from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hosting import gemini, whole

from chat_core import Chat
from chat_core.codec.capabilities import ModelPage, Models
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import AuthenticationFailed, DecodeError
from chat_core.testing.loopback import Loopback
from chat_gemini.models import GeminiModels
from chat_gemini.places import vertex
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

LIST = GeminiModels(Gemini())
ORIGIN = LIST.provider.origin("")
MODEL: JSON = {
    "name": "models/gemini-3.8-flash", "displayName": "Gemini 3.8 Flash", "version": "001", "inputTokenLimit": 1048576,
    "outputTokenLimit": 65536, "supportedGenerationMethods": ["generateContent"], "thinking": True,
}  # fmt: skip


def decode(body: JSON) -> ModelPage:
    return LIST.decode(WireResponse(body=dump(body)))


def test_gemini_offers_its_models() -> None:
    assert capability(Gemini(), Models) == LIST


def test_pages_are_as_long_as_they_can_be() -> None:
    wire = LIST.encode(after="t/1")
    assert (wire.method, wire.body) == ("GET", None)
    assert wire.url == "https://generativelanguage.googleapis.com/v1/models?pageSize=1000&pageToken=t%2F1"


def test_vertex_ai_lists_those_of_google() -> None:
    wire = GeminiModels(Gemini(place=vertex("p", "us-central1"))).encode()
    assert wire.url == ("https://us-central1-aiplatform.googleapis.com/v1beta1/publishers/google/models?pageSize=1000")


def test_a_model_is_read_whole() -> None:
    page = decode({"models": [MODEL], "nextPageToken": "t", "later": 1})
    (model,) = page.models
    assert (model.id, model.name) == ("gemini-3.8-flash", "Gemini 3.8 Flash")
    assert (model.context_tokens, model.max_output_tokens) == (1048576, 65536)
    assert model.meta[ORIGIN]["thinking"] is True
    assert model.meta[ORIGIN]["supportedGenerationMethods"] == ["generateContent"]
    assert (page.next, page.meta) == ("t", {ORIGIN: {"later": 1}})


def test_names_of_other_places_are_what_requests_take() -> None:
    names = ("publishers/google/models/gemini-3.8-flash", "tunedModels/mine")
    page = decode({"publisherModels": [{"name": name, "launchStage": "GA"} for name in names]})
    assert [model.id for model in page.models] == ["gemini-3.8-flash", "tunedModels/mine"]


def test_a_list_without_models_is_empty() -> None:
    assert decode({}).models == ()


def test_a_list_is_read_page_by_page() -> None:
    pages = (whole({"models": [MODEL], "nextPageToken": "t"}), whole({"models": [{"name": "models/m"}]}))
    with Loopback(*pages) as server, Chat("m", provider=gemini(server.address), api_key="k") as chat:
        assert [model.id for model in chat.models()] == ["gemini-3.8-flash", "m"]
    assert [asked.path for asked in server.asked] == [
        "/v1/models?pageSize=1000",
        "/v1/models?pageSize=1000&pageToken=t",
    ]
    assert {asked.headers["x-goog-api-key"] for asked in server.asked} == {"k"}


MALFORMED: tuple[JSON, ...] = (
    3, [], {"models": 3}, {"models": [3]}, {"models": [{}]}, {"models": [{"name": 3}]}, {"nextPageToken": 3},
     {"models": [{"name": "m", "inputTokenLimit": "many"}]},
)  # fmt: skip


@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(AuthenticationFailed):
        decode({"error": {"code": 401, "message": "no"}})
