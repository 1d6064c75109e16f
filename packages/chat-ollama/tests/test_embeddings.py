from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import pytest

from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse, Embeddings
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, ServerError, UnsupportedContent
from chat_core.response import Usage
from chat_ollama.embeddings import OllamaEmbeddings
from chat_ollama.provider import Ollama

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

EMBED = OllamaEmbeddings(Ollama())
ORIGIN = EMBED.provider.origin("m")
ASK = EmbeddingRequest(model="m", inputs=("one", "two"))


def decode(body: JSON) -> EmbeddingResponse:
    return EMBED.decode(ASK, WireResponse(body=dump(body)))


def test_ollama_offers_embeddings() -> None:
    assert capability(Ollama(), Embeddings) == EMBED


def test_texts_are_asked_for_in_one_request() -> None:
    wire = EMBED.encode(EmbeddingRequest(model="m", inputs=("a",), dimensions=3, extra={"truncate": False}))
    assert wire.url == "http://127.0.0.1:11434/api/embed"
    assert wire.body == {"model": "m", "input": ["a"], "dimensions": 3, "truncate": False}
    assert wire.notices == ()


def test_what_cannot_be_sent_is_a_notice_or_an_error() -> None:
    wire = EMBED.encode(EmbeddingRequest(model="m", inputs=("a",), encoding="base64", purpose="query", user="u"))
    assert [notice.feature for notice in wire.notices] == ["encoding", "purpose", "user"]
    with pytest.raises(UnsupportedContent, match="texts only"):
        EMBED.encode(EmbeddingRequest(model="m", inputs=((1, 2),)))


def test_vectors_come_in_order_with_what_else_is_said() -> None:
    response = decode({"model": "m", "embeddings": [[0.5, 1], [-1, 0]], "prompt_eval_count": 4, "load_duration": 7})
    assert response.vectors == (array("f", [0.5, 1]), array("f", [-1, 0]))
    assert (response.model, response.usage) == ("m", Usage(input_tokens=4, raw={"prompt_eval_count": 4}))
    assert response.meta == {ORIGIN: {"load_duration": 7}}


@pytest.mark.parametrize(
    "body",
    [
        {"model": "m", "input": ["a", "b"], "dimensions": 3, "truncate": True},
        {"model": "m", "input": [[1, 2]], "dimensions": "3"},
        {"model": "m"},
    ],
)
def test_a_body_is_read_and_spelled_again(body: JSONObject) -> None:
    spelled = EMBED.encode(EMBED.parse(body)).body
    assert isinstance(spelled, dict)
    assert spelled == {"input": [], **body}


def test_a_text_alone_is_a_list_of_one() -> None:
    assert EMBED.parse({"model": "m", "input": "a"}) == EmbeddingRequest(model="m", inputs=("a",))


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"embeddings": 3},
        {"embeddings": [3]},
        {"embeddings": [["a"]]},
        {"embeddings": [[True]]},
        {"embeddings": [[1e39]]},
        {"embeddings": [[10**400]]},
        {"embeddings": [], "model": 3},
        {"embedding": [0.5]},
    ],
)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(ServerError, match="no memory"):
        decode({"error": "no memory"})
