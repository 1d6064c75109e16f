from __future__ import annotations

import pickle

import pytest
from interacting import SERVICE

from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import (
    AuthenticationFailed,
    ChainLost,
    InvalidRequest,
    NotFound,
    Overloaded,
    PermissionDenied,
    ProviderError,
    RateLimited,
    ServerError,
)
from chat_gemini.interactions.errors import error_from


def refused(status: int, code: str | int) -> ProviderError:
    return SERVICE.decode_error(WireResponse(status=status, body=dump({"error": {"code": code, "message": "No."}})))


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_request", InvalidRequest),
        (401, "unauthenticated", AuthenticationFailed),
        (403, "permission_denied", PermissionDenied),
        (404, "not_found", NotFound),
        (429, "too_many_requests", RateLimited),
        (500, "internal", ServerError),
        (503, 503, Overloaded),
    ],
)
def test_the_status_decides(status: int, code: str | int, kind: type[ProviderError]) -> None:
    error = refused(status, code)
    assert isinstance(error, kind)
    assert (error.message, error.status) == ("No.", status)
    assert error.retryable is kind.retryable


@pytest.mark.parametrize("status", [400, 404])
def test_what_may_be_a_lost_chain_is_one_as_well(status: int) -> None:
    error = refused(status, "invalid_request")
    assert isinstance(error, ChainLost)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_other_refusals_are_no_lost_chain(status: int) -> None:
    assert not isinstance(refused(status, "a"), ChainLost)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("resource_exhausted", RateLimited),
        ("UNAVAILABLE", Overloaded),
        ("invalid_argument", InvalidRequest),
        ("internal", ServerError),
        ("new_word", ServerError),
        (503, Overloaded),
        (429, RateLimited),
    ],
)
def test_inside_of_a_stream_the_code_decides(code: str | int, kind: type[ProviderError]) -> None:
    error = error_from({"error": {"code": code, "message": "No."}})
    assert type(error) is kind
    assert error.code == str(code)
