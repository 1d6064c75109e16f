"""Reranking on the local wire."""

from __future__ import annotations

import json

import pytest

from chat_core.codec.rerank import Rerank, RerankRequest
from chat_core.codec.wire import WireResponse
from chat_core.errors import DecodeError
from chat_local.provider import Local
from chat_local.rerank import LocalRerank

OFFER = LocalRerank(Local())
ASKED = RerankRequest(model="./m", query="q", documents=("a", "b"), top_n=1, extra={"options": {"threads": 1}})


def reply(value: object) -> WireResponse:
    return WireResponse(body=json.dumps(value).encode())


def test_what_is_asked_is_sent() -> None:
    assert OFFER.encode(ASKED).body == {
        "model": "./m", "query": "q", "documents": ["a", "b"], "top_n": 1, "options": {"threads": 1},
    }  # fmt: skip


def test_documents_come_with_their_places() -> None:
    found = OFFER.decode(ASKED, reply({"results": [{"index": 1, "score": -3.5}], "model": "./m"}))
    assert [(one.index, one.score, one.document) for one in found.results] == [(1, -3.5, "b")]
    assert found.model == "./m"


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"results": [{"index": 2, "score": 1}]},
        {"results": [{"index": -1, "score": 1}]},
        {"results": [{"index": 0, "score": "1"}]},
        {"results": [{"index": True, "score": 1}]},
        {"results": [0]},
    ],
)
def test_a_document_that_was_not_sent_is_refused(value: object) -> None:
    with pytest.raises(DecodeError):
        OFFER.decode(ASKED, reply(value))


def test_it_is_offered() -> None:
    assert isinstance(Local().capabilities[Rerank], LocalRerank)
