from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.codec.classification import Classification, ClassificationRequest, ClassificationResponse, Label
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, ProviderError, ServerError, UnsupportedContent
from chat_core.jsonvalue import parse_object
from chat_huggingface.classification import ALL, TaskClassification
from chat_huggingface.provider import HuggingFace

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

TASK = TaskClassification(HuggingFace())
OWN = ClassificationRequest(model="owner/m", inputs=("I like you",))
GIVEN = ClassificationRequest(model="owner/m", inputs=("I like you",), labels=("friendly", "hostile"))
PAIRS: list[JSON] = [{"label": "friendly", "score": 0.25}, {"label": "hostile", "score": 0.75}]


def decode(body: JSON, request: ClassificationRequest = GIVEN) -> ClassificationResponse:
    return TASK.decode(request, WireResponse(body=dump(body)))


def test_it_is_offered_by_the_service_and_by_endpoints() -> None:
    assert capability(TASK.provider, Classification) == TASK
    endpoint = HuggingFace(server="endpoint", base_url="https://e.test/")
    offered = capability(endpoint, Classification)
    assert offered is not None
    assert (offered.most_inputs, offered.encode(OWN).url) == (1, "https://e.test")


def test_the_models_own_classes_are_one_task() -> None:
    wire = TASK.encode(OWN)
    assert wire.url == "https://router.huggingface.co/hf-inference/models/owner/m"
    assert (wire.body, wire.notices) == ({"inputs": "I like you", "parameters": {"top_k": ALL}}, ())
    some = ClassificationRequest(
        model="owner/m", inputs=("a",), top_n=2, extra={"parameters": {"function_to_apply": "sigmoid"}}
    )
    assert TASK.encode(some).body == {"inputs": "a", "parameters": {"top_k": 2, "function_to_apply": "sigmoid"}}


def test_an_endpoint_is_asked_for_all_classes_where_nobody_said_how_many() -> None:
    labels: list[JSON] = [{"label": name, "score": score} for name, score in (("a", 0.7), ("b", 0.2), ("c", 0.1))]

    def pipeline(body: JSONObject) -> JSON:
        """Answer as the pipeline of an endpoint does: with the best class, unless `top_k` says otherwise."""
        match body:
            case {"parameters": {"top_k": int(most)}}:
                return [labels[:most]]
            case _:
                return labels[:1]

    endpoint = TaskClassification(HuggingFace(server="endpoint", base_url="https://e.test/"))
    for request, names in ((OWN, ["a", "b", "c"]), (replace(OWN, top_n=2), ["a", "b"])):
        asked = endpoint.encode(request).body
        assert isinstance(asked, dict)
        reply = WireResponse(body=dump(pipeline(parse_object(dump(asked)))))
        (found,) = endpoint.decode(request, reply).results
        assert [label.name for label in found.labels] == names


def test_given_labels_are_another() -> None:
    assert TASK.encode(GIVEN).body == {
        "inputs": "I like you",
        "parameters": {"candidate_labels": ["friendly", "hostile"]},
    }
    several = ClassificationRequest(
        model="owner/m", inputs=("a",), labels=("x",), multi_label=True, hypothesis="It is {}.", top_n=1
    )
    wire = TASK.encode(several)
    assert wire.body == {
        "inputs": "a",
        "parameters": {"candidate_labels": ["x"], "multi_label": True, "hypothesis_template": "It is {}."},
    }
    assert [(notice.feature, notice.applied) for notice in wire.notices] == [("top_n", 1)]


def test_what_is_said_of_labels_that_are_not_given_is_a_notice() -> None:
    asked = ClassificationRequest(model="owner/m", inputs=("a",), multi_label=True, hypothesis="It is {}.")
    wire = TASK.encode(asked)
    assert wire.body == {"inputs": "a", "parameters": {"top_k": ALL}}
    assert [notice.feature for notice in wire.notices] == ["multi_label", "hypothesis"]


def test_several_texts_are_several_requests() -> None:
    with pytest.raises(UnsupportedContent, match="one text at a time"):
        TASK.encode(ClassificationRequest(model="owner/m", inputs=("a", "b")))


@pytest.mark.parametrize(
    "body",
    [
        PAIRS,
        [PAIRS],
        {"sequence": "I like you", "labels": ["friendly", "hostile"], "scores": [0.25, 0.75]},
        [{"sequence": "I like you", "labels": ["friendly", "hostile"], "scores": [0.25, 0.75]}],
    ],
)
def test_classes_of_every_shape_come_with_the_surest_first(body: JSON) -> None:
    (one,) = decode(body).results
    assert one.labels == (Label(name="hostile", score=0.75), Label(name="friendly", score=0.25))
    assert one.meta == {}


def test_no_more_come_than_were_asked_for() -> None:
    asked = ClassificationRequest(model="owner/m", inputs=("a",), labels=("friendly", "hostile"), top_n=1)
    assert [label.name for label in decode(PAIRS, asked).results[0].labels] == ["hostile"]


def test_nothing_is_lost() -> None:
    origin = TASK.provider.origin("owner/m")
    (one,) = decode({"labels": ["hostile", "friendly"], "scores": [1, 0], "warnings": ["old"]}).results
    assert one.meta == {origin: {"warnings": ["old"]}}


@pytest.mark.parametrize("body", [[], [[]], {}, 3, [3], {"labels": ["a"]}, {"labels": ["a"], "scores": ["b"]}])
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(ServerError, match="no memory"):
        TASK.decode(OWN, WireResponse(status=200, body=dump({"error": ["no memory", "at all"]})))


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_classes_or_a_known_error(body: bytes) -> None:
    with contextlib.suppress(DecodeError, ProviderError):
        TASK.decode(GIVEN, WireResponse(body=body))


@pytest.mark.parametrize(
    "body",
    [
        [{"label": "POSITIVE", "score": 0.9}, {"label": "NEGATIVE", "score": 0.1}],
        PAIRS[:1],
        [*PAIRS, PAIRS[0]],
        {"labels": ["friendly", "other"], "scores": [0.5, 0.5]},
    ],
)
def test_other_classes_than_those_given_are_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError, match="the classes are not those that were given, but "):
        decode(body)
