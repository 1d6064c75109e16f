from __future__ import annotations

import pytest

from chat_core.codec.retry_after import retry_after

RESETS = (("left-requests", "reset-requests"), ("left-tokens", "reset-tokens"))
DATE = "Sat, 21 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2.0),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:30 GMT", "date": DATE}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 09:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "2026-11-21T10:01:00Z", "date": DATE}, 60.0),
        ({"retry-after": "1m30s"}, 90.0),
    ],
)
def test_it_reads_what_the_service_asks(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_says_nothing_without_the_replys_own_date() -> None:
    assert retry_after({"retry-after": "Sat, 21 Nov 2026 10:00:30 GMT"}) is None


@pytest.mark.parametrize("text", ["", "soon", "-1", "nan", "inf", "1e999", "Mon, 99 Foo 99999 99:99:99 +9999", "5 m"])
def test_nonsense_says_nothing(text: str) -> None:
    assert retry_after({"retry-after": text, "date": DATE}) is None


def test_resets_count_only_for_limits_that_are_used_up() -> None:
    headers = {"left-requests": "3", "reset-requests": "60", "left-tokens": "0", "reset-tokens": "6m0s"}
    assert retry_after(headers, resets=RESETS) == 360.0
    assert retry_after(headers | {"left-requests": "0", "reset-tokens": "12ms"}, resets=RESETS) == 60.0
    assert retry_after(headers | {"left-tokens": "9"}, resets=RESETS) is None


def test_an_asked_wait_goes_before_the_resets() -> None:
    assert retry_after({"retry-after": "1", "left-tokens": "0", "reset-tokens": "9"}, resets=RESETS) == 1.0


@pytest.mark.parametrize("reset", ["1795255230", "1795255230000", "2026-11-21T10:00:30+00:00"])
def test_a_reset_may_be_a_moment(reset: str) -> None:
    headers = {"left-tokens": "0", "reset-tokens": reset}
    assert retry_after(headers, resets=RESETS) is None
    assert retry_after(headers | {"date": DATE}, resets=RESETS) == 30.0
