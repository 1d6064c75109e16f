"""Streams of a terminal: whether they may be coloured, and text made safe to show on them.

Law: what is not a terminal gets the text as it is, and no escape sequence; a terminal gets no control character of a
model or a service, which could move its cursor, rename its window or answer for the user.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

DIM, RED, BOLD, CYAN, RESET = "\x1b[2m", "\x1b[31m", "\x1b[1m", "\x1b[36m", "\x1b[0m"
ERASE_LINE = "\r\x1b[K"
_COLUMNS = 80

_SHOWN: Mapping[int, int | str | None] = {
    **{code: 0x2400 + code for code in range(0x20)},
    0x09: "\t",
    0x0A: "\n",
    0x0D: None,
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
}
"""What stands for a control character: its picture; carriage returns, which hide the text before them, go."""


def visible(text: str) -> str:
    """Replace the control characters of a text by pictures of them; tabs and line feeds stay."""
    return text.translate(_SHOWN)


def one_line(text: str) -> str:
    """Put a text on one line, without control characters."""
    return visible(" ".join(line.strip() for line in text.splitlines()) if "\n" in text else text)


def is_coloured(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a stream shows colours: a terminal does, unless `NO_COLOR` or a dumb `TERM` says otherwise."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


class Screen:
    """One output stream.

    Attributes:
        is_terminal: whether people look at it, and not a program.
        coloured: whether it shows colours.
    """

    def __init__(self, stream: TextIO, environ: Mapping[str, str] = os.environ) -> None:
        """Look at the stream once."""
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.coloured = is_coloured(stream, environ)

    def width(self) -> int:
        """Return how many columns there are at this moment."""
        try:
            return os.get_terminal_size(self.stream.fileno()).columns or _COLUMNS
        except OSError:
            return _COLUMNS

    def write(self, text: str, style: str = "") -> None:
        """Write a text at once, in a style if the stream shows any."""
        shown = visible(text) if self.is_terminal else text
        self.send(f"{style}{shown}{RESET}" if style and self.coloured and shown else shown)

    def line(self, text: str, style: str = "") -> None:
        """Write one line, whatever the text holds."""
        self.write(one_line(text), style)
        self.send("\n")

    def send(self, text: str) -> None:
        """Write what is safe already."""
        self.stream.write(text)
        self.stream.flush()


def out() -> Screen:
    """Return the stream for answers."""
    return Screen(sys.stdout)


def err() -> Screen:
    """Return the stream for everything that is said about answers."""
    return Screen(sys.stderr)


def complain(words: str) -> None:
    """Say on one line of stderr what went wrong."""
    screen = err()
    screen.write("Error: ", RED)
    screen.line(words)


WAITING = "waiting …"
"""What a terminal shows until an answer begins."""

_stands: ContextVar[bool] = ContextVar("stands", default=False)
"""Whether that stands on the last line of the terminal."""


def interject(words: str) -> None:
    """Say something on a line of its own while an answer is waited for."""
    screen, stands = err(), _stands.get()
    if stands:
        screen.send(ERASE_LINE)
    screen.line(words, DIM)
    if stands:
        screen.write(WAITING, DIM)


@contextmanager
def waiting() -> Generator[Callable[[], None]]:
    """Show on a terminal that an answer is waited for, until it begins."""
    screen = err()

    def begun() -> None:
        if _stands.get():
            _stands.set(False)
            screen.send(ERASE_LINE)

    if screen.coloured:
        _stands.set(True)
        screen.write(WAITING, DIM)
    try:
        yield begun
    finally:
        begun()


@contextmanager
def without_echo() -> Generator[None]:
    """Keep what is typed from showing up inside of an answer; it is read when the answer is over."""
    try:
        import termios  # noqa: PLC0415 - not on every platform
    except ImportError:
        yield
        return
    if not sys.stdin.isatty():
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    quiet = list(before)
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)
