from __future__ import annotations

import pytest

from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import (
    AuthenticationFailed,
    InvalidRequest,
    NotFound,
    Overloaded,
    ProviderError,
    RateLimited,
    ServerError,
)
from chat_ollama.errors import decode_error, error_from, headers_of
from chat_ollama.provider import Ollama


def refused(status: int, words: str) -> WireResponse:
    return WireResponse(status=status, body=dump({"error": words}))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (401, AuthenticationFailed),
        (404, NotFound),
        (429, RateLimited),
        (500, ServerError),
        (502, ServerError),
        (503, Overloaded),
    ],
)
def test_the_status_decides(status: int, kind: type[ProviderError]) -> None:
    error = decode_error(refused(status, "model 'x' not found: rate limit, unauthorized"))
    assert type(error) is kind
    assert error.message == "model 'x' not found: rate limit, unauthorized"
    assert error.status == status


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        ("model 'llama3.2:3b' not found", "Fetch it: chat ollama pull llama3.2:3b"),
        ('model "qwen3" not found, try pulling it first', "Fetch it: chat ollama pull qwen3"),
        ("404 page not found", None),
    ],
)
def test_a_model_that_is_not_there_can_be_fetched(words: str, fix: str | None) -> None:
    error = Ollama().decode_error(refused(404, words))
    assert error.message == words
    assert error.fix == fix
    assert str(error) == f"{words} (HTTP 404)" + (f". {fix}" if fix else "")


def test_what_helps_depends_on_the_host() -> None:
    cloud = Ollama(base_url="https://ollama.com")
    assert cloud.decode_error(refused(404, "model 'm' not found")).fix is None
    assert cloud.decode_error(refused(401, "unauthorized")).fix == "Set OLLAMA_API_KEY to a key of ollama.com"
    assert Ollama().decode_error(refused(401, "unauthorized")).fix is None


def test_an_error_inside_a_stream_is_the_servers() -> None:
    error = error_from({"error": "unexpected EOF"})
    assert type(error) is ServerError
    assert (error.message, error.status, error.details) == ("unexpected EOF", None, {"error": "unexpected EOF"})


def test_what_else_an_error_says_is_kept() -> None:
    reply = WireResponse(status=401, body=dump({"error": "unauthorized", "signin_url": "https://ollama.com/connect"}))
    assert decode_error(reply).details == {"error": "unauthorized", "signin_url": "https://ollama.com/connect"}


def test_headers_worth_keeping_are_kept() -> None:
    assert headers_of(WireResponse(headers={"x-request-id": "r", "date": "d"})) == {"x-request-id": "r"}
