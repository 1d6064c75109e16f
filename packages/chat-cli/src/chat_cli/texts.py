"""Texts on the command line: as words, on the lines of a file or of what is piped in, in JSON lines or CSV.

Law: they are read as they are needed. People see columns or lines; programs get JSON lines, with always the same
members. What cannot be read is named with its line, before or after what lies before it.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import click

from chat_cli.files import STDIO, say

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from chat_core.bulk.inputs import Given, Item
    from chat_core.errors import ChatError
    from chat_core.jsonvalue import JSONObject
    from chat_core.response import Notice

Command = TypeVar("Command", bound="Callable[..., Any]")
R_co = TypeVar("R_co", covariant=True)

AT_ONCE = 32
"""Texts that are asked about together, so that the first answers come soon."""

rows_option = click.option("--json", "as_json", is_flag=True, help="Print JSON lines on a terminal too.")

extra_option = click.option(
    *("-f", "--extra", "extra"),
    type=(str, str),
    multiple=True,
    metavar="NAME VALUE",
    help="A further field of the request, sent as it is: JSON, or else text. Can be repeated.",
)


def input_options(command: Command) -> Command:
    """Add the options about where texts are read."""
    options = (
        click.option("--file", metavar="FILE", help="Read texts from a file, or - : one a line, JSON lines, or CSV."),
        click.option("--field", "text_field", metavar="NAME", help="Where JSON lines or CSV hold the text."),
        click.option("--id-field", metavar="NAME", help="Where they hold an id, which is printed with the answer."),
        click.option("--skip-blank", is_flag=True, help="Pass over blank lines, which are an error otherwise."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def given_texts(words: tuple[str, ...], file: str | None, example: str) -> Given:
    """Return what is to be read: the words, each a text; else the file; else what is piped in.

    Raises:
        click.UsageError: there is nothing, or both.
    """
    if words and file is not None:
        raise click.UsageError("texts are words or a file: give one of them")
    if words:
        return words
    if file is None and sys.stdin.isatty():
        raise click.UsageError(f"there is no text: {example}")
    return sys.stdin.buffer if file in {None, STDIO} else str(file)


class _Answered(Protocol[R_co]):
    """What a service says of several texts."""

    @property
    def results(self) -> tuple[R_co, ...]: ...
    @property
    def notices(self) -> tuple[Notice, ...]: ...


def answers(
    given: Given, how: dict[str, Any], ask: Callable[[list[str]], _Answered[R_co]]
) -> Iterator[tuple[int, Item, R_co]]:
    """Ask about texts, and give the answers one by one, each with the number of its text; notices are told once.

    Raises:
        click.UsageError: as `chunks`.
        ChatError: a text could not be asked about; the answers before it were given.
    """
    index, told = 0, set[str]()
    for items in chunks(given, how):
        found, failure = _asked(ask, [item.text for item in items])
        if found is not None:
            say(tuple(notice for notice in found.notices if notice.feature not in told))
            told.update(notice.feature for notice in found.notices)
            for item, one in zip(items, found.results, strict=failure is None):
                yield index, item, one
                index += 1
        if failure is not None:
            raise failure


def _asked(
    ask: Callable[[list[str]], _Answered[R_co]], texts: list[str]
) -> tuple[_Answered[R_co] | None, ChatError | None]:
    """Return the answers; when not all texts could be asked about, those there are, and why."""
    from chat_core.errors import ChatError  # noqa: PLC0415 - as above

    try:
        return ask(texts), None
    except ChatError as error:
        return cast("_Answered[R_co] | None", error.finished), error


def chunks(given: Given, how: dict[str, Any], size: int = AT_ONCE) -> Iterator[list[Item]]:
    """Read texts, some at a time; takes the options about reading out of what click passed.

    Raises:
        click.UsageError: something is no text, or cannot be read.
    """
    from chat_core.bulk.inputs import Source, shape_of  # noqa: PLC0415 - `chat --help` needs none of it

    fields, skip = (how.pop("text_field"), how.pop("id_field")), how.pop("skip_blank")
    with refusals(given):
        source = Source(given, shape_of(given, None, *fields, skip_blank=skip))
    try:
        yield from _chunks(given, source.items(), size)
    finally:
        source.close()


def _chunks(given: Given, items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    """Hand on what was read before something that is refused."""
    refused: click.UsageError | None = None
    while refused is None:
        read: list[Item] = []
        try:
            with refusals(given):
                for item in islice(items, size):
                    read.append(item)  # noqa: PERF402 - those before a refusal are kept
        except click.UsageError as error:
            refused = error
        if not read:
            break
        yield read
    if refused is not None:
        raise refused


@contextmanager
def refusals(given: Given) -> Generator[None]:
    """Say what is wrong with an input in the words of the command line.

    Raises:
        click.UsageError: something is.
        OSError: something else than the input could not be read or written.
    """
    from chat_cli.exits import words_of  # noqa: PLC0415 - as above
    from chat_core.bulk.inputs import BulkRefused  # noqa: PLC0415 - as above

    try:
        yield
    except BulkRefused as error:
        raise click.UsageError(words_of(error)) from None
    except OSError as error:
        if not isinstance(given, str) or error.filename != given:
            raise
        raise click.UsageError(f"{given}: {error.strerror or error}") from None


def are_rows(*, as_json: bool) -> bool:
    """Tell whether a program reads the output: it gets JSON lines."""
    return as_json or not sys.stdout.isatty()


def print_row(row: JSONObject) -> None:
    """Print one JSON line."""
    from chat_cli.events import line  # noqa: PLC0415 - as above
    from chat_cli.terminal import out  # noqa: PLC0415 - as above

    out().send(line(row))


def of_item(item: Item, index: int) -> JSONObject:
    """Return the members that tell which text a row is about."""
    row: JSONObject = {"id": item.id} if item.named else {}
    return {**row, "index": index, "text": item.text}


def print_verdict(label: str, scores: Mapping[str, float | None], text: str) -> None:
    """Print the surest of a few classes, how sure it is of it and of the others, and the text that it is about."""
    from chat_cli.terminal import BOLD, DIM, out  # noqa: PLC0415 - as above

    screen = out()
    others = [f"{name} {percent(score)}" for name, score in scores.items() if name != label and score is not None]
    screen.write(f"{label.ljust(max(map(len, scores)))}  {percent(scores[label] or 0):>4}", BOLD)
    screen.write(f"  ({', '.join(others)})", DIM)
    screen.line(f"  {text}")


def percent(score: float) -> str:
    """Spell a score for people: a probability in percent, and what is none as it is."""
    return f"{score:.0%}" if 0 <= score <= 1 else f"{score:.3g}"
