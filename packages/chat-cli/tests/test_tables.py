"""Rows and JSON of commands, on a terminal and elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chat_cli.tables import print_json, print_rows, size

if TYPE_CHECKING:
    import pytest

ROWS = [("pico", "1 MB", ""), ("org/tiny\x1b[31m", "", "x")]


def test_cells_have_tabs_between_them_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS)
    assert capsys.readouterr().out.splitlines() == ["pico\t1 MB", "org/tiny␛[31m\t\tx"]


def test_cells_stand_in_columns_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_rows(ROWS)
    assert capsys.readouterr().out.splitlines() == ["pico           1 MB", "org/tiny␛[31m        x"]


def test_no_rows_are_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([])
    assert capsys.readouterr().out == ""


def test_json_is_one_line_that_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": "\x1b]0;b\n"})
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert (said.count("\n"), json.loads(said)) == (1, {"a": "\x1b]0;b\n"})


def test_a_size_is_spelled_for_people_and_an_unknown_one_is_nothing() -> None:
    assert (size(815310432), size(None), size("9")) == ("815.3 MB", "", "")
