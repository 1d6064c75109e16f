from __future__ import annotations

import contextlib
from array import array
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse, Embeddings
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, Overloaded, ProviderError, UnsupportedContent
from chat_core.response import Usage
from chat_huggingface.embeddings import HuggingFaceEmbeddings
from chat_huggingface.provider import HuggingFace

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

TASK = HuggingFaceEmbeddings(HuggingFace())
TEI = HuggingFaceEmbeddings(HuggingFace(server="tei", base_url="http://localhost:8080"))
ENDPOINT = HuggingFaceEmbeddings(HuggingFace(server="endpoint", base_url="https://e.test"))
ASKED = EmbeddingRequest(model="owner/m", inputs=("one", "two"))


def decode(body: JSON, request: EmbeddingRequest = ASKED, service: HuggingFaceEmbeddings = TASK) -> EmbeddingResponse:
    return service.decode(request, WireResponse(body=dump(body)))


@pytest.mark.parametrize("embed", [TASK, TEI, ENDPOINT])
def test_it_is_offered(embed: HuggingFaceEmbeddings) -> None:
    assert capability(embed.provider, Embeddings) == embed


def test_each_server_has_an_address_of_its_own() -> None:
    assert [embed.encode(ASKED).url for embed in (TASK, TEI, ENDPOINT)] == [
        "https://router.huggingface.co/hf-inference/models/owner/m/pipeline/feature-extraction",
        "http://localhost:8080/embed",
        "https://e.test",
    ]


@pytest.mark.parametrize("embed", [TASK, TEI, ENDPOINT])
def test_the_purpose_is_the_name_of_a_prompt_and_settings_are_beside_it(embed: HuggingFaceEmbeddings) -> None:
    asked = EmbeddingRequest(
        model="owner/m", inputs=("a",), purpose="query", extra={"normalize": False, "truncate": True}
    )
    wire = embed.encode(asked)
    assert wire.body == {"inputs": ["a"], "prompt_name": "query", "normalize": False, "truncate": True}
    assert wire.notices == ()


def test_what_cannot_be_sent_is_a_notice_or_an_error() -> None:
    asked = EmbeddingRequest(model="owner/m", inputs=("a",), dimensions=8, encoding="base64", user="u")
    task, native = TASK.encode(asked), TEI.encode(asked)
    assert (task.body, native.body) == ({"inputs": ["a"]}, {"inputs": ["a"], "dimensions": 8})
    assert [notice.feature for notice in task.notices] == ["dimensions", "encoding", "user"]
    assert [notice.feature for notice in native.notices] == ["encoding", "user"]
    ids = EmbeddingRequest(model="owner/m", inputs=("a", (1, 2)))
    assert TEI.encode(ids).body == {"inputs": ["a", [1, 2]]}
    with pytest.raises(UnsupportedContent, match="texts only"):
        TASK.encode(ids)


def test_tasks_are_not_asked_of_other_hosts_nor_of_no_model() -> None:
    named = EmbeddingRequest(model="owner/m:hf-inference", inputs=("a",))
    assert TASK.encode(named).url == TASK.encode(ASKED).url
    with pytest.raises(UnsupportedContent, match="leave ':groq' off"):
        TASK.encode(EmbeddingRequest(model="owner/m:groq", inputs=("a",)))
    with pytest.raises(UnsupportedContent, match="huggingface:owner/model"):
        TASK.encode(EmbeddingRequest(model="", inputs=("a",)))
    assert ENDPOINT.encode(EmbeddingRequest(model="", inputs=("a",))).url == "https://e.test"


PLAIN: tuple[JSONObject, ...] = (
    {"inputs": ["a", "b"], "prompt_name": "query", "normalize": True},
    {"inputs": {"image": "data:"}, "prompt_name": 3},
    {"inputs": [], "truncation_direction": "Left"},
)
IDS: JSONObject = {"inputs": ["a", [1, 2]], "dimensions": 8}


@pytest.mark.parametrize(
    ("embed", "body"), [*((embed, body) for embed in (TASK, TEI, ENDPOINT) for body in PLAIN), (TEI, IDS)]
)
def test_encode_is_the_inverse_of_parse(embed: HuggingFaceEmbeddings, body: JSONObject) -> None:
    assert embed.encode(embed.parse(body, model="owner/m")).body == body


def test_a_text_alone_is_a_list_of_one() -> None:
    assert TASK.parse({"inputs": "a"}, model="m") == EmbeddingRequest(model="m", inputs=("a",))


def test_vectors_come_in_order_with_the_tokens_that_were_read() -> None:
    head = {"x-compute-tokens": "5"}
    found = TEI.decode(ASKED, WireResponse(headers=head, body=dump([[0.5, 1], [-1, 0]])))
    assert found.vectors == (array("f", [0.5, 1]), array("f", [-1, 0]))
    assert found.usage == Usage(input_tokens=5, raw={"x-compute-tokens": 5})
    assert decode([[0.5], [1]]).usage is None


def test_a_server_that_does_not_shorten_says_so() -> None:
    asked = EmbeddingRequest(model="m", inputs=("a",), dimensions=2)
    assert decode([[0.5, 1]], asked, TEI).notices == ()
    (notice,) = decode([[0.5, 1, 2]], asked, TEI).notices
    assert (notice.feature, notice.requested, notice.applied) == ("dimensions", 2, 3)


def test_vectors_of_tokens_are_pooled_where_it_is_said_how() -> None:
    tokens: JSON = [[[1, 2], [3, 4]], [[5, 6]]]
    with pytest.raises(DecodeError, match="pooling='mean'"):
        decode(tokens)
    mean = HuggingFaceEmbeddings(HuggingFace(pooling="mean"))
    assert decode(tokens, service=mean).vectors == (array("f", [2, 3]), array("f", [5, 6]))


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(Overloaded, match="busy"):
        decode({"error": "busy", "error_type": "overloaded"})


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_vectors_or_a_known_error(body: bytes) -> None:
    with contextlib.suppress(DecodeError, ProviderError):
        TASK.decode(ASKED, WireResponse(body=body))
