from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_completions.models import CompletionsModels
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.capabilities import ModelPage, Models
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse
from chat_core.errors import AuthenticationFailed, DecodeError

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

LIST = CompletionsModels(Completions(PRESETS["openai-chat"]))
ORIGIN = LIST.provider.origin("")


def decode(body: JSON) -> ModelPage:
    return LIST.decode(WireResponse(body=json.dumps(body).encode()))


def test_a_preset_that_lists_models_offers_it() -> None:
    assert capability(Completions(PRESETS["openai-chat"]), Models) == LIST


def test_the_list_is_got_from_the_service() -> None:
    wire = LIST.encode()
    assert (wire.method, wire.url, wire.body) == ("GET", "https://api.openai.com/v1/models", None)
    assert LIST.encode(after="a/b").url.endswith("/models?after=a%2Fb")


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("perplexity", "https://api.perplexity.ai/v1/models"),
        ("heroku", "https://us.inference.heroku.com/available-models"),
    ],
)
def test_the_list_is_got_from_where_the_row_says(name: str, url: str) -> None:
    assert CompletionsModels(Completions(PRESETS[name])).encode().url == url


def test_models_keep_their_order_and_what_is_said_about_them() -> None:
    page = decode({"object": "list", "data": [
        {"id": "b", "object": "model", "created": 7, "owned_by": "x"},
        {"id": "a", "object": "model", "name": "A", "architecture": {"modality": "text"}},
    ]})  # fmt: skip
    second, first = page.models
    assert (second.id, second.created, second.meta) == ("b", 7.0, {ORIGIN: {"created": 7, "owned_by": "x"}})
    assert (first.id, first.name) == ("a", "A")
    assert first.meta[ORIGIN]["architecture"] == {"modality": "text"}
    assert page.next is None


@pytest.mark.parametrize(
    ("facts", "context", "output"),
    [
        ({"context_length": 8, "top_provider": {"max_completion_tokens": 4}}, 8, 4),
        ({"context_window": 8, "max_completion_tokens": 4}, 8, 4),
        ({"max_context_length": 8}, 8, None),
        ({"max_model_len": 8}, 8, None),
        ({"capabilities": {"limits": {"max_context_window_tokens": 8, "max_output_tokens": 4}}}, 8, 4),
        ({"model_spec": {"availableContextTokens": 8, "maxCompletionTokens": 4}}, 8, 4),
        ({"meta": {"n_ctx": 8}}, 8, None),
        ({"context_length": "8"}, None, None),
        ({"context_length": None, "meta": []}, None, None),
    ],
)
def test_limits_are_found_where_services_put_them(facts: JSONObject, context: int | None, output: int | None) -> None:
    (model,) = decode({"data": [{"id": "m", **facts}]}).models
    assert (model.context_tokens, model.max_output_tokens) == (context, output)


def test_a_plain_list_is_a_page_too() -> None:
    page = decode([{"model_id": "m", "state": "active"}])
    assert [(model.id, model.meta) for model in page.models] == [("m", {ORIGIN: {"state": "active"}})]


def test_a_service_without_models_says_null() -> None:
    assert decode({"object": "list", "data": None}).models == ()


def test_some_services_call_things_otherwise() -> None:
    page = decode({"models": [{"slug": "m", "title": "M"}], "etag": "e"})
    assert [(model.id, model.meta) for model in page.models] == [("m", {ORIGIN: {"title": "M"}})]
    assert page.meta == {ORIGIN: {"etag": "e"}}


def test_a_further_page_is_named_by_the_last_id() -> None:
    assert decode({"data": [], "has_more": True, "last_id": "m"}).next == "m"
    assert decode({"data": [], "has_more": False, "last_id": "m"}).next is None


def test_nothing_beside_the_list_is_lost() -> None:
    assert decode({"data": [], "models": [{"name": "m"}]}).meta == {ORIGIN: {"models": [{"name": "m"}]}}


@pytest.mark.parametrize(
    "body", [3, {}, {"data": 3}, {"data": [3]}, {"data": [{"title": "m"}]}, [{"id": 3}], {"data": {}, "models": []}]
)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(AuthenticationFailed):
        decode({"error": {"message": "no", "code": "invalid_api_key"}})
