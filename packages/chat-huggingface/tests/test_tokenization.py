from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.provider import capability
from chat_core.codec.tokenization import Token, Tokenization, TokenizationRequest, TokenizationResponse
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, UnsupportedContent
from chat_huggingface.provider import HuggingFace
from chat_huggingface.tokenization import HuggingFaceTokenization

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

TEI = HuggingFaceTokenization(HuggingFace(server="tei", base_url="http://localhost:8080"))
TGI = HuggingFaceTokenization(HuggingFace(server="tgi", base_url="http://localhost:8080"))
ASKED = TokenizationRequest(model="m", inputs=("hi",))
HI: JSON = {"id": 7, "text": "hi", "special": False, "start": 0, "stop": 2}


def decode(body: JSON, service: HuggingFaceTokenization = TEI) -> TokenizationResponse:
    return service.decode(ASKED, WireResponse(body=dump(body)))


def test_servers_offer_it_and_the_service_does_not() -> None:
    assert capability(TEI.provider, Tokenization) == TEI
    assert capability(TGI.provider, Tokenization) == TGI
    assert capability(HuggingFace(), Tokenization) is None
    assert (TEI.most_inputs, TGI.most_inputs) == (32, 1)


@pytest.mark.parametrize("special", [False, True])
def test_texts_are_sent_with_whether_special_tokens_are_added(special: bool) -> None:
    asked = TokenizationRequest(model="m", inputs=("hi",), special=special)
    assert TEI.encode(asked).body == {"inputs": ["hi"], "add_special_tokens": special}
    wire = TGI.encode(asked)
    assert (wire.url, wire.body) == ("http://localhost:8080/tokenize", {"inputs": "hi"})
    assert [notice.feature for notice in wire.notices] == ([] if special else ["special"])
    with pytest.raises(UnsupportedContent, match="one text at a time"):
        TGI.encode(TokenizationRequest(model="m", inputs=("a", "b")))


def test_tokens_have_their_places() -> None:
    end: JSON = {"id": 1, "text": "</s>", "special": True, "start": None, "stop": None}
    expected = (Token(id=7, text="hi", start=0, end=2), Token(id=1, text="</s>", special=True))
    assert decode([[HI, end]]).results == (expected,)
    assert decode([{"id": 7, "text": "hi", "start": 0, "stop": 2}], TGI).results == (expected[:1],)


def test_what_else_is_said_of_a_token_is_kept() -> None:
    found = decode([[HI, {"id": 7, "text": "hi", "logprob": -1}]])
    assert found.meta == {TEI.provider.origin("m"): {"tokens": [[{}, {"logprob": -1}]]}}


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        [3],
        [[3]],
        [[HI], [HI]],
        [[{"id": "7", "text": "hi"}]],
        [[{"id": True, "text": "hi"}]],
        [[{"id": 7}]],
        [[{"id": 7, "text": "hi", "start": "0"}]],
        [[{"id": 7, "text": "hi", "stop": True}]],
    ],
)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)
