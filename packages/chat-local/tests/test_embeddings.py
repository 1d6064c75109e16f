"""Embeddings on the local wire: vectors travel as they are, and a reply that is none is refused."""

from __future__ import annotations

from array import array

import pytest

from chat_core.codec.capabilities import EmbeddingRequest, Embeddings
from chat_core.codec.wire import WireResponse
from chat_core.errors import DecodeError, UnsupportedContent
from chat_local.embeddings import LocalEmbeddings
from chat_local.provider import Local

OFFER = LocalEmbeddings(Local())
ASKED = EmbeddingRequest(model="./m", inputs=("a", "b"))
NUMBERS = b"\x00\x00\x80?\x00\x00\x00@\x00\x00\x00\xbf\n\n\n\n"  # 1, 2, -0.5, and one whose bytes are ends of lines
HEAD = b'{"count":2,"dimensions":2,"model":"./m","usage":{"prompt_tokens":7},"device":"cpu"}'


def test_what_is_asked_is_sent() -> None:
    asked = EmbeddingRequest(
        model="./m", inputs=("a",), dimensions=8, purpose="query", encoding="float", user="me",
        extra={"options": {"device": "cpu"}},
    )  # fmt: skip
    wire = OFFER.encode(asked)
    assert wire.url == "local://service/embed"
    assert wire.body == {
        "model": "./m", "inputs": ["a"], "dimensions": 8, "purpose": "query", "options": {"device": "cpu"},
    }  # fmt: skip
    assert [notice.feature for notice in wire.notices] == ["encoding", "user"]


def test_token_ids_are_refused() -> None:
    with pytest.raises(UnsupportedContent, match="send the text"):
        OFFER.encode(EmbeddingRequest(model="./m", inputs=("a", (1, 2))))


def test_vectors_stand_behind_the_head() -> None:
    found = OFFER.decode(ASKED, WireResponse(body=HEAD + b"\n" + NUMBERS))
    assert found.vectors[0] == array("f", [1, 2])
    assert found.vectors[1][0] == -0.5
    assert found.vectors[1].tobytes()[4:] == b"\n\n\n\n"
    assert (found.model, found.meta) == ("./m", {"local@/local": {"device": "cpu"}})
    assert found.usage is not None
    assert found.usage.input_tokens == 7


def test_no_texts_have_no_vectors() -> None:
    reply = WireResponse(body=b'{"count":0,"dimensions":0}\n')
    assert OFFER.decode(EmbeddingRequest(model="./m", inputs=()), reply).vectors == ()


@pytest.mark.parametrize(
    "body",
    [
        HEAD,
        HEAD + b"\n",
        HEAD + b"\n" + NUMBERS[:-1],
        HEAD + b"\n" + NUMBERS + b"\x00",
        b'{"count":3,"dimensions":1}\n' + NUMBERS[:12],
        b'{"count":-1,"dimensions":-4}\n' + NUMBERS,
        b'{"count":true,"dimensions":4}\n' + NUMBERS,
        b'{"count":"2","dimensions":2}\n' + NUMBERS,
    ],
)
def test_a_reply_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(DecodeError):
        OFFER.decode(ASKED, WireResponse(body=body))


def test_it_is_offered() -> None:
    assert isinstance(Local().capabilities[Embeddings], LocalEmbeddings)
