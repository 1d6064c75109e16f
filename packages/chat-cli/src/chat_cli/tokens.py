"""`chat tokens`: texts as the tokens that a model reads, or how many they are.

Law: what is piped in is one text, as it would be sent. Where a service tells only how many tokens a request has, that
number is shown and it is said what it counts; nothing is estimated.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from chat_cli.files import MAX_TEXT, STDIO, client_of, fields_of, say, set_only
from chat_cli.flags import service_options
from chat_cli.texts import are_rows, extra_option, print_row, rows_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.chat import Chat
    from chat_core.codec.tokenization import Token
    from chat_core.jsonvalue import JSON

FORMS = ("count", "ids", "offsets")
"""What can be printed instead of the pieces."""


@click.command("tokens", short_help="Cut texts into tokens, or count them.")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option("--file", metavar="FILE", help="Read one text from a file, or - .")
@click.option("--count", "form", flag_value="count", help="Print how many there are, a line for each text.")
@click.option("--ids", "form", flag_value="ids", help="Print their numbers.")
@click.option("--offsets", "form", flag_value="offsets", help="Print a line for each: start, end, number, piece.")
@click.option("--special", is_flag=True, help="With the special tokens that the model sees around a text.")
@rows_option
@extra_option
@service_options
def tokens(texts: tuple[str, ...], file: str | None, form: str | None, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click passes them by name
    """Cut texts, each TEXT, or all of a file, into the tokens that the model reads.

    chat tokens --count < prompt.md
    """
    if as_json and form is not None:
        raise click.UsageError(f"--json and --{form} are two forms of one answer: choose one")
    asked = [*_given(texts, file)]
    how = set_only(special=given.pop("special"))
    extra = fields_of(given.pop("extra"))
    chat = client_of(given, "tokens")
    found = _cut(chat, asked, form, {**how, "extra": extra})
    for index, text in enumerate(asked):
        count, cut = next(found)
        if form is None and are_rows(as_json=as_json):
            print_row({"index": index, "text": text, "count": count, "tokens": None if cut is None else _rows(cut)})
        else:
            _print(form, count, cut)


def _given(texts: tuple[str, ...], file: str | None) -> tuple[str, ...]:
    """Return the texts.

    Raises:
        click.UsageError: there are none, two places are named, or a file is no text.
    """
    if texts and file is not None:
        raise click.UsageError("texts are words or a file: give one of them")
    if texts:
        return texts
    if file is None and sys.stdin.isatty():
        raise click.UsageError("there is no text: chat tokens 'How many are these?'")
    name = "standard input" if file in {None, STDIO} else str(file)
    try:
        data = _read(file)
    except OSError as error:
        raise click.UsageError(f"{name}: {error.strerror or error}") from None
    if len(data) > MAX_TEXT:
        raise click.UsageError(f"{name} is longer than {MAX_TEXT} bytes")
    try:
        return (data.decode("utf-8-sig"),)
    except UnicodeDecodeError:
        raise click.UsageError(f"{name} is no UTF-8 text") from None


def _read(file: str | None) -> bytes:
    if file is None or file == STDIO:
        return sys.stdin.buffer.read(MAX_TEXT + 1)
    from pathlib import Path  # noqa: PLC0415 - `chat --help` needs none of it

    with Path(file).open("rb") as opened:
        return opened.read(MAX_TEXT + 1)


def _cut(
    chat: Chat, texts: list[str], form: str | None, how: dict[str, Any]
) -> Iterator[tuple[int, tuple[Token, ...] | None]]:
    """Cut texts, or count them where the service does no more.

    Raises:
        UnsupportedCapability: it does neither, or what was asked for is more than a number.
    """
    from chat_core.errors import UnsupportedCapability  # noqa: PLC0415 - as above

    try:
        found = chat.tokenize(texts, **how)
    except UnsupportedCapability as lacking:
        if form in {"ids", "offsets"} or how.get("special") or how["extra"]:
            raise
        yield from _counted(chat, texts, lacking)
        return
    say(found.notices)
    for cut in found.results:
        yield len(cut), cut


def _counted(chat: Chat, texts: list[str], lacking: Exception) -> Iterator[tuple[int, None]]:
    from chat_cli.terminal import DIM, err  # noqa: PLC0415 - as above
    from chat_core.errors import UnsupportedCapability  # noqa: PLC0415 - as above

    try:
        counts = [chat.count_tokens(text).input_tokens for text in texts]
    except UnsupportedCapability:
        raise lacking from None
    err().line("the service does not tell which tokens these are: it counts them as a question that is asked", DIM)
    for count in counts:
        yield count, None


def _rows(cut: tuple[Token, ...]) -> list[JSON]:
    return [
        {"id": token.id, "text": token.text, "start": token.start, "end": token.end, "special": token.special}
        for token in cut
    ]


def _print(form: str | None, count: int, cut: tuple[Token, ...] | None) -> None:
    from chat_cli.terminal import out  # noqa: PLC0415 - as above

    screen = out()
    if form == "count" or cut is None:
        screen.line(str(count))
    elif form == "ids":
        screen.line(" ".join(str(token.id) for token in cut))
    elif form == "offsets":
        for token in cut:
            screen.line("\t".join(_known(fact) for fact in (token.start, token.end, token.id, token.text)))
    else:
        screen.line(f"{'│'.join(_piece(token) for token in cut)}  ({count})")


def _piece(token: Token) -> str:
    return f"[{token.id}]" if token.text is None else token.text.replace("\n", "⏎")


def _known(fact: str | int | None) -> str:
    """Spell a fact as one cell of a line."""
    return "" if fact is None else str(fact).replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
