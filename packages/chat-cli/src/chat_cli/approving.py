"""A human decides: what waits is shown whole, one call after the other, and the answer is read.

Law: nothing runs that was not shown. What was typed before a call was shown is no answer to it; an answer that is not
understood is asked for again; who leaves has decided nothing.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from chat_cli.calls import arguments, plain
from chat_cli.terminal import BOLD, DIM, complain, err
from chat_core.approval import Approve, Reject, Result
from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse, parse_object
from chat_core.parts import ToolResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.approval import Decision, Pending
    from chat_core.functions import FunctionTool
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import ToolCall

LINES, CHARACTERS = 30, 3000
"""Most that is shown of arguments before somebody asks for all."""

SUFFIX = ".json"


class Quit(Exception):
    """The user leaves without a decision."""


def is_possible() -> bool:
    """Tell whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class Approving:
    """Asks about calls.

    Attributes:
        allowed: tools whose calls need no further word.
    """

    def __init__(self, functions: Mapping[str, FunctionTool], allowed: set[str]) -> None:
        """Take the functions, which check edited arguments."""
        self.allowed = allowed
        self._functions = functions

    def decisions(self, pending: tuple[Pending, ...]) -> dict[str, Decision] | None:
        """Ask about all that waits; `None` = nobody is there, or has left without a word on all of them."""
        if not is_possible():
            return None
        before = frozenset(self.allowed)
        try:
            return {waits.call.id: self._decided(waits) for waits in pending}
        except (Quit, KeyboardInterrupt):
            self.allowed.intersection_update(before)
            err().send("\n")
            return None

    def _decided(self, waits: Pending) -> Decision:
        if waits.why == "approval" and waits.call.name in self.allowed:
            return Approve(token=waits.token)
        shown = text_of(waits.call)
        _show(waits, shown)
        choices = _choices(waits, long=_is_long(shown))
        while True:
            decision = self._choice(_asked(choices), waits, shown)
            if decision is not None:
                return decision

    def _choice(self, letter: str, waits: Pending, shown: str) -> Decision | None:
        """Do what was chosen; `None` = ask again."""
        match letter:
            case "y":
                return Approve(token=waits.token)
            case "a":
                self.allowed.add(waits.call.name)
                return Approve(token=waits.token)
            case "n":
                reason = _line("Why? The model is told (Enter: no reason): ").strip()
                return Reject(reason) if reason else Reject()
            case "e":
                return self._edited(waits)
            case "r":
                return Result(value_of(_line("The result, as text or JSON: ").strip()), token=waits.token)
            case "v":
                _view(f"{plain(shown)}\n")
            case _:
                raise Quit
        return None

    def _edited(self, waits: Pending) -> Approve | None:
        """Have the arguments edited; what cannot be run is said, and asked for again."""
        try:
            text = click.edit(f"{text_of(waits.call)}\n", extension=SUFFIX, require_save=True)
        except click.ClickException as error:
            complain(f"{error.message}: set EDITOR to an editor")
            return None
        if text is None:
            err().line("not changed", DIM)
            return None
        try:
            changed = parse_object(text)
        except DecodeError as error:
            complain(f"this is no JSON object: {error}")
            return None
        if (wrong := self.misfit(waits.call, changed)) is not None:
            complain(wrong)
            return None
        return Approve(arguments=changed, token=waits.token)

    def misfit(self, call: ToolCall, changed: JSONObject) -> str | None:
        """Say in what way arguments do not fit a tool; `None` when they do, or nobody here knows."""
        tool = self._functions.get(call.name)
        bound = None if tool is None else tool.bind(replace(call, arguments=changed, raw=None))
        if not isinstance(bound, ToolResult):
            return None
        return "".join(getattr(part, "text", "") for part in bound.content)


def text_of(call: ToolCall) -> str:
    """Write the arguments of a call for people to read."""
    if call.arguments is None:
        return arguments(call)
    import json  # noqa: PLC0415 - for those who are asked

    return json.dumps(call.arguments, indent=2, ensure_ascii=False)  # noqa: TID251 - read by people, sent nowhere


def value_of(text: str) -> JSON:
    """Read a result: JSON, or else a text as it is."""
    try:
        return parse(text)
    except DecodeError:
        return text


def _is_long(shown: str) -> bool:
    return len(shown) > CHARACTERS or shown.count("\n") >= LINES


def _show(waits: Pending, shown: str) -> None:
    screen = err()
    screen.line(
        plain(f"The model wants to call {waits.call.name}{f' ({waits.reason})' if waits.reason else ''}:"), BOLD
    )
    for each in plain(shown[:CHARACTERS]).split("\n")[:LINES]:  # after `plain` nothing else ends a line
        screen.line(f"  {each}")
    if _is_long(shown):
        screen.line(f"  … {len(shown)} characters in all: v shows them", BOLD)


def _view(text: str) -> None:
    """Show a long text; standard output is for answers, unless it is the terminal."""
    if sys.stdout.isatty():
        click.echo_via_pager(text)
    else:
        err().send(text)


def _choices(waits: Pending, *, long: bool) -> dict[str, str]:
    view = {"v": "[v]iew all"} if long else {}
    if waits.why != "approval":
        return {"r": "[r]esult", "n": "[n]o", **view, "q": "[q]uit"}
    every = {"y": "[y]es", "n": "[n]o", "e": "[e]dit", "a": f"[a]ll of {plain(waits.call.name)}"}
    return {**every, **view, "q": "[q]uit"}


def _asked(choices: Mapping[str, str]) -> str:
    """Read one of the letters; words that begin with it do as well."""
    while True:
        said = _line(f"{', '.join(choices.values())}? ").strip().lower()
        if said[:1] in choices:
            return said[0]


def _line(prompt: str) -> str:
    """Read a line from the terminal.

    Raises:
        Quit: the terminal is gone, or its user has left.
    """
    _forget_typed()
    err().write(prompt)
    said = sys.stdin.readline()
    if not said:
        raise Quit
    return said


def _forget_typed() -> None:
    """Drop what was typed before anybody was asked."""
    try:
        import termios  # noqa: PLC0415 - not on every platform
    except ImportError:
        return
    termios.tcflush(sys.stdin, termios.TCIFLUSH)
