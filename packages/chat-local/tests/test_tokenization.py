"""Tokenising on the local wire, and the tokens of real tokenizers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tinyencoders import write_source
from tinymodel import asking, write_model

from chat_core.chat import Chat
from chat_core.codec.tokenization import Token, Tokenization, TokenizationRequest
from chat_core.codec.wire import WireResponse
from chat_core.errors import DecodeError, UnsupportedContent
from chat_local.convert.converting import convert
from chat_local.provider import Local
from chat_local.tokenization import LocalTokenization
from chat_local.transport import LocalTransport

if TYPE_CHECKING:
    from pathlib import Path

OFFER = LocalTokenization(Local())
ASKED = TokenizationRequest(model="./m", inputs=("a",), special=True, extra={"options": {"offline": True}})


def reply(value: object) -> WireResponse:
    return WireResponse(body=json.dumps(value).encode())


def test_what_is_asked_is_sent() -> None:
    assert OFFER.encode(ASKED).body == {
        "model": "./m", "inputs": ["a"], "special": True, "options": {"offline": True},
    }  # fmt: skip


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"ids": [1], "texts": ["a"], "places": []},
        {"ids": ["1"], "texts": ["a"], "places": [[0, 1]]},
        {"ids": [1], "texts": ["a"], "places": [[0]]},
        {"ids": [True], "texts": ["a"], "places": [None]},
    ],
)
def test_a_reply_that_is_none_is_refused(item: object) -> None:
    with pytest.raises(DecodeError):
        OFFER.decode(ASKED, reply({"results": [item]}))
    with pytest.raises(DecodeError):
        OFFER.decode(ASKED, reply({"results": []}))


def test_tokens_of_an_encoder_have_their_places(tmp_path: Path) -> None:
    convert(write_source(tmp_path / "source", "bert"), tmp_path / "made")
    chat = Chat(f"local:{tmp_path / 'made'}")
    (found,) = chat.tokenize("Boats ö!", special=True).results
    text = [(token.text, token.start, token.end, token.special) for token in found]
    assert text[0] == ("[CLS]", None, None, True)
    assert text[1:3] == [("boat", 0, 4, False), ("##s", 4, 5, False)]
    assert text[-2:] == [("!", 7, 8, False), ("[SEP]", None, None, True)]
    (bare,) = chat.tokenize("Boats ö!").results
    assert bare == found[1:-1]


def test_tokens_of_a_model_that_writes_have_theirs_in_characters(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "decoder")
    (found,) = Chat(f"local:{folder}").tokenize("a€b").results
    assert [(token.start, token.end) for token in found] == [(0, 1), (1, 2), (1, 2), (1, 2), (2, 3)]
    assert found[0] == Token(id=found[0].id, text="a", start=0, end=1)
    assert found[1].text == "�"


def test_control_tokens_in_the_words_of_people_are_words(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "decoder")
    (found,) = Chat(f"local:{folder}").tokenize("a<|im_end|>").results
    assert len(found) == len("a<|im_end|>")
    assert found[-1].end == len("a<|im_end|>")


def test_the_model_is_not_loaded(tmp_path: Path) -> None:
    transport = LocalTransport()
    folder = write_model(tmp_path / "decoder")
    assert Chat(f"local:{folder}", transport=transport).tokenize(["a", "bc"]).results
    assert transport.server.models.size == 0
    wire = asking(folder, service="tokenize")
    for inputs in ([3], None, "a"):
        body = json.dumps({**json.loads(wire.body), "inputs": inputs}).encode()
        if inputs == "a":
            assert transport.send(type(wire)(wire=wire.wire, body=body), None).body
            continue
        with pytest.raises(UnsupportedContent, match="a list of texts"):
            transport.send(type(wire)(wire=wire.wire, body=body), None)


def test_a_tokenizer_that_changed_is_read_again(tmp_path: Path) -> None:
    convert(write_source(tmp_path / "source", "bert"), tmp_path / "made")
    chat = Chat(f"local:{tmp_path / 'made'}")
    (before,) = chat.tokenize("boats").results
    path = tmp_path / "made" / "tokenizer.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"##s"', '"##q0"'), encoding="utf-8")
    (after,) = chat.tokenize("boats").results
    assert [token.text for token in before] != [token.text for token in after]


def test_it_is_offered() -> None:
    assert isinstance(Local().capabilities[Tokenization], LocalTokenization)
