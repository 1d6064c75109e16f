from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.provider import capability
from chat_core.codec.rerank import Rerank, RerankRequest, RerankResponse
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError
from chat_huggingface.provider import HuggingFace
from chat_huggingface.rerank import HuggingFaceRerank

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

TASK = HuggingFaceRerank(HuggingFace())
TEI = HuggingFaceRerank(HuggingFace(server="tei", base_url="http://localhost:8080"))
ASKED = RerankRequest(model="owner/m", query="q", documents=("a", "b", "c"), top_n=2)
ROWS: list[JSON] = [{"index": 2, "score": 0.5, "text": "c"}, {"index": 0, "score": 0.25}, {"index": 1, "score": -3}]


def decode(body: JSON, service: HuggingFaceRerank = TEI) -> RerankResponse:
    return service.decode(ASKED, WireResponse(body=dump(body)))


def test_it_is_offered_and_asked_in_the_servers_words() -> None:
    assert capability(TASK.provider, Rerank) == TASK
    native, task = TEI.encode(ASKED), TASK.encode(ASKED)
    assert (native.url, native.body) == ("http://localhost:8080/rerank", {"query": "q", "texts": ["a", "b", "c"]})
    assert task.url.endswith("/hf-inference/models/owner/m/pipeline/sentence-similarity")
    assert task.body == {"inputs": {"source_sentence": "q", "sentences": ["a", "b", "c"]}}
    assert [notice.feature for notice in (*native.notices, *task.notices)] == ["top_n", "top_n"]


def test_a_server_takes_so_many_documents_at_once() -> None:
    assert (TASK.most_inputs, TEI.most_inputs) == (None, 32)


def test_the_best_of_the_server_come_with_their_texts() -> None:
    found = decode(ROWS)
    assert [(one.index, one.score, one.document) for one in found.results] == [(2, 0.5, "c"), (0, 0.25, "a")]
    assert found.results[0].meta == {}


def test_scores_in_the_order_of_the_documents_become_an_order() -> None:
    assert [one.index for one in decode([0.1, 0.9, 0.5], TASK).results] == [1, 2]


def test_what_else_is_said_of_a_document_is_kept() -> None:
    rows: list[JSON] = [{"index": 0, "score": 1, "id": "d"}, *ROWS[:1], *ROWS[2:]]
    assert decode(rows).results[0].meta == {TEI.provider.origin("owner/m"): {"id": "d"}}


MALFORMED: tuple[JSON, ...] = (
    {},
    3,
    [],
    [3],
    ROWS[:2],
    [*ROWS[:2], ROWS[0]],
    [*ROWS[:2], {"index": 3, "score": 1}],
    [*ROWS[:2], {"index": True, "score": 1}],
    [*ROWS[:2], {"index": 1, "score": "1"}],
    [*ROWS[:2], {"index": 1, "score": 10**400}],
)


@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


@pytest.mark.parametrize("body", [[0.5], [0.5, True, 1], [0.5, "a", 1], [0.5, 1, 2, 3]])
def test_malformed_scores_are_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body, TASK)
