"""Files that the developer API keeps for two days: upload, get, list, delete, download, and wait until they are ready.

Each function makes an operation, which `Chat.drive` or `AsyncChat.drive` runs:

    file = chat.drive(upload("talk.mp4", ready=True)).finish()
    chat.complete([file.media, "What is said?"])

Law: one exchange each, but for `upload` and `wait`. What a reply says beyond the typed fields is in `meta`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, rest
from chat_core.media import kind_of
from chat_core.parts import FileID, Media, Meta, no_meta
from chat_gemini.errors import error_from
from chat_gemini.resources import Resource, name_of
from chat_gemini.sending import (
    count_of,
    late,
    meta_of,
    on_developer,
    polled,
    seconds_of,
    text_of,
    wire_of,
)
from chat_gemini.sources import mime_of, opened, title
from chat_gemini.uploads import PIECE, encode_start, uploaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import WireResponse
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_gemini.sending import Page, Sender
    from chat_gemini.sources import Uploaded

PATH = "files"
PAGE = 100
"""Most files that a page can have."""

EVERY = 2.0
"""Seconds between two questions for a file that is not ready yet."""

PROCESSING = frozenset({"PROCESSING", "STATE_UNSPECIFIED"})
"""States of a file that is not ready yet."""

IGNORED: Mapping[str, str] = {}

_TYPED = {"name", "uri", "mimeType", "displayName", "state"}


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class File:
    """A file that the service keeps.

    Attributes:
        name: its name there: `files/…`.
        uri: its address, which requests take.
        mime: its media type.
        display_name: a name for people.
        size: in bytes.
        state: `PROCESSING`, `ACTIVE` or `FAILED`.
        created, updated: in seconds since 1970.
        expires: when it is deleted, in seconds since 1970.
        meta: what else the service says, by origin.
        raw: the reply as parsed.
    """

    name: str
    uri: str | None = None
    mime: str | None = None
    display_name: str | None = None
    size: int | None = None
    state: str | None = None
    created: float | None = None
    updated: float | None = None
    expires: float | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)

    @property
    def media(self) -> Media:
        """The file as content of a message."""
        return Media(
            kind="document" if self.mime is None else kind_of(self.mime),
            source=FileID(self.name if self.uri is None else self.uri),
            mime=self.mime,
            name=self.display_name,
        )


def upload(
    source: Uploaded,
    *,
    mime: str | None = None,
    name: str | None = None,
    display_name: str | None = None,
    ready: bool = False,
    piece: int = PIECE,
) -> Operation[File]:
    """Upload a file, piece by piece; events tell how far it has come, and a cut connection is taken up again.

    Args:
        source: the bytes, or the path of the file.
        mime: its media type; `None` = what its first bytes or its name say.
        name: its name there, such as `files/talk`; `None` = one that the service makes.
        display_name: a name for people; `None` = the name of the file on disk.
        ready: whether to wait until it can be used: videos and sounds take a while.
        piece: bytes that are sent at once.

    Raises:
        ConfigurationError: there is no such file, or its media type is not known.
    """
    found = opened(source)
    kind = mime if mime is not None else mime_of(source)
    shown = display_name if display_name is not None else title(source)

    def operation(service: Service) -> Flow[File]:
        sender = _sender(service)
        about: JSONObject = {"mimeType": kind, "sizeBytes": str(found.size)}
        about |= {} if name is None else {"name": _whole(name)}
        about |= {} if shown is None else {"displayName": shown}
        start = encode_start(sender, sender.place.upload_url(PATH), {"file": about}, size=found.size, mime=kind)
        sent = uploaded(service, sender, start, found, lambda reply: decode(sender, reply), piece)
        return _uploaded(service, sender, sent, ready=ready)

    return operation


def get(name: str) -> Operation[File]:
    """Ask about a file by its name."""
    return FILES.get(name)


def list_all() -> Operation[tuple[File, ...]]:
    """List all files, page by page."""
    return FILES.list_all()


def delete(name: str) -> Operation[Meta]:
    """Delete a file."""
    return FILES.delete(name)


def download(name: str) -> Operation[bytes]:
    """Fetch the bytes of a file that the service made; what was uploaded cannot be had back."""

    def operation(service: Service) -> Flow[bytes]:
        sender = _sender(service)
        url = f"{sender.place.url(_whole(name))}:download"
        wire = wire_of(sender, url, method="GET", query={"alt": "media"}, headers={"accept": "*/*"})
        return service.exchange(wire, lambda reply: reply.body)

    return operation


def wait(name: str, *, every: float = EVERY, timeout: float | None = None) -> Operation[File]:
    """Wait until a file is ready.

    Args:
        name: the file.
        every: seconds between two questions.
        timeout: most seconds to wait; `None` = as long as it takes.

    Raises:
        TimedOut: it is not ready in time.
        ProviderError: the service could not make it ready.
    """

    def operation(service: Service) -> Flow[File]:
        return _ready(service, _sender(service), name, every, timeout)

    return operation


def _uploaded(service: Service, sender: Sender, upload: Flow[File], *, ready: bool) -> Flow[File]:
    file = yield from upload
    if ready and file.state in PROCESSING:
        return (yield from _ready(service, sender, file.name, EVERY, None))
    return file


def _ready(service: Service, sender: Sender, name: str, every: float, timeout: float | None) -> Flow[File]:
    file = yield from polled(
        lambda: get(name)(service),
        lambda file: file.state not in PROCESSING,
        lambda _, timeout: late(f"{name} is not ready", timeout),
        every=every,
        timeout=timeout,
    )
    if file.state == "FAILED":
        raise error_from(file.raw, sender, body=excerpt(repr(file.raw), 4000))
    return file


def decode(sender: Sender, reply: WireResponse) -> File:
    """Read a file, alone or as the only member of a reply.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    return FILES.decode(sender, reply)


def decode_page(sender: Sender, reply: WireResponse) -> Page[File]:
    """Read a page of the list; raises as `decode`."""
    return FILES.decode_page(sender, reply)


def file_of(sender: Sender, data: JSONObject) -> File:
    """Read what is said about a file, which may be the only member.

    Raises:
        DecodeError: it is malformed.
    """
    match data:
        case {"file": dict(file)}:
            return file_of(sender, {**rest(data, {"file"}), **file})
        case _:
            return _file(sender, data)


def _file(sender: Sender, data: JSONObject) -> File:
    return File(
        name=name_of(data, "a file"),
        uri=text_of(data, "uri"),
        mime=text_of(data, "mimeType"),
        display_name=text_of(data, "displayName"),
        size=count_of(data, "sizeBytes"),
        state=text_of(data, "state"),
        created=seconds_of(data.get("createTime")),
        updated=seconds_of(data.get("updateTime")),
        expires=seconds_of(data.get("expirationTime")),
        meta=meta_of(sender, rest(data, _TYPED)),
        raw=data,
    )


def _whole(name: str) -> str:
    return name if name.startswith(f"{PATH}/") else f"{PATH}/{name}"


def _sender(service: Service) -> Sender:
    return on_developer(service, "files of its own, but takes gs:// addresses")


FILES = Resource(path=PATH, sender=_sender, read=file_of, whole=_whole, page=PAGE)
