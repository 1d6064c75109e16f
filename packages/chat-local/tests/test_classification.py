"""Classification on the local wire."""

from __future__ import annotations

import json

import pytest

from chat_core.codec.classification import Classification, ClassificationRequest
from chat_core.codec.wire import WireResponse
from chat_core.errors import DecodeError
from chat_local.classification import LocalClassification
from chat_local.provider import Local

OFFER = LocalClassification(Local())
ASKED = ClassificationRequest(model="./m", inputs=("a",))
NONE: list[object] = [
    {},
    {"results": []},
    {"results": [{"labels": [], "scores": []}]},
    {"results": [{"labels": ["x"], "scores": []}]},
    {"results": [{"labels": ["x"], "scores": [True]}]},
    {"results": [{"labels": [3], "scores": [1]}]},
    {"results": ["x"]},
]


def reply(value: object) -> WireResponse:
    return WireResponse(body=json.dumps(value).encode())


def test_what_is_asked_is_sent() -> None:
    assert OFFER.encode(ASKED).body == {"model": "./m", "inputs": ["a"]}
    asked = ClassificationRequest(
        model="./m", inputs=("a",), labels=("x", "y"), multi_label=True, hypothesis="It is {}.", top_n=1,
        extra={"options": {"threads": 1}},
    )  # fmt: skip
    assert OFFER.encode(asked).body == {
        "model": "./m", "inputs": ["a"], "labels": ["x", "y"], "multi_label": True, "hypothesis": "It is {}.",
        "top_n": 1, "options": {"threads": 1},
    }  # fmt: skip


def test_classes_come_surest_first() -> None:
    found = OFFER.decode(ASKED, reply({"results": [{"labels": ["x", "y"], "scores": [0.25, 0.75]}], "device": "cpu"}))
    assert found.results[0].best.name == "y"
    assert found.results[0].scores == {"y": 0.75, "x": 0.25}
    assert found.meta == {"local@/local": {"device": "cpu"}}


@pytest.mark.parametrize("value", NONE)
def test_a_reply_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(DecodeError):
        OFFER.decode(ASKED, reply(value))


def test_it_is_offered() -> None:
    assert isinstance(Local().capabilities[Classification], LocalClassification)
