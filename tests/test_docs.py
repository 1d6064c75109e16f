"""Documentation is true: its Python blocks run, and its relative links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from chat_cli.cli import cli

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md", "packages/*/*.md") for path in ROOT.glob(pattern)
)
FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^    chat (?P<words>[^\n|<>]+)", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def python_blocks(page: Path) -> str:
    """Return a page's Python blocks as one program whose line numbers are the page's."""
    text = page.read_text(encoding="utf-8")
    lines = [""] * (text.count("\n") + 1)
    for block in FENCE.finditer(text):
        if block["language"] == "python":
            first = text.count("\n", 0, block.start("code"))
            code = block["code"].splitlines()
            lines[first : first + len(code)] = code
    return "\n".join(lines)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_python_blocks_of_a_page_run_in_order(page: Path) -> None:
    program = python_blocks(page)
    exec(compile(program, name(page), "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_of_a_page_lead_to_files(page: Path) -> None:
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [link["target"].partition("#")[0] for link in LINK.finditer(prose)]
    local = [target for target in targets if target and ":" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


def complaint(line: str) -> str | None:
    """Say which words of a line that begins with a command's name the command does not take; nothing is run."""
    first, *words = shlex.split(re.split(r"\s{2,}|\s#\s", line, maxsplit=1)[0], posix=True)
    context = click.Context(cli)
    command = cli.get_command(context, first)
    while isinstance(command, click.Group) and words:
        command = command.get_command(context, words.pop(0))
    if command is None:
        return line
    try:
        left = command.make_parser(click.Context(command)).parse_args(words)[1]
    except click.UsageError as error:
        return f"{line}: {error.message}"
    return f"{line}: unexpected {left}" if left else None


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_command_lines_of_a_page_are_taken_by_the_commands(page: Path) -> None:
    commands = cli.list_commands(click.Context(cli))
    lines = [found["words"] for found in COMMAND.finditer(page.read_text(encoding="utf-8"))]
    assert [wrong for line in lines if line.split()[0] in commands and (wrong := complaint(line))] == []
