"""Recorded live sessions, replayed in both directions: all is decoded, and what was sent is sent again."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

import pytest
from tests.wire import sessions
from tests.wire.corpus import VARIABLE, Exchange, entries, folder, load

from chat_core.codec.wire import Multipart
from chat_core.jsonvalue import parse_object
from chat_core.testing import leaves
from chat_responses.presets import OPENAI
from chat_responses.provider import Responses
from chat_responses.realtime.live import RealtimeLive
from chat_responses.realtime.secrets import encode_offer

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

SEED = 1


def recorded(*suffixes: str) -> list[Exchange]:
    if not os.environ.get(VARIABLE):
        return []
    return [load(entry) for entry in entries(folder()) if entry.api.endswith(suffixes)]


@pytest.mark.skipif(not os.environ.get(VARIABLE), reason=f"{VARIABLE} names no folder of recorded exchanges")
@pytest.mark.parametrize("exchange", recorded("-realtime-ws", "-live-ws"), ids=lambda exchange: exchange.id)
def test_a_recorded_session_is_decoded_and_said_again(exchange: Exchange) -> None:
    faults, lost, table = sessions.check(exchange, SEED)
    assert faults == []
    assert [path for path in lost if leaves.row_of(path, table) is None] == []


@pytest.mark.skipif(not os.environ.get(VARIABLE), reason=f"{VARIABLE} names no folder of recorded exchanges")
@pytest.mark.parametrize("exchange", recorded("openai-realtime-http"), ids=lambda exchange: exchange.id)
def test_a_recorded_offer_is_made_again(exchange: Exchange) -> None:
    """A form is no JSON, so the session of `tests.wire` does not compare it."""
    text = exchange.request["text"] if exchange.request is not None else ""
    fields = dict(re.findall(r'name="(\w+)"\r\nContent-Type: [\w/]+\r\n\r\n(.*?)\r\n--', str(text), re.DOTALL))
    session = parse_object(fields["session"])
    provider = Responses(OPENAI)
    config = RealtimeLive(provider).parse_config(session, model=str(session["model"]))
    body = encode_offer(provider, fields["sdp"], config).body
    assert isinstance(body, Multipart)
    assert {field.name: field.data.decode() for field in body.fields}["sdp"] == fields["sdp"]
    assert parse_object(body.fields[1].data) == session


def a_session(text: str = "Hi.", sent: str = "Hello.") -> Exchange:
    """Make a recorded session of an invented service."""
    item: JSONObject = {"id": "i", "type": "message", "role": "assistant", "content": [{"type": "text", "text": text}]}
    asked: JSONObject = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": sent}]}
    frames: list[tuple[str, JSONObject]] = [
        ("send", {"type": "session.update", "session": {"type": "realtime"}}),
        ("recv", {"type": "session.created", "session": {"id": "s"}}),
        ("send", {"type": "conversation.item.create", "item": asked}),
        ("send", {"type": "response.create"}),
        ("recv", {"type": "response.created", "response": {"id": "r"}}),
        ("recv", {"type": "response.done", "response": {"id": "r", "status": "completed", "output": [item]}}),
    ]
    held: JSONObject = {"frames": [{"dir": way, "text": json.dumps(data)} for way, data in frames]}
    expect: JSONObject = {"kind": "session", "text": "Hi.", "responses_done": 1}
    return Exchange("invented/one.0", "openai-realtime-ws", "openai-realtime-ws", "one", 0, None, held, expect)


def test_the_replay_passes_what_is_right_and_fails_for_what_is_not() -> None:
    assert sessions.check(a_session(), SEED)[0] == []
    assert ("decode", "text: expected 'Hi.', ours 'No.'") in sessions.check(a_session("No."), SEED)[0]


def test_the_replay_compares_what_was_sent() -> None:
    exchange = a_session()
    wire = sessions.WIRES[exchange.wire](exchange)
    done = sessions.replay(exchange, wire)
    assert list(sessions.said_again(done)) == []
    done.sent[0][1]["item"] = {"type": "message"}
    assert any("sent[1]" in words for words in sessions.said_again(done))
    done.sent[0].pop()
    assert any("recorded 3 messages, ours 2" in words for words in sessions.said_again(done))
