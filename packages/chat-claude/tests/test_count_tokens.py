from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_claude.count_tokens import ClaudeTokenCounter
from chat_claude.options import ClaudeOptions, budget
from chat_claude.provider import VERTEX, Claude
from chat_core.codec.capabilities import TokenCount, TokenCounter
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse
from chat_core.errors import DecodeError, InvalidRequest
from chat_core.messages import system, user
from chat_core.options import Options
from chat_core.request import Request
from chat_core.tools import Tool

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

COUNT = ClaudeTokenCounter(Claude())
ASKED = Request(
    model="m", messages=(system("Be brief."), user("Hi")), tools=(Tool(name="t", parameters={"type": "object"}),)
)


def decode(body: JSON) -> TokenCount:
    return COUNT.decode(ASKED, WireResponse(body=json.dumps(body).encode()))


def body_of(counter: ClaudeTokenCounter, request: Request) -> JSONObject:
    body: JSONObject = json.loads(json.dumps(counter.encode(request).body))
    return body


def test_claude_offers_counts() -> None:
    assert capability(Claude(), TokenCounter) == COUNT


def test_the_request_is_the_chats_own_less_what_says_how_to_answer() -> None:
    options = Options(
        max_tokens=9, temperature=0.5, stop=("x",), user="u", native=(ClaudeOptions(thinking=budget(1024)),)
    )
    request = Request(model="m", messages=ASKED.messages, tools=ASKED.tools, options=options)
    chat: JSONObject = json.loads(json.dumps(COUNT.provider.encode(request).body))
    left_out = {"max_tokens", "temperature", "stop_sequences", "metadata"}
    assert body_of(COUNT, request) == {key: value for key, value in chat.items() if key not in left_out}
    assert body_of(COUNT, request)["thinking"] == {"type": "enabled", "budget_tokens": 1024}


def test_the_endpoint_is_its_own_and_never_streams() -> None:
    wire = COUNT.encode(ASKED)
    assert wire.url == "https://api.anthropic.com/v1/messages/count_tokens"
    assert wire.framer is None
    assert wire.headers["anthropic-version"] == "2023-06-01"


def test_a_host_with_the_model_in_the_address_takes_it_in_the_body_here() -> None:
    counter = ClaudeTokenCounter(Claude(base_url="https://cloud.example/publishers/anthropic/models", surface=VERTEX))
    assert counter.encode(ASKED).url == "https://cloud.example/publishers/anthropic/models/count-tokens:rawPredict"
    assert body_of(counter, ASKED)["model"] == "m"


def test_encode_is_the_inverse_of_parse() -> None:
    body: JSONObject = {
        "model": "m",
        "system": [{"type": "text", "text": "Be brief."}],
        "tools": [{"name": "t", "input_schema": {"type": "object"}}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    }
    assert body_of(COUNT, COUNT.parse(body)) == body


def test_the_count_is_read() -> None:
    assert decode({"input_tokens": 0}) == TokenCount(input_tokens=0)
    assert decode({"input_tokens": 7, "later": 1}).meta == {COUNT.provider.origin("m"): {"later": 1}}


@pytest.mark.parametrize(
    "body", [3, [], {}, {"input_tokens": None}, {"input_tokens": "7"}, {"input_tokens": True}, {"error": None}]
)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(InvalidRequest):
        decode({"type": "error", "error": {"type": "invalid_request_error", "message": "no"}})
