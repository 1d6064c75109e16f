"""The prompt of a conversation: one or more lines, with a history that outlives it.

Law: Enter sends, Alt-Enter and a backslash before Enter begin a new line, pasted lines stay lines. A history that
cannot be kept is a warning, once; the file is its owner's alone.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.shortcuts import CompleteStyle

from chat_cli.slash import COMMANDS
from chat_cli.terminal import DIM, err

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prompt_toolkit.key_binding import KeyPressEvent

FILE = "history"
LIMIT = 4 * 1024 * 1024
"""Longest history, in bytes."""
PROMPT, CONTINUED = "> ", ". "


def reader() -> Callable[[], str]:
    """Return the function that asks for the next input."""
    session: PromptSession[str] = PromptSession(
        PROMPT,
        multiline=True,
        prompt_continuation=CONTINUED,
        key_bindings=_keys(),
        history=Remembered(state_home() / FILE),
        completer=WordCompleter([f"/{name}" for name in COMMANDS], sentence=True),
        complete_while_typing=False,
        complete_style=CompleteStyle.READLINE_LIKE,  # no menu, which would need empty lines below the prompt
        reserve_space_for_menu=0,
    )
    return session.prompt


def state_home(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for what is remembered: `CHAT_HOME`, or else where the platform keeps a user's state."""
    if named := environ.get("CHAT_HOME"):
        return Path(named).expanduser()
    from platformdirs import user_state_path  # noqa: PLC0415 - not needed where CHAT_HOME is set

    return user_state_path("chat", appauthor=False)


class Remembered(FileHistory):
    """What was typed before, in a file."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made when there is something to remember."""
        super().__init__(str(path))
        self._path = path
        self._warned = False

    def load_history_strings(self) -> Iterable[str]:
        """Read what was typed before, the last first."""
        try:
            return list(super().load_history_strings())
        except OSError as error:
            self._warn(error)
            return []

    def store_string(self, string: str) -> None:
        """Add what was typed."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
            super().store_string(string)
            if self._path.stat().st_size > LIMIT:
                self._shorten()
        except OSError as error:
            self._warn(error)

    def _shorten(self) -> None:
        """Forget the older half."""
        strings = list(super().load_history_strings())
        self._path.unlink()
        for string in reversed(strings[: len(strings) // 2]):
            self.store_string(string)

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            err().line(f"{self._path}: {error.strerror}; what you type is not remembered", DIM)


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def send(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.document.char_before_cursor == "\\":
            buffer.delete_before_cursor()
            buffer.newline(copy_margin=False)
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def continue_(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    return keys
