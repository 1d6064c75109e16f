from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_cli.markup import Markup
from chat_cli.terminal import BOLD, CYAN, RESET

STYLE = re.compile(r"\x1b\[[0-9;]*m")
markdown = st.text(alphabet="ab *`~#\n-", max_size=60)


def coloured(*pieces: str) -> str:
    markup = Markup()
    return "".join(map(markup.feed, pieces)) + markup.finish()


@given(markdown)
def test_without_the_styles_the_text_is_the_one_that_was_sent(text: str) -> None:
    assert STYLE.sub("", coloured(text)) == text


@given(markdown, st.integers(0, 60))
def test_how_the_text_was_cut_changes_nothing(text: str, place: int) -> None:
    assert coloured(text[:place], text[place:]) == coloured(text)


@given(markdown)
def test_no_line_ends_in_a_style(text: str) -> None:
    last = [styles[-1] for line in coloured(text).split("\n") if (styles := STYLE.findall(line))]
    assert set(last) <= {RESET}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# Title\nplain", f"{BOLD}# Title{RESET}\nplain"),
        ("a **b** c", f"a {BOLD}**b**{RESET} c"),
        ("a `b` c", f"a {CYAN}`b`{RESET} c"),
        ("2 * 3", "2 * 3"),
        ("`a ** b`", f"{CYAN}`a ** b`{RESET}"),
        ("#hash", "#hash"),
        ("**open\nnext", f"{BOLD}**open{RESET}\nnext"),
        ("```py\n# a\n```\nb", f"{CYAN}```py{RESET}\n{CYAN}# a{RESET}\n{CYAN}```{RESET}\nb"),
        ("````\n```\n````\nb", f"{CYAN}````{RESET}\n{CYAN}```{RESET}\n{CYAN}````{RESET}\nb"),
        ("```a```\nb", f"{CYAN}```a```{RESET}\nb"),
        ("~~~\nx\n~~~\ny", f"{CYAN}~~~{RESET}\n{CYAN}x{RESET}\n{CYAN}~~~{RESET}\ny"),
    ],
)
def test_what_gets_a_style(text: str, shown: str) -> None:
    assert coloured(text) == shown


def test_long_lines_cost_their_length() -> None:
    began = time.monotonic()
    assert coloured(" " * 100_000, "# a") == " " * 100_000 + f"{BOLD}# a{RESET}"
    assert coloured("```\n", "x" * 1_000_000).endswith(f"x{RESET}")
    assert time.monotonic() - began < 20


def test_without_colours_it_still_tells_what_is_code() -> None:
    markup = Markup(coloured=False)
    assert markup.feed("a\n```\nb") == "a\n```\nb"
    assert markup.in_block
    markup.feed("\n```\n")
    assert not markup.in_block
