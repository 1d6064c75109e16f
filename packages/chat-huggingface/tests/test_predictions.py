from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from chat_core.codec.classification import Classification, ClassificationRequest, ClassificationResponse, Label
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.testing.offering import several_labels_hold
from chat_core.testing.subject import Subject
from chat_huggingface.predictions import ServerClassification
from chat_huggingface.provider import HuggingFace

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

SERVER = ServerClassification(HuggingFace(server="tei", base_url="http://localhost:8080"))
OWN = ClassificationRequest(model="m", inputs=("one", "two"))
GIVEN = ClassificationRequest(model="m", inputs=("one", "two"), labels=("x", "y"))


def judged(entailment: float, contradiction: float = 0.0) -> JSON:
    return [{"label": "entailment", "score": entailment}, {"label": "contradiction", "score": contradiction}]


def decode(body: JSON, request: ClassificationRequest = GIVEN) -> ClassificationResponse:
    return SERVER.decode(request, WireResponse(body=dump(body)))


def test_it_is_offered_by_the_server() -> None:
    assert capability(SERVER.provider, Classification) == SERVER
    assert (SERVER.most_inputs, SERVER.most_pairs) == (32, 32)
    assert ServerClassification(HuggingFace(server="tei", base_url="http://a", batch=2)).most_pairs == 2


def test_texts_go_together_each_in_a_list_of_its_own() -> None:
    wire = SERVER.encode(ClassificationRequest(model="m", inputs=("one", "two"), top_n=1, extra={"truncate": True}))
    assert wire.url == "http://localhost:8080/predict"
    assert wire.body == {"inputs": [["one"], ["two"]], "truncate": True}
    assert [notice.feature for notice in wire.notices] == ["top_n"]


def test_given_labels_are_sentences_beside_each_text() -> None:
    assert SERVER.encode(GIVEN).body == {
        "inputs": [[text, f"This example is {label}."] for text in ("one", "two") for label in ("x", "y")],
        "raw_scores": True,
    }
    own = ClassificationRequest(model="m", inputs=("one",), labels=("{}",), hypothesis="{} it is")
    assert SERVER.encode(own).body == {"inputs": [["one", "{} it is"]], "raw_scores": True}


def test_what_is_said_of_labels_that_are_not_given_is_a_notice() -> None:
    wire = SERVER.encode(ClassificationRequest(model="m", inputs=("a",), multi_label=True, hypothesis="{}"))
    assert [notice.feature for notice in wire.notices] == ["multi_label", "hypothesis"]


def test_more_pairs_than_the_server_takes_are_an_error_that_names_the_fix() -> None:
    with pytest.raises(UnsupportedContent, match="batch=33"):
        SERVER.encode(ClassificationRequest(model="m", inputs=("a",), labels=tuple(map(str, range(33)))))


def test_the_models_own_classes_come_for_each_text() -> None:
    rows: JSON = [[{"label": "A", "score": 0.25}, {"label": "B", "score": 0.75}], [{"label": "A", "score": 1}]]
    first, second = decode(rows, OWN).results
    assert (first.best, second.best) == (Label(name="B", score=0.75), Label(name="A", score=1))


def test_a_lone_label_is_judged_by_itself() -> None:
    asked = ClassificationRequest(model="m", inputs=("one",), labels=("x",))
    assert decode([judged(0, math.log(3))], asked).results[0].scores == pytest.approx({"x": 0.25})


def test_several_given_labels_keep_the_law() -> None:
    said: JSON = [judged(math.log(3)), judged(math.log(9))]
    subject = Subject(
        provider=SERVER.provider,
        cases=(),
        model="m",
        secret="s" * 20,
        load=lambda: SERVER.provider,
        several=(WireResponse(body=dump(said)),),
    )
    assert list(several_labels_hold(subject)) == []


def test_scores_without_bounds_become_shares_of_the_labels() -> None:
    first, second = decode([judged(math.log(3)), judged(0), judged(0), judged(math.log(3))]).results
    assert first.scores == pytest.approx({"x": 0.75, "y": 0.25})
    said: JSON = [{"entailment": math.log(3), "contradiction": 0.0}, {"entailment": 0.0, "contradiction": 0.0}]
    assert first.meta == {SERVER.provider.origin("m"): {"judged": said}}
    assert second.best.name == "y"


def test_of_several_labels_each_is_judged_by_itself() -> None:
    asked = ClassificationRequest(model="m", inputs=("one",), labels=("x", "y"), multi_label=True)
    (one,) = decode([judged(math.log(3)), judged(math.log(3), math.log(3))], asked).results
    assert one.scores == pytest.approx({"x": 0.75, "y": 0.5})


def test_a_model_that_is_trained_for_something_else_is_an_error() -> None:
    row: JSON = [{"label": "POSITIVE", "score": 1}, {"label": "NEGATIVE", "score": 0}]
    rows: list[JSON] = [row] * 4
    with pytest.raises(DecodeError, match="POSITIVE, NEGATIVE"):
        decode(rows)


MALFORMED: tuple[JSON, ...] = ([], 3, {}, [judged(1)], [[], [], [], []], [3, 3, 3, 3])


@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)
    with pytest.raises(DecodeError):
        decode([[], []], OWN)
