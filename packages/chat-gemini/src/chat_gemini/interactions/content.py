"""Content: the objects in the `content` of a step ↔ `Text`, `Media`, `Opaque`.

Law: what an object holds beyond the fields of its part is in the part's `meta`; an object that this version cannot
spell back is `Opaque`, of the kind `content.TYPE`. Base64 is decoded only where encoding it again gives the same text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chat_core.codec.leftovers import as_text, meta_of
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import URL, FileID, Inline, Media, Opaque, Text
from chat_gemini.interactions.citations import decode_annotations, encode_annotations
from chat_gemini.interactions.overlay import kind_of, overlay, own
from chat_gemini.media import address, canonical, opened, packed, source_of

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import MediaKind, Part, Source
    from chat_gemini.places import Place

MEDIA: frozenset[str] = frozenset({"image", "audio", "video", "document"})
CONTENTS = MEDIA | {"text"}
"""Types of content; other objects with a type are steps."""

PIECE = "content."
"""What the kind of an `Opaque` begins with that stands inside a step."""


def is_content(item: JSON) -> bool:
    """Tell whether an object is content, and no step."""
    match item:
        case {"type": str(kind)}:
            return kind in CONTENTS
        case _:
            return False


def decode_piece(data: JSON, origin: str) -> Text | Media | Opaque:
    """Read one object of a content list.

    Raises:
        DecodeError: it is no object with a type, or a text is malformed.
    """
    kind, piece = kind_of(data, "content")
    match piece.get("text"):
        case str(text) if kind == "text":
            return Text(
                text,
                citations=decode_annotations(piece.get("annotations"), text, origin),
                meta=meta_of(origin, rest(piece, _TEXT)),
            )
        case other if kind == "text" and other is not None:
            raise DecodeError(f"malformed text content: {excerpt(as_text(piece))}")
        case _:
            media = _media(kind, piece, origin) if kind in MEDIA else None
            return media if media is not None else Opaque(origin=origin, kind=PIECE + kind, data=piece)


_TEXT = frozenset({"type", "text", "annotations"})


def _media(kind: str, piece: JSONObject, origin: str) -> Media | None:
    mime, name = piece.get("mime_type"), piece.get("name")
    source = _source(piece.get("data"), piece.get("uri"))
    if source is None or not isinstance(mime, str | None):
        return None
    named = {"name"} if isinstance(name, str) else set[str]()
    return Media(
        kind=cast("MediaKind", kind),  # one of `MEDIA`
        source=source,
        mime=mime,
        name=name if isinstance(name, str) else None,
        meta=meta_of(origin, rest(piece, {"type", "data", "uri", "mime_type", *named})),
    )


def _source(data: JSON, uri: JSON) -> Source | None:
    match data, uri:
        case str(text), None if (found := canonical(text)) is not None:
            return Inline(found)
        case None, str(address):
            return source_of(address)
        case _:
            return None


def encode_text(part: Text, origin: str) -> JSONObject:
    """Spell a text, with the citations that came from this wire."""
    data: JSONObject = {"type": "text", "text": part.text}
    if annotations := encode_annotations(part, origin):
        data["annotations"] = annotations
    return overlay(data, own(origin, part.meta) or {})


def encode_media(part: Media, origin: str, place: Place) -> JSONObject:
    """Spell media.

    Raises:
        UnsupportedContent: its media type is not known, or it is a file of another service.
    """
    data: JSONObject = {"type": part.kind, **_sent(part, place)}
    if part.kind == "video" and part.name is not None:
        data["name"] = part.name
    return overlay(data, own(origin, part.meta) or {})


def _sent(part: Media, place: Place) -> JSONObject:
    mime: JSONObject = {} if part.mime is None else {"mime_type": part.mime}
    match part.source:
        case Inline(data):
            return _inline(data, part.mime)
        case URL(url) if url.startswith("data:"):
            return _inline(*opened(url, part.mime))
        case URL(url):
            return {"uri": url, **mime}
        case FileID(name):
            return {"uri": address(name, place.url), **mime}


def _inline(data: bytes, mime: str | None) -> JSONObject:
    kind, text = packed(data, mime)
    return {"data": text, "mime_type": kind}


def is_piece(part: Part) -> bool:
    """Tell whether a part stands inside a step: its step is not its own."""
    return not isinstance(part, Opaque) or part.kind.startswith(PIECE)
