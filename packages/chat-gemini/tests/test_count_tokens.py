from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.capabilities import TokenCount, TokenCounter
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireRequest, WireResponse, dump
from chat_core.errors import DecodeError, NotFound
from chat_core.jsonvalue import parse_object
from chat_core.messages import system, user
from chat_core.options import Options
from chat_core.request import Request
from chat_gemini.count_tokens import GeminiTokenCounter
from chat_gemini.options import GeminiOptions
from chat_gemini.places import vertex
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

COUNT = GeminiTokenCounter(Gemini())
VERTEX = GeminiTokenCounter(Gemini(place=vertex("p", "global")))
ASK = Request(
    model="gemini-3.8-flash",
    messages=(system("Be brief."), user("Hi")),
    options=Options(max_tokens=5, native=(GeminiOptions(labels={"team": "a"}),)),
)


def parsed(wire: WireRequest) -> JSONObject:
    assert isinstance(wire.body, dict)
    return parse_object(dump(wire.body))


def decode(body: JSON) -> TokenCount:
    return COUNT.decode(ASK, WireResponse(body=dump(body)))


def test_gemini_counts_tokens() -> None:
    assert capability(Gemini(), TokenCounter) == COUNT


def test_the_request_counted_is_the_request_sent() -> None:
    wire, sent = COUNT.encode(ASK), Gemini().encode(ASK)
    assert wire.url == "https://generativelanguage.googleapis.com/v1/models/gemini-3.8-flash:countTokens"
    assert isinstance(sent.body, dict)
    assert isinstance(wire.body, dict)
    assert wire.body == {"generateContentRequest": {"model": "models/gemini-3.8-flash", **sent.body}}
    assert COUNT.parse(parsed(wire)) == Gemini().parse(parsed(sent), model="gemini-3.8-flash")


def test_vertex_ai_takes_the_input_alone() -> None:
    wire = VERTEX.encode(ASK)
    assert isinstance(wire.body, dict)
    assert wire.body.keys() == {"contents", "systemInstruction", "generationConfig"}
    assert wire.url.endswith("/publishers/google/models/gemini-3.8-flash:countTokens")
    assert VERTEX.parse(parsed(wire), model="m").messages == ASK.messages


def test_the_count_is_read_with_what_else_is_said() -> None:
    count = decode({"totalTokens": 8, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 8}]})
    assert count.input_tokens == 8
    assert [*count.meta.values()] == [{"promptTokensDetails": [{"modality": "TEXT", "tokenCount": 8}]}]


@pytest.mark.parametrize("body", [3, [], {}, {"totalTokens": None}, {"totalTokens": "x"}, {"totalTokens": True}])
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(NotFound):
        decode({"error": {"code": 404, "message": "no"}})
