"""`chat logs`: the conversations that were kept.

Law: an id may be shortened to its beginning, and without one it is the last conversation that is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import click

from chat_cli.flags import store_option

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_core.stores.protocol import Store
    from chat_core.stores.records import Conversation, Found, Node

LISTED = 20
"""Conversations that are listed unless somebody wants more."""

Form: TypeAlias = Literal["json", "markdown"]

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("logs", short_help="List, search and export the conversations that were kept.")
def logs() -> None:
    """List, show, search, export, fork and delete the conversations that were kept.

    ID may be the beginning of an id; without one, it is the last conversation.
    """


@logs.command("list", short_help="List conversations, the last one first.")
@click.option("-n", "--number", type=click.IntRange(min=1), default=LISTED, show_default=True, help="Most to list.")
@json_option
@store_option
def list_(number: int, store: str | None, *, as_json: bool) -> None:
    """List conversations, the one that was written to last first."""
    from chat_cli.events import line  # noqa: PLC0415 - `chat --help` needs none of it
    from chat_cli.terminal import out  # noqa: PLC0415 - as above

    screen = out()
    listed = _opened(store).conversations(limit=number)
    if as_json:
        screen.send(line({"conversations": [_row(conversation) for conversation in listed]}))
    else:
        for one in listed:
            screen.line(f"{one.id}  {_moment(one.updated)}  {one.length:>4}  {one.model}  {one.title}".rstrip())


@logs.command("show", short_help="Show a conversation.")
@click.argument("id", required=False)
@json_option
@store_option
def show(id: str | None, store: str | None, *, as_json: bool) -> None:
    """Show a conversation, with what each answer cost."""
    from chat_cli.events import line  # noqa: PLC0415 - as above
    from chat_cli.terminal import BOLD, DIM, out  # noqa: PLC0415 - as above
    from chat_cli.transcript import about, entry_as_json, lines  # noqa: PLC0415 - as above

    conversation, nodes = _read(_opened(store), id)
    screen = out()
    if as_json:
        screen.send(line({**_row(conversation), "entries": [entry_as_json(node) for node in nodes]}))
        return
    screen.line(f"{conversation.id}  {conversation.model}  {conversation.title}".rstrip(), DIM)
    for node in nodes:
        screen.send("\n")
        screen.line(about(node), BOLD)
        screen.write("".join(f"{each}\n" for each in lines(node.message)))


@logs.command("search", short_help="Find what was said.")
@click.argument("words", nargs=-1, required=True)
@click.option("-n", "--number", type=click.IntRange(min=1), default=LISTED, show_default=True, help="Most to find.")
@json_option
@store_option
def search(words: tuple[str, ...], number: int, store: str | None, *, as_json: bool) -> None:
    """Find what was said: all words have to be there; word* finds what begins so."""
    from chat_cli.events import line  # noqa: PLC0415 - as above
    from chat_cli.terminal import out  # noqa: PLC0415 - as above

    found = _opened(store).search(" ".join(words), limit=number)
    screen = out()
    if as_json:
        screen.send(line({"found": [_hit(hit) for hit in found]}))
    else:
        for hit in found:
            screen.line(f"{hit.conversations[0]}  {hit.role}: {hit.snippet}")


@logs.command("export", short_help="Print a conversation as JSON or Markdown.")
@click.argument("id", required=False)
@click.option(
    "--format", "form", type=click.Choice(["json", "markdown"]), default="json", show_default=True, help="How."
)
@store_option
def export(id: str | None, form: Form, store: str | None) -> None:
    """Print a conversation: as JSON that `/load` and chat_core.load read, or as Markdown."""
    from chat_cli.events import line  # noqa: PLC0415 - as above
    from chat_cli.terminal import out  # noqa: PLC0415 - as above
    from chat_cli.transcript import as_markdown  # noqa: PLC0415 - as above
    from chat_core.history import dump  # noqa: PLC0415 - as above

    conversation, nodes = _read(_opened(store), id)
    if form == "json":
        out().send(line(dump(tuple(node.message for node in nodes))))
    else:
        out().write(as_markdown(conversation, nodes))


@logs.command("fork", short_help="Begin a conversation that shares the past of another one.")
@click.argument("id", required=False)
@click.option("--at", type=click.IntRange(min=0), metavar="N", help="How many messages it shares. Default: all.")
@store_option
def fork(id: str | None, at: int | None, store: str | None) -> None:
    """Begin a conversation that shares the past of another one, and print its id."""
    from time import time  # noqa: PLC0415, TID251 - a program's own clock

    opened = _opened(store)
    conversation, nodes = _read(opened, id)
    length = len(nodes) if at is None else at
    if length > len(nodes):
        raise click.UsageError(f"--at {at}: the conversation has {len(nodes)} messages")
    made = opened.fork(conversation.id, nodes[length - 1].id if length else None, now=time())
    click.echo(made.id)


@logs.command("delete", short_help="Forget a conversation.")
@click.argument("id")
@store_option
def delete(id: str, store: str | None) -> None:
    """Forget a conversation: its words are removed, but for those that another one shares."""
    from chat_cli.log import found  # noqa: PLC0415 - as above

    opened = _opened(store)
    opened.delete(found(opened, id).id)
    opened.vacuum()


@logs.command("path", short_help="Say where the conversations are.")
@json_option
@store_option
def path(store: str | None, *, as_json: bool) -> None:
    """Say where the conversations are; no password is shown."""
    from chat_cli.events import line  # noqa: PLC0415 - as above

    about = _opened(store).describe()
    click.echo(line(about) if as_json else f"{about.get('path') or about.get('address') or about['kind']}\n", nl=False)


def _opened(place: str | None) -> Store:
    from chat_cli.log import opened  # noqa: PLC0415 - as above

    return opened(place)


def _read(store: Store, id: str | None) -> tuple[Conversation, tuple[Node, ...]]:
    from chat_cli.log import found  # noqa: PLC0415 - as above

    conversation = found(store, id)
    return conversation, store.history(conversation.head)


def _moment(seconds: float) -> str:
    from chat_cli.transcript import moment  # noqa: PLC0415 - as above

    return moment(seconds)


def _row(conversation: Conversation) -> JSONObject:
    return {
        "id": conversation.id,
        "title": conversation.title,
        "model": conversation.model,
        "tags": [*conversation.tags],
        "messages": conversation.length,
        "created": conversation.created,
        "updated": conversation.updated,
    }


def _hit(hit: Found) -> JSONObject:
    return {
        "conversations": [*hit.conversations],
        "node": hit.node,
        "role": hit.role,
        "snippet": hit.snippet,
        "at": hit.at,
    }
