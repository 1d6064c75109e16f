"""Errors say what happened, survive pickling, and keep nothing unbounded."""

from __future__ import annotations

import copy
import pickle

import pytest

from chat_core import errors
from chat_core.errors import (
    MAX_BODY,
    ChatError,
    ConnectFailed,
    ContextTooLong,
    DecodeError,
    InvalidRequest,
    Overloaded,
    ProviderError,
    RateLimited,
    ServerError,
    SlowConsumer,
    StoreBusy,
    StreamTruncated,
    TimedOut,
    TransportError,
)
from chat_core.messages import assistant
from chat_core.response import Response, Usage

KINDS = sorted(
    (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ChatError)),
    key=lambda kind: kind.__name__,
)
PARTIAL = Response(message=assistant("so f"), usage=Usage(input_tokens=3))


def make(kind: type[ChatError]) -> ChatError:
    return (
        TimedOut("late", phase="total", seconds=3.5, partial=PARTIAL)
        if kind is TimedOut
        else kind("x", partial=PARTIAL)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_errors_pickle_and_copy_with_their_attributes(kind: type[ChatError]) -> None:
    error = make(kind)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is kind
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)
        assert twin.partial == PARTIAL
        assert twin.args == error.args


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_a_sentence_of_documentation(kind: type[ChatError]) -> None:
    assert (kind.__doc__ or "").strip().endswith((".", "`partial`.")) or "Attributes:" in (kind.__doc__ or "")


def test_a_provider_error_keeps_what_the_service_said() -> None:
    error = RateLimited(
        "slow down",
        status=429,
        type="rate",
        code="r1",
        param="model",
        request_id="req",
        retry_after=2.5,
        body="b" * (MAX_BODY + 1),
        details={"error": {"message": "slow down"}},
    )
    twin = pickle.loads(pickle.dumps(error))
    assert vars(twin) == vars(error)
    assert len(error.body) == MAX_BODY
    assert str(error) == "slow down (HTTP 429, type rate, code r1, request req)"
    assert str(ProviderError("no")) == "no"


def test_a_status_of_zero_is_shown() -> None:
    assert str(ProviderError("no", status=0, code="")) == "no (HTTP 0, code )"


def test_retryable_says_whether_the_same_request_may_succeed() -> None:
    retryable = {kind for kind in KINDS if kind.retryable}
    assert retryable == {
        TransportError, ConnectFailed, TimedOut, StreamTruncated, RateLimited, Overloaded, ServerError,
        StoreBusy,
    }  # fmt: skip
    assert not SlowConsumer.retryable


def test_a_context_that_is_too_long_is_an_invalid_request() -> None:
    assert issubclass(ContextTooLong, InvalidRequest)
    assert issubclass(InvalidRequest, ProviderError)
    assert not issubclass(DecodeError, ProviderError)
