"""Figures become tables and promises; what was not measured is no promise kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import __main__ as program
from benchmarks import bounds, report
from benchmarks.figures import Figures, load, merged
from benchmarks.roster import BLOCKING, HTTPX, OURS

if TYPE_CHECKING:
    from pathlib import Path


def found(ours: float = 12, httpx: float = 10, openai: float = 80) -> Figures:
    figures = Figures()
    for name, value in ((OURS, ours), (HTTPX, httpx), ("openai", openai)):
        figures.add("stream", "chat", name, "µs CPU a chunk", [value, value * 9, value / 9])
    return figures


def row(figures: Figures, words: str) -> bounds.Row:
    (one,) = [row for row in bounds.rows(figures) if row.words == words]
    return one


def test_the_middle_round_counts() -> None:
    assert found().get("stream", "chat", OURS) == 12


def test_a_table_shows_each_value_and_its_share_of_the_floor() -> None:
    table = report.table(found(), "stream")
    assert "| chat-core | 12 (1.20) |" in table
    assert "| httpx | 10 (1.00) |" in table
    assert "| openai | 80 (8.00) |" in table


@pytest.mark.parametrize(("ours", "met"), [(14.9, True), (15.1, False)])
def test_a_promise_holds_up_to_its_bound(ours: float, met: bool) -> None:
    assert row(found(ours), "a chunk ÷ bare httpx: chat").met is met


def test_what_was_not_measured_is_neither_kept_nor_broken() -> None:
    assert row(found(), "a chunk ÷ bare httpx: gemini").met is None
    assert "gemini" not in "\n".join(report.promised(found()))
    assert "were not measured" in "\n".join(report.promised(found()))


def test_a_slow_official_library_has_to_be_far_behind() -> None:
    words = "a chunk of openai ÷ ours: chat"
    assert row(found(openai=80), words).met is True
    assert row(found(ours=17, openai=80), words).met is False
    assert words not in [one.words for one in bounds.rows(found(openai=50))]  # it is not slow


def test_blocking_is_measured_against_async() -> None:
    figures = found()
    figures.add("stream", "chat", BLOCKING, "µs CPU a chunk", [13])
    assert row(figures, "a chunk, blocking ÷ async: chat").met is False


def test_figures_come_back_as_they_were_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    figures = found()
    figures.failed["litellm"] = ["needs litellm"]
    report.save(figures, "mine")
    assert report.saved("mine").dump() == figures.dump()
    assert "- litellm: needs litellm" in (tmp_path / "mine.md").read_text(encoding="utf-8")


def test_the_tables_of_a_page_are_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Words.\n\n{report.BEGIN}\nstale\n{report.END}\n\nMore.\n", encoding="utf-8")
    report.put_into(page, found())
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"Words.\n\n{report.BEGIN}\n\n### Streaming")
    assert text.endswith(f"\n{report.END}\n\nMore.\n")
    assert "stale" not in text
    report.put_into(page, found())
    assert page.read_text(encoding="utf-8") == text


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Words.\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has no"):
        report.put_into(page, found())
    assert page.read_text(encoding="utf-8") == "Words.\n"


def test_runs_are_compared_by_their_shares_of_the_floor() -> None:
    text = report.compared(found(ours=20, httpx=10), found(ours=20, httpx=20))
    assert "| stream | chat | chat-core | 2 | 1 | 0.50 |" in text


def test_runs_can_be_put_together() -> None:
    more = Figures()
    more.add("unary", "chat", OURS, "µs CPU", [300])
    assert merged([found(), load(more.dump())]).measures() == ["stream", "unary"]


def test_an_unknown_measure_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["streem"]) == 2
    assert "no such measure: streem; there are import, cold, stream" in capsys.readouterr().out
