"""Transfers on a terminal and elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_cli.transfers import INTERRUPTED, show
from chat_core.codec.transfers import Progress
from chat_core.events import UnknownEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject

FILE: JSONObject = {"status": "fetching a\x1b[31m", "digest": "a", "total": 2000, "completed": 5}
TOLD: list[Event] = [
    Progress("progress", {"status": "looking"}),
    UnknownEvent("line", {}),
    Progress("progress", FILE),
    Progress("progress", {**FILE, "completed": 2000}),
    Progress("progress", {"status": "success"}),
]


def test_lines_say_each_thing_once_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    show(TOLD)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["looking", "fetching a␛[31m (2.0 kB)", "success"]


def test_bars_are_drawn_on_a_terminal_that_no_name_can_steer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    show(TOLD)
    said = capsys.readouterr().err
    assert "fetching a␛[31m" in said
    assert "2.0/2.0 kB" in said
    assert "success" in said


def test_who_interrupts_is_told_that_it_can_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> Iterator[Event]:
        yield TOLD[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        show(interrupted())
    assert capsys.readouterr().err.splitlines() == ["looking", INTERRUPTED]
