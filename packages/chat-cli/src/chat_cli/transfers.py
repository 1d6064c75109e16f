"""How far a model has come that is fetched or made, on a terminal: for the commands of providers that do it.

Law: it goes to stderr, as bars on a terminal and as plain lines elsewhere. Who interrupts it is told what is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.events import Event

INTERRUPTED = "Interrupted. What was fetched is kept; the same command goes on with it."


def show(events: Iterable[Event]) -> None:
    """Show a transfer to its end."""
    from chat_cli.terminal import err  # noqa: PLC0415 - `chat --help` needs none of it

    screen = err()
    try:
        _bars(events) if screen.is_terminal else _lines(events)
    except KeyboardInterrupt:
        screen.line(INTERRUPTED)
        raise


def _lines(events: Iterable[Event]) -> None:
    """Print what is being done, each thing once."""
    from chat_cli.tables import size  # noqa: PLC0415 - as above
    from chat_cli.terminal import err  # noqa: PLC0415 - as above
    from chat_core.codec.transfers import Progress  # noqa: PLC0415 - as above

    screen, before = err(), ""
    for event in events:
        if isinstance(event, Progress) and event.status != before:
            before = event.status
            screen.line(f"{before} ({size(event.total)})" if event.total is not None else before)


def _bars(events: Iterable[Event]) -> None:
    """Draw a bar for each thing that is fetched, and between them what is being done."""
    from rich import progress  # noqa: PLC0415 - as above
    from rich.console import Console  # noqa: PLC0415 - as above

    from chat_cli.terminal import one_line  # noqa: PLC0415 - as above
    from chat_core.codec.transfers import Progress  # noqa: PLC0415 - as above

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    bars: dict[str, progress.TaskID] = {}
    with progress.Progress(*columns, console=Console(stderr=True)) as display:
        for event in events:
            if not isinstance(event, Progress):
                continue
            if event.digest is None:
                display.console.print(one_line(event.status), markup=False, highlight=False)
                continue
            if event.digest not in bars:
                bars[event.digest] = display.add_task(one_line(event.status), total=event.total)
            display.update(bars[event.digest], completed=event.completed or 0)
