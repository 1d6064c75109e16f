"""Tool calls on the screen: what runs, what it reports, what it gave.

Law: it is said on standard error, one line each, bounded; what a model or a tool wrote cannot steer the terminal, or
look like something else than it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from unicodedata import category

from chat_cli.terminal import DIM, RED
from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedContent
from chat_core.events import ToolEnd, ToolProgress, ToolStart
from chat_core.parts import Json, Media, Opaque, Text

if TYPE_CHECKING:
    from chat_cli.terminal import Screen
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON
    from chat_core.parts import ResultPart, ToolCall, ToolResult

LENGTH = 200
"""Longest text of arguments, a report or a result, in characters."""

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Categories of characters that show nothing, or turn round what is beside them."""


class Calls:
    """Shows the calls of one conversation."""

    def __init__(self, screen: Screen) -> None:
        """Keep where."""
        self._screen = screen
        self._names: dict[str, str] = {}
        self._running: set[str] = set()

    def show(self, event: Event) -> None:
        """Show an event of a tool, and no other one."""
        match event:
            case ToolStart(call):
                self._running.add(call.id)
                self._names[call.id] = call.name
                self._line(f"→ {named(call)}")
            case ToolProgress(call_id, value):
                self._line(f"  {self._names.get(call_id, call_id)}: {cut(_words(value))}")
            case ToolEnd(call, result):
                if call.id not in self._running:
                    self._line(f"→ {named(call)}")
                self._running.discard(call.id)
                self._line(*_ended(result, several=bool(self._running)))
            case _:
                pass

    def _line(self, words: str, style: str = DIM) -> None:
        self._screen.line(plain(words), style)


def named(call: ToolCall) -> str:
    """Write a call on one line."""
    return f"{call.name}({cut(arguments(call))})"


def arguments(call: ToolCall) -> str:
    """Write the arguments of a call as the model gave them."""
    if call.arguments is None:
        return call.raw or ""
    return dump(call.arguments).decode()


def content(result: ToolResult) -> str:
    """Write what a tool gave as text."""
    return " ".join(map(_piece, result.content))


def plain(text: str) -> str:
    """Write characters that show nothing as their code; line feeds and tabs stay."""
    return "".join(f"\\u{ord(c):04x}" if category(c) in _HIDDEN and c not in "\n\t" else c for c in text)


def cut(text: str) -> str:
    """Bound a text, and put it on one line."""
    words = " ".join(text[: LENGTH + 1].split())
    return words if len(text) <= LENGTH else f"{words[:LENGTH]} … ({len(text)} characters)"


def _ended(result: ToolResult, *, several: bool) -> tuple[str, str]:
    whose = f"{result.name}: " if several and result.name else ""
    words = cut(content(result)) or "(nothing)"
    return (f"← error: {whose}{words}", RED) if result.is_error else (f"← {whose}{words}", DIM)


def _piece(part: ResultPart) -> str:
    match part:
        case Text(text):
            return text
        case Json(data):
            return dump(data).decode()
        case Media(kind=kind, mime=mime):
            return f"[{kind} {mime or ''}]"
        case Opaque(kind=kind):
            return f"[{kind}]"


def _words(value: object) -> str:
    """Write what a tool reports: text as it is, and what is JSON as JSON."""
    if isinstance(value, str):
        return value
    try:
        return dump(cast("JSON", value)).decode()
    except UnsupportedContent:
        return str(value)
