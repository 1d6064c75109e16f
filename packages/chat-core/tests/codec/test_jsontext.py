"""A cut token is told from a wrong one as early as the text allows."""

from __future__ import annotations

import pytest

from chat_core.codec.jsontext import STEADY, Growing, Number, common, escape


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"\n", ("\n", 2)),
        (r"\/x", ("/", 2)),
        (r"\u00e9", ("é", 6)),
        (r"\ud83d\ude00x", ("😀", 12)),
        (r"\ud83dx", ("\ud83d", 6)),
        (r"\ud83d\n", ("\ud83d", 6)),
        (r"\ud83d\ud83d", ("\ud83d", 6)),
        (r"\ude00", ("\ude00", 6)),
        ("\\", None),
        (r"\u00e", None),
        (r"\ud83d", None),
        ("\\ud83d\\", None),
        (r"\ud83d\ude0", None),
    ],
)
def test_an_escape_is_read_or_cut(text: str, found: tuple[str, int] | None) -> None:
    assert escape(text, 0) == found


@pytest.mark.parametrize("text", [r"\x", r"\u00g0", r"\U0001", r"\u 123"])
def test_a_wrong_escape_is_no_cut_one(text: str) -> None:
    with pytest.raises(ValueError, match="no such escape"):
        escape(text, 0)


@pytest.mark.parametrize(
    ("text", "end", "whole"),
    [
        ("0", 1, True),
        ("-", 1, False),
        ("01", 1, True),
        ("-12.50e+3,", 9, True),
        ("1.", 2, False),
        ("1e", 2, False),
        ("1e-", 3, False),
        ("1.e", 2, False),
        ("12a", 2, True),
    ],
)
def test_a_number_stops_where_it_cannot_go_on(text: str, end: int, whole: bool) -> None:
    number = Number()
    assert number.read(text, 0) == end
    assert number.whole is whole
    assert number.text == text[:end]


def test_a_number_goes_on_in_the_next_piece() -> None:
    number = Number()
    for piece in ("-1", "2", ".", "5e", "+", "10"):
        assert number.read(piece, 0) == len(piece)
    assert number.text == "-12.5e+10"
    assert number.whole


def test_a_string_is_shown_in_the_same_steps_for_all_cuts() -> None:
    one, many = Growing(), Growing()
    shown = ""
    one.add("x" * 3 * STEADY)
    for _ in range(3 * STEADY):
        many.add("x")
        shown = more if (more := many.more()) is not None else shown
    assert shown == one.more()
    assert one.more() is None
    one.add("y")
    assert one.more(closed=True) == "x" * 3 * STEADY + "y"


def test_common_counts_what_agrees() -> None:
    assert [common("true", text, 1) for text in ("-true", "-trex", "-", "-x", "-tr")] == [4, 2, 0, 0, 2]
