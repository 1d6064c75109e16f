"""Stores of documents that models search: stores, what is put into them, and the tasks that do it.

Each function makes an operation, which `Chat.drive` or `AsyncChat.drive` runs:

    store = chat.drive(create("handbook")).finish()
    chat.drive(upload(store.name, "handbook.pdf")).finish()

Law: one exchange each, but for `upload` and `wait`. What the service makes of a document, it makes in a task; one that
failed is its error.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import Meta, no_meta
from chat_gemini.errors import error_from
from chat_gemini.resources import Resource, name_of
from chat_gemini.sending import (
    count_of,
    late,
    meta_of,
    object_of,
    on_developer,
    polled,
    seconds_of,
    text_of,
    wire_of,
)
from chat_gemini.sources import mime_of, opened, title
from chat_gemini.uploads import encode_start, uploaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import WireResponse
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_gemini.sending import Sender
    from chat_gemini.sources import Uploaded

PATH = "fileSearchStores"
PAGE = 20
"""Most stores or documents that a page can have."""

EVERY = 2.0
"""Seconds between two questions for a task that is not done yet."""

IGNORED: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Kept:
    """A store, or a document in one.

    Attributes:
        name: `fileSearchStores/…`, which `file_search` takes; of a document, `fileSearchStores/…/documents/…`.
        display_name: a name for people.
        created, updated: in seconds since 1970.
        size: in bytes.
        meta: what else the service says, by origin.
        raw: the reply as parsed.
    """

    name: str
    display_name: str | None = None
    created: float | None = None
    updated: float | None = None
    size: int | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Task:
    """Work of the service that takes a while.

    Attributes:
        name: what to ask with.
        done: whether it is over; `None` = the service does not say.
        document: the document that it made.
        meta: what else the service says, by origin.
        raw: the reply as parsed.
    """

    name: str
    done: bool | None = None
    document: str | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


def create(display_name: str | None = None, *, extra: Mapping[str, JSON] | None = None) -> Operation[Kept]:
    """Make a store; `extra` holds further fields, such as `embeddingModel`."""

    def operation(service: Service) -> Flow[Kept]:
        sender = _sender(service)
        named: JSONObject = {} if display_name is None else {"displayName": display_name}
        wire = wire_of(sender, sender.place.url(PATH), {**named, **(extra or {})})
        return service.exchange(wire, lambda reply: decode(sender, reply))

    return operation


def get(name: str) -> Operation[Kept]:
    """Ask about a store, or a document, by its name."""
    return STORES.get(name)


def list_all(store: str | None = None) -> Operation[tuple[Kept, ...]]:
    """List all stores, or all documents of one, page by page."""
    return STORES.list_all() if store is None else STORES.list_all(f"{store}/documents", "documents")


def delete(name: str, *, force: bool = False) -> Operation[Meta]:
    """Delete a store, or a document; one that has something in it with `force` only."""
    return STORES.delete(name, {"force": "true"} if force else None)


def upload(
    store: str,
    source: Uploaded,
    *,
    mime: str | None = None,
    display_name: str | None = None,
    extra: Mapping[str, JSON] | None = None,
    ready: bool = False,
) -> Operation[Task]:
    """Put a document into a store, with events as `files.upload` has.

    Args:
        store: the store.
        source: the bytes, or the path of the file.
        mime: its media type; `None` = what its first bytes or its name say.
        display_name: a name for people; `None` = the name of the file on disk.
        extra: further fields, such as `customMetadata` and `chunkingConfig`.
        ready: whether to wait until it can be searched.

    Raises:
        ConfigurationError: there is no such file, or its media type is not known.
    """
    found = opened(source)
    kind = mime if mime is not None else mime_of(source)
    shown = display_name if display_name is not None else title(source)

    def operation(service: Service) -> Flow[Task]:
        sender = _sender(service)
        about: JSONObject = {} if shown is None else {"displayName": shown}
        url = f"{sender.place.upload_url(store)}:uploadToFileSearchStore"
        start = encode_start(sender, url, {**about, "mimeType": kind, **(extra or {})}, size=found.size, mime=kind)
        sent = uploaded(service, sender, start, found, lambda reply: decode_task(sender, reply))
        return _finished(service, sender, sent, ready=ready)

    return operation


def add(store: str, file: str, *, extra: Mapping[str, JSON] | None = None, ready: bool = False) -> Operation[Task]:
    """Put a file that was uploaded by `files.upload` into a store."""

    def operation(service: Service) -> Flow[Task]:
        sender = _sender(service)
        wire = wire_of(sender, f"{sender.place.url(store)}:importFile", {"fileName": file, **(extra or {})})
        begun = service.exchange(wire, lambda reply: decode_task(sender, reply))
        return _finished(service, sender, begun, ready=ready)

    return operation


def wait(task: str, *, every: float = EVERY, timeout: float | None = None) -> Operation[Task]:
    """Wait until a task is done.

    Args:
        task: its name.
        every: seconds between two questions.
        timeout: most seconds to wait; `None` = as long as it takes.

    Raises:
        TimedOut: it is not done in time.
        ProviderError: the task failed.
    """

    def operation(service: Service) -> Flow[Task]:
        return _done(service, _sender(service), task, every, timeout)

    return operation


def decode(sender: Sender, reply: WireResponse) -> Kept:
    """Read a store or a document.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    return STORES.decode(sender, reply)


def decode_task(sender: Sender, reply: WireResponse) -> Task:
    """Read a task.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the task failed.
    """
    data = object_of(sender, reply)
    if data.get("error") is not None:
        raise error_from(data, sender, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
    name, made, over = text_of(data, "name"), data.get("response"), data.get("done")
    if name is None or not isinstance(over, bool | None):
        raise DecodeError(f"a malformed task: {excerpt(reply.body)}")
    return Task(
        name=name,
        done=over,
        document=text_of(made, "documentName") if isinstance(made, dict) else None,
        meta=meta_of(sender, rest(data, {"name", "done"})),
        raw=data,
    )


def _kept(sender: Sender, data: JSONObject) -> Kept:
    return Kept(
        name=name_of(data, "a store or document"),
        display_name=text_of(data, "displayName"),
        created=seconds_of(data.get("createTime")),
        updated=seconds_of(data.get("updateTime")),
        size=count_of(data, "sizeBytes"),
        meta=meta_of(sender, rest(data, {"name", "displayName"})),
        raw=data,
    )


def _finished(service: Service, sender: Sender, begun: Flow[Task], *, ready: bool) -> Flow[Task]:
    task = yield from begun
    if ready and not _is_over(task):
        return (yield from _done(service, sender, task.name, EVERY, None))
    return task


def _done(service: Service, sender: Sender, name: str, every: float, timeout: float | None) -> Flow[Task]:
    wire = wire_of(sender, sender.place.url(name), method="GET")
    return polled(
        lambda: service.exchange(wire, lambda reply: decode_task(sender, reply)),
        _is_over,
        lambda _, timeout: late(f"{name} is not done", timeout),
        every=every,
        timeout=timeout,
    )


def _is_over(task: Task) -> bool:
    """Tell whether a task is over: one that names its document is, whatever it says besides."""
    return task.done is True or task.document is not None


def _sender(service: Service) -> Sender:
    return on_developer(service, "stores of documents for `file_search`")


STORES = Resource(path=PATH, sender=_sender, read=_kept, page=PAGE)
