"""What commands print of things that are there: rows, or JSON. Commands of other packages use it as well.

Law: columns on a terminal and tabs between the cells elsewhere; no cell can steer a terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chat_core.jsonvalue import JSON, JSONObject


def json_option(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command be asked for JSON."""
    import click  # noqa: PLC0415 - `chat --help` needs none of it

    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def print_rows(rows: Iterable[tuple[str, ...]]) -> None:
    """Print cells; all rows have as many."""
    from chat_cli.terminal import one_line, out  # noqa: PLC0415 - as above

    screen, cells = out(), [tuple(one_line(cell) for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        screen.line(padded.rstrip() if screen.is_terminal else "\t".join(row).rstrip())


def print_json(value: JSONObject) -> None:
    """Print JSON on one line."""
    from chat_cli.events import line  # noqa: PLC0415 - as above
    from chat_cli.terminal import out  # noqa: PLC0415 - as above

    out().send(line(value))


def size(count: JSON) -> str:
    """Spell a number of bytes for people; nothing where it is not known."""
    from rich.filesize import decimal  # noqa: PLC0415 - as above

    return decimal(count) if isinstance(count, int) else ""
