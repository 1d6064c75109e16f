"""`chat rerank`: texts ordered by how well they answer a query.

Law: the order is the service's; its scores are shown as it gave them, for they have no scale that all share.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from chat_cli.files import client_of, fields_of, say, set_only
from chat_cli.flags import service_options
from chat_cli.texts import (
    are_rows,
    chunks,
    extra_option,
    given_texts,
    input_options,
    of_item,
    print_row,
    rows_option,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.bulk.inputs import Item
    from chat_core.codec.rerank import Ranked

MOST = 10_000
"""Most texts: they are ordered among each other, so all of them are held at once."""


@click.command("rerank", short_help="Order texts by how well they answer a query.")
@click.argument("query")
@click.argument("texts", nargs=-1, metavar="[DOCUMENT]...")
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="How many of the best. Default: all.")
@input_options
@rows_option
@extra_option
@service_options
def rerank(query: str, texts: tuple[str, ...], file: str | None, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click passes them by name
    """Order documents, each DOCUMENT or each line of a file, by how well they answer QUERY.

    grep -h train notes/*.txt | chat rerank "When does the last train leave?" --top 3
    """
    source = given_texts(texts, file, "chat rerank 'last train' 'It leaves at ten' 'It is late'")
    top, extra = given.pop("top"), fields_of(given.pop("extra"))
    chat = client_of(given, "rerank")
    items = _all(item for some in chunks(source, given) for item in some)
    found = chat.rerank(query, [item.text for item in items], extra=extra, **set_only(top_n=top))
    say(found.notices)
    for rank, one in enumerate(found.results, start=1):
        if are_rows(as_json=as_json):
            print_row({"rank": rank, "score": one.score, **of_item(items[one.index], one.index)})
        else:
            _print(rank, one)


def _all(items: Iterable[Item]) -> list[Item]:
    """Take all texts.

    Raises:
        click.UsageError: there are none, or too many to be held at once.
    """
    taken = list(islice(items, MOST + 1))
    if not taken:
        raise click.UsageError("there is no text to order")
    if len(taken) > MOST:
        raise click.UsageError(f"there are more than {MOST} texts: find the likely ones first, with `chat embed`")
    return taken


def _print(rank: int, one: Ranked) -> None:
    from chat_cli.terminal import DIM, out  # noqa: PLC0415 - `chat --help` needs none of it

    screen = out()
    screen.write(f"{rank:3}  {one.score:<10.4g}", DIM)
    screen.line(f"  {one.document}")
