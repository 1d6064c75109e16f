from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, Overloaded
from chat_gemini.provider import Gemini
from chat_gemini.sending import (
    count_of,
    date,
    duration,
    gone,
    items_of,
    object_of,
    page_of,
    seconds_of,
    text_of,
    wire_of,
)

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

GEMINI = Gemini(headers={"x-mine": "1"})


def test_a_request_has_the_users_headers_and_a_quoted_query() -> None:
    wire = wire_of(GEMINI, "https://g.example/v1/files", {"a": 1}, query={"pageToken": "a/b=&"})
    assert wire.url == "https://g.example/v1/files?pageToken=a%2Fb%3D%26"
    assert wire.headers == {"accept": "application/json", "content-type": "application/json", "x-mine": "1"}
    assert "content-type" not in wire_of(GEMINI, "https://g.example", b"x").headers
    assert wire_of(GEMINI, "https://g.example", headers={"accept": "*/*"}).headers["accept"] == "*/*"


def test_an_error_is_raised_unless_it_belongs_to_what_has_a_name() -> None:
    error: JSONObject = {"error": {"code": 503, "message": "busy"}}
    with pytest.raises(Overloaded, match="busy"):
        object_of(GEMINI, WireResponse(body=dump(error)))
    assert object_of(GEMINI, WireResponse(body=dump({"name": "files/f", **error})))["name"] == "files/f"


def test_a_page_is_read_with_what_else_is_said() -> None:
    page = page_of(
        GEMINI, WireResponse(body=dump({"files": [{"n": 1}], "nextPageToken": "", "later": 1})), "files", str
    )
    assert (page.items, page.next) == (("{'n': 1}",), None)
    assert [*page.meta.values()] == [{"later": 1}]


@pytest.mark.parametrize("data", [{"files": 3}, {"files": [3]}, {"files": [], "nextPageToken": 3}])
def test_a_malformed_page_is_an_error(data: JSONObject) -> None:
    with pytest.raises(DecodeError):
        items_of(data, "files")


def test_a_reply_to_a_deletion_may_be_empty() -> None:
    assert gone(GEMINI, WireResponse(body=b"")) == {}
    assert gone(GEMINI, WireResponse(body=b"{}")) == {}


@pytest.mark.parametrize(("value", "number"), [(None, None), (7, 7), ("14560", 14560), ("0", 0)])
def test_long_numbers_travel_as_text(value: JSON, number: int | None) -> None:
    assert count_of({"sizeBytes": value}, "sizeBytes") == number


@pytest.mark.parametrize("value", ["", "x", "-1", "²", "9" * 20, 1.5, True, []])
def test_what_is_no_number_is_an_error(value: JSON) -> None:
    with pytest.raises(DecodeError, match="malformed sizeBytes"):
        count_of({"sizeBytes": value}, "sizeBytes")


def test_what_is_no_text_is_an_error() -> None:
    assert text_of({}, "name") is None
    with pytest.raises(DecodeError, match="malformed name"):
        text_of({"name": 3}, "name")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1970-01-02T00:00:00Z", 86400.0),
        ("1970-01-02T00:00:00.580642575Z", 86400.580642),
        ("1970-01-02T01:00:00+01:00", 86400.0),
        ("1970-01-02T00:00:00", 86400.0),
        ("lately", None),
        (3, None),
        (None, None),
    ],
)
def test_a_date_is_read_or_left_alone(value: JSON, seconds: float | None) -> None:
    assert seconds_of(value) == (None if seconds is None else pytest.approx(seconds))


def test_times_are_spelled_as_the_wire_has_them() -> None:
    assert date(86400.0) == "1970-01-02T00:00:00Z"
    assert (duration(300), duration(0.5), duration(1e-9)) == ("300s", "0.5s", "0.000000001s")
