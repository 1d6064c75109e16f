from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_completions.presets import COMPATIBLE, PRESETS
from chat_completions.provider import Completions
from chat_completions.settings import changed
from chat_completions.tokenization import CompletionsTokenization
from chat_core.codec.provider import capability
from chat_core.codec.tokenization import Token, Tokenization, TokenizationRequest, TokenizationResponse
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, ProviderError, ServerError, UnsupportedContent

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

VLLM = CompletionsTokenization(Completions(PRESETS["vllm"]))
LLAMACPP = CompletionsTokenization(Completions(PRESETS["llamacpp"]))
COHERE = CompletionsTokenization(
    Completions(changed(COMPATIBLE, {"tokenization": "cohere"}), base_url="https://llm.example/v1")
)
ASKED = TokenizationRequest(model="m", inputs=("hello, world",))


def decode(body: JSON, service: CompletionsTokenization = VLLM) -> TokenizationResponse:
    return service.decode(ASKED, WireResponse(body=dump(body)))


def test_servers_that_cut_texts_offer_it() -> None:
    assert capability(Completions(PRESETS["vllm"]), Tokenization) == VLLM
    assert capability(Completions(PRESETS["llamacpp"]), Tokenization) == LLAMACPP
    assert capability(Completions(PRESETS["openai-chat"]), Tokenization) is None
    assert VLLM.most_inputs == 1


@pytest.mark.parametrize("special", [False, True])
def test_a_text_is_asked_for_in_the_servers_words(special: bool) -> None:
    asked = TokenizationRequest(model="m", inputs=("hi",), special=special, extra={"parse_special": False})
    vllm, llamacpp = VLLM.encode(asked), LLAMACPP.encode(asked)
    assert (vllm.url, llamacpp.url) == ("http://localhost:8000/tokenize", "http://localhost:8080/tokenize")
    more: JSONObject = {"parse_special": False}
    assert vllm.body == {
        "model": "m", "prompt": "hi", "return_token_strs": True, "add_special_tokens": special, **more,
    }  # fmt: skip
    assert llamacpp.body == {"model": "m", "content": "hi", "with_pieces": True, "add_special": special, **more}


def test_a_service_without_special_tokens_says_so() -> None:
    wire = COHERE.encode(TokenizationRequest(model="", inputs=("hi",), special=True))
    assert wire.body == {"text": "hi"}
    assert [notice.feature for notice in wire.notices] == ["special"]


def test_several_texts_are_several_requests() -> None:
    with pytest.raises(UnsupportedContent, match="one text at a time"):
        VLLM.encode(TokenizationRequest(model="m", inputs=("a", "b")))


@pytest.mark.parametrize(
    ("service", "body"),
    [
        (VLLM, {"model": "m", "prompt": "a", "return_token_strs": True, "add_special_tokens": True}),
        (LLAMACPP, {"content": "a", "with_pieces": True, "add_special": False, "parse_special": True}),
        (COHERE, {"text": "a", "model": "m"}),
    ],
)
def test_encode_is_the_inverse_of_parse(service: CompletionsTokenization, body: JSONObject) -> None:
    assert service.encode(service.parse(body)).body == body


def test_a_request_without_a_text_is_none() -> None:
    with pytest.raises(DecodeError, match="no `prompt`"):
        VLLM.parse({"messages": []})


def test_tokens_have_the_texts_that_stand_beside_them() -> None:
    found = decode({"count": 2, "max_model_len": 4096, "tokens": [9906, 1917], "token_strs": ["Hello", "Ġworld"]})
    assert found.results == ((Token(id=9906, text="Hello"), Token(id=1917, text="Ġworld")),)
    assert found.meta == {VLLM.provider.origin("m"): {"max_model_len": 4096}}
    older = decode({"count": 1, "tokens": [9906], "token_strs": None})
    assert older.results == ((Token(id=9906),),)
    cohere = decode({"tokens": [34313, 19], "token_strings": ["hello", ","]}, COHERE)
    assert [token.text for token in cohere.results[0]] == ["hello", ","]


def test_a_piece_that_is_no_whole_character_is_kept_as_its_bytes() -> None:
    found = decode({"tokens": [{"id": 1, "piece": "hi"}, {"id": 2, "piece": [240, 159]}, 3]}, LLAMACPP)
    assert found.results == ((Token(id=1, text="hi"), Token(id=2), Token(id=3)),)
    assert found.meta == {LLAMACPP.provider.origin("m"): {"tokens": [{}, {"piece": [240, 159]}, {}]}}


MALFORMED: list[JSON] = [
    [],
    {},
    {"tokens": 3},
    {"tokens": ["a"]},
    {"tokens": [True]},
    {"tokens": [1], "token_strs": ["a", "b"]},
    {"tokens": [1], "token_strs": 3},
    {"tokens": [1], "token_strs": [3]},
    {"tokens": [{"piece": "a"}]},
    {"tokens": [{"id": 1, "piece": {}}]},
]


@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(ServerError, match="no"):
        decode({"error": {"message": "no", "type": "server_error"}})


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_tokens_or_a_known_error(body: bytes) -> None:
    with contextlib.suppress(DecodeError, ProviderError):
        VLLM.decode(ASKED, WireResponse(body=body))
