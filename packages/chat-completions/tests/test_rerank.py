from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_completions.rerank import CompletionsRerank
from chat_core import Chat
from chat_core.codec.provider import capability
from chat_core.codec.rerank import Rerank, RerankRequest, RerankResponse
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, InvalidRequest, ProviderError
from chat_core.testing.loopback import Answer, Loopback

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

OPENROUTER = CompletionsRerank(Completions(PRESETS["openrouter"]))
VOYAGE = CompletionsRerank(Completions(PRESETS["voyage"]))
LLAMACPP = CompletionsRerank(Completions(PRESETS["llamacpp"]))
ASKED = RerankRequest(model="m", query="what is ruby", documents=("Paris", "Ruby", "Rails"))
ROWS: list[JSON] = [{"index": 1, "relevance_score": 0.5}, {"index": 2, "relevance_score": 0.25}]


def decode(body: JSON, request: RerankRequest = ASKED, service: CompletionsRerank = OPENROUTER) -> RerankResponse:
    return service.decode(request, WireResponse(body=dump(body)))


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("openrouter", "https://openrouter.ai/api/v1/rerank"),
        ("voyage", "https://api.voyageai.com/v1/rerank"),
        ("together", "https://api.together.ai/v1/rerank"),
        ("litellm", "http://localhost:4000/v1/rerank"),
        ("vllm", "http://localhost:8000/v1/rerank"),
        ("llamacpp", "http://localhost:8080/v1/rerank"),
    ],
)
def test_a_row_that_ranks_offers_it_at_its_address(name: str, url: str) -> None:
    offered = capability(Completions(PRESETS[name]), Rerank)
    assert offered is not None
    assert offered.encode(ASKED).url == url


def test_a_row_that_does_not_rank_offers_nothing() -> None:
    assert capability(Completions(PRESETS["openai-chat"]), Rerank) is None


def test_what_is_set_is_sent_in_the_services_words() -> None:
    asked = RerankRequest(model="m", query="q", documents=("a", "b"), top_n=1, extra={"truncation": True})
    plain: JSONObject = {"model": "m", "query": "q", "documents": ["a", "b"]}
    assert OPENROUTER.encode(asked).body == {**plain, "top_n": 1, "truncation": True}
    assert VOYAGE.encode(asked).body == {**plain, "top_k": 1, "truncation": True}
    assert LLAMACPP.encode(RerankRequest(model="", query="q", documents=())).body == {"query": "q", "documents": []}


@pytest.mark.parametrize(
    "body",
    [
        {"model": "m", "query": "q", "documents": ["a"], "top_n": 2},
        {"query": "q", "documents": [], "top_k": 2, "truncation": True},
        {"model": "m", "query": "q", "documents": [{"text": "a"}], "top_n": "2"},
    ],
)
@pytest.mark.parametrize("service", [OPENROUTER, VOYAGE])
def test_encode_is_the_inverse_of_parse(service: CompletionsRerank, body: JSONObject) -> None:
    assert service.encode(service.parse(body)).body == body


def test_a_request_without_a_query_is_none() -> None:
    with pytest.raises(DecodeError, match="no `query`"):
        OPENROUTER.parse({"documents": []})


def test_the_best_come_first_with_their_texts() -> None:
    found = decode({"results": [*reversed(ROWS)], "model": "m-1", "id": "r", "usage": {"total_tokens": 17}})
    assert [(one.index, one.score, one.document) for one in found.results] == [(1, 0.5, "Ruby"), (2, 0.25, "Rails")]
    assert (found.model, found.id) == ("m-1", "r")
    assert found.usage is not None
    assert found.usage.raw == {"total_tokens": 17}


def test_documents_of_equal_score_stay_in_the_services_order() -> None:
    rows: list[JSON] = [{"index": index, "relevance_score": 1} for index in (2, 0, 1)]
    assert [one.index for one in decode({"results": rows}).results] == [2, 0, 1]


def test_the_other_dialect_has_its_rows_elsewhere() -> None:
    assert [one.index for one in decode({"object": "list", "data": ROWS}, service=VOYAGE).results] == [1, 2]


def test_a_server_that_returns_all_is_cut_to_what_was_asked() -> None:
    asked = RerankRequest(model="m", query="q", documents=("a", "b", "c"), top_n=1)
    assert [one.index for one in decode({"results": ROWS}, asked).results] == [1]
    none = RerankRequest(model="m", query="q", documents=("a", "b", "c"), top_n=0)
    assert decode({"results": []}, none).results == ()


@pytest.mark.parametrize("echo", [None, {}, "Ruby", {"text": "Ruby"}])
def test_the_document_that_was_sent_says_nothing_new(echo: JSON) -> None:
    (one,) = decode({"results": [{"index": 1, "relevance_score": 0.5, "document": echo}]}).results
    assert one.meta == {}


def test_nothing_is_lost() -> None:
    row: JSONObject = {"index": 1, "score": 0.5, "document": {"text": "Ruby", "title": "R"}, "rank": 1}
    found = decode({"results": [row], "provider": "voyage", "warnings": None})
    origin = OPENROUTER.provider.origin("m")
    assert found.meta == {origin: {"provider": "voyage"}}
    assert found.results[0].meta == {origin: {"rank": 1, "document": {"text": "Ruby", "title": "R"}}}


MALFORMED: list[JSON] = [
    [],
    {},
    {"results": {}},
    {"results": [3]},
    {"results": [{"index": 0}]},
    {"results": [{"index": "0", "relevance_score": 1}]},
    {"results": [{"index": True, "relevance_score": 1}]},
    {"results": [{"index": 0, "relevance_score": True}]},
    {"results": [{"index": 0, "relevance_score": 10**400}]},
    {"results": [{"index": 3, "relevance_score": 1}]},
    {"results": [{"index": -1, "relevance_score": 1}]},
    {"results": [*ROWS, *ROWS]},
    {"results": ROWS, "model": 3},
    {"results": ROWS, "usage": []},
]


@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(InvalidRequest, match="no such model"):
        decode({"error": {"message": "no such model", "type": "invalid_request_error", "code": 400}})


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_an_order_or_a_known_error(body: bytes) -> None:
    with contextlib.suppress(DecodeError, ProviderError):
        OPENROUTER.decode(ASKED, WireResponse(body=body))


def test_a_program_ranks_over_http() -> None:
    body = dump({"model": "m", "results": ROWS})
    with Loopback(Answer(headers={"content-type": "application/json"}, pieces=(body,))) as server:
        with Chat("llamacpp:m", base_url=f"{server.address}/v1") as chat:
            found = chat.rerank("what is ruby", ["Paris", "Ruby", "Rails"], top_n=2)
        (asked,) = server.asked
    assert [one.document for one in found.results] == ["Ruby", "Rails"]
    assert asked.path == "/v1/rerank"
