"""Content blocks → parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_claude.blocks import decode_block, decode_citation, encode_citation
from chat_core.errors import DecodeError
from chat_core.parts import (
    URL,
    Citation,
    Json,
    Media,
    Opaque,
    Part,
    Reasoning,
    SourceSpan,
    Text,
    ToolCall,
    ToolResult,
)

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

ORIGIN = "o"

READ: dict[str, tuple[JSONObject, Part]] = {
    "text": ({"type": "text", "text": "a", "citations": None}, Text("a")),
    "marked text": (
        {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
        Text("a", meta={ORIGIN: {"cache_control": {"type": "ephemeral"}}}),
    ),
    "thinking": (
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        Reasoning("hm", signature="s", meta={ORIGIN: {"type": "thinking"}}),
    ),
    "thinking with its text withheld": (
        {"type": "thinking", "thinking": "", "signature": "s"},
        Reasoning("", signature="s", meta={ORIGIN: {"type": "thinking"}}),
    ),
    "redacted thinking": (
        {"type": "redacted_thinking", "data": "x"},
        Reasoning("", meta={ORIGIN: {"type": "redacted_thinking", "data": "x"}}),
    ),
    "a call": (
        {"type": "tool_use", "id": "c", "name": "f", "input": {}, "caller": {"type": "direct"}},
        ToolCall(id="c", name="f", arguments={}, meta={ORIGIN: {"caller": {"type": "direct"}}}),
    ),
    "a call that the service ran": (
        {"type": "server_tool_use", "id": "c", "name": "web_search", "input": {"query": "q"}},
        ToolCall(
            id="c",
            name="web_search",
            arguments={"query": "q"},
            executed=True,
            meta={ORIGIN: {"type": "server_tool_use"}},
        ),
    ),
    "a call that an MCP server ran": (
        {"type": "mcp_tool_use", "id": "c", "name": "f", "server_name": "s", "input": {}},
        ToolCall(
            id="c",
            name="f",
            arguments={},
            executed=True,
            meta={ORIGIN: {"type": "mcp_tool_use", "server_name": "s"}},
        ),
    ),
    "what a tool of the service gave": (
        {"type": "web_search_tool_result", "tool_use_id": "c", "content": [{"type": "web_search_result", "url": "u"}]},
        ToolResult(
            call_id="c",
            content=(Json([{"type": "web_search_result", "url": "u"}]),),
            executed=True,
            meta={ORIGIN: {"type": "web_search_tool_result"}},
        ),
    ),
    "a failure of a tool of the service": (
        {"type": "x_tool_result", "tool_use_id": "c", "content": {"type": "x_tool_result_error", "error_code": "e"}},
        ToolResult(
            call_id="c",
            content=(Json({"type": "x_tool_result_error", "error_code": "e"}),),
            executed=True,
            is_error=True,
            meta={ORIGIN: {"type": "x_tool_result"}},
        ),
    ),
    "what an MCP server gave": (
        {"type": "mcp_tool_result", "tool_use_id": "c", "is_error": True, "content": "bad"},
        ToolResult(
            call_id="c",
            content=(Json("bad"),),
            executed=True,
            is_error=True,
            meta={ORIGIN: {"type": "mcp_tool_result", "is_error": True}},
        ),
    ),
    "a result": (
        {
            "type": "tool_result",
            "tool_use_id": "c",
            "content": [
                {"type": "text", "text": "a"},
                {"type": "image", "source": {"type": "url", "url": "u"}},
                {"type": "search_result", "source": "s", "title": "t", "content": []},
            ],
            "is_error": True,
        },
        ToolResult(
            call_id="c",
            content=(
                Text("a"),
                Media(kind="image", source=URL("u")),
                Opaque(
                    origin=ORIGIN,
                    kind="search_result",
                    data={"type": "search_result", "source": "s", "title": "t", "content": []},
                ),
            ),
            is_error=True,
        ),
    ),
    "an empty result": ({"type": "tool_result", "tool_use_id": "c"}, ToolResult(call_id="c")),
    "a result in one text": (
        {"type": "tool_result", "tool_use_id": "c", "content": "a"},
        ToolResult(call_id="c", content=(Text("a"),)),
    ),
    "a compaction": (
        {"type": "compaction", "content": "sum"},
        Opaque(origin=ORIGIN, kind="compaction", data={"type": "compaction", "content": "sum"}),
    ),
    "a block nobody knows": (
        {"type": "dream", "of": [1]},
        Opaque(origin=ORIGIN, kind="dream", data={"type": "dream", "of": [1]}),
    ),
}


@pytest.mark.parametrize("name", READ)
def test_a_block_is_read(name: str) -> None:
    block, part = READ[name]
    assert decode_block(block, ORIGIN) == part


@pytest.mark.parametrize(
    "block",
    [
        None,
        "text",
        {},
        {"type": 1},
        {"type": "text"},
        {"type": "text", "text": 1},
        {"type": "text", "text": "a", "citations": "c"},
        {"type": "text", "text": "a", "citations": [1]},
        {"type": "thinking", "thinking": "a", "signature": 1},
        {"type": "redacted_thinking"},
        {"type": "tool_use", "id": "c", "name": "f", "input": "{}"},
        {"type": "tool_use", "name": "f", "input": {}},
        {"type": "tool_result", "tool_use_id": "c", "content": 1},
        {"type": "tool_result", "tool_use_id": "c", "content": [1]},
        {"type": "server_tool_use", "id": "c"},
    ],
)
def test_a_malformed_block_raises(block: JSON) -> None:
    with pytest.raises(DecodeError):
        decode_block(block, ORIGIN)


CITED: dict[str, tuple[JSONObject, Citation]] = {
    "characters": (
        {
            "type": "char_location",
            "cited_text": "q",
            "document_index": 0,
            "document_title": None,
            "start_char_index": 3,
            "end_char_index": 9,
        },
        Citation(
            quote="q",
            document=0,
            source=SourceSpan(unit="char", start=3, end=9),
            meta={ORIGIN: {"type": "char_location"}},
        ),
    ),
    "pages": (
        {
            "type": "page_location",
            "cited_text": "q",
            "document_index": 1,
            "document_title": "T",
            "start_page_number": 1,
            "end_page_number": 2,
            "file_id": "f",
        },
        Citation(
            quote="q",
            document=1,
            title="T",
            source=SourceSpan(unit="page", start=1, end=2),
            meta={ORIGIN: {"type": "page_location", "file_id": "f"}},
        ),
    ),
    "blocks": (
        {
            "type": "content_block_location",
            "cited_text": "q",
            "document_index": 1,
            "document_title": "T",
            "start_block_index": 0,
            "end_block_index": 1,
        },
        Citation(
            quote="q",
            document=1,
            title="T",
            source=SourceSpan(unit="block", start=0, end=1),
            meta={ORIGIN: {"type": "content_block_location"}},
        ),
    ),
    "the web": (
        {"type": "web_search_result_location", "cited_text": "q", "url": "u", "title": "T", "encrypted_index": "e"},
        Citation(
            quote="q", url="u", title="T", meta={ORIGIN: {"type": "web_search_result_location", "encrypted_index": "e"}}
        ),
    ),
    "a search result": (
        {
            "type": "search_result_location",
            "cited_text": "q",
            "source": "u",
            "title": "T",
            "search_result_index": 0,
            "start_block_index": 0,
            "end_block_index": 1,
        },
        Citation(
            quote="q",
            url="u",
            title="T",
            source=SourceSpan(unit="block", start=0, end=1),
            meta={ORIGIN: {"type": "search_result_location", "search_result_index": 0}},
        ),
    ),
    "a place nobody knows": (
        {"type": "dream_location", "depth": 2},
        Citation(meta={ORIGIN: {"type": "dream_location", "depth": 2}}),
    ),
}


@pytest.mark.parametrize("name", CITED)
def test_a_citation_is_read_and_spelled_again(name: str) -> None:
    data, citation = CITED[name]
    assert decode_citation(data, ORIGIN) == citation
    assert encode_citation(citation, citation.meta[ORIGIN]) == data


@pytest.mark.parametrize(
    "data",
    [{"type": "char_location"}, {"type": "web_search_result_location", "url": 1, "cited_text": "q"}, "x", None],
)
def test_a_malformed_citation_raises(data: JSON) -> None:
    with pytest.raises(DecodeError):
        decode_citation(data, ORIGIN)
