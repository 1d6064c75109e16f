from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chat_cli.wrapping import Wrapping, width_of

words = st.lists(st.text(alphabet="abcé", min_size=1, max_size=8), max_size=30)


def wrapped(*pieces: str, width: int = 20) -> str:
    wrapping = Wrapping(lambda: width)
    return "".join(map(wrapping.feed, pieces)) + wrapping.finish()


@given(words)
def test_a_break_takes_the_place_of_a_space_and_no_line_is_too_long(words: list[str]) -> None:
    text = " ".join(words)
    shown = wrapped(text)
    assert shown.replace("\n", " ") == text
    assert all(len(line) <= 20 for line in shown.split("\n"))


@given(words, st.integers(0, 200))
def test_how_the_text_was_cut_changes_nothing(words: list[str], place: int) -> None:
    text = " ".join(words)
    assert wrapped(text[:place], text[place:]) == wrapped(text)


def test_lines_of_the_text_stay_lines() -> None:
    assert wrapped("a\n\n  b \nc") == "a\n\n  b \nc"


def test_a_word_that_is_longer_than_the_line_is_left_to_the_terminal() -> None:
    assert wrapped("see https://example.com/a/very/long/path now").replace("\n", " ") == (
        "see https://example.com/a/very/long/path now"
    )


def test_styles_take_no_columns() -> None:
    assert wrapped("\x1b[1maaaa\x1b[0m bbbb", width=9) == "\x1b[1maaaa\x1b[0m bbbb"


def test_wide_characters_take_two_columns_and_break_anywhere() -> None:
    assert wrapped("日本語日本語", width=6) == "日本語\n日本語"
    assert [width_of(char) for char in "a日\u0301\u200d"] == [1, 2, 0, 0]


def test_code_is_not_broken() -> None:
    wrapping = Wrapping(lambda: 5)
    assert wrapping.feed("one two three", breaks=False) == "one two three"


def test_the_width_of_the_moment_counts() -> None:
    columns = [20]
    wrapping = Wrapping(lambda: columns[0])
    first = wrapping.feed("aaaa bbbb cccc dddd ")
    columns[0] = 9
    assert first + wrapping.feed("eeee ffff gggg\n") == "aaaa bbbb cccc dddd\neeee ffff\ngggg\n"
