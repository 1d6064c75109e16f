from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import pytest

from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse, Embeddings
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, RateLimited, UnsupportedContent
from chat_core.jsonvalue import parse_object
from chat_core.response import Usage
from chat_gemini.embeddings import GeminiEmbeddings
from chat_gemini.places import vertex
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

EMBED = GeminiEmbeddings(Gemini())
VERTEX = GeminiEmbeddings(Gemini(place=vertex("p", "global")))
MODELS = "https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global/publishers/google/models"
ORIGIN = EMBED.provider.origin("gemini-embedding-2")
TWO = EmbeddingRequest(model="gemini-embedding-2", inputs=("one", "two"))
ONE = EmbeddingRequest(model="gemini-embedding-2", inputs=("one",), dimensions=3, extra={"task_type": "CLUSTERING"})


def decode(body: JSON, embed: GeminiEmbeddings = EMBED) -> EmbeddingResponse:
    return embed.decode(TWO, WireResponse(body=dump(body)))


def test_gemini_offers_embeddings() -> None:
    assert capability(Gemini(), Embeddings) == EMBED


@pytest.mark.parametrize("asked", [TWO, ONE])
def test_the_developer_api_takes_one_text_as_it_takes_several(asked: EmbeddingRequest) -> None:
    wire = EMBED.encode(asked)
    assert wire.url == ("https://generativelanguage.googleapis.com/v1/models/gemini-embedding-2:batchEmbedContents")
    settings: JSONObject = {"outputDimensionality": 3, "taskType": "CLUSTERING"} if asked is ONE else {}
    assert wire.body == {
        "requests": [
            {"model": "models/gemini-embedding-2", "content": {"parts": [{"text": text}]}, **settings}
            for text in asked.inputs
        ]
    }


def test_vertex_ai_has_a_method_for_one_text_and_one_for_several() -> None:
    one, two = VERTEX.encode(ONE), VERTEX.encode(TWO)
    assert (one.url, two.url) == (
        f"{MODELS}/gemini-embedding-2:embedContent",
        f"{MODELS}/gemini-embedding-2:batchEmbedContents",
    )
    assert one.body == {
        "content": {"parts": [{"text": "one"}]},
        "embedContentConfig": {"outputDimensionality": 3, "taskType": "CLUSTERING"},
    }
    assert two.body == {"requests": [{"content": {"parts": [{"text": text}]}} for text in ("one", "two")]}


def test_older_models_of_vertex_ai_predict() -> None:
    asked = EmbeddingRequest(
        model="text-embedding-005",
        inputs=("a", "b"),
        dimensions=3,
        extra={"taskType": "CLUSTERING", "autoTruncate": True},
    )
    wire = VERTEX.encode(asked)
    assert wire.url == f"{MODELS}/text-embedding-005:predict"
    assert wire.body == {
        "instances": [{"content": text, "task_type": "CLUSTERING"} for text in "ab"],
        "parameters": {"outputDimensionality": 3, "autoTruncate": True},
    }


def test_a_model_that_takes_one_text_at_a_time_is_told_no_more() -> None:
    maas = "intfloat/multilingual-e5-large-instruct-maas"
    assert VERTEX.encode(EmbeddingRequest(model=maas, inputs=("a",))).url.endswith("-maas:embedContent")
    with pytest.raises(UnsupportedContent, match="one text at a time"):
        VERTEX.encode(EmbeddingRequest(model=maas, inputs=("a", "b")))


def test_what_cannot_be_sent_is_a_notice_or_an_error() -> None:
    wire = EMBED.encode(EmbeddingRequest(model="m", inputs=("a",), encoding="base64", user="u"))
    assert [notice.feature for notice in wire.notices] == ["encoding", "user"]
    with pytest.raises(UnsupportedContent, match="texts only"):
        EMBED.encode(EmbeddingRequest(model="m", inputs=((1, 2),)))


@pytest.mark.parametrize(
    ("purpose", "word"),
    [("query", "RETRIEVAL_QUERY"), ("document", "RETRIEVAL_DOCUMENT"), ("FACT_VERIFICATION", "FACT_VERIFICATION")],
)
def test_what_vectors_are_for_is_said_in_the_services_word(purpose: str, word: str) -> None:
    asked = EmbeddingRequest(model="gemini-embedding-001", inputs=("a",), purpose=purpose)
    assert EMBED.encode(asked).body == {
        "requests": [{"model": "models/gemini-embedding-001", "content": {"parts": [{"text": "a"}]}, "taskType": word}]
    }
    older = EmbeddingRequest(model="text-embedding-005", inputs=("a",), purpose=purpose)
    assert VERTEX.encode(older).body == {"instances": [{"content": "a", "task_type": word}]}


@pytest.mark.parametrize(
    ("purpose", "text"), [("query", "task: search result | query: a"), ("document", "title: none | text: a")]
)
def test_a_model_without_a_field_for_it_reads_it_in_the_text(purpose: str, text: str) -> None:
    wire = EMBED.encode(EmbeddingRequest(model="gemini-embedding-2", inputs=("a",), purpose=purpose))
    assert wire.body == {"requests": [{"model": "models/gemini-embedding-2", "content": {"parts": [{"text": text}]}}]}
    assert [(notice.feature, notice.requested) for notice in wire.notices] == [("purpose", purpose)]


def test_what_vectors_are_for_is_read_back() -> None:
    content: JSONObject = {"parts": [{"text": "a"}]}
    read = EMBED.parse({"content": content, "taskType": "RETRIEVAL_QUERY"}, model="gemini-embedding-001")
    assert (read.purpose, read.extra) == ("query", {})
    kept = EMBED.parse({"content": content, "taskType": "RETRIEVAL_QUERY"}, model="gemini-embedding-2")
    assert (kept.purpose, kept.extra) == (None, {"taskType": "RETRIEVAL_QUERY"})


def test_vectors_come_in_order_with_what_else_is_said() -> None:
    usage: JSONObject = {"promptTokenCount": 4}
    response = decode({"embeddings": [{"values": [0.5, 1]}, {"values": [-1, 0], "shape": [2]}], "usageMetadata": usage})
    assert response.vectors == (array("f", [0.5, 1]), array("f", [-1, 0]))
    assert response.usage == Usage(input_tokens=4, raw=usage)
    assert response.meta == {ORIGIN: {"embeddings": [{}, {"shape": [2]}]}}


def test_one_vector_is_read_as_well() -> None:
    response = decode({"embedding": {"values": [0.5]}, "truncated": False})
    assert response.vectors == (array("f", [0.5]),)
    assert response.meta == {ORIGIN: {"truncated": False}}
    assert response.usage is None


def test_predictions_are_vectors_whose_tokens_add_up() -> None:
    rows: list[JSON] = [
        {"embeddings": {"values": [0.5], "statistics": {"token_count": count, "truncated": False}}}
        for count in (10, 3.0)
    ]
    response = decode({"predictions": rows, "metadata": {"billableCharacterCount": 29}}, VERTEX)
    assert response.vectors == (array("f", [0.5]), array("f", [0.5]))
    assert response.usage == Usage(input_tokens=13)
    (meta,) = response.meta.values()
    assert meta["metadata"] == {"billableCharacterCount": 29}
    assert meta["predictions"] == [
        {"statistics": {"token_count": 10, "truncated": False}},
        {"statistics": {"token_count": 3.0, "truncated": False}},
    ]


@pytest.mark.parametrize("asked", [TWO, ONE])
@pytest.mark.parametrize("embed", [EMBED, VERTEX])
@pytest.mark.parametrize("model", ["gemini-embedding-2", "text-embedding-005"])
def test_a_body_is_read_and_spelled_again(asked: EmbeddingRequest, embed: GeminiEmbeddings, model: str) -> None:
    body = embed.encode(EmbeddingRequest(model=model, inputs=asked.inputs, dimensions=3, extra=asked.extra)).body
    assert isinstance(body, dict)
    assert embed.encode(embed.parse(parse_object(dump(body)), model=model)).body == body


def test_a_body_in_snake_case_is_read() -> None:
    content: JSONObject = {"parts": [{"text": "a"}]}
    body: JSONObject = {"model": "models/m", "content": content, "task_type": "CLUSTERING", "output_dimensionality": 3}
    assert EMBED.parse(body) == EmbeddingRequest(
        model="m", inputs=("a",), dimensions=3, extra={"taskType": "CLUSTERING"}
    )


UNREADABLE: tuple[JSONObject, ...] = (
    {},
    {"requests": [3]},
    {"requests": [{"content": {"parts": [{"text": "a"}, {"text": "b"}]}}]},
    {"requests": [{"content": {"parts": [{"inlineData": {}}]}}]},
    {"requests": [{"content": {"parts": [{"text": text}]}, "title": text} for text in "ab"]},
    {"instances": [{"text": "a"}]},
)


@pytest.mark.parametrize("body", UNREADABLE)
def test_a_body_that_cannot_be_read_is_an_error(body: JSONObject) -> None:
    with pytest.raises(DecodeError):
        EMBED.parse(body)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"embeddings": 3},
        {"embeddings": [3]},
        {"embeddings": [{"values": 3}]},
        {"embeddings": [{"values": ["a"]}]},
        {"embeddings": [{"values": [True]}]},
        {"embeddings": [{"values": [1e39]}]},
        {"embeddings": [{"values": [10**400]}]},
        {"embeddings": [], "usageMetadata": 3},
        {"embeddings": [], "usageMetadata": {"promptTokenCount": "x"}},
    ],
)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(RateLimited, match="no more"):
        decode({"error": {"code": 429, "message": "no more"}})
