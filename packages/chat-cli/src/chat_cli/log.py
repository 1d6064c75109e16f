"""The log: where conversations are kept, which one is meant, and what happens when they cannot be kept.

Law: no answer depends on the log. What it cannot take is a warning, is held in memory, and is written together with
what comes next. Who asks for an earlier conversation gets it, or an error.
"""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chat_cli.terminal import DIM, err
from chat_core.errors import StoreConflict, StoreError, StoreMissing
from chat_core.plugins.registry import registry
from chat_core.plugins.settings import HOME, user_settings
from chat_core.stores.conversations import begun
from chat_core.stores.nodes import chain
from chat_core.stores.protocol import LISTED
from chat_core.stores.records import Conversation
from chat_core.stores.redaction import Redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from chat_cli.flags import Flags
    from chat_core.jsonvalue import JSONObject
    from chat_core.plugins.settings import Log as Kind
    from chat_core.stores.protocol import Store
    from chat_core.stores.records import Entry

FILE = "conversations.db"
BARE = "no-content"
"""The tag of conversations that were kept without their words."""

TIMEOUT = 2.0
"""Seconds to wait for another program that writes to the file: an answer waits with it."""

TITLE = 60
"""Longest title, in characters."""


def data_home(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for what is kept: `CHAT_HOME`, or else where the platform keeps a user's data."""
    if named := environ.get(HOME):
        return Path(named).expanduser()
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed where CHAT_HOME is set

    return user_data_path("chat", appauthor=False)


def opened(place: str | None) -> Store:
    """Open the store that is named, on the command line or in the configuration file, or the user's own file.

    Raises:
        StoreError: it cannot be opened.
        ConfigurationError: there is no such store.
    """
    given = user_settings().store if place is None else place
    if given is None:
        return _file(data_home() / FILE, own=True)
    name, colon, address = given.partition(":")
    if not colon:
        raise click.UsageError(f"--store takes NAME:ADDRESS, such as sqlite:FILE; stores: {_stores()}")
    if name == "sqlite":
        return _file(Path(address).expanduser(), own=False)
    return registry().store(name).load(given if address.startswith("//") else address)


def _stores() -> str:
    return ", ".join(registry().names("store"))


def _file(path: Path, *, own: bool) -> Store:
    from chat_core.stores.sqlite import SqliteStore  # noqa: PLC0415 - another store needs none of it

    if own:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{path.parent} cannot be made ({error.strerror}): use another place") from None
    return SqliteStore(path, timeout=TIMEOUT)


def kind_of(flags: Flags) -> Kind:
    """Tell whether conversations are kept, and how much of them."""
    return flags.keeps and user_settings().log


def log_for(flags: Flags, store: Store | None = None) -> Log | None:
    """Open the log to keep a conversation in; `None` = it is not kept, because nobody wants that or it cannot be.

    Args:
        flags: whether it is kept, and where.
        store: the store, where it is open already.
    """
    kind = kind_of(flags)
    if kind is False:
        return None
    try:
        store = opened(flags.store) if store is None else store
    except StoreError as error:
        err().line(f"warning: {error}; this conversation is not kept", DIM)
        return None
    return Log(store, content=kind != BARE)


def found(store: Store, id: str | None) -> Conversation:
    """Return the conversation of an id, or of the only one that begins so; `None` = that was written to last.

    Raises:
        StoreMissing: there is none.
        click.UsageError: several begin so.
    """
    if id is None:
        for last in store.conversations(limit=1):
            return last
        raise StoreMissing("no conversation is kept yet: chat 'QUESTION' begins one")
    like: list[Conversation] = []
    for conversation in everything(store):
        if conversation.id == id:
            return conversation
        like += [conversation] if id and conversation.id.startswith(id) else []
    if len(like) == 1:
        return like[0]
    if like:
        names = ", ".join(conversation.id for conversation in like[:5])
        raise click.UsageError(f"several conversations begin with {id!r}: {names}")
    raise StoreMissing(f"there is no conversation {id!r}: `chat logs list` has them")


def everything(store: Store) -> Iterator[Conversation]:
    """List all conversations, the one that was written to last first."""
    for page in count():
        listed = store.conversations(limit=LISTED, skip=page * LISTED)
        yield from listed
        if len(listed) < LISTED:
            return


def title_of(words: str) -> str:
    """Make a title of the first words that were said."""
    text = " ".join(words.split()).encode("utf-8", "replace").decode()
    return text if len(text) <= TITLE else f"{text[: TITLE - 1].rpartition(' ')[0] or text[: TITLE - 1]}…"


class Log:
    """A store to keep conversations in.

    Attributes:
        store: takes everything that is said, and fails at nothing that can wait.
        content: whether words are kept.
    """

    def __init__(self, store: Store, *, content: bool = True) -> None:
        """Put the log before a store."""
        self._lenient = Lenient(store, tags=() if content else (BARE,))
        self.store: Store = self._lenient if content else Redacted(self._lenient, content=False)
        self.content = content

    def told(self) -> tuple[str, ...]:
        """Try once more to write what is behind, and return what went wrong since this was last asked."""
        return self._lenient.told()


class Lenient(Redacted):
    """A store of which nothing is redacted, and which may be behind.

    What failed is tried again when somebody asks what went wrong, and not before: each try may take its time.
    """

    def __init__(self, inner: Store, *, tags: Sequence[str] = ()) -> None:
        """Stand before a store; `tags` are for the conversations that begin here."""
        super().__init__(inner)
        self._store = inner
        self._tags = tags
        self._behind: list[tuple[bool, Callable[[], object]]] = []  # whether something is said, and how it is written
        self._names: dict[str, str] = {}
        self._faults: list[str] = []
        self._failed = ""
        self._rests = False

    def told(self) -> tuple[str, ...]:
        """As `Log.told`."""
        self._catch_up()
        faults, self._faults = tuple(self._faults), []
        return faults

    def create(
        self, *, now: float, id: str | None = None, title: str = "", model: str = "", tags: Sequence[str] = ()
    ) -> Conversation:
        """As `Store.create`."""
        made = begun(now=now, id=id, title=title, model=model, tags=(*self._tags, *tags))
        self._write(lambda: self._store.create(now=now, id=made.id, title=made.title, model=made.model, tags=made.tags))
        return made

    def append(self, conversation: str, entries: Sequence[Entry], *, head: str | None, now: float) -> str:
        """As `Store.append`; where somebody else was first, the conversation forks."""
        new = chain(head, entries)[-1][0].id
        self._write(lambda: self._append(conversation, entries, head, now), says=True)
        return new

    def move(self, conversation: str, to: str | None, *, head: str | None, now: float) -> Conversation:
        """As `Store.move`."""
        self._write(lambda: self._store.move(self._name(conversation), to, head=head, now=now))
        return Conversation(id=conversation, head=to, created=now, updated=now)

    def change(
        self,
        conversation: str,
        *,
        now: float,
        title: str | None = None,
        model: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Conversation:
        """As `Store.change`."""
        self._write(lambda: self._store.change(self._name(conversation), now=now, title=title, model=model, tags=tags))
        return Conversation(id=conversation, title=title or "", model=model or "", created=now, updated=now)

    def claim(self, turn: str, owner: str, *, now: float, until: float) -> bool:
        """As `Journal.claim`; what is not written yet is known to nobody else."""
        if not self._is_silent:
            return self._store.claim(turn, owner, now=now, until=until)
        self._write(lambda: self._store.claim(turn, owner, now=now, until=until))
        return True

    def end(self, turn: str, owner: str) -> None:
        """As `Journal.end`."""
        self._write(lambda: self._store.end(turn, owner))

    def start(self, call: str, *, now: float) -> bool:
        """As `Journal.start`; a call that may have run before does not run where that cannot be looked up."""
        fresh = self._is_silent
        if not fresh:
            try:
                return self._store.start(call, now=now)
            except StoreError as error:
                fresh = call not in self._store.marks([call])
                self._fail(error)
        self._write(lambda: self._store.start(call, now=now))
        return fresh

    def finish(self, call: str, result: JSONObject) -> None:
        """As `Journal.finish`."""
        self._write(lambda: self._store.finish(call, result))

    def _name(self, conversation: str) -> str:
        return self._names.get(conversation, conversation)

    def _append(self, conversation: str, entries: Sequence[Entry], head: str | None, now: float) -> None:
        name = self._name(conversation)
        try:
            self._store.append(name, entries, head=head, now=now)
        except StoreConflict:
            fork = self._store.fork(name, head, now=now)
            self._names[conversation] = fork.id
            self._faults.append(f"somebody else went on with the conversation {name}: yours goes on as {fork.id}")
            self._store.append(fork.id, entries, head=head, now=now)

    @property
    def _is_silent(self) -> bool:
        """Whether something was said that nobody else can know of yet."""
        return any(says for says, _ in self._behind)

    def _write(self, work: Callable[[], object], *, says: bool = False) -> None:
        """Write, after what is behind."""
        self._behind.append((says, work))
        if not self._rests:
            self._catch_up()

    def _catch_up(self) -> None:
        try:
            while self._behind:
                self._behind[0][1]()
                del self._behind[0]
        except StoreError as error:
            self._fail(error)
        else:
            self._failed, self._rests = "", False

    def _fail(self, error: StoreError) -> None:
        self._rests = True
        if (words := str(error)) != self._failed:
            self._failed = words
            self._faults.append(f"{words}; what is said now is written when that is over, if this program still runs")
