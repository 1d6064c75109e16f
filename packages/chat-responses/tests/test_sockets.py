"""The same requests over a WebSocket: spelled as events."""

from __future__ import annotations

import pytest

from chat_core.codec.wire import Frame
from chat_core.errors import UnsupportedTransport
from chat_core.messages import user
from chat_core.options import Options
from chat_core.request import Request
from chat_responses.options import ResponsesOptions
from chat_responses.presets import COMPATIBLE, OPENAI, PRESETS
from chat_responses.provider import Responses
from chat_responses.sockets import LANES, socket_url

SERVICE = Responses(OPENAI)
REQUEST = Request(model="m", messages=(user("Hi"),))


def test_the_body_is_an_event_without_what_only_http_has() -> None:
    options = Options(native=(ResponsesOptions(background=True, stream_options={"include_obfuscation": False}),))
    wire = SERVICE.encode(Request(model="m", messages=(user("Hi"),), options=options), channel="websocket", stream=True)
    assert wire.url == "wss://api.openai.com/v1/responses"
    assert wire.body == {"type": "response.create", "model": "m", "input": [{"role": "user", "content": "Hi"}]}
    assert [notice.feature for notice in wire.notices] == ["background"]
    assert wire.lane is LANES


def test_requests_of_one_conversation_share_an_affinity() -> None:
    def affinity(*texts: str) -> str | None:
        messages = tuple(user(text) for text in texts)
        return SERVICE.encode(Request(model="m", messages=messages), channel="websocket").affinity

    assert affinity("a") == affinity("a", "b") != affinity("c")
    assert SERVICE.encode(REQUEST).affinity is None


def test_a_service_without_lanes_answers_one_by_one() -> None:
    wire = Responses(PRESETS["xai-responses"]).encode(REQUEST, channel="websocket")
    assert (wire.url, wire.lane) == ("wss://api.x.ai/v1/responses", None)


def test_a_service_without_sockets_says_what_it_has() -> None:
    provider = Responses(COMPATIBLE, base_url="https://llm.example/v1")
    with pytest.raises(UnsupportedTransport, match="http"):
        provider.encode(REQUEST, channel="websocket")


def test_a_lane_is_named_by_its_member_of_events() -> None:
    assert LANES.assign({"type": "response.create"}, "7") == {"type": "response.create", "stream_id": "7"}
    assert LANES.of(Frame('{"type":"error","stream_id":"7"}')) == "7"
    assert LANES.of(Frame('{"type":"error"}')) is None
    assert LANES.of(Frame("no JSON")) is None


def test_an_address_keeps_whether_it_is_secure() -> None:
    assert socket_url("https://a.test/v1/responses") == "wss://a.test/v1/responses"
    assert socket_url("http://localhost:1/v1/responses?a=b") == "ws://localhost:1/v1/responses?a=b"
