"""Annotations of a message ↔ citations.

Law: what an annotation holds beyond the fields of a `Citation` is in the citation's `meta`, at its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.leftovers import meta_of, overlay, under
from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.parts import Citation

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

_KNOWN = frozenset({"type", "url_citation"})
_FIELDS = {"url": "url", "title": "title", "content": "quote", "start_index": "start", "end_index": "end"}


def decode_annotations(data: JSON, origin: str) -> list[Citation]:
    """Read the annotations of a message or of a delta.

    Raises:
        DecodeError: they are no list of objects.
    """
    match data:
        case None:
            return []
        case list():
            return [decode_annotation(item, origin) for item in data]
        case _:
            raise DecodeError(f"annotations are no list but {type(data).__name__}")


def decode_annotation(data: JSON, origin: str) -> Citation:
    """Read one annotation; one of another type than `url_citation` is kept whole in `meta`."""
    if not isinstance(data, dict):
        raise DecodeError(f"an annotation is no object but {type(data).__name__}")
    match data:
        case {"type": "url_citation", "url_citation": dict(source)}:
            text: dict[str, str] = {}
            span: dict[str, int] = {}
            for key, value in source.items():
                match _FIELDS.get(key), value:
                    case ("url" | "title" | "quote") as name, str():
                        text[name] = value
                    case ("start" | "end") as name, int() if not isinstance(value, bool):
                        span[name] = value
                    case _:
                        pass
            taken = {key for key, name in _FIELDS.items() if name in text or name in span}
            leftovers = {**rest(data, _KNOWN), **under("url_citation", rest(source, taken))}
            leftovers["type"] = "url_citation"
            return Citation(
                url=text.get("url"),
                title=text.get("title"),
                quote=text.get("quote"),
                start=span.get("start"),
                end=span.get("end"),
                meta={origin: leftovers},
            )
        case _:
            return Citation(meta=meta_of(origin, data))


def decode_sources(urls: JSON, results: JSON) -> list[Citation]:
    """Read the sources that some services list beside the answer; its text refers to them by number."""
    titles: dict[str, str] = {}
    for item in results if isinstance(results, list) else []:
        match item:
            case {"url": str(url), "title": str(title)}:
                titles[url] = title
            case _:
                pass
    addresses = [url for url in (urls if isinstance(urls, list) else []) if isinstance(url, str)]
    return [Citation(url=url, title=titles.get(url)) for url in addresses]


def encode_annotation(citation: Citation, leftovers: JSONObject) -> JSONObject:
    """Spell a citation that came from this wire's annotations; `leftovers` is its own `meta`."""
    if leftovers.get("type") != "url_citation":
        return leftovers
    source: JSONObject = {key: value for key, name in _FIELDS.items() if (value := getattr(citation, name)) is not None}
    return overlay({"type": "url_citation", "url_citation": source}, leftovers)
