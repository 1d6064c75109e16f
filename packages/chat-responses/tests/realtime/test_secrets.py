"""Secrets and calls, on a server over loopback, in both colours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from responding import COLOURS, blocking, whole

from chat_core import Chat
from chat_core.errors import DecodeError, UnsupportedCapability
from chat_core.live import LiveConfig
from chat_core.messages import system
from chat_core.options import Options
from chat_core.testing.loopback import Answer, Loopback
from chat_responses.realtime.secrets import (
    ClientSecret,
    LiveCall,
    accept,
    answer_offer,
    client_secret,
    hang_up,
    refer,
    reject,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.events import Event
    from chat_core.flow.service import Operation
    from chat_core.jsonvalue import JSONObject

CONFIG = LiveConfig(model="grok-voice", messages=(system("Be brief."),))
OFFER = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"
ANSWER = "v=0\r\no=- 2 2 IN IP4 0.0.0.0\r\n"
TAKEN = Answer(
    status=201,
    headers={"content-type": "application/sdp", "location": "/v1/realtime/calls/rtc_1"},
    pieces=(ANSWER.encode(),),
)


@pytest.mark.parametrize("run", COLOURS)
def test_a_secret_opens_the_session_that_it_was_asked_for(run: Callable[..., tuple[object, list[Event]]]) -> None:
    reply: JSONObject = {"value": "ek_invented", "expires_at": 9, "session": {"id": "sess_1"}, "novel": 1}
    config = LiveConfig(model="grok-voice", messages=CONFIG.messages, options=Options(seed=1))
    with Loopback(whole(reply)) as server:
        secret, _ = run(server.address, client_secret(config, seconds=60))
    assert server.asked[0].path == "/realtime/client_secrets"
    assert json.loads(server.asked[0].body) == {
        "expires_after": {"anchor": "created_at", "seconds": 60},
        "session": {"model": "grok-voice", "instructions": "Be brief."},
    }
    assert isinstance(secret, ClientSecret)
    assert (secret.value, secret.expires_at, secret.session) == ("ek_invented", 9, {"id": "sess_1"})
    assert secret.meta == {"novel": 1}
    assert [notice.feature for notice in secret.notices] == ["seed"]
    assert "ek_invented" not in repr(secret)


@pytest.mark.parametrize("run", COLOURS)
def test_a_call_is_taken_with_a_session(run: Callable[..., tuple[object, list[Event]]]) -> None:
    with Loopback(TAKEN) as server:
        call, _ = run(server.address, answer_offer(OFFER, CONFIG))
    assert call == LiveCall(id="rtc_1", answer=ANSWER)
    asked = server.asked[0]
    assert asked.path == "/realtime/calls"
    assert asked.headers["content-type"].startswith("multipart/form-data")
    assert b'name="sdp"\r\ncontent-type: application/sdp\r\n\r\n' + OFFER.encode() in asked.body
    assert b'{"model":"grok-voice","instructions":"Be brief."}' in asked.body


def test_a_call_is_taken_with_a_secret_in_place_of_the_key() -> None:
    with Loopback(TAKEN) as server:
        blocking(server.address, answer_offer(OFFER, secret=ClientSecret(value="ek_invented")))
    asked = server.asked[0]
    assert (asked.headers["content-type"], asked.body) == ("application/sdp", OFFER.encode())
    assert asked.headers["authorization"] == "Bearer ek_invented"


@pytest.mark.parametrize(
    ("operation", "path", "body"),
    [
        (accept("rtc 1", CONFIG), "accept", {"model": "grok-voice", "instructions": "Be brief."}),
        (reject("rtc 1", status=486), "reject", {"status_code": 486}),
        (refer("rtc 1", "tel:+15550100"), "refer", {"target_uri": "tel:+15550100"}),
        (hang_up("rtc 1"), "hangup", None),
    ],
    ids=["accept", "reject", "refer", "hang up"],
)
def test_a_call_over_telephone_is_controlled(operation: Operation[None], path: str, body: object) -> None:
    with Loopback(whole({})) as server:
        blocking(server.address, operation)
    assert server.asked[0].path == f"/realtime/calls/rtc%201/{path}"
    assert (json.loads(server.asked[0].body) if server.asked[0].body else None) == body


@pytest.mark.parametrize("reply", [whole({"error": "x"}), whole({"value": 3})])
def test_a_malformed_secret_is_an_error_that_shows_none(reply: Answer) -> None:
    with Loopback(reply) as server, pytest.raises(DecodeError, match="without `value`"):
        blocking(server.address, client_secret(CONFIG))


def test_what_is_no_session_description_is_an_error() -> None:
    page = Answer(headers={"content-type": "text/html"}, pieces=(b"<html>",))
    with Loopback(page) as server, pytest.raises(DecodeError, match="no session description"):
        blocking(server.address, answer_offer(OFFER, CONFIG))


def test_a_client_without_live_sessions_says_who_has_them() -> None:
    with Chat("deepseek-responses:m", api_key="k") as chat, pytest.raises(UnsupportedCapability, match="openai"):
        chat.drive(client_secret(CONFIG)).finish()
