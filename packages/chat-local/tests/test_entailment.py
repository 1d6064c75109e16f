"""Natural language inference on the local wire."""

from __future__ import annotations

import json

import pytest

from chat_core.codec.entailment import Entailment, EntailmentRequest, Entailments
from chat_core.codec.wire import WireResponse
from chat_core.errors import DecodeError
from chat_local.entailment import LocalEntailments
from chat_local.provider import Local

OFFER = LocalEntailments(Local())
ASKED = EntailmentRequest(model="./m", pairs=(("a", "b"),), extra={"options": {"threads": 1}})
NONE: list[object] = [
    {}, {"results": []}, {"results": [{"entailment": 1}]}, {"results": [3]}, {"results": [{}, {}]},
]  # fmt: skip


def reply(value: object) -> WireResponse:
    return WireResponse(body=json.dumps(value).encode())


def test_what_is_asked_is_sent() -> None:
    assert OFFER.encode(ASKED).body == {"model": "./m", "pairs": [["a", "b"]], "options": {"threads": 1}}


def test_a_model_of_two_classes_has_no_neutral_one() -> None:
    three = OFFER.decode(ASKED, reply({"results": [{"entailment": 0.5, "neutral": 0.25, "contradiction": 0.25}]}))
    two = OFFER.decode(ASKED, reply({"results": [{"entailment": 0.25, "contradiction": 0.75}]}))
    assert three.results == (Entailment(entailment=0.5, neutral=0.25, contradiction=0.25),)
    assert two.results == (Entailment(entailment=0.25, contradiction=0.75),)


@pytest.mark.parametrize("value", NONE)
def test_a_reply_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(DecodeError):
        OFFER.decode(ASKED, reply(value))


def test_it_is_offered() -> None:
    assert isinstance(Local().capabilities[Entailments], LocalEntailments)
