from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.codec.failure import Dialect, Kind, decode_failure, failure, kept_headers, of_status
from chat_core.codec.wire import WireResponse
from chat_core.errors import (
    MAX_BODY,
    AuthenticationFailed,
    ContextTooLong,
    InvalidRequest,
    NotFound,
    Overloaded,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    ServerError,
)

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

PLAIN = Dialect()
DIALECT = Dialect(
    codes={"too_long": ContextTooLong, "no_money": QuotaExceeded, (503, "slow"): Overloaded, "slow": RateLimited},
    types={"bad": InvalidRequest, "broken": ServerError},
    inner=("details", "more"),
    wrapped=("raw",),
    request_ids=("x-id", "id"),
    waits=("wait",),
    resets=(("left", "reset"),),
)


def reply(body: JSON | bytes, status: int = 400, **headers: str) -> WireResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WireResponse(
        status=status, headers={name.replace("_", "-"): text for name, text in headers.items()}, body=data
    )


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, InvalidRequest, False),
        (401, AuthenticationFailed, False),
        (402, QuotaExceeded, False),
        (403, PermissionDenied, False),
        (404, NotFound, False),
        (408, ServerError, True),
        (409, ServerError, True),
        (410, NotFound, False),
        (413, InvalidRequest, False),
        (418, InvalidRequest, False),
        (422, InvalidRequest, False),
        (429, RateLimited, True),
        (498, Overloaded, True),
        (500, ServerError, True),
        (501, InvalidRequest, False),
        (502, ServerError, True),
        (503, Overloaded, True),
        (524, ServerError, True),
        (529, Overloaded, True),
    ],
)
def test_a_status_alone_decides_the_class(status: int, kind: Kind, retryable: bool) -> None:
    error = decode_failure(reply({"error": {"message": "no"}}, status), PLAIN)
    assert type(error) is kind
    assert error.retryable is retryable
    assert error.status == status


def test_other_statuses_are_no_failures() -> None:
    assert [of_status(status) for status in (None, 200, 302, 399, 600)] == [None] * 5
    assert type(decode_failure(reply(b"", 302), PLAIN)) is ProviderError


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "no"}}, "no"),
        ({"error": "no"}, "no"),
        ({"error": ["no", "never"]}, "no; never"),
        ({"error": {"error": {"message": "no"}}}, "no"),
        ({"code": "c", "error": "no"}, "no"),
        ({"message": "no"}, "no"),
        ({"detail": "no"}, "no"),
        ({"detail": [{"loc": ["body", "n", 0], "msg": "no", "type": "t"}]}, "body.n.0: no"),
        ({"object": "error", "message": {"detail": [{"loc": ["body"], "msg": "no"}]}}, "body: no"),
        ({"object": "error", "message": "no", "type": "t", "param": None, "code": 3}, "no"),
        ({"errors": [{"code": 7, "message": "no"}]}, "no"),
        ([{"error": {"message": "no", "code": 400}}], "no"),
        ({"error": True, "message": "no"}, "no"),
        ({"error": {"message": ""}}, ""),
        ("no", "no"),
        (b"no route to the model", "no route to the model"),
        (b"", "HTTP 400 without a message"),
        (b" \n", "HTTP 400 without a message"),
        (b"<html><body>Bad Gateway</body></html>", "HTTP 400 with a page of HTML or XML instead of an API error"),
        ({"what": "ever"}, '{"what": "ever"}'),
        (b'event: error\ndata: {"error": {"message": "no"}}\n\n', "no"),
    ],
)
def test_the_message_is_found_wherever_it_is(body: JSON | bytes, message: str) -> None:
    assert decode_failure(reply(body), PLAIN).message == message


def test_type_code_and_param_come_out_as_text() -> None:
    error = decode_failure(reply({"error": {"message": "no", "type": "t", "code": 400, "param": "tools[0]"}}), PLAIN)
    assert (error.type, error.code, error.param) == ("t", "400", "tools[0]")
    flat = decode_failure(reply({"error": "no", "error_type": "t", "code": "c"}), PLAIN)
    assert (flat.type, flat.code, flat.param) == ("t", "c", None)
    named = decode_failure(reply({"error": {"code": 403, "message": "no", "status": "DENIED"}}), PLAIN)
    assert (named.type, named.code) == ("DENIED", "403")
    assert decode_failure(reply({"error": {"status": 400, "type": None}}), PLAIN).type is None


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        ({"code": "too_long"}, 400, ContextTooLong),
        ({"type": "too_long", "code": 400}, 400, ContextTooLong),
        ({"type": "bad", "code": "no_money"}, 429, QuotaExceeded),
        ({"type": "slow", "details": {"error_code": "no_money"}}, 429, QuotaExceeded),
        ({"more": {"raw": '{"error": {"code": "too_long"}}'}}, 400, ContextTooLong),
        ({"more": {"raw": "too_long"}}, 400, InvalidRequest),
        ({"message": "too_long"}, 400, InvalidRequest),
        ({"code": "slow"}, 400, RateLimited),
        ({"code": "slow"}, 503, Overloaded),
        ({"type": "bad"}, 404, NotFound),
        ({"type": "broken"}, 400, InvalidRequest),
        ({"code": "unheard_of"}, 429, RateLimited),
    ],
)
def test_a_code_goes_before_the_status_and_a_vague_type_after_it(error: JSON, status: int, kind: Kind) -> None:
    assert type(decode_failure(reply({"error": error}, status), DIALECT)) is kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"error": {"message": "no", "code": 502}}, ServerError),
        ({"error": {"message": "no", "status_code": 400}}, InvalidRequest),
        ({"error": {"message": "no"}, "status_code": 429}, RateLimited),
        ({"error": {"message": "no", "code": "401"}}, AuthenticationFailed),
        ({"error": {"message": "no", "type": "bad"}}, InvalidRequest),
        ({"error": {"message": "no"}}, ServerError),
        ("no", ServerError),
    ],
)
@pytest.mark.parametrize("status", [None, 200])
def test_beside_a_success_the_body_says_the_status(data: JSON, kind: Kind, status: int | None) -> None:
    error = failure(data, DIALECT, status=status)
    assert type(error) is kind
    assert error.status == status


def test_retry_after_beside_a_success_is_no_throttling() -> None:
    data: JSON = {"error": {"message": "no", "code": 500}}
    assert failure(data, PLAIN, status=200, headers={"retry-after": "9"}).retry_after is None
    assert failure(data, PLAIN, status=500, headers={"retry-after": "9"}).retry_after == 9.0


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ({"error": {"wait": 3}}, {}, 3.0),
        ({"error": "loading", "wait": 20.5}, {}, 20.5),
        ({"error": {"more": {"headers": {"Retry-After": "4"}}}}, {}, 4.0),
        ({"error": {"wait": 3}}, {"retry_after": "1"}, 1.0),
        ({"error": {"wait": "3"}}, {}, None),
        ({"error": {"wait": -3}}, {}, None),
        ({"error": {}}, {"left": "0", "reset": "8"}, 8.0),
        ({"error": {"more": {"headers": {"Left": "0", "Reset": "2"}}}}, {}, 2.0),
    ],
)
def test_the_wait_is_in_headers_or_body(body: JSON, headers: dict[str, str], seconds: float | None) -> None:
    assert decode_failure(reply(body, 429, **headers), DIALECT).retry_after == seconds


def test_resets_of_limits_say_nothing_about_other_errors() -> None:
    assert decode_failure(reply({"error": {}}, 500, left="0", reset="8"), DIALECT).retry_after is None


def test_the_service_has_the_last_word_on_retries() -> None:
    assert decode_failure(reply(b"", 500, x_should_retry="false"), PLAIN).retryable is False
    assert decode_failure(reply(b"", 400, x_should_retry="true"), PLAIN).retryable is True
    assert decode_failure(reply(b"", 400, x_should_retry="maybe"), PLAIN).retryable is False
    assert InvalidRequest.retryable is False


def test_the_request_id_is_in_a_header_or_in_the_body() -> None:
    body: JSON = {"error": {"message": "no"}, "request_id": "from-body"}
    assert decode_failure(reply(body, x_id="first", id="second"), DIALECT).request_id == "first"
    assert decode_failure(reply(body, id="second"), DIALECT).request_id == "second"
    assert decode_failure(reply(body), DIALECT).request_id == "from-body"
    assert decode_failure(reply({"request_id": None}), DIALECT).request_id is None


def test_the_whole_error_is_kept_and_its_body_is_bounded() -> None:
    body: JSON = {"error": {"message": "no", "hint": [1, 2]}, "user_id": "u"}
    assert decode_failure(reply(body), PLAIN).details == body
    error = decode_failure(reply(b"<" + b"x" * 10**6, 502), PLAIN)
    assert len(error.body) == MAX_BODY
    assert len(decode_failure(reply(b"x" * 10**6, 502), PLAIN).message) < 1000


def test_an_error_survives_pickling_with_what_the_service_said_about_retries() -> None:
    error = decode_failure(reply({"error": {"message": "no"}}, 500, x_should_retry="false"), PLAIN)
    copy: ProviderError = pickle.loads(pickle.dumps(error))
    assert type(copy) is ServerError
    assert (copy.message, copy.status, copy.retryable) == ("no", 500, False)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"error":' * 10_000,
        b'{"error":{"code":' + b"9" * 10_000 + b"}}",
        b'{"error":{"code":1e999}}',
        b'{"error":{"message":"\\ud800","code":"\\ud800"}}',
        b'{"error":{"more":{"raw":"\\ud800{"}}}',
        b"\xff\xfe\x00",
        b"data: " * 1000,
    ],
)
def test_hostile_bodies_give_an_error_and_raise_none(body: bytes) -> None:
    assert isinstance(decode_failure(reply(body, 500), DIALECT), ServerError)


KEYS = st.sampled_from(
    ["error", "message", "detail", "code", "type", "details", "more", "raw", "headers", "wait", "loc"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@settings(deadline=None)
@given(
    VALUES,
    st.sampled_from([None, 200, 400, 429, 503]),
    st.dictionaries(st.sampled_from(["date", "retry-after"]), st.text()),
)
def test_any_json_gives_an_error_and_raises_none(data: JSON, status: int | None, headers: dict[str, str]) -> None:
    error = failure(data, DIALECT, status=status, headers=headers)
    assert isinstance(error.message, str)
    assert error.details == data


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_an_error_and_raise_none(body: bytes) -> None:
    assert isinstance(
        decode_failure(reply(body, 503), DIALECT), Overloaded | RateLimited | QuotaExceeded | ContextTooLong
    )


def test_headers_are_kept_by_name_and_by_prefix() -> None:
    headers = {"x-id": "1", "limit-a": "2", "limit-b": "3", "server": "4"}
    assert kept_headers(headers, names=("x-id",), prefixes=("limit-",)) == {"x-id": "1", "limit-a": "2", "limit-b": "3"}
    assert kept_headers(headers) == {}


MISLEADING = "rate limit exceeded: unauthorized, quota, billing, context length, too many tokens, overloaded, not found"


@pytest.mark.parametrize("body", [{"error": {"message": MISLEADING}}, {"error": MISLEADING}, MISLEADING.encode()])
@pytest.mark.parametrize(("status", "kind"), [(400, InvalidRequest), (403, PermissionDenied), (500, ServerError)])
def test_the_words_of_a_message_never_decide(body: JSON | bytes, status: int, kind: Kind) -> None:
    assert type(decode_failure(reply(body, status), DIALECT)) is kind
