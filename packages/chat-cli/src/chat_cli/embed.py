"""`chat embed`: texts turned into vectors: a few at once, or a file of millions.

Law: a file of vectors is there when it is whole; a run that was ended goes on with the same command. Progress goes to
stderr, as a bar on a terminal.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from chat_cli.files import STDIO, client_of, fields_of, require_place, say, set_only
from chat_cli.flags import service_options
from chat_cli.texts import extra_option, given_texts, input_options, refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import BinaryIO

    from chat_core.bulk import BulkProgress, BulkResult
    from chat_core.bulk.inputs import Given
    from chat_core.response import Notice


@click.command("embed", short_help="Turn texts into vectors.")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@input_options
@click.option("-o", "--output", metavar="FILE", help="Where to write them. Default: standard output.")
@click.option(
    *("--format", "form"),
    type=click.Choice(["jsonl", "npy", "bin"]),
    help="JSON lines, NumPy, or raw numbers. Default: as the name of the file says, or JSON lines.",
)
@click.option("--text", "keep_text", is_flag=True, help="Repeat each text in its JSON line.")
@click.option("--dimensions", type=click.IntRange(min=1), metavar="N", help="How long. Default: the model's own.")
@click.option("--purpose", metavar="WORD", help="query for what is looked for, document for what is looked through, ….")
@click.option("--batch", type=click.IntRange(min=1), metavar="N", help="Texts that are sent together. Default: 64.")
@click.option("--concurrency", type=click.IntRange(min=1), metavar="N", help="Batches sent at once. Default: 4.")
@click.option("--progress/--no-progress", default=True, help="Show a bar on a terminal.")
@click.option("--resume/--restart", default=True, help="Go on with an unfinished FILE, or make FILE anew.")
@extra_option
@service_options
def embed(
    texts: tuple[str, ...],
    file: str | None,
    output: str | None,
    *,
    progress: bool,
    resume: bool,
    **given: Any,  # noqa: ANN401 - click passes them by name
) -> None:
    """Turn texts into vectors, each TEXT, or each line of a file.

    chat embed --file texts.txt --output vectors.npy
    """
    from chat_core.bulk import embed_file  # noqa: PLC0415 - `chat --help` needs none of it

    source = given_texts(texts, file, "chat embed 'a text', or chat embed --file texts.txt -o vectors.npy")
    if output not in {None, STDIO}:
        require_place(output, "a file")
    extra = fields_of(given.pop("extra"))
    asked = set_only(
        text_field=given.pop("text_field"),
        id_field=given.pop("id_field"),
        skip_blank=given.pop("skip_blank"),
        format=given.pop("form"),
        keep_text=given.pop("keep_text"),
        dimensions=given.pop("dimensions"),
        purpose=given.pop("purpose"),
        batch_size=given.pop("batch"),
        concurrency=given.pop("concurrency"),
        restart=not resume,
    )
    chat = client_of(given, "embed")
    target = sys.stdout.buffer if output is None or output == STDIO else output
    with refusals(source), _interrupted(target), _bar(shown=progress and _is_long(source, target)) as tell:
        result = embed_file(chat, source, target, extra=extra, progress=tell, **asked)
    _tell(result, target)


def _is_long(source: Given, target: BinaryIO | str) -> bool:
    """Tell whether somebody waits who sees nothing else."""
    from chat_cli.terminal import err  # noqa: PLC0415 - as above

    return not isinstance(source, tuple) and err().is_terminal and (isinstance(target, str) or not target.isatty())


@contextmanager
def _interrupted(target: BinaryIO | str) -> Generator[None]:
    """Say what becomes of what was written, when the user ends it, or the service or the disk does."""
    from chat_cli.terminal import err  # noqa: PLC0415 - as above
    from chat_core.errors import ChatError  # noqa: PLC0415 - as above

    try:
        yield
    except (KeyboardInterrupt, ChatError, OSError):
        if isinstance(target, str) and _is_kept(target):
            err().line("What was written is kept; the same command goes on with it.")
        raise


def _is_kept(target: str) -> bool:
    from pathlib import Path  # noqa: PLC0415 - as above

    return Path(f"{target}.progress").exists()


@contextmanager
def _bar(*, shown: bool) -> Generator[Callable[[BulkProgress], None]]:
    """Draw how much of the input is done; where nobody knows how long it is, how many texts."""
    if not shown:
        yield lambda _: None
        return
    from rich import progress  # noqa: PLC0415 - as above
    from rich.console import Console  # noqa: PLC0415 - as above

    columns = (
        progress.TextColumn("{task.fields[rows]} texts", markup=False),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TimeElapsedColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True)) as display:
        task = display.add_task("embed", total=None, rows=0)

        def tell(so_far: BulkProgress) -> None:
            display.update(task, total=so_far.size, completed=so_far.read, rows=so_far.rows)

        yield tell


def _of_all(notice: Notice, count: int) -> Notice:
    """Say in a notice of one request how many had such a one."""
    if count == 1:
        return notice
    from dataclasses import replace  # noqa: PLC0415 - as above

    return replace(notice, reason=f"{notice.reason or ''} (and so in {count} requests)".strip())


def _tell(result: BulkResult, target: BinaryIO | str) -> None:
    """Say what was made, and what is worth to know about it."""
    from chat_cli.terminal import DIM, err  # noqa: PLC0415 - as above

    screen = err()
    say(tuple(_of_all(notice, count) for notice, count in result.notices))
    if result.blank:
        screen.line(f"{result.blank} blank lines were passed over: they have no vector", DIM)
    if result.halved:
        halved = f"requests that were too large for the service, and were halved: {result.halved}"
        screen.line(f"{halved}; a smaller --batch has fewer", DIM)
    if isinstance(target, str):
        before = f", {result.resumed} of them by runs before" if result.resumed else ""
        cost = "" if result.input_tokens is None else f", {result.input_tokens} tokens"
        screen.line(f"{target}: {result.rows} vectors of {result.dimensions or 0} numbers{before}{cost}")
