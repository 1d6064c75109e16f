"""Fixtures are read as they are described, and what is wrong with one is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core import Options, Request, dump, user
from chat_core.codec.wire import dump as bytes_of
from chat_core.testing.fixtures import case_of, cases

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.testing import Case

HONEST = '{"source": "spec", "covers": []}'


def made(folder: Path, **files: str) -> Case:
    """Write a case; `fixture_json` is `fixture.json`."""
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return case_of(folder)


def test_a_case_is_all_that_its_files_hold(tmp_path: Path) -> None:
    asked = Request(model="m", messages=(user("Hi"),), options=Options(seed=1))
    case = made(
        tmp_path,
        fixture_json='{"source": "recorded", "note": "by hand", "covers": ["text"], "expect": {"text": "Hi"}}',
        request_json=bytes_of(dump(asked)).decode(),
        response_json='{"status": 201, "headers": {"X-Id": "1"}, "body": {"a": 1}}',
        stream_ndjson="{}\n",
        error_json='{"status": 503, "body": "<html>"}',
    )
    assert case.faults == ()
    assert (case.source, case.covers, case.expect) == ("recorded", ("text",), {"text": "Hi"})
    assert case.request == asked
    assert case.reply is not None
    assert (case.reply.status, case.reply.headers, case.reply.body) == (201, {"x-id": "1"}, b'{"a":1}')
    assert (case.stream, case.content_type) == (b"{}\n", "application/x-ndjson")
    assert case.error is not None
    assert (case.error.status, case.error.body) == (503, b"<html>")


def test_an_object_that_is_no_reply_is_a_body(tmp_path: Path) -> None:
    case = made(tmp_path, fixture_json=HONEST, response_json='{"body": 1, "status": 200, "id": "x"}')
    assert case.reply is not None
    assert case.reply.body == b'{"body":1,"status":200,"id":"x"}'


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"stream_sse": ""}, "fixture.json is missing: nothing says where this comes from"),
        ({"fixture_json": "{", "stream_sse": ""}, "fixture.json: "),
        ({"fixture_json": "{}", "stream_sse": ""}, "fixture.json: source is None: write one of recorded, spec"),
        ({"fixture_json": HONEST}, "nothing was answered: add response.json"),
        ({"fixture_json": HONEST, "stream_sse": "", "notes_md": ""}, "unknown files notes.md"),
        ({"fixture_json": '{"source": "spec", "kind": 1}', "stream_sse": ""}, "fixture.json: unknown keys kind"),
        ({"fixture_json": HONEST, "stream_sse": "", "request_json": '{"a": 1}'}, "request.json: "),
        ({"fixture_json": HONEST, "response_json": '{"status": "x", "body": 1}'}, "response.json: status is a number"),
        ({"fixture_json": HONEST, "response_json": '{"status": 500, "body": 1}'}, "response.json: has status 500"),
        ({"fixture_json": HONEST, "error_json": '{"status": 200, "body": 1}'}, "error.json: has status 200"),
        (
            {"fixture_json": '{"source": "spec", "covers": ["telepathy"]}', "stream_sse": ""},
            "fixture.json: no scenario is called 'telepathy'",
        ),
        (
            {"fixture_json": '{"source": "spec", "expect": {"mood": 1}}', "stream_sse": ""},
            "fixture.json: nothing can be expected of 'mood', only of text",
        ),
    ],
)
def test_what_is_wrong_with_a_case_is_said(files: dict[str, str], fault: str, tmp_path: Path) -> None:
    assert any(found.startswith(fault) for found in made(tmp_path, **files).faults)


def test_cases_come_in_the_order_of_folders_and_names(tmp_path: Path) -> None:
    for name in ("two/b", "two/a", "one/c"):
        (tmp_path / name).mkdir(parents=True)
    found = cases([tmp_path / "two", tmp_path / "one"])
    assert [case.name for case in found] == ["a", "b", "c"]
