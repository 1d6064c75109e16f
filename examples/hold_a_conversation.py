"""Hold a conversation: kept in a file that outlives the process, with a way back, a way aside, and a limit."""

from __future__ import annotations

import tempfile
from pathlib import Path

from chat_core import DropOldest, Session
from chat_core.stores.sqlite import SqliteStore

TRIM = DropOldest(8_000)  # tokens


def show(session: Session) -> None:
    """Print a conversation."""
    for message in session.messages:
        print(f"{message.role:>9}: {message.text}")


def hold(store: SqliteStore) -> str:
    """Say something, and leave."""
    session = Session("replay:demo", system="Be brief.", store=store, title="A first talk", trim=TRIM)
    session.send("Hello")
    session.send("Tell me a story")
    return session.id


def go_on(store: SqliteStore, name: str) -> None:
    """Take the conversation up again, as another process would, and try it another way."""
    session = Session.open("replay:demo", store, name, trim=TRIM)
    aside = session.fork()
    session.send("Another one?")
    session.undo()
    aside.send("Thank you")
    show(aside)
    print(f"{len(session.messages)} and {len(aside.messages)} messages, {aside.usage.output_tokens} tokens written")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder, "talks.db"))
        go_on(store, hold(store))
        store.close()
