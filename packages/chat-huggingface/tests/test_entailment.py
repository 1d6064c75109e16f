from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.codec.entailment import Entailment, EntailmentRequest, EntailmentResponse, Entailments
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, ProviderError, UnsupportedContent
from chat_huggingface.entailment import HuggingFaceEntailments
from chat_huggingface.provider import HuggingFace

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

TASK = HuggingFaceEntailments(HuggingFace())
TEI = HuggingFaceEntailments(HuggingFace(server="tei", base_url="http://localhost:8080"))
ONE = EntailmentRequest(model="owner/m", pairs=(("It rains.", "It is wet."),))
TWO = EntailmentRequest(model="owner/m", pairs=(("It rains.", "It is wet."), ("It rains.", "It is dry.")))
ROW: list[JSON] = [
    {"label": "ENTAILMENT", "score": 0.5},
    {"label": "NEUTRAL", "score": 0.375},
    {"label": "CONTRADICTION", "score": 0.125},
]


def decode(body: JSON, request: EntailmentRequest, service: HuggingFaceEntailments) -> EntailmentResponse:
    return service.decode(request, WireResponse(body=dump(body)))


def test_it_is_offered() -> None:
    assert capability(TASK.provider, Entailments) == TASK
    assert capability(TEI.provider, Entailments) == TEI
    assert (TASK.most_inputs, TEI.most_inputs) == (1, 32)


def test_the_task_takes_a_pair_and_the_server_several() -> None:
    wire = TASK.encode(ONE)
    assert wire.url == "https://router.huggingface.co/hf-inference/models/owner/m"
    assert wire.body == {
        "inputs": {"text": "It rains.", "text_pair": "It is wet."},
        "parameters": {"top_k": 3},
    }
    assert TEI.encode(TWO).body == {"inputs": [["It rains.", "It is wet."], ["It rains.", "It is dry."]]}
    assert TEI.encode(TWO).url == "http://localhost:8080/predict"
    with pytest.raises(UnsupportedContent, match="one pair at a time"):
        TASK.encode(TWO)


@pytest.mark.parametrize("body", [ROW, [ROW]])
def test_a_result_has_the_scores_of_the_three(body: JSON) -> None:
    expected = Entailment(entailment=0.5, neutral=0.375, contradiction=0.125)
    assert decode(body, ONE, TASK).results == (expected,)
    assert decode([ROW, ROW], TWO, TEI).results == (expected, expected)


def test_models_of_two_classes_have_no_neutral() -> None:
    row: JSON = [{"label": "entailment", "score": 0.25}, {"label": "not_entailment", "score": 0.75}]
    (one,) = decode(row, ONE, TASK).results
    assert (one.entailment, one.contradiction, one.neutral, one.label) == (0.25, 0.75, None, "contradiction")


def test_classes_that_say_nothing_are_an_error_until_it_is_said_what_they_mean() -> None:
    row: JSON = [{"label": "LABEL_0", "score": 0.25}, {"label": "LABEL_1", "score": 0.75}]
    with pytest.raises(DecodeError, match=r"LABEL_0, LABEL_1.*classes="):
        decode(row, ONE, TASK)
    told = HuggingFaceEntailments(HuggingFace(classes={"LABEL_0": "contradiction", "LABEL_1": "entailment"}))
    assert decode(row, ONE, told).results == (Entailment(entailment=0.75, contradiction=0.25),)


@pytest.mark.parametrize("body", [[], {}, 3, [3], [ROW]])
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body, TWO, TEI)
    with pytest.raises(DecodeError):
        decode(body, TWO, TASK)


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_results_or_a_known_error(body: bytes) -> None:
    with contextlib.suppress(DecodeError, ProviderError):
        TASK.decode(ONE, WireResponse(body=body))
