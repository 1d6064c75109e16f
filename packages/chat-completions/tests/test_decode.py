from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_completions.decode import IGNORED
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.wire import WireResponse
from chat_core.errors import ContentBlocked, DecodeError, ProviderError
from chat_core.parts import Citation, Json, Media, Opaque, Reasoning, Refusal, Text, TokenLogprob, ToolCall
from chat_core.request import Request
from chat_core.response import FinishReason

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Response

PROVIDER = Completions(PRESETS["openai-chat"])
ORIGIN = PROVIDER.origin("m")


def decode(reply: JSON, **headers: str) -> Response:
    body = b"\n  " + json.dumps(reply).encode()
    wire = WireResponse(body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return PROVIDER.decode(Request(model="m", messages=()), wire)


def answer(message: JSONObject, **choice: JSON) -> Response:
    return decode({"choices": [{"index": 0, "message": message, "finish_reason": "stop", **choice}]})


def test_a_reply_is_read() -> None:
    reply: JSONObject = {
        "id": "r",
        "object": "chat.completion",
        "created": 5,
        "model": "m1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
        "system_fingerprint": "f",
    }
    response = decode(reply, x_request_id="q", x_other="o")
    assert (response.id, response.model, response.text) == ("r", "m1", "Hi")
    assert response.finish_reason is FinishReason.STOP
    assert response.usage is not None
    assert response.usage.input_tokens == 1
    assert response.headers == {"x-request-id": "q"}
    assert response.meta == {ORIGIN: {"created": 5, "system_fingerprint": "f"}}
    assert response.raw == reply


def test_the_parts_have_one_order() -> None:
    message: JSONObject = {
        "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}],
        "images": [{"type": "image_url", "image_url": {"url": "https://a.test"}}],
        "audio": {"id": "a", "data": "AAEC"},
        "refusal": "no",
        "content": "Yes",
        "reasoning": "hm",
    }
    kinds = [type(part) for part in answer(message).parts]
    assert kinds == [Reasoning, Text, Refusal, Media, Media, ToolCall]


def test_content_may_be_an_object() -> None:
    assert answer({"content": {"a": [1]}}).parts == (Json({"a": [1]}),)


def test_content_may_be_a_list_with_thinking() -> None:
    parts = answer(
        {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                {"type": "text", "text": "Yes", "odd": 1},
                {"type": "reference", "ids": [1]},
            ]
        }
    ).parts
    assert parts == (
        Reasoning("hm", meta={ORIGIN: {"field": "thinking"}}),
        Text("Yes", meta={ORIGIN: {"odd": 1}}),
        Opaque(origin=ORIGIN, kind="reference", data={"type": "reference", "ids": [1]}),
    )


def test_images_of_other_shapes_are_opaque() -> None:
    odd: list[JSON] = [{"b64": "AAEC"}, "AAEC", {"type": "text", "text": "x"}]
    parts = answer({"content": None, "images": odd}).parts
    assert [part.data for part in parts if isinstance(part, Opaque)] == [odd[0], {"": "AAEC"}, odd[2]]


def test_encrypted_reasoning_is_reasoning_without_text() -> None:
    details: list[JSON] = [{"type": "reasoning.encrypted", "data": "z"}]
    assert answer({"content": "x", "reasoning_details": details}).parts[0] == Reasoning(
        "", meta={ORIGIN: {"details": details}}
    )


def test_markup_in_the_text_is_left_alone() -> None:
    assert answer({"content": "<think>hm</think>Yes"}).text == "<think>hm</think>Yes"


def test_annotations_and_listed_sources_are_citations() -> None:
    note: JSONObject = {"type": "url_citation", "url_citation": {"url": "u", "start_index": 0, "end_index": 1}}
    assert answer({"content": "x", "annotations": [note]}).citations == (
        Citation(url="u", start=0, end=1, meta={ORIGIN: {"type": "url_citation"}}),
    )
    listed = decode({"choices": [{"message": {"content": "x"}}], "citations": ["u"]})
    assert listed.citations == (Citation(url="u"),)


def test_log_probabilities_belong_to_the_text() -> None:
    response = answer({"content": "x"}, logprobs={"content": [{"token": "x", "logprob": -1}], "refusal": ["odd"]})
    assert response.parts == (Text("x", logprobs=(TokenLogprob(token="x", logprob=-1),)),)
    assert response.meta == {ORIGIN: {"logprobs": {"refusal": ["odd"]}}}


def test_several_choices_are_alternatives() -> None:
    response = decode(
        {
            "choices": [
                {"index": 1, "message": {"content": "b"}, "finish_reason": "length", "odd": 1},
                {"index": 0, "message": {"content": "a"}, "finish_reason": "stop"},
            ]
        }
    )
    (other,) = response.alternatives
    assert (response.text, other.text) == ("a", "b")
    assert (other.finish_reason, other.meta) == (FinishReason.LENGTH, {ORIGIN: {"odd": 1}})


def test_a_choice_without_a_message_is_an_empty_answer() -> None:
    response = decode({"choices": [{"finish_reason": "content_filter", "content_filter_results": {"hate": {}}}]})
    assert response.parts == ()
    assert response.finish_reason is FinishReason.CONTENT_FILTER
    assert response.meta == {ORIGIN: {"content_filter_results": {"hate": {}}}}


def test_an_empty_delta_beside_the_message_says_nothing_and_a_full_one_is_kept() -> None:
    assert answer({"content": "x"}, delta={"role": "assistant", "content": ""}).meta == {}
    assert answer({"content": "x"}, delta={"content": "y"}).meta == {ORIGIN: {"delta": {"content": "y"}}}


def test_fillers_say_nothing_but_their_unknown_members_do() -> None:
    filler: JSONObject = {
        "content": "x",
        "refusal": "",
        "audio": {"id": "", "data": "", "odd": 1},
        "function_call": {"name": "", "arguments": "", "odd": 2},
    }
    response = answer(filler)
    assert response.parts == (Text("x"),)
    assert response.meta == {ORIGIN: {"audio": {"odd": 1}, "function_call": {"odd": 2}}}


@pytest.mark.parametrize(
    "reply",
    [
        {"error": {"message": "broken"}},
        {"error": "broken"},
        {"detail": "broken"},
        {"object": "error", "message": "broken"},
        {"choices": [{"message": {"content": "Hel"}, "error": {"message": "broken"}}]},
    ],
)
def test_an_error_in_the_guise_of_a_success_is_raised(reply: JSONObject) -> None:
    with pytest.raises(ProviderError) as caught:
        decode(reply)
    assert caught.value.message == "broken"


def test_what_came_beside_an_error_is_partial() -> None:
    with pytest.raises(ContentBlocked) as caught:
        decode({"choices": [{"message": {"content": "Hel"}}], "error": {"message": "no", "code": "content_filter"}})
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hel"


@pytest.mark.parametrize(
    "reply", [{}, [], {"choices": None, "id": 3} | {"choices": 3}, {"choices": [{"message": 3}]}, "x"]
)
def test_malformed_replies_are_decode_errors(reply: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(reply)


def test_what_is_ignored_has_a_reason() -> None:
    assert all(IGNORED.values())
