"""Chaining: the state lives in the messages, and is used only where it is proved to fit."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from responding import MODEL, said, whole

from chat_core import Chat, Session
from chat_core.codec.capabilities import Unchain
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse, dump
from chat_core.history import dump as saved
from chat_core.history import load
from chat_core.jsonvalue import parse_object
from chat_core.messages import Message, assistant, system, user
from chat_core.options import Options
from chat_core.request import Request
from chat_core.testing.loopback import Loopback
from chat_responses.chain import seal_of
from chat_responses.options import ResponsesOptions
from chat_responses.presets import OPENAI
from chat_responses.provider import Responses

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

SERVICE = Responses(OPENAI)
CHAINED = Options(native=(ResponsesOptions(chain=True),))
REQUEST = Request(model="m", messages=(system("Be brief."), user("Hi")), options=CHAINED)


def answered(request: Request, **more: JSON) -> Message:
    return SERVICE.decode(request, WireResponse(body=dump(said("Hello.", **more)))).message


def asked(*messages: Message, options: Options = CHAINED, channel: str = "http") -> JSONObject:
    wire = SERVICE.encode(Request(model="m", messages=messages, options=options), channel=channel)
    return parse_object(dump(wire.body if isinstance(wire.body, dict) else None))


def test_only_what_is_new_is_sent_after_an_answer() -> None:
    body = asked(*REQUEST.messages, answered(REQUEST), user("And now?"))
    assert body["previous_response_id"] == "resp_1"
    assert body["input"] == [{"role": "user", "content": "And now?"}]
    assert body["instructions"] == "Be brief."  # which the service does not keep


def test_the_last_answer_is_continued() -> None:
    first = answered(REQUEST)
    messages = (*REQUEST.messages, first, user("And now?"))
    second = answered(replace(REQUEST, messages=messages), id="resp_2")
    body = asked(*messages, second, user("On."))
    assert (body["previous_response_id"], body["input"]) == ("resp_2", [{"role": "user", "content": "On."}])


def test_an_edited_history_is_sent_whole() -> None:
    body = asked(system("Be brief."), user("Ho"), answered(REQUEST), user("And now?"))
    assert "previous_response_id" not in body
    assert isinstance(body["input"], list)
    assert len(body["input"]) == 3


def test_a_trimmed_history_is_sent_whole() -> None:
    body = asked(answered(REQUEST), user("And now?"))
    assert "previous_response_id" not in body


def test_an_answer_of_another_service_is_not_continued() -> None:
    body = asked(*REQUEST.messages, answered(REQUEST), user("a"), assistant("b"), user("c"))
    assert body["previous_response_id"] == "resp_1"
    other = Responses(OPENAI, base_url="https://other.example/v1")
    wire = other.encode(replace(REQUEST, messages=(*REQUEST.messages, answered(REQUEST), user("On."))))
    assert isinstance(wire.body, dict)
    assert "previous_response_id" not in wire.body


def test_without_being_asked_nothing_is_chained_or_kept() -> None:
    plain = replace(REQUEST, options=Options())
    assert answered(plain).meta == {}
    assert "previous_response_id" not in asked(*REQUEST.messages, answered(REQUEST), user("On."), options=Options())


def test_an_answer_that_is_not_stored_is_continued_on_its_socket_only() -> None:
    answer = answered(REQUEST, store=False)
    messages = (*REQUEST.messages, answer, user("On."))
    assert "previous_response_id" not in asked(*messages)
    assert asked(*messages, channel="websocket")["previous_response_id"] == "resp_1"


def test_what_is_said_explicitly_goes_before() -> None:
    options = Options(native=(ResponsesOptions(chain=True, previous_response_id="resp_9"),))
    body = asked(user("On."), options=options)
    assert (body["previous_response_id"], body["input"]) == ("resp_9", [{"role": "user", "content": "On."}])


def test_the_state_is_saved_with_the_messages() -> None:
    messages = (*REQUEST.messages, answered(REQUEST), user("On."))
    loaded = load(parse_object(dump(saved(messages))), tuple)
    assert asked(*loaded) == asked(*messages)


def test_a_request_is_unchained_once() -> None:
    unchain = capability(SERVICE, Unchain)
    assert unchain is not None
    alone = unchain.unchained(REQUEST)
    assert alone is not None
    assert alone.options.native_of(ResponsesOptions).chain is False
    assert unchain.unchained(alone) is None
    assert unchain.unchained(replace(REQUEST, options=Options())) is None


def test_a_seal_stands_for_all_items() -> None:
    assert seal_of([[{"a": 1}], [{"b": 2}]]) == seal_of([[{"a": 1}, {"b": 2}]])
    assert seal_of([[{"a": 1}]]) != seal_of([[{"a": 2}]])


def test_a_lost_chain_is_repaired_by_the_client() -> None:
    lost: JSONObject = {
        "error": {"type": "invalid_request_error", "code": "previous_response_not_found", "message": "Gone."}
    }
    answers = (whole(said("Hello.")), whole(lost, 400), whole(said("Still here.", id="resp_2")))
    with Loopback(*answers) as server, Chat(MODEL, base_url=server.address, api_key="k", options=CHAINED) as chat:
        first = chat.complete("Hi")
        second = chat.complete([*first.messages, user("On.")])
    assert second.text == "Still here."
    bodies = [json.loads(request.body) for request in server.asked]
    assert [body.get("previous_response_id") for body in bodies] == [None, "resp_1", None]
    assert len(bodies[2]["input"]) == 3


def test_one_client_serves_many_conversations() -> None:
    answers = [whole(said("Hello.", id=f"resp_{number}")) for number in range(1, 5)]
    with Loopback(*answers) as server, Chat(MODEL, base_url=server.address, api_key="k", options=CHAINED) as chat:
        one, two = Session(chat), Session(chat)
        for session in (one, two, one, two):
            session.send("Go on.")
    chained = [json.loads(request.body).get("previous_response_id") for request in server.asked]
    assert chained == [None, None, "resp_1", "resp_2"]


@pytest.mark.parametrize("conversation", ["conv_1", {"id": "conv_1"}])
def test_a_conversation_of_the_service_is_named_as_it_is(conversation: str | dict[str, JSON]) -> None:
    options = Options(native=(ResponsesOptions(chain=True, conversation=conversation),))
    assert asked(user("On."), options=options)["conversation"] == conversation
