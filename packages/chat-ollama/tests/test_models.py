from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.capabilities import ModelPage, Models
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, ServerError
from chat_ollama.models import OllamaModels, seconds
from chat_ollama.provider import Ollama

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

LIST = OllamaModels(Ollama())
ORIGIN = LIST.provider.origin("")


def decode(body: JSON) -> ModelPage:
    return LIST.decode(WireResponse(body=dump(body)))


def test_ollama_offers_its_models() -> None:
    assert capability(Ollama(), Models) == LIST


def test_the_list_is_asked_for_without_a_body() -> None:
    wire = LIST.encode()
    assert (wire.method, wire.url, wire.body) == ("GET", "http://127.0.0.1:11434/api/tags", None)
    assert wire.headers == {"accept": "application/json"}


def test_a_model_is_read_whole() -> None:
    details: JSON = {"family": "qwen3", "context_length": 4096}
    page = decode({"models": [
        {"name": "m:latest", "model": "m:latest", "size": 7, "modified_at": "1970-01-02T00:00:00.123456789Z",
         "details": details},
    ], "later": 1})  # fmt: skip
    (model,) = page.models
    assert (model.id, model.name, model.context_tokens) == ("m:latest", None, 4096)
    assert model.created == pytest.approx(86400.123456)
    assert model.meta[ORIGIN]["size"] == 7
    assert model.meta[ORIGIN]["details"] == details
    assert (page.next, page.meta) == (None, {ORIGIN: {"later": 1}})


def test_a_second_name_is_kept_and_one_is_enough() -> None:
    one, other = decode({"models": [{"name": "a", "model": "b"}, {"name": "c"}]}).models
    assert [(one.id, one.name), (other.id, other.name)] == [("b", "a"), ("c", None)]


def test_a_server_without_models_says_null() -> None:
    assert decode({"models": None}).models == ()


@pytest.mark.parametrize("value", [None, 3, "lately"])
def test_a_date_that_cannot_be_read_is_none(value: JSON) -> None:
    assert seconds(value) is None


@pytest.mark.parametrize("body", [3, [], {}, {"models": 3}, {"models": [3]}, {"models": [{"name": 3}]}])
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(ServerError):
        decode({"error": "no"})
