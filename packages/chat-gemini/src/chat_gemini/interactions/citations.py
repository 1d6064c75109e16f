"""Annotations of a text ↔ citations.

Law: the wire counts bytes and `Citation` counts characters. What an annotation holds beyond the fields of a `Citation`
is in the citation's `meta`, its type too; so is an index that is no place in the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.parts import Citation
from chat_gemini.interactions.overlay import overlay, own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Text

FIELDS: Mapping[str, Mapping[str, str]] = {
    "url_citation": {"url": "url", "title": "title"},
    "place_citation": {"url": "url", "name": "title"},
    "file_citation": {"document_uri": "url", "file_name": "title"},
}
"""What each type of annotation calls the fields of `Citation`."""

INDICES: Mapping[str, str] = {"start_index": "start", "end_index": "end"}


def decode_annotations(data: JSON, text: str, origin: str) -> tuple[Citation, ...]:
    """Read the annotations of a text.

    Raises:
        DecodeError: they are no list of objects.
    """
    match data:
        case None:
            return ()
        case list():
            sent = text.encode("utf-8", "surrogatepass")
            return tuple(_annotation(item, sent, origin) for item in data)
        case _:
            raise DecodeError(f"annotations are no list but {type(data).__name__}")


def _annotation(data: JSON, sent: bytes, origin: str) -> Citation:
    if not isinstance(data, dict):
        raise DecodeError(f"an annotation is no object but {type(data).__name__}")
    words: dict[str, str] = {}
    for key, name in _names(data).items():
        match data.get(key):
            case str(value):
                words[name] = value
            case _:
                pass
    span = {name: place for key, name in INDICES.items() if (place := _characters(sent, data.get(key))) is not None}
    taken = {key for key, name in {**_names(data), **INDICES}.items() if name in words or name in span}
    return Citation(
        url=words.get("url"),
        title=words.get("title"),
        start=span.get("start"),
        end=span.get("end"),
        meta={origin: rest(data, taken)},
    )


def encode_annotations(part: Text, origin: str) -> list[JSON]:
    """Spell the citations of a text that came from this wire."""
    return [
        _spelled(citation, part.text, mine)
        for citation in part.citations
        if (mine := own(origin, citation.meta)) is not None
    ]


def _spelled(citation: Citation, text: str, mine: JSONObject) -> JSONObject:
    known: JSONObject = {}
    for key, name in INDICES.items():
        place = getattr(citation, name)
        if place is not None:
            known[key] = len(text[:place].encode("utf-8", "surrogatepass"))
    for key, name in _names(mine).items():
        value: str | None = getattr(citation, name)
        if value is not None:
            known[key] = value
    return overlay(known, mine)


def _names(data: JSONObject) -> Mapping[str, str]:
    match data.get("type"):
        case str(kind):
            return FIELDS.get(kind, {})
        case _:
            return {}


def _characters(sent: bytes, place: JSON) -> int | None:
    """Return how many characters a number of bytes is; `None` for what is no place between two of the text."""
    if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place <= len(sent):
        return None
    try:
        return len(sent[:place].decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        return None
