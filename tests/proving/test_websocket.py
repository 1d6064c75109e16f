"""Against aimock, which speaks the Responses wire both ways: a WebSocket gives the events that HTTP gives."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from tests.proving.asking import BASES, awaited_stream, streamed
from tests.wire.outcome import plain

from chat_core import ChatError, user
from chat_core.errors import (
    AuthenticationFailed,
    InvalidRequest,
    NotFound,
    Overloaded,
    PermissionDenied,
    RateLimited,
    ServerError,
    StreamTruncated,
)
from chat_core.flow.retry import NEVER, Retry
from chat_core.messages import tool_results
from chat_core.parts import Text, ToolResult
from chat_core.tools import Tool

if TYPE_CHECKING:
    from types import UnionType

    from tests.proving.asking import Answer, Way

    from chat_core.calls import Content
    from chat_core.jsonvalue import JSON

WEATHER = Tool(name="get_weather", description="Tell the weather.", parameters={"type": "object", "properties": {}})
IDS = re.compile(r"\b(resp|msg|rs|fc|ws)-[\w-]{16}")
"""Ids that the server draws by lot for every answer."""
OF_THE_CALL = frozenset({"attempts", "headers", "created_at"})
"""What belongs to the call and not to the answer."""


@pytest.fixture(params=[streamed, awaited_stream], ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


def ask(way: Way, server: str, transport: str, asked: Content, **settings: object) -> Answer:
    made = {"retry": NEVER, **settings}
    return way("openai:m", asked, (WEATHER,), base_url=server + BASES["openai"], transport=transport, **made)


def told(value: object) -> JSON:
    """Spell out what was said, with the ids of the server numbered as they come."""
    seen: dict[str, str] = {}
    text = json.dumps(without(plain(value)))
    data: JSON = json.loads(IDS.sub(lambda found: seen.setdefault(found[0], f"{found[1]}-{len(seen)}"), text))
    return data


def without(value: JSON) -> JSON:
    match value:
        case dict():
            return {key: without(item) for key, item in value.items() if key not in OF_THE_CALL}
        case list():
            return [without(item) for item in value]
        case _:
            return value


@pytest.mark.parametrize(
    "said",
    [
        "hello",
        "as json",
        "stop at length",
        "unicode",
        "long answer",
        "counted",
        "think hard",
        "web search",
        "weather in Paris",
        "two tools",
        "tool first",
        "text then tool",
    ],
)
def test_events_and_the_final_message_are_the_same(way: Way, aimock: str, said: str) -> None:
    over_http, events = ask(way, aimock, "httpx", said)
    over_socket, messages = ask(way, aimock, "websocket", said)
    assert told(tuple(messages)) == told(tuple(events))
    assert told(over_socket) == told(over_http)
    assert over_socket.response.parts


def test_a_conversation_goes_on_over_either(way: Way, aimock: str) -> None:
    turn, _ = ask(way, aimock, "websocket", user("weather in Paris"))
    (waits,) = turn.pending
    history = [*turn.messages, tool_results(ToolResult(call_id=waits.call.id, content=(Text("21 degrees"),)))]
    for transport in ("httpx", "websocket", "auto"):
        answered, _ = ask(way, aimock, transport, history)
        assert answered.text == "It is 21 degrees in Paris."


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("fault:400-context", InvalidRequest),
        ("fault:401", AuthenticationFailed),
        ("fault:403", PermissionDenied),
        ("fault:404", NotFound),
        ("fault:429-always", RateLimited),
        ("fault:503", ServerError | Overloaded),  # over a socket aimock says a general type, and no status
        ("filtered", ServerError),  # aimock says that the answer failed, and not why
    ],
)
def test_an_error_has_the_class_that_it_has_over_http(
    way: Way, aimock: str, said: str, kind: type[ChatError] | UnionType
) -> None:
    for transport in ("httpx", "websocket"):
        with pytest.raises(ChatError) as caught:
            ask(way, aimock, transport, said)
        assert isinstance(caught.value, kind)


@pytest.mark.parametrize("fault", ["truncate", "disconnect"])
def test_a_connection_that_is_cut_never_looks_complete(way: Way, aimock: str, fault: str) -> None:
    with pytest.raises(StreamTruncated) as caught:
        ask(way, aimock, "websocket", f"fault:{fault}")
    assert caught.value.partial is None or caught.value.partial.finish_reason is None


def test_what_fails_once_is_asked_again(way: Way, aimock: str, request: pytest.FixtureRequest) -> None:
    headers = {"X-Test-Id": request.node.nodeid}
    turn, _ = ask(way, aimock, "websocket", "fault:500-once", headers=headers, retry=Retry(first=0.01))
    assert turn.text == "after one 500"
    assert len(turn.response.attempts) == 2
