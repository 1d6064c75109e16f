from __future__ import annotations

import contextlib
import json
from array import array
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_completions.embeddings import CompletionsEmbeddings
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse, Embeddings
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse
from chat_core.errors import DecodeError, ProviderError, QuotaExceeded

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

OPENAI = CompletionsEmbeddings(Completions(PRESETS["openai-chat"]))
MISTRAL = CompletionsEmbeddings(Completions(PRESETS["mistral"]))
PERPLEXITY = CompletionsEmbeddings(Completions(PRESETS["perplexity"]))
ASKED = EmbeddingRequest(model="small", inputs=("one", "two"))


def decode(body: JSON, request: EmbeddingRequest = ASKED, service: CompletionsEmbeddings = OPENAI) -> EmbeddingResponse:
    return service.decode(request, WireResponse(body=json.dumps(body).encode()))


def vectors(*rows: JSON) -> JSONObject:
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": at, "embedding": row} for at, row in enumerate(rows)],
    }


def packed(kind: str, *numbers: float) -> str:
    return b64encode(array(kind, numbers).tobytes()).decode()


def test_a_preset_that_has_embeddings_offers_them() -> None:
    assert capability(Completions(PRESETS["openai-chat"]), Embeddings) == OPENAI


def test_what_is_set_is_sent() -> None:
    request = EmbeddingRequest(
        model="small", inputs=("one", (1, 2)), dimensions=8, encoding="base64", user="u", extra={"truncate": True}
    )
    wire = OPENAI.encode(request)
    assert wire.url == "https://api.openai.com/v1/embeddings"
    assert wire.body == {
        "model": "small",
        "input": ["one", [1, 2]],
        "dimensions": 8,
        "encoding_format": "base64",
        "user": "u",
        "truncate": True,
    }
    assert wire.notices == ()


def test_what_is_not_set_is_not_sent() -> None:
    assert OPENAI.encode(EmbeddingRequest(model="", inputs=("one",))).body == {"input": ["one"]}


def test_a_service_without_user_ids_gets_none_and_says_so() -> None:
    wire = MISTRAL.encode(EmbeddingRequest(model="m", inputs=("one",), dimensions=8, user="u"))
    assert wire.body == {"model": "m", "input": ["one"], "output_dimension": 8}
    assert [(notice.feature, notice.requested) for notice in wire.notices] == [("user", "u")]


@pytest.mark.parametrize(
    ("service", "purpose", "sent"),
    [
        ("voyage", "query", "query"),
        ("voyage", "document", "document"),
        ("openrouter", "query", "search_query"),
        ("openrouter", "document", "search_document"),
        ("openrouter", "clustering", "clustering"),
    ],
)
def test_what_vectors_are_for_is_said_in_the_services_word(service: str, purpose: str, sent: str) -> None:
    asked = EmbeddingRequest(model="m", inputs=("one",), purpose=purpose)
    embed = CompletionsEmbeddings(Completions(PRESETS[service]))
    wire = embed.encode(asked)
    assert (wire.body, wire.notices) == ({"model": "m", "input": ["one"], "input_type": sent}, ())
    assert embed.parse({"model": "m", "input": "one", "input_type": sent}) == asked


def test_a_service_that_is_not_told_what_vectors_are_for_says_so() -> None:
    wire = OPENAI.encode(EmbeddingRequest(model="m", inputs=("one",), purpose="query"))
    assert wire.body == {"model": "m", "input": ["one"]}
    assert [(notice.feature, notice.requested) for notice in wire.notices] == [("purpose", "query")]


@pytest.mark.parametrize(
    "body",
    [
        {"model": "m", "input": ["one", "two"]},
        {"model": "m", "input": [[1, 2], [3]], "dimensions": 4, "encoding_format": "float", "user": "u"},
        {"model": "m", "input": ["one", [1]], "output_dtype": "int8"},
        {"input": ["one"], "model": "m", "encoding_format": "base64_int8"},
        {"model": "m", "input": [{"content": [{"type": "text", "text": "one"}]}]},
        {"input": []},
    ],
)
@pytest.mark.parametrize("service", [OPENAI, MISTRAL, PERPLEXITY])
def test_encode_is_the_inverse_of_parse(service: CompletionsEmbeddings, body: JSONObject) -> None:
    assert service.encode(service.parse(body)).body == body


def test_one_input_alone_is_a_list_of_one() -> None:
    assert OPENAI.parse({"model": "m", "input": "one"}).inputs == ("one",)
    assert OPENAI.parse({"model": "m", "input": [1, 2, 3]}).inputs == ((1, 2, 3),)


def test_a_model_in_the_address_can_be_named() -> None:
    assert OPENAI.parse({"input": "one"}, model="deployed").model == "deployed"
    assert OPENAI.parse({"input": "one", "model": "m"}, model="deployed").model == "m"


@pytest.mark.parametrize("body", [{"model": 3}, {"dimensions": "8"}, {"dimensions": True}, {"encoding_format": 1}])
def test_a_malformed_request_is_an_error(body: JSONObject) -> None:
    with pytest.raises(DecodeError):
        OPENAI.parse(body)


def test_floats_are_32_bits_wide() -> None:
    (first, second) = decode(vectors([0.5, -1], [0.25, 1e-3])).vectors
    assert first == array("f", [0.5, -1])
    assert (second.typecode, len(second)) == ("f", 2)


def test_vectors_come_in_the_order_of_the_inputs() -> None:
    body: JSON = {"data": [{"index": 1, "embedding": [2.5]}, {"index": 0, "embedding": [1.5]}]}
    assert [vector[0] for vector in decode(body).vectors] == [1.5, 2.5]
    assert [vector[0] for vector in decode({"data": [{"embedding": [2.5]}, {"embedding": [1.5]}]}).vectors] == [
        2.5,
        1.5,
    ]


def test_two_vectors_in_one_place_are_an_error_unless_all_are_said_to_be_there() -> None:
    rows: list[JSON] = [{"embedding": [float(number)], "index": place} for number, place in enumerate((0, 1, 1))]
    with pytest.raises(DecodeError, match="two vectors are in one place"):
        decode({"data": rows})
    assert [*map(list, decode({"data": rows[1:]}).vectors)] == [[1.0], [2.0]]


def test_base64_holds_floats() -> None:
    assert decode(vectors(packed("f", 0.5, -2))).vectors == (array("f", [0.5, -2]),)


def test_quantised_vectors_stay_integers() -> None:
    asked = EmbeddingRequest(model="m", inputs=("one",), encoding="base64_int8")
    assert decode(vectors(packed("b", -3, 127)), asked).vectors == (array("b", [-3, 127]),)
    assert decode(vectors(packed("b", -3, 127)), ASKED, PERPLEXITY).vectors == (array("b", [-3, 127]),)
    assert decode(vectors([-3, 127])).vectors == (array("b", [-3, 127]),)
    assert decode(vectors([3, 255])).vectors == (array("B", [3, 255]),)
    assert decode(vectors([3, 256])).vectors == (array("f", [3, 256]),)


@pytest.mark.parametrize(("kind", "dimensions"), [("f", 2), ("d", 2), ("b", 2), ("B", 16)])
def test_the_asked_dimensions_tell_what_base64_holds(kind: str, dimensions: int) -> None:
    asked = EmbeddingRequest(model="m", inputs=("one",), dimensions=dimensions)
    assert decode(vectors(packed(kind, 1, 2)), asked).vectors == (array(kind, [1, 2]),)


def test_usage_model_and_id_are_read() -> None:
    response = decode({**vectors([0.5]), "model": "m-1", "id": "e1", "usage": {"prompt_tokens": 3, "total_tokens": 3}})
    assert (response.model, response.id) == ("m-1", "e1")
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens) == (3, None)
    assert response.usage.raw == {"prompt_tokens": 3, "total_tokens": 3}
    assert decode(vectors([0.5])).usage is None


def test_nothing_is_lost() -> None:
    body: JSONObject = {
        "data": [{"embedding": [0.5], "text": "one"}, {"embedding": [1.5], "later": None}],
        "created": 5,
    }
    assert decode(body).meta == {OPENAI.provider.origin("small"): {"created": 5, "data": [{"text": "one"}, {}]}}


MALFORMED: list[JSON] = [
    [],
    {},
    {"data": {}},
    {"data": [3]},
    {"data": [{}]},
    {"data": [{"embedding": 3}]},
    {"data": [{"embedding": [0.5], "index": "0"}]},
    {"data": [{"embedding": [0.5, "x"]}]},
    {"data": [{"embedding": [0.5, True]}]},
    {"data": [{"embedding": [0.5, 1e300]}]},
    {"data": [{"embedding": [0.5, 10**400]}]},
    {"data": [{"embedding": "é"}]},
    {"data": [{"embedding": "AAA"}]},
    {"data": [{"embedding": "AAAA"}]},
    {"data": [], "model": 3},
    {"data": [], "usage": []},
]


@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(QuotaExceeded):
        decode({"error": {"message": "no", "code": "insufficient_quota"}})


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_vectors_or_a_known_error(body: bytes) -> None:
    with contextlib.suppress(DecodeError, ProviderError):
        OPENAI.decode(ASKED, WireResponse(body=body))
