"""The endpoint, the headers, and whose private data is accepted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chat_core.codec.framers import NDJSON
from chat_core.codec.provider import Provider, Secret
from chat_core.codec.wire import WireRequest
from chat_core.errors import UnsupportedTransport
from chat_core.messages import user
from chat_core.request import Request
from chat_ollama.generate import Generate
from chat_ollama.provider import Ollama

ASK = Request(model="m", messages=(user("Hi"),))
OLLAMA = Ollama()


def test_ollama_is_a_provider() -> None:
    provider: Provider = OLLAMA
    assert provider.name == "ollama"
    assert provider.channels == {"http"}


def test_a_request_goes_to_the_chat_endpoint_of_the_server() -> None:
    wire = OLLAMA.encode(ASK)
    assert (wire.url, wire.framer) == ("http://127.0.0.1:11434/api/chat", None)
    assert wire.headers == {"content-type": "application/json", "accept": "application/json"}
    assert Ollama(base_url="https://h.example/ollama/").encode(ASK).url == "https://h.example/ollama/api/chat"


def test_a_streamed_request_says_so_in_header_and_framer() -> None:
    wire = OLLAMA.encode(ASK, stream=True)
    assert wire.headers["accept"] == "application/x-ndjson"
    assert wire.framer is NDJSON


def test_configured_headers_win_and_show_in_no_repr() -> None:
    mine = Ollama(headers={"accept": "secret"})
    assert mine.encode(ASK).headers["accept"] == "secret"
    assert "secret" not in repr(mine)


def test_a_key_goes_into_the_header_of_bearers() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    assert OLLAMA.authorize(WireRequest(url=""), b"", Secret("k"), now) == {"authorization": "Bearer k"}


@pytest.mark.parametrize("provider", [OLLAMA, Generate()])
def test_only_http_is_spoken(provider: Ollama) -> None:
    with pytest.raises(UnsupportedTransport, match="websocket"):
        provider.encode(ASK, channel="websocket")


@pytest.mark.parametrize(
    ("origin", "accepted"),
    [
        ("ollama@127.0.0.1:11434/ollama", True),
        ("gpu@gpu.example/ollama", True),
        ("claude@api.anthropic.com/claude", False),
        ("ollama-openai@localhost:11434/chat", False),
        ("nonsense", False),
    ],
)
def test_private_data_of_any_ollama_server_is_accepted_and_no_other(origin: str, accepted: bool) -> None:
    assert OLLAMA.accepts(origin) is accepted
    assert OLLAMA.origin("m") == "ollama@127.0.0.1:11434/ollama"


def test_a_server_at_the_usual_address_is_started_with_a_command_and_another_is_not() -> None:
    assert Ollama().serve == "ollama serve"
    assert Ollama(base_url="http://elsewhere.example").serve is None
