"""The README lists the commands as they are."""

from __future__ import annotations

from pathlib import Path

from chat_cli.cli import cli

LOCAL = "Fetch and manage the models of this machine: comes with [chat-local](../chat-local/README.md)."
"""The command of a plugin that many look for first."""
README = Path(__file__).parents[1] / "README.md"


def test_the_table_of_commands_is_true() -> None:
    rows = [f"| `chat {name}` | {command.short_help} |" for name, command in cli.commands.items()]
    text = README.read_text(encoding="utf-8")
    rows.append(f"| `chat local` | {LOCAL} |")
    assert "\n".join(["| command | what it does |", "|---|---|", *rows, ""]) in text
