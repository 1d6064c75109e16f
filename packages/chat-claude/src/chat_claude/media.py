"""Images and documents, in both directions.

Law: a source that is not exactly what we would write again (base64 with line breaks, an unlisted type) is not read as
`Media`: the block stays `Opaque` and goes back untouched.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.jsonvalue import rest
from chat_core.media import from_data_url, sniff
from chat_core.parts import URL, FileID, Inline, Media

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import Meta, Source

IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
DOCUMENT_TYPES = frozenset({"application/pdf"})


def decode_media(block: JSONObject, origin: str) -> Media | None:
    """Read an `image` or `document` block; `None` when it has to stay as it is."""
    match block:
        case {"type": "image", "source": dict(source)}:
            return _media(Media(kind="image", source=_NOTHING), block, source, origin)
        case {"type": "document", "source": dict(source), "title": str(title)}:
            return _media(Media(kind="document", source=_NOTHING, name=title), block, source, origin)
        case {"type": "document", "source": dict(source)}:
            return _media(Media(kind="document", source=_NOTHING), block, source, origin)
        case _:
            return None


_NOTHING = Inline(b"")
_KNOWN_SOURCE = {
    "base64": {"type", "media_type", "data"},
    "text": {"type", "media_type", "data"},
    "url": {"type", "url"},
    "file": {"type", "file_id"},
}


def _media(media: Media, block: JSONObject, wire: JSONObject, origin: str) -> Media | None:
    found = _source(wire, media.kind)
    if found is None:
        return None
    source, mime = found
    more = rest(block, {"type", "source"} if media.name is None else {"type", "source", "title"})
    kind = wire["type"]
    if isinstance(kind, str) and (left := rest(wire, _KNOWN_SOURCE[kind])):
        more["source"] = left
    meta: Meta = {origin: more} if more else {}
    return Media(kind=media.kind, source=source, mime=mime, name=media.name, meta=meta)


def _source(wire: JSONObject, kind: str) -> tuple[Source, str | None] | None:
    match wire:
        case {"type": "base64", "media_type": str(mime), "data": str(text)}:
            data = _canonical(text)
            fits = mime in (IMAGE_TYPES if kind == "image" else DOCUMENT_TYPES)
            return None if data is None or not fits else (Inline(data), mime)
        case {"type": "text", "media_type": "text/plain", "data": str(text)} if kind == "document":
            return (Inline(text.encode()), "text/plain") if _encodable(text) else None
        case {"type": "url", "url": str(url)}:
            return URL(url), None
        case {"type": "file", "file_id": str(file_id)}:
            return FileID(file_id), None
        case _:
            return None


def _canonical(text: str) -> bytes | None:
    """Decode base64 that we would spell the same way."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode("ascii") == text else None


def _encodable(text: str) -> bool:
    """Tell whether a text is free of lone surrogates, which UTF-8 cannot spell."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def encode_media(media: Media) -> JSONObject:
    """Spell an image or a document, without its meta.

    Raises:
        UnsupportedContent: the wire takes no such media; the message names what to do.
    """
    if media.kind not in {"image", "document"}:
        raise UnsupportedContent(
            f"Claude takes no {media.kind}: send its transcript as text, or give the request to a provider that does"
        )
    block: JSONObject = {"type": media.kind, "source": _wire_source(media)}
    if media.kind == "document" and media.name is not None:
        block["title"] = media.name
    return block


def _wire_source(media: Media) -> JSONObject:
    match media.source:
        case URL(url) if url.startswith("data:"):
            return _inline(media, _data_url(url))
        case URL(url):
            return {"type": "url", "url": url}
        case FileID(file_id):
            return {"type": "file", "file_id": file_id}
        case Inline(data):
            return _inline(media, data)


def _data_url(url: str) -> bytes:
    """Return the bytes in a data URL; the wire fetches web addresses only."""
    try:
        found = from_data_url(url).source
    except DecodeError as error:
        raise UnsupportedContent(f"the data URL cannot be read: {error}") from None
    return found.data if isinstance(found, Inline) else b""


def _inline(media: Media, data: bytes) -> JSONObject:
    mime = sniff(data) if media.mime is None else media.mime
    if mime in (IMAGE_TYPES if media.kind == "image" else DOCUMENT_TYPES):
        return {"type": "base64", "media_type": mime, "data": base64.b64encode(data).decode("ascii")}
    if media.kind == "document" and (mime is None or mime.startswith("text/")):
        try:
            return {"type": "text", "media_type": "text/plain", "data": data.decode()}
        except UnicodeDecodeError:
            raise UnsupportedContent(
                f"a document of type {mime} is not UTF-8 text: encode it again, or send a PDF"
            ) from None
    takes = "JPEG, PNG, GIF or WebP images" if media.kind == "image" else "PDF or plain text documents"
    raise UnsupportedContent(f"Claude takes {takes}, not {mime or 'an unknown type'}: convert it, or send its text")
