"""`chat plugins`: every installed plugin, whether it works, and how to mend what does not."""

from __future__ import annotations

import click


@click.command("plugins", short_help="List the installed plugins and their state.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plugins(as_json: bool) -> None:  # noqa: FBT001 - click passes it by name
    """Load every installed plugin and report on it; a broken one is reported, and is no failure."""
    from chat_cli.events import line  # noqa: PLC0415 - `chat --help` needs none of it
    from chat_cli.terminal import out, visible  # noqa: PLC0415 - as above
    from chat_core.plugins import report  # noqa: PLC0415 - as above
    from chat_core.plugins.doctor import examine  # noqa: PLC0415 - as above
    from chat_core.plugins.registry import registry  # noqa: PLC0415 - as above

    reports = examine(registry())
    screen = out()
    if as_json:
        screen.send(line(report.as_json(reports)))
    else:
        screen.send(f"{visible(report.as_text(reports))}\n")
