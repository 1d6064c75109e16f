"""What can be saved, and by which names: the one tag table, and the default of each field.

Law: a changed name or default is a new `VERSION`; a new part is not.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, TypeAlias

from chat_core.messages import Message
from chat_core.options import Options
from chat_core.parts import (
    URL,
    Citation,
    FileID,
    Inline,
    Json,
    Media,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    SourceSpan,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
)
from chat_core.request import OutputFormat, Request
from chat_core.response import Attempt, Notice, Response, Usage
from chat_core.tools import NativeTool, Tool, ToolChoice

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
HISTORY = "history"
"""Origin of the `Opaque` that stands for a part which a newer version has saved."""

Saved: TypeAlias = Message | Request | Response | Part | tuple[Message, ...]

PARTS: Mapping[str, type[Part]] = {
    "text": Text,
    "reasoning": Reasoning,
    "media": Media,
    "tool_call": ToolCall,
    "tool_result": ToolResult,
    "refusal": Refusal,
    "json": Json,
    "opaque": Opaque,
}
"""The tag table: what the `type` of an object says that it is."""

RECORDS: Mapping[str, type[Message | Request | Response]] = {
    "message": Message,
    "request": Request,
    "response": Response,
}
SOURCES: Mapping[str, type] = {"inline": Inline, "url": URL, "file": FileID}
TOOLS: Mapping[str, type] = {"tool": Tool, "native_tool": NativeTool}
RESULTS = {tag: PARTS[tag] for tag in ("text", "media", "json", "opaque")}
UNTAGGED = (Attempt, Citation, Notice, Options, OutputFormat, SourceSpan, TokenLogprob, ToolChoice, Usage)
"""What stands where nothing else can, and needs no tag."""

TAGS: Mapping[type, str] = {kind: tag for table in (PARTS, SOURCES, TOOLS) for tag, kind in table.items()}
PLAIN = frozenset((*UNTAGGED, *RECORDS.values()))


def defaults_of(kind: type) -> Mapping[str, object]:
    """Return the default of each field; `MISSING` for those without."""
    return {
        item.name: item.default if item.default_factory is MISSING else item.default_factory() for item in fields(kind)
    }


DEFAULTS: Mapping[type, Mapping[str, object]] = {kind: defaults_of(kind) for kind in (*TAGS, *PLAIN)}
