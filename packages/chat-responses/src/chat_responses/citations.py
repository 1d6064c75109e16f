"""Annotations of a text ↔ citations.

Law: what an annotation holds beyond the fields of a `Citation` is in the citation's `meta`, its type too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.parts import Citation
from chat_responses.overlay import overlay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject

FIELDS: Mapping[str, Mapping[str, str]] = {
    "url_citation": {"url": "url", "title": "title", "start_index": "start", "end_index": "end"},
    "file_citation": {"filename": "title"},
    "container_file_citation": {"filename": "title", "start_index": "start", "end_index": "end"},
}
"""What each type of annotation calls the fields of `Citation`."""

_NUMBERS = frozenset({"start", "end"})


def decode_annotations(data: JSON, origin: str) -> tuple[Citation, ...]:
    """Read the annotations of a text.

    Raises:
        DecodeError: they are no list of objects.
    """
    match data:
        case None:
            return ()
        case list():
            return tuple(decode_annotation(item, origin) for item in data)
        case _:
            raise DecodeError(f"annotations are no list but {type(data).__name__}")


def decode_annotation(data: JSON, origin: str) -> Citation:
    """Read one annotation; one of a type without a name here is kept whole in `meta`.

    Raises:
        DecodeError: it is no object.
    """
    if not isinstance(data, dict):
        raise DecodeError(f"an annotation is no object but {type(data).__name__}")
    names = _names(data)
    text: dict[str, str] = {}
    span: dict[str, int] = {}
    for key, name in names.items():
        match data.get(key):
            case str(value) if name not in _NUMBERS:
                text[name] = value
            case int(value) if name in _NUMBERS and not isinstance(value, bool):
                span[name] = value
            case _:
                pass
    taken = {key for key, name in names.items() if name in text or name in span}
    return Citation(
        url=text.get("url"),
        title=text.get("title"),
        start=span.get("start"),
        end=span.get("end"),
        meta={origin: rest(data, taken)},
    )


def encode_annotation(citation: Citation, leftovers: JSONObject) -> JSONObject:
    """Spell a citation that came from this wire's annotations; `leftovers` is its own `meta`."""
    names = _names(leftovers)
    known: JSONObject = {key: value for key, name in names.items() if (value := getattr(citation, name)) is not None}
    return overlay(known, leftovers)


def _names(data: JSONObject) -> Mapping[str, str]:
    match data.get("type"):
        case str(kind) if kind in FIELDS:
            return FIELDS[kind]
        case _:
            return {}
