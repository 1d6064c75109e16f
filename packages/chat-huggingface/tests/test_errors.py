from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import (
    AuthenticationFailed,
    InvalidRequest,
    NotFound,
    Overloaded,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    ServerError,
)
from chat_huggingface.errors import RETIRED, error_from
from chat_huggingface.provider import HuggingFace

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

ROUTER = HuggingFace()
TEI = HuggingFace(server="tei", base_url="http://localhost:8080")


def refused(status: int, body: JSON) -> WireResponse:
    return WireResponse(status=status, headers={"x-request-id": "r"}, body=dump(body))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (401, AuthenticationFailed),
        (402, QuotaExceeded),
        (403, PermissionDenied),
        (404, NotFound),
        (410, NotFound),
        (422, InvalidRequest),
        (424, InvalidRequest),
        (429, RateLimited),
        (500, ServerError),
        (503, Overloaded),
        (504, ServerError),
    ],
)
def test_the_status_decides_and_no_word_of_the_message(status: int, kind: type[ProviderError]) -> None:
    error = ROUTER.decode_error(refused(status, {"error": "unauthorized: rate limit, not found"}))
    assert type(error) is kind
    assert (error.message, error.request_id) == ("unauthorized: rate limit, not found", "r")


def test_a_text_or_several_or_no_json_at_all_is_the_message() -> None:
    assert ROUTER.decode_error(refused(400, {"error": ["one", "two"]})).message == "one; two"
    page = ROUTER.decode_error(WireResponse(status=404, headers={"content-type": "text/plain"}, body=b"Not Found"))
    assert (type(page), page.message) == (NotFound, "Not Found")


def test_a_model_that_loads_says_how_long() -> None:
    body: JSON = {"error": "Model owner/m is currently loading", "estimated_time": 20.5}
    error = ROUTER.decode_error(refused(503, body))
    assert (type(error), error.retry_after, error.retryable) == (Overloaded, 20.5, True)


def test_what_is_said_beside_the_error_is_kept() -> None:
    body: JSON = {"error": "no", "warnings": ["old"]}
    assert ROUTER.decode_error(refused(400, body)).details == body


@pytest.mark.parametrize(
    ("status", "word", "kind"),
    [
        (429, "overloaded", Overloaded),
        (503, "unhealthy", Overloaded),
        (413, "validation", InvalidRequest),
        (422, "tokenizer", InvalidRequest),
        (424, "backend", InvalidRequest),
    ],
)
def test_words_of_the_servers_are_known(status: int, word: str, kind: type[ProviderError]) -> None:
    error = TEI.decode_error(refused(status, {"error": "no", "error_type": word}))
    assert (type(error), error.type) == (kind, word)


@pytest.mark.parametrize(
    ("provider", "status", "fix"),
    [
        (ROUTER, 401, "HF_TOKEN"),
        (ROUTER, 402, "bill_to"),
        (ROUTER, 404, None),
        (HuggingFace(base_url="http://localhost:8080"), 404, "server='tei'"),
        (HuggingFace(base_url="http://localhost:8080"), 401, None),
        (HuggingFace(base_url=f"https://{RETIRED}"), 410, "https://router.huggingface.co"),
        (TEI, 413, "--max-client-batch-size"),
        (TEI, 424, "/info"),
        (TEI, 404, None),
    ],
)
def test_what_helps_depends_on_what_was_asked_and_where(provider: HuggingFace, status: int, fix: str | None) -> None:
    error = provider.decode_error(refused(status, {"error": "no"}))
    assert error.fix is None if fix is None else fix in str(error)


def test_an_error_beside_a_success_is_one_of_the_same_words() -> None:
    assert type(error_from({"error": "no", "error_type": "unhealthy"}, status=200)) is Overloaded
