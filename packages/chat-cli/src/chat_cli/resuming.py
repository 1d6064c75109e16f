"""A paused turn taken up: where it is, what was decided about its calls, and who decides about the rest.

Law: a decision is about a call that waits, or an error, and nothing has run. A turn that the log has is taken from the
log, so that it goes on once, whoever holds copies of it. Further calls are asked about unless somebody says otherwise.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chat_cli import requests
from chat_cli.answering import take
from chat_cli.approving import value_of
from chat_cli.talk import Talk, taken_up, waiting
from chat_core.approval import Approve, Reject, Result
from chat_core.errors import ChatError, StoreMissing
from chat_core.frozen import dataclass
from chat_core.jsonvalue import parse_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chat_cli.flags import Flags
    from chat_cli.turns import Turns
    from chat_core.approval import Decision
    from chat_core.jsonvalue import JSONObject
    from chat_core.turn import Turn

MAX_BYTES = 256 * 1024 * 1024
"""Longest file."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says about calls: each text begins with the id of one."""

    approved: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    results: tuple[str, ...] = ()


def go_on(flags: Flags, file: str | None, given: Given, *, asks: bool | None) -> None:
    """Go on with a turn, and end with the exit code that it deserves."""
    if file is None:
        talk, state = taken_up(flags), {}
    else:
        state = _read(file)
        talk = _saved(flags, state)
    talk.asks = state.get("asks") is not False if asks is None else asks
    talk.form = requests.form(flags)
    take(talk, flags, lambda turns: _resumed(talk, turns, given, _tokens(state)))


def _resumed(talk: Talk, turns: Turns, given: Given, tokens: Mapping[str, str | None]) -> Turn[object]:
    if not tokens and talk.session.waiting:
        tokens = _shown(talk)
    decided = dict(decisions(talk, given, tokens))
    talk.require_tools([call for call, decision in decided.items() if not isinstance(decision, Approve)])
    return turns.resumed(decided)


def _shown(talk: Talk) -> Mapping[str, str | None]:
    """Have what waits in the user's own log signed, where calls are signed: it is shown here and now."""
    asks, talk.asks = talk.asks, True
    try:
        return {waits.call.id: waits.token for waits in talk.whole({}).pending} if talk.signs else {}
    finally:
        talk.asks = asks


def decisions(talk: Talk, given: Given, tokens: Mapping[str, str | None]) -> Iterator[tuple[str, Decision]]:
    """Read the decisions, by the id of their call.

    Raises:
        click.UsageError: one is about no call that waits, or about one that has a decision, or cannot be read.
    """
    seen: set[str] = set()
    readers: tuple[tuple[str, tuple[str, ...], Callable[[str], Decision]], ...] = (
        ("--approve", given.approved, _approved),
        ("--reject", given.rejected, lambda text: Reject(text) if text else Reject()),
        ("--edit", given.edited, lambda text: Approve(arguments=parse_object(text))),
        ("--result", given.results, lambda text: Result(value_of(text))),
    )
    for option, texts, read in readers:
        for text in texts:
            call, rest = _parted(talk, option, text)
            if call in seen:
                raise click.UsageError(f"{option} {call}: there is a decision about this call already")
            seen.add(call)
            yield call, _with_token(_decision(option, call, rest, read), tokens.get(call))


def _approved(text: str) -> Decision:
    if text:
        raise click.UsageError("--approve takes the id of a call and nothing else: --edit CALL=JSON changes arguments")
    return Approve()


def _parted(talk: Talk, option: str, text: str) -> tuple[str, str]:
    """Part a text into the id of a call that waits, and what stands behind it; ids may have an equals sign in them."""
    ids = [call.id for call in talk.session.waiting if text == call.id or text.startswith(f"{call.id}=")]
    if len(ids) > 1 and option in {"--reject", "--result"}:  # whose rest may be anything
        both = " or of ".join(sorted(ids, key=len))
        raise click.UsageError(f"{option} {text:.80} may be of {both}: decide in the terminal, without options")
    for call in sorted(ids, key=len, reverse=True):
        return call, text[len(call) + 1 :]
    raise click.UsageError(f"{option} {text:.80}: no such call waits; waiting: {waiting(talk) or 'none'}")


def _decision(option: str, call: str, text: str, read: Callable[[str], Decision]) -> Decision:
    try:
        return read(text)
    except ChatError as error:
        raise click.UsageError(f"{option} {call}: {error.message}") from None


def _with_token(decision: Decision, token: str | None) -> Decision:
    return decision if isinstance(decision, Reject) else replace(decision, token=token)


# what was saved


def _saved(flags: Flags, state: JSONObject) -> Talk:
    """Take up a turn from the log, if that has it, or else as it was saved."""
    model, name = state.get("model"), state.get("id")
    if not isinstance(model, str) or not isinstance(name, str):
        raise click.UsageError("FILE holds no paused turn: it takes what `chat --json` printed")
    talk = Talk(flags, flags.model or model)
    if talk.log is not None and talk.log.content:
        try:
            talk.go_on(name, talk.log.store)
        except StoreMissing:
            pass  # it was begun with --no-log, or elsewhere
        else:
            return talk
    talk.load({name: value for name, value in state.items() if name not in {"model", "asks"}})
    return talk


def _tokens(state: JSONObject) -> dict[str, str | None]:
    match state.get("pending"):
        case list(items):
            pass
        case _:
            return {}
    tokens: dict[str, str | None] = {}
    for item in items:
        match item:
            case {"call": str(call), "token": str(token)}:
                tokens[call] = token
            case _:
                pass
    return tokens


def _read(file: str) -> JSONObject:
    """Read the state out of what `--json` printed, or by itself."""
    try:
        if file == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(file).open("rb") as opened:
                data = opened.read(MAX_BYTES + 1)
        printed = parse_object(data, limit=MAX_BYTES)
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror or error}") from None
    except ChatError as error:
        raise click.UsageError(f"{file}: {error.message}") from None
    match printed.get("state"):
        case dict(state):
            return state
        case _:
            return printed
