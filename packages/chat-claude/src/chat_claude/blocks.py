"""Content blocks of the wire → parts; citations in both directions.

Law: what a block holds beyond the typed fields is in the part's `meta` and goes back with it. A block without a name
here is `Opaque`; a named one that is malformed is a `DecodeError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_claude.media import decode_media
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import Citation, Json, Media, Opaque, Reasoning, SourceSpan, Text, ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Meta, Part, ResultPart, SpanUnit

KNOWN = frozenset(
    {"text", "thinking", "redacted_thinking", "tool_use", "server_tool_use", "mcp_tool_use", "tool_result"}
)
EXECUTED_CALLS = frozenset({"server_tool_use", "mcp_tool_use"})
RESULT_SUFFIX = "_tool_result"
"""Ends the type of every block that holds what a tool of the service gave."""


def decode_block(block: JSON, origin: str) -> Part:
    """Read one content block.

    Raises:
        DecodeError: it is no object with a type, or a known block is malformed.
    """
    kind, data = kind_of(block)
    return _part(kind, data, origin)


def kind_of(block: JSON) -> tuple[str, JSONObject]:
    """Return a block's type, and the block as an object.

    Raises:
        DecodeError: it is no object with a type.
    """
    if isinstance(block, dict) and isinstance(kind := block.get("type"), str):
        return kind, block
    raise DecodeError(f"malformed content block: {excerpt(repr(block))}")


def _part(kind: str, block: JSONObject, origin: str) -> Part:
    match kind, block:
        case "text", {"text": str(text)}:
            return Text(text, citations=citations_of(block, origin), meta=_meta(origin, rest(block, _TEXT)))
        case "thinking", {"thinking": str(text)}:
            return Reasoning(text, signature=_string(block, "signature"), meta={origin: rest(block, _THINKING)})
        case "redacted_thinking", {"data": str()}:
            return Reasoning("", meta={origin: rest(block, ())})
        case "tool_use", {"id": str(call), "name": str(name), "input": dict(arguments)}:
            return ToolCall(id=call, name=name, arguments=arguments, meta=_meta(origin, rest(block, _CALL | {"type"})))
        case (("server_tool_use" | "mcp_tool_use"), {"id": str(call), "name": str(name), "input": dict(arguments)}):
            return ToolCall(id=call, name=name, arguments=arguments, executed=True, meta={origin: rest(block, _CALL)})
        case "tool_result", {"tool_use_id": str(call)}:
            return _result(call, block, origin)
        case str(), {"tool_use_id": str(call)} if kind.endswith(RESULT_SUFFIX):
            return _executed(call, block, origin)
        case (("image" | "document"), _) if (media := decode_media(block, origin)) is not None:
            return media
        case _ if kind in KNOWN:
            raise DecodeError(f"malformed {kind} block: {excerpt(repr(block))}")
        case _:
            return Opaque(origin=origin, kind=kind, data=block)


_TEXT = {"type", "text", "citations"}
_THINKING = {"thinking", "signature"}
_CALL = {"id", "name", "input"}


def _result(call: str, block: JSONObject, origin: str) -> ToolResult:
    return ToolResult(
        call_id=call,
        content=_result_content(block.get("content"), origin),
        is_error=block.get("is_error") is True,
        meta=_meta(origin, rest(block, {"type", "tool_use_id", "content", "is_error"})),
    )


def _result_content(content: JSON, origin: str) -> tuple[ResultPart, ...]:
    match content:
        case None:
            return ()
        case str(text):
            return (Text(text),)
        case list(blocks):
            return tuple(_result_part(block, origin) for block in blocks)
        case _:
            raise DecodeError(f"malformed tool result content: {excerpt(repr(content))}")


def _result_part(block: JSON, origin: str) -> ResultPart:
    kind, data = kind_of(block)
    match _part(kind, data, origin):
        case (Text() | Media() | Opaque()) as part:
            return part
        case _:
            return Opaque(origin=origin, kind=kind, data=data)


def _executed(call: str, block: JSONObject, origin: str) -> ToolResult:
    """Read what a tool of the service gave: one JSON value, kept as it came."""
    content = block.get("content")
    match content:
        case {"type": str(kind)}:
            failed = kind.endswith("_error")
        case _:
            failed = block.get("is_error") is True
    return ToolResult(
        call_id=call,
        content=() if content is None else (Json(content),),
        is_error=failed,
        executed=True,
        meta={origin: rest(block, {"tool_use_id", "content"})},
    )


@dataclass(frozen=True, slots=True)
class _Location:
    """How one type of citation spells what `Citation` has fields for."""

    url: str | None = None
    title: str = "title"
    document: str | None = None
    span: tuple[SpanUnit, str, str] | None = None


LOCATIONS: Mapping[str, _Location] = {
    "char_location": _Location(
        title="document_title", document="document_index", span=("char", "start_char_index", "end_char_index")
    ),
    "page_location": _Location(
        title="document_title", document="document_index", span=("page", "start_page_number", "end_page_number")
    ),
    "content_block_location": _Location(
        title="document_title", document="document_index", span=("block", "start_block_index", "end_block_index")
    ),
    "web_search_result_location": _Location(url="url"),
    "search_result_location": _Location(url="source", span=("block", "start_block_index", "end_block_index")),
}
"""Types of citation by their names on the wire. Ends are exclusive there, as in `SourceSpan`."""


def citations_of(block: JSONObject, origin: str) -> tuple[Citation, ...]:
    """Read the citations of a text block.

    Raises:
        DecodeError: they are malformed.
    """
    match block.get("citations"):
        case None:
            return ()
        case list(items):
            return tuple(decode_citation(item, origin) for item in items)
        case other:
            raise DecodeError(f"malformed citations: {excerpt(repr(other))}")


def decode_citation(data: JSON, origin: str) -> Citation:
    """Read one citation; what has no typed field is in its meta.

    Raises:
        DecodeError: it is no object, or a known one is malformed.
    """
    if not isinstance(data, dict):
        raise DecodeError(f"malformed citation: {excerpt(repr(data))}")
    match data.get("type"):
        case str(kind) if kind in LOCATIONS:
            place = LOCATIONS[kind]
        case _:
            return Citation(meta={origin: rest(data, ())})
    source = None
    known = {"cited_text", place.title, *filter(None, (place.url, place.document))}
    if place.span is not None:
        unit, first, last = place.span
        source = SourceSpan(unit=unit, start=_number(data, first), end=_number(data, last))
        known |= {first, last}
    return Citation(
        url=None if place.url is None else _string(data, place.url),
        title=_string(data, place.title),
        quote=_string(data, "cited_text"),
        document=None if place.document is None else _number(data, place.document),
        source=source,
        meta={origin: rest(data, known)},
    )


def encode_citation(citation: Citation, own: JSONObject) -> JSONObject:
    """Spell a citation of this wire again; `own` is its meta."""
    match own:
        case {"type": str(kind)} if kind in LOCATIONS:
            place = LOCATIONS[kind]
        case _:
            return dict(own)
    block: JSONObject = {**own, "cited_text": citation.quote, place.title: citation.title}
    if place.url is not None:
        block[place.url] = citation.url
    if place.document is not None:
        block[place.document] = citation.document
    if place.span is not None and citation.source is not None:
        _, first, last = place.span
        block[first], block[last] = citation.source.start, citation.source.end
    return block


def _meta(origin: str, data: JSONObject) -> Meta:
    return {origin: data} if data else {}


def _string(data: JSONObject, key: str) -> str | None:
    match data.get(key):
        case None:
            return None
        case str(text):
            return text
        case other:
            raise DecodeError(f"malformed {key}: expected text, got {excerpt(repr(other), 100)}")


def _number(data: JSONObject, key: str) -> int:
    match data.get(key):
        case int(number):
            return number
        case other:
            raise DecodeError(f"malformed {key}: expected a whole number, got {excerpt(repr(other), 100)}")
