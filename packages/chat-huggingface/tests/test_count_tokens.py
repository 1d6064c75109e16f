from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.capabilities import TokenCounter
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError
from chat_core.messages import user
from chat_core.request import Request
from chat_huggingface.count_tokens import ChatTokens
from chat_huggingface.provider import HuggingFace

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

TGI = HuggingFace(server="tgi", base_url="http://localhost:8080")
COUNTER = ChatTokens(TGI)
ASKED = Request(model="m", messages=(user("Hi"),))


def test_the_request_counted_is_the_request_sent() -> None:
    assert capability(TGI, TokenCounter) == COUNTER
    wire = COUNTER.encode(ASKED)
    assert wire.url == "http://localhost:8080/chat_tokenize"
    assert wire.body == TGI.encode(ASKED).body


def test_tokens_are_counted_and_what_they_were_cut_from_is_kept() -> None:
    body: JSON = {"tokenize_response": [{"id": 1, "text": "Hi", "start": 0, "stop": 2}], "templated_text": "<s>Hi"}
    found = COUNTER.decode(ASKED, WireResponse(body=dump(body)))
    assert found.input_tokens == 1
    assert found.meta == {TGI.origin("m"): {"templated_text": "<s>Hi"}}


@pytest.mark.parametrize("body", [3, [], {}, {"tokenize_response": 3}])
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        COUNTER.decode(ASKED, WireResponse(body=dump(body)))
