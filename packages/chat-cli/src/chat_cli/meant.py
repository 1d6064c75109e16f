"""What a user may mean by a first word that is no command: a slip, a command of another name, or one not installed.

Law: nobody asks a model by accident. A word is refused where it is all there is, or where a package of this project
would make it a command; the error says how to ask it as a question.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NEAR = 0.8
"""How like a command a word has to be to be taken for a slip: from 0 to 1."""

ELSEWHERE: Mapping[str, str] = {
    "help": "chat --help",
    "version": "chat --version",
    "login": "chat keys set PROVIDER",
    "config": "chat doctor",
}
"""Commands of other programs, and what does that here."""


def require_question(words: list[str], commands: Iterable[str]) -> None:
    """Refuse words that are meant as a command.

    Raises:
        click.UsageError: they are; the message names the command, and how to ask them.
    """
    first = words[0]
    if (package := _package(first)) is not None:
        raise click.UsageError(f"{_absent(first, package)}. To ask it as a question: chat ask WORDS")
    if len(words) > 1:
        return
    asked = f"To ask it as a question: chat -- {first}"
    if first in ELSEWHERE:
        raise click.UsageError(f"there is no command {first}: did you mean `{ELSEWHERE[first]}`? {asked}")
    for near in get_close_matches(first, commands, n=1, cutoff=NEAR):
        raise click.UsageError(f"there is no command {first}: did you mean `chat {near}`? {asked}")


def _package(word: str) -> str | None:
    from chat_core.plugins.packages import package_of  # noqa: PLC0415 - `chat --help` needs none of it

    return package_of(f"command.{word}")


def _absent(word: str, package: str) -> str:
    from chat_core.plugins.entries import Gate, installed  # noqa: PLC0415 - as above

    gate = Gate.of(os.environ)
    for entry in installed():
        if entry.label == f"command.{word}" and (variable := gate.bars(entry)) is not None:
            return f"`chat {word}` comes with {entry.distribution}, which is kept out by {variable}"
    return f"`chat {word}` comes with {package}: install it: python -m pip install {package}"
