"""The command `ask`, which is also what happens without a command: one question, a whole request, or a conversation.

Law: the answer goes to standard output and nothing else does; what is said about it goes to standard error.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

import click

from chat_cli.flags import Flags, log_options, output_options, question_options, service_options, tool_options

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_INPUT = 64 * 1024 * 1024
"""Most bytes of standard input that are a question."""


@click.command("ask", short_help="Ask a question (the default), or begin a conversation.")
@click.argument("words", nargs=-1, metavar="[QUESTION]...")
@service_options
@question_options
@tool_options
@click.option("--approve", is_flag=True, help="Ask before each call of a tool. Default: as each tool says.")
@log_options
@output_options
def ask(words: tuple[str, ...], **given: Any) -> None:  # noqa: ANN401 - click passes them by name
    """Ask a question; without one, on a terminal, begin a conversation.

    What is piped in comes before the question, or is the question.
    """
    flags = cast("Callable[..., Flags]", Flags)(**given)
    _check(flags, words)
    if flags.request_file is not None:
        from chat_cli.whole import whole  # noqa: PLC0415 - each way to ask loads what it needs

        whole(flags, flags.request_file)
        return
    asked = "\n\n".join(text for text in (_piped(flags), " ".join(words)) if text.strip())
    if asked or (_has_attachments(flags) and not _is_terminal()):
        from chat_cli.answering import answer  # noqa: PLC0415 - as above

        answer(flags, asked)
    elif not _is_terminal():
        _check_options(flags)
        raise click.UsageError("there is no question: chat 'Why is the sky blue?', or run chat alone on a terminal")
    else:
        _converse(flags)


def _converse(flags: Flags) -> None:
    for name in ("schema", "json", "extract"):
        if getattr(flags, name):
            raise click.UsageError(f"--{name} needs a question: chat --{name} … 'QUESTION'")
    from chat_cli.conversation import converse  # noqa: PLC0415 - as above

    converse(flags)


def _check_options(flags: Flags) -> None:
    """Refuse a wrong option, which may have taken the question for its value."""
    from chat_cli import requests  # noqa: PLC0415 - as above

    requests.options(flags.options)


def _check(flags: Flags, words: tuple[str, ...]) -> None:
    """Refuse what does not go together."""
    if flags.json and flags.extract:
        raise click.UsageError("--json and --extract are two forms of one answer: choose one")
    if flags.schema is not None and (flags.stream or flags.extract):
        raise click.UsageError(
            "--schema prints JSON that fits, when it is whole: it goes with no --stream and no --extract"
        )
    if flags.approve and not flags.tools:
        raise click.UsageError("--approve asks about calls of tools: name some with -T")
    if flags.goes_on and flags.system is not None:
        raise click.UsageError("--system begins a conversation: it goes with no --continue and no --cid")
    if flags.continues and flags.cid is not None:
        raise click.UsageError("--continue and --cid name two conversations: choose one")
    if flags.request_file is None:
        return
    others = {
        "a question": words,
        "--tool": flags.tools or flags.approve,
        "--continue": flags.continues,
        "--cid": flags.cid,
        "--system": flags.system,
        "--attachment": flags.attachments or flags.typed,
        "--schema": flags.schema,
        "--json": flags.json,
        "--extract": flags.extract,
        "--reasoning": flags.reasoning is not None,
    }
    for name, value in others.items():
        if value:
            raise click.UsageError(f"--request-file holds the whole request: it goes with no {name.removeprefix('a ')}")


def _has_attachments(flags: Flags) -> bool:
    return bool(flags.attachments or flags.typed)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _piped(flags: Flags) -> str:
    """Read what is piped in, unless it is an attachment."""
    if sys.stdin.isatty() or "-" in flags.attachments or any(item == "-" for item, _ in flags.typed):
        return ""
    data = sys.stdin.buffer.read(MAX_INPUT + 1)
    if len(data) > MAX_INPUT:
        raise click.UsageError(f"standard input is longer than {MAX_INPUT} bytes: attach a file with -a FILE")
    try:
        return data.decode("utf-8-sig").strip("\n")
    except UnicodeDecodeError:
        raise click.UsageError("standard input is no UTF-8 text: attach it with -a -") from None
