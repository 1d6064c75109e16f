"""One answer: asked, shown, and what there is to say about it afterwards.

Law: what was shown stays true: an answer that is cut off, filtered or malformed ends with words and an exit code.
"""

from __future__ import annotations

from dataclasses import replace
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from chat_cli import requests
from chat_cli.calls import named, plain
from chat_cli.events import error_as_json, line
from chat_cli.exits import INCOMPLETE, PAUSED, shortfall
from chat_cli.log import title_of
from chat_cli.render import AsJSON, Extracted, Filled, Rendered, Streamed
from chat_cli.talk import begun
from chat_cli.terminal import DIM, RED, err, out
from chat_cli.turns import Turns
from chat_core.codec.wire import dump
from chat_core.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_cli.flags import Flags
    from chat_cli.render import Renderer
    from chat_cli.talk import Talk
    from chat_core.messages import Message
    from chat_core.response import Notice, Response, Usage
    from chat_core.turn import Turn


def answer(flags: Flags, words: str) -> None:
    """Ask one question, show the answer, and end with the exit code that it deserves."""
    form = requests.form(flags)
    question = requests.question(flags, words)
    talk = begun(flags, title_of(words))
    talk.form = form
    take(talk, flags, lambda turns: _asked(turns, question))


def take(talk: Talk, flags: Flags, step: Callable[[Turns], Turn[Any]]) -> None:
    """Take a turn as the flags say, and end with the exit code that it deserves."""
    renderer = _renderer(flags, streams=_streams(flags))
    try:
        turn = step(Turns(talk, renderer, streams=_streams(flags)))
        renderer.done(turn, talk)
    except ChatError as error:
        if flags.json:
            out().send(line(error_as_json(error)))
        elif error.partial is not None:
            notify(error.partial, set())
        raise
    finish(turn, usage=flags.usage)
    if turn.status == "paused":
        _say_paused(turn, talk, flags)
        click.get_current_context().exit(PAUSED)


def finish(turn: Turn[Any], *, usage: bool) -> None:
    """Say what there is to know about a turn, and end with an exit code where it is not what was asked for."""
    told: set[str] = set()
    for response in turn.responses:
        report(response, told, usage=usage)
    if turn.responses and shortfall(turn.response) is not None:
        click.get_current_context().exit(INCOMPLETE)


def _asked(turns: Turns, question: Message) -> Turn[Any]:
    """Ask, after what an earlier turn has left waiting was decided."""
    before = turns.settled()
    if before is not None and before.status == "paused":
        return before
    turn = turns.asked(question)
    return turn if before is None else replace(turn, responses=(*before.responses, *turn.responses))


def _say_paused(turn: Turn[Any], talk: Talk, flags: Flags) -> None:
    """Say what waits, and how to go on."""
    screen = err()
    for waits in turn.pending:
        screen.line(plain(f"waits for a decision: {waits.call.id}: {named(waits.call)}"))
    again = "".join(f" -T {quote(source)}" for source in flags.tools)
    again += "".join(f" --approve {quote(plain(waits.call.id))}" for waits in turn.pending)
    others = "(or --reject CALL=REASON, --edit CALL=JSON, --result CALL=VALUE)"
    if talk.kept_as is not None:
        screen.line(f"go on: chat resume --cid {talk.kept_as}{again} {others}")
    elif flags.json:
        screen.line(f"go on: chat resume FILE{again} {others}, where FILE holds the JSON")
    else:
        screen.line("nobody can go on: without a log, --json prints what `chat resume` takes")


def report(response: Response, told: set[str], *, usage: bool) -> None:
    """Say on stderr what there is to know about an answer, and was not `told` of one before it."""
    screen = err()
    notify(response, told)
    words = shortfall(response)
    if words is not None:
        screen.line(f"{words} (finish reason: {response.raw_finish_reason or response.finish_reason})", RED)
    if usage:
        tries = len(response.attempts)
        screen.line(f"{counted(response.usage)}{f', {tries} attempts' if tries > 1 else ''}", DIM)


def notify(response: Response, told: set[str]) -> None:
    """Say on stderr what was not sent as asked, where that was not `told` before."""
    for notice in map(_noticed, response.notices):
        if notice not in told:
            told.add(notice)
            err().line(notice, DIM)


def counted(usage: Usage | None) -> str:
    """Say what was used."""
    if usage is None or (usage.input_tokens is None and usage.output_tokens is None):
        return "tokens: not reported"
    parts = (("cached", usage.cache_read_tokens), ("reasoning", usage.reasoning_tokens))
    cached, thought = (f" ({count} {word})" if count else "" for word, count in parts)
    taken, given = ("?" if count is None else count for count in (usage.input_tokens, usage.output_tokens))
    return f"tokens: {taken} input{cached}, {given} output{thought}"


def _streams(flags: Flags) -> bool:
    if flags.stream is not None:
        return flags.stream
    return not (flags.json or flags.extract or flags.schema is not None)


def _renderer(flags: Flags, *, streams: bool) -> Renderer:
    screen = out()
    if flags.json:
        return AsJSON(screen)
    if flags.schema is not None:
        return Filled(screen)
    if flags.extract:
        return Extracted(screen)
    kind = Rendered if screen.coloured and not streams else Streamed
    return kind(screen, reasoning=flags.reasoning, calls=not flags.tools)


def _noticed(notice: Notice) -> str:
    asked, sent = (dump(value).decode() for value in (notice.requested, notice.applied))
    what = "not sent" if notice.applied is None else f"sent as {sent:.100}"
    whose = "" if notice.requested is None else f" {asked:.100}"
    return f"notice: {notice.feature}{whose}: {what}{f'; {notice.reason}' if notice.reason else ''}"
