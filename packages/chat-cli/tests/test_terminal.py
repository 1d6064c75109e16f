from __future__ import annotations

import io

import pytest

from chat_cli.terminal import RED, Screen, is_coloured, one_line, visible


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_control_characters_become_pictures_and_lines_stay() -> None:
    assert visible("a\x1b[2Jb\x07\x9b0mc\tä\n日") == "a␛[2Jb␇�0mc\tä\n日"


def test_a_carriage_return_cannot_hide_what_stands_before_it() -> None:
    assert visible("rm -rf /\rls\r\n") == "rm -rf /ls\n"


def test_an_error_stays_on_one_line() -> None:
    assert one_line("first\n  second\x1b]0;title\x07") == "first second␛]0;title␇"


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_the_environment_can_switch_colours_off(environ: dict[str, str], coloured: bool) -> None:
    assert is_coloured(Terminal(), environ) is coloured
    assert not is_coloured(io.StringIO(), environ)


def test_a_program_gets_the_text_as_it_is() -> None:
    stream = io.StringIO()
    Screen(stream, {}).write("\x1b[31mas sent\r\n", RED)
    assert stream.getvalue() == "\x1b[31mas sent\r\n"


def test_a_terminal_gets_a_style_and_no_escape_of_a_stranger() -> None:
    stream = Terminal()
    Screen(stream, {}).write("\x1b[8mhidden", RED)
    assert stream.getvalue() == f"{RED}␛[8mhidden\x1b[0m"
