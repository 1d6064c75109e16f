"""`chat keys`: the key file.

Law: a key is never an argument, which other users and the shell's history could see, and is never printed.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

SIGNING = "signing"
"""The name of the key that signs calls which wait for a decision."""

MAX_KEY = 64 * 1024
"""Most characters that are read as a key: some are signed documents."""


def complete_name(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's signature
    """Complete the name of a provider."""
    from chat_cli.names import models_like  # noqa: PLC0415 - shells ask, users do not

    return [name.partition(":")[0] for name in models_like(incomplete)]


@click.group("keys", short_help="Keep API keys in a file that only you can read.")
def keys() -> None:
    """Keep API keys in a file that only you can read; they are used before those in the environment."""


@keys.command("set", short_help="Keep the key of a provider.")
@click.argument("name", shell_complete=complete_name)
def set_key(name: str) -> None:
    """Keep the key of a provider, or the one to sign calls with, `signing`; it is asked for, or read from stdin."""
    from chat_core.keys import KeyFile  # noqa: PLC0415 - `chat --help` needs none of it
    from chat_core.plugins.registry import registry  # noqa: PLC0415 - as above

    if name != SIGNING:
        registry().provider(name)
    file = KeyFile()
    file.names()  # a file that is refused is refused before a key is typed
    file.set(name, _typed(name) if sys.stdin.isatty() else _piped(name))
    click.echo(f"The key for {name} is in {file.path}", err=True)
    _tell_passed_over((name,))


def _typed(name: str) -> str:
    value: str = click.prompt(f"Key for {name}", hide_input=True, err=True, type=str)
    return value


def _piped(name: str) -> str:
    value = sys.stdin.read(MAX_KEY + 1)
    if len(value) > MAX_KEY:
        raise click.UsageError(f"standard input is longer than {MAX_KEY} characters: that is no key")
    if not value.strip():
        raise click.UsageError(
            f"standard input is empty: pipe the key in, or run `chat keys set {name}` on a terminal and type it"
        )
    return value


@keys.command("list", short_help="List the providers that have a key in the file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_keys(as_json: bool) -> None:  # noqa: FBT001 - click passes it by name
    """List the names that have a key in the file; keys are not shown."""
    from chat_cli.events import line  # noqa: PLC0415 - as above
    from chat_cli.exits import SETUP  # noqa: PLC0415 - as above
    from chat_cli.terminal import complain  # noqa: PLC0415 - as above
    from chat_core.keys import KeyFile  # noqa: PLC0415 - as above

    file = KeyFile()
    names = file.names()
    click.echo(line({"keys": list(names)}) if as_json else "".join(f"{name}\n" for name in names), nl=False)
    if not (names or as_json or file.problems()):
        click.echo(f"There is no key in {file.path}: `chat keys set NAME` keeps one", err=True)
    for problem in file.problems():
        complain(problem)
    _tell_passed_over(names)
    if file.problems():
        click.get_current_context().exit(SETUP)


def _tell_passed_over(names: Iterable[str]) -> None:
    """Say which variables are set and not read, as the file has a key."""
    from chat_core.errors import ChatError  # noqa: PLC0415 - as above
    from chat_core.keys import kept  # noqa: PLC0415 - as above
    from chat_core.plugins.registry import registry  # noqa: PLC0415 - as above

    for name in names:
        try:
            credential = kept(registry().provider(name))
        except ChatError:  # the key of a provider that is not installed, or no provider's
            continue
        if credential is not None and (variable := credential.passed_over()) is not None:
            click.echo(f"The key of {name} in the file goes before {variable}, which is set too", err=True)


@keys.command("remove", short_help="Forget the key of a provider.")
@click.argument("name")
def remove_key(name: str) -> None:
    """Forget the key of a provider."""
    from chat_core.keys import KeyFile  # noqa: PLC0415 - as above

    KeyFile().remove(name)


@keys.command("path", short_help="Say where the file is.")
def path() -> None:
    """Say where the file is, whether it is there or not."""
    from chat_core.keys import KeyFile  # noqa: PLC0415 - as above

    click.echo(KeyFile().path)
