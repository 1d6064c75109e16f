"""The command `resume`: goes on with a turn in which calls wait for a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from chat_cli.flags import (
    Flags,
    log_options,
    option_option,
    output_options,
    schema_option,
    service_options,
    tool_options,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@click.command("resume", short_help="Go on with a turn that waits for decisions.")
@click.argument("file", required=False, metavar="[FILE]")
@click.option(
    "--approve", "approved", multiple=True, metavar="CALL", help="Run this call. Can be repeated, as all below."
)
@click.option(
    "--reject", "rejected", multiple=True, metavar="CALL[=REASON]", help="Do not; the model is told the reason."
)
@click.option("--edit", "edited", multiple=True, metavar="CALL=JSON", help="Run it with these arguments.")
@click.option(
    "--result", "results", multiple=True, metavar="CALL=VALUE", help="It ran elsewhere and gave this, JSON or text."
)
@click.option("--ask/--no-ask", "asks", default=None, help="Ask before further calls. Default: as the turn was begun.")
@service_options
@option_option
@schema_option
@tool_options
@log_options
@output_options
def resume(
    file: str | None,
    approved: tuple[str, ...],
    rejected: tuple[str, ...],
    edited: tuple[str, ...],
    results: tuple[str, ...],
    *,
    asks: bool | None,
    **given: Any,  # noqa: ANN401 - click passes them by name
) -> None:
    """Go on with a turn that waits for decisions.

    FILE holds what `--json` printed; - is standard input. Without it, the log has the turn: the last conversation, or
    that of --cid. Calls without a decision are asked about on a terminal, and wait on elsewhere. Name the tools again.
    """
    flags = cast("Callable[..., Flags]", Flags)(**given)
    if file is not None and flags.goes_on:
        raise click.UsageError("FILE holds the turn: it goes with no --continue and no --cid")
    if flags.json and flags.extract:
        raise click.UsageError("--json and --extract are two forms of one answer: choose one")
    from chat_cli.resuming import Given, go_on  # noqa: PLC0415 - `chat --help` needs none of it

    go_on(flags, file, Given(approved, rejected, edited, results), asks=asks)
