"""Media in both directions: `inlineData` with bytes, `fileData` with an address.

Law: base64 is read in both alphabets and written in the standard one. What is no base64, or has no type, is not read as
`Media`, and goes back untouched.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.jsonvalue import rest
from chat_core.media import from_data_url, from_url, kind_of, sniff
from chat_core.parts import URL, FileID, Inline, Media

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import MediaKind, Source

FILES = "files/"
"""What the names of uploaded files begin with."""

IN_RESULTS = frozenset({"image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain"})
"""Media types that a tool's result may hold."""

PCM = ("audio/l16", "audio/pcm")
"""What the types of sound without a frame around it begin with: its pieces can be joined."""

_YOUTUBE = ("youtube.com", "www.youtube.com", "youtu.be")
_KNOWN = frozenset({"mimeType", "data", "fileUri"})
_STANDARD = str.maketrans("-_", "+/")


def decode_media(data: JSONObject, origin: str) -> Media | None:
    """Read an `inlineData` or `fileData` part; `None` when it has to stay as it is."""
    match data:
        case {"inlineData": {"mimeType": str(mime), "data": str(text)}}:
            found = canonical(text)
            return None if found is None else _media(data, "inlineData", mime, Inline(found), origin)
        case {"fileData": {"fileUri": str(uri), "mimeType": str(mime)}}:
            return _media(data, "fileData", mime, source_of(uri), origin)
        case {"fileData": dict(inner)} if inner.get("mimeType") is None and isinstance(
            place := inner.get("fileUri"), str
        ):
            return _media(data, "fileData", None, source_of(place), origin)
        case _:
            return None


def _media(data: JSONObject, key: str, mime: str | None, source: Source, origin: str) -> Media:
    inner = data[key]
    left = rest(inner, _KNOWN) if isinstance(inner, dict) else {}
    meta: JSONObject = {
        **rest(data, {key} if data.get("thought") else {key, "thought"}),
        **({key: left} if left else {}),
    }
    name = left.get("displayName")
    return Media(
        kind=_kind(mime, source),
        source=source,
        mime=mime,
        name=name if isinstance(name, str) else None,
        meta={origin: meta} if meta else {},
    )


def source_of(uri: str) -> Source:
    """Tell an uploaded file from what lies elsewhere, by the path of its address."""
    host, path = _host_and_path(uri)
    folder, _, name = path.rpartition("/")
    return FileID(uri) if name and folder.endswith("/files") and host.endswith(".googleapis.com") else URL(uri)


def _host_and_path(uri: str) -> tuple[str, str]:
    try:
        parts = urlsplit(uri)
    except ValueError:  # brackets without an address in them
        return "", ""
    return parts.hostname or "", parts.path


def _kind(mime: str | None, source: Source) -> MediaKind:
    if mime is not None:
        return kind_of(mime)
    match source:
        case URL(url) if _host_and_path(url)[0] in _YOUTUBE:
            return "video"
        case URL(url):
            try:
                return from_url(url).kind
            except (UnsupportedContent, DecodeError):
                return "document"
        case _:
            return "document"


def canonical(text: str) -> bytes | None:
    """Decode base64 of either alphabet; `None` when it is none that we would spell the same way."""
    standard = text.translate(_STANDARD)
    standard += "=" * (-len(standard) % 4)
    try:
        data = base64.b64decode(standard, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode("ascii") == standard else None


def encode_media(media: Media, own: JSONObject | None, file_uri: Callable[[str], str]) -> JSONObject:
    """Spell media as a part.

    Args:
        media: what to spell.
        own: its private data.
        file_uri: makes the address of an uploaded file of its name.

    Raises:
        UnsupportedContent: the wire cannot spell it; the message names what to do.
    """
    return overlaid(_source_part(media, file_uri), own)


def _source_part(media: Media, file_uri: Callable[[str], str]) -> JSONObject:
    match media.source:
        case Inline(data):
            return _inline(data, media.mime)
        case URL(url) if url.startswith("data:"):
            return _inline(*opened(url, media.mime))
        case URL(url):
            return _file(url, media.mime)
        case FileID(name):
            return _file(address(name, file_uri), media.mime)


def goes_inside(part: JSONObject) -> bool:
    """Tell whether a result may hold a part of media, with models that take media there at all."""
    match part:
        case {"inlineData": {"mimeType": mime}} | {"fileData": {"mimeType": mime}}:
            return mime in IN_RESULTS
        case _:
            return False


def overlaid(part: JSONObject, own: JSONObject | None) -> JSONObject:
    """Put back what came beside the known members: of the part, and of the object that is its content."""
    merged = dict(part)
    for key, value in (own if own is not None else {}).items():
        match merged.get(key), value:
            case dict(inner), dict(more):
                merged[key] = {**inner, **more}
            case _:
                merged[key] = value
    return merged


def packed(data: bytes, mime: str | None) -> tuple[str, str]:
    """Return the media type of bytes, and the bytes as base64.

    Raises:
        UnsupportedContent: the type is not known.
    """
    kind = sniff(data) if mime is None else mime
    if kind is None:
        raise UnsupportedContent("the media type of the bytes is not known: say `mime`, which Gemini requires")
    return kind, base64.b64encode(data).decode("ascii")


def opened(url: str, mime: str | None) -> tuple[bytes, str | None]:
    """Return the bytes of a data URL, and their media type.

    Raises:
        UnsupportedContent: it cannot be read.
    """
    try:
        found = from_data_url(url)
    except DecodeError as error:
        raise UnsupportedContent(f"the data URL cannot be read: {error}") from None
    return found.source.data if isinstance(found.source, Inline) else b"", found.mime if mime is None else mime


def _inline(data: bytes, mime: str | None) -> JSONObject:
    kind, text = packed(data, mime)
    return {"inlineData": {"mimeType": kind, "data": text}}


def _file(uri: str, mime: str | None) -> JSONObject:
    typed: JSONObject = {} if mime is None else {"mimeType": mime}
    return {"fileData": {**typed, "fileUri": uri}}


def address(name: str, file_uri: Callable[[str], str]) -> str:
    """Return the address of an uploaded file; `file_uri` makes it of the file's name.

    Raises:
        UnsupportedContent: it is a file of another service.
    """
    if name.startswith(FILES):
        return file_uri(name)
    if "://" in name:
        return name
    raise UnsupportedContent(f"{name!r} is no file of Gemini's: upload it, and name it by its `files/…` or its address")
