"""A program on a pseudo-terminal: what a user types and sees."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

import pexpect

ESCAPE = re.compile(r"\x1b(\[[0-9;?>]*[A-Za-z]|\][^\x07]*\x07|[()][AB0]|[=>78])")
PROMPT = r">[^\r\n]*\x1b\[\?25h"
"""The prompt, drawn, and the cursor shown."""

TERMINAL = {"PROMPT_TOOLKIT_NO_CPR": "1"}  # nobody here answers the question where the cursor is
CHAT = (sys.executable, "-m", "chat_cli")
DEMO = (*CHAT, "-m", "replay:demo")


class Session:
    """A program on a terminal."""

    def __init__(self, *command: str) -> None:
        name, *arguments = command
        env = {**os.environ, **TERMINAL}
        self._child: Any = pexpect.spawn(name, arguments, env=env, encoding="utf-8", timeout=10, dimensions=(30, 80))
        self._child.delaybeforesend = 0.1

    def type(self, text: str) -> None:
        self._child.send(text)

    def see(self, words: str) -> str:
        """Wait for words and return what was shown before them, without styles."""
        self._child.expect_exact(words)
        return ESCAPE.sub("", self._child.before).replace("\r", "")

    def prompt(self) -> str:
        """Wait for the prompt; returns as `see`."""
        self._child.expect(PROMPT)
        return ESCAPE.sub("", self._child.before).replace("\r", "")

    def interrupt(self) -> None:
        self._child.sendintr()

    def resize(self, columns: int) -> None:
        self._child.setwinsize(30, columns)

    def leave(self) -> None:
        self._child.sendeof()

    def end(self) -> tuple[int | None, str]:
        """Wait for the end; return the exit code and what was shown before it, with its styles."""
        self._child.expect(pexpect.EOF)
        shown: str = self._child.before
        self._child.close()
        code: int | None = self._child.exitstatus
        return code, shown

    def close(self) -> None:
        self._child.close(force=True)
