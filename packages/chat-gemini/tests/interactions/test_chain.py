"""Chaining: the state lives in the messages, and is used only where it is proved to fit."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from interacting import (
    HELLO,
    MODEL,
    NAMED,
    SERVICE,
    decoded,
    encoded,
    end,
    native,
    output,
    said,
    step,
    streamed,
    text,
    whole,
)

from chat_core import Chat, Session
from chat_core.codec.capabilities import Unchain
from chat_core.codec.provider import capability
from chat_core.codec.wire import dump
from chat_core.history import dump as saved
from chat_core.history import load
from chat_core.jsonvalue import parse_object
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.parts import ToolResult
from chat_core.request import Request
from chat_core.testing.loopback import Loopback
from chat_gemini.interactions.chain import seal_of
from chat_gemini.interactions.options import InteractionsOptions
from chat_gemini.interactions.provider import Interactions
from chat_gemini.places import developer

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

CHAINED = native(chain=True)
REQUEST = Request(model=MODEL, messages=(system("Be brief."), user("Hi")), options=CHAINED)
ON: JSON = {"type": "user_input", "content": [text("On.")]}
PAUSED: dict[str, JSON] = {"status": "requires_continuation", "continuation_token": "tok_1"}


def answered(request: Request = REQUEST, **more: JSON) -> Message:
    return decoded(said(**more), request).message


def test_only_what_is_new_is_sent_after_an_answer() -> None:
    body = encoded(*REQUEST.messages, answered(), user("On."), options=CHAINED)
    assert (body["previous_interaction_id"], body["input"]) == ("v1_1", [ON])
    assert body["system_instruction"] == "Be brief."  # which the service does not keep


def test_a_streamed_answer_is_continued_as_a_whole_one() -> None:
    message = streamed(*step(0, text("Hello."), type="model_output"), end(), request=REQUEST).message
    assert message == answered()


def test_the_last_answer_is_continued() -> None:
    messages = (*REQUEST.messages, answered(), user("And now?"))
    second = answered(replace(REQUEST, messages=messages), id="v1_2")
    body = encoded(*messages, second, user("On."), options=CHAINED)
    assert (body["previous_interaction_id"], body["input"]) == ("v1_2", [ON])


def test_results_of_calls_are_what_is_new() -> None:
    call: dict[str, JSON] = {"type": "function_call", "id": "1", "name": "f", "arguments": {}}
    answer = decoded(said(call), REQUEST).message
    body = encoded(*REQUEST.messages, answer, tool_results(ToolResult(call_id="1")), options=CHAINED)
    assert body["input"] == [{"type": "function_result", "call_id": "1", "result": ""}]


def test_other_instructions_and_another_model_continue_it() -> None:
    body = encoded(system("Be long."), user("Hi"), answered(), user("On."), options=CHAINED, model="gemini-4-argon")
    assert (body["previous_interaction_id"], body["system_instruction"]) == ("v1_1", "Be long.")


@pytest.mark.parametrize(
    "messages",
    [
        (system("Be brief."), user("Ho"), answered(), user("On.")),
        (answered(), user("On.")),
        (*REQUEST.messages, system("And kind."), answered(), user("On.")),
    ],
    ids=["edited", "trimmed", "said otherwise"],
)
def test_a_history_that_the_service_has_not_seen_is_sent_whole(messages: tuple[Message, ...]) -> None:
    assert "previous_interaction_id" not in encoded(*messages, options=CHAINED)


def test_an_answer_of_another_place_is_not_continued() -> None:
    body = encoded(*REQUEST.messages, answered(), user("a"), assistant("b"), user("c"), options=CHAINED)
    assert body["previous_interaction_id"] == "v1_1"
    other = Interactions(place=developer("https://other.example"))
    wire = other.encode(replace(REQUEST, messages=(*REQUEST.messages, answered(), user("On."))))
    assert isinstance(wire.body, dict)
    assert "previous_interaction_id" not in wire.body


def test_without_being_asked_nothing_is_chained_or_kept() -> None:
    assert answered(HELLO).meta == {}
    assert "previous_interaction_id" not in encoded(*REQUEST.messages, answered(), user("On."))


def test_what_is_not_stored_is_not_continued() -> None:
    unstored = native(chain=True, store=False)
    assert answered(replace(REQUEST, options=unstored)).meta == {}
    assert answered(id="").meta == {}
    assert "previous_interaction_id" not in encoded(*REQUEST.messages, answered(), user("On."), options=unstored)


def test_what_is_said_explicitly_goes_before() -> None:
    options = native(chain=True, previous_interaction_id="v1_9")
    body = encoded(*REQUEST.messages, answered(), user("On."), options=options)
    assert body["previous_interaction_id"] == "v1_9"
    assert isinstance(body["input"], list)
    assert len(body["input"]) == 3


def test_the_state_is_saved_with_the_messages() -> None:
    messages = (*REQUEST.messages, answered(), user("On."))
    loaded = load(parse_object(dump(saved(messages))), tuple)
    assert encoded(*loaded, options=CHAINED) == encoded(*messages, options=CHAINED)


def test_a_request_is_unchained_once() -> None:
    unchain = capability(SERVICE, Unchain)
    assert unchain is not None
    alone = unchain.unchained(REQUEST)
    assert alone is not None
    assert alone.options.native_of(InteractionsOptions).chain is False
    assert unchain.unchained(alone) is None
    assert unchain.unchained(HELLO) is None


def test_a_seal_stands_for_all_messages_but_leading_instructions() -> None:
    assert seal_of([system("a"), user("b")]) == seal_of([user("b")])
    assert seal_of([user("b")]) != seal_of([user("c")])
    assert seal_of([user("b"), system("a")]) != seal_of([user("b")])


@pytest.mark.parametrize(("status", "word"), [(400, "invalid_request"), (404, "not_found")])
def test_a_lost_chain_is_repaired_by_the_client(status: int, word: str) -> None:
    lost = whole({"error": {"message": "Gone.", "code": word}}, status)
    answers = (whole(said()), lost, whole(said(output(text("Still here.")), id="v1_2")))
    with Loopback(*answers) as server, Chat(NAMED, base_url=server.address, api_key="k", options=CHAINED) as chat:
        first = chat.complete("Hi")
        second = chat.complete([*first.messages, user("On.")])
    assert second.text == "Still here."
    bodies = [json.loads(request.body) for request in server.asked]
    assert [body.get("previous_interaction_id") for body in bodies] == [None, "v1_1", None]
    assert len(bodies[2]["input"]) == 3


def test_one_client_serves_many_conversations() -> None:
    answers = [whole(said(id=f"v1_{number}")) for number in range(1, 5)]
    with Loopback(*answers) as server, Chat(NAMED, base_url=server.address, api_key="k", options=CHAINED) as chat:
        one, two = Session(chat), Session(chat)
        for session in (one, two, one, two):
            session.send("Go on.")
    chained = [json.loads(request.body).get("previous_interaction_id") for request in server.asked]
    assert chained == [None, None, "v1_1", "v1_2"]


def test_an_unfinished_answer_goes_on_by_its_token() -> None:
    body = encoded(*HELLO.messages, answered(HELLO, **PAUSED))
    assert body == {"model": MODEL, "previous_interaction_id": "v1_1", "continuation_token": "tok_1"}


def test_an_unfinished_answer_that_is_not_stored_goes_on_from_the_same_input() -> None:
    unstored = native(store=False)
    request = replace(HELLO, options=unstored)
    first = answered(request, **PAUSED)
    second = answered(request, **{**PAUSED, "continuation_token": "tok_2"})
    body = encoded(*HELLO.messages, first, second, options=unstored)
    assert body["continuation_token"] == "tok_2"
    assert body["input"] == [{"type": "user_input", "content": [text("Hi")]}]
    assert "previous_interaction_id" not in body


def test_an_answer_that_was_finished_later_is_history() -> None:
    messages = (*HELLO.messages, answered(HELLO, **PAUSED), answered(HELLO), user("On."))
    body = encoded(*messages)
    assert "continuation_token" not in body
    assert isinstance(body["input"], list)
    assert len(body["input"]) == 4


def test_a_client_goes_on_until_an_answer_is_finished() -> None:
    answers = (whole(said(output(text("One ")), **PAUSED)), whole(said(output(text("two.")), id="v1_2")))
    with Loopback(*answers) as server, Chat(NAMED, base_url=server.address, api_key="k") as chat:
        turn = chat.complete("Count.")
    assert [response.text for response in turn.responses] == ["One ", "two."]
    last = json.loads(server.asked[1].body)
    assert (last["previous_interaction_id"], last["continuation_token"]) == ("v1_1", "tok_1")
    assert "input" not in last
