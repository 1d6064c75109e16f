"""A value → the JSON object that is saved.

Law: defaults are left out; a part that a newer version has saved is written as it was.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, TypeAlias

from chat_core.errors import UnsupportedContent
from chat_core.history.tables import DEFAULTS, HISTORY, PARTS, PLAIN, RECORDS, TAGS, VERSION, defaults_of
from chat_core.messages import Message
from chat_core.options import NativeOptions, StoredOptions
from chat_core.parts import Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.request import Request
from chat_core.response import Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.options import Options
    from chat_core.parts import Citation, Part, Source, SourceSpan, TokenLogprob
    from chat_core.request import OutputFormat
    from chat_core.response import Attempt, Notice, Usage
    from chat_core.tools import AnyTool, ToolChoice

    Value: TypeAlias = (
        JSON | bytes | Sequence["Value"] | Mapping[str, "Value"] | Part | Source | AnyTool | NativeOptions | Message
        | Attempt | Citation | Notice | Options | OutputFormat | Request | Response | SourceSpan | TokenLogprob
        | ToolChoice | Usage
    )  # fmt: skip
    """What fields hold."""


def dump(value: Message | Request | Response | Part | Sequence[Message], *, raw: bool = False) -> JSONObject:
    """Turn a value into a JSON object; a sequence of messages is a history.

    Args:
        value: what to save.
        raw: also save `Response.raw`, the replies as they came.

    Raises:
        UnsupportedContent: a field holds something that is not JSON.
    """
    match value:
        case Message() | Request() | Response():
            return {"version": VERSION, "type": type(value).__name__.lower(), **_dumped_fields(value, raw=raw)}
        case Text() | Reasoning() | Media() | ToolCall() | ToolResult() | Refusal() | Json() | Opaque():
            return {"version": VERSION, **_dumped_tagged(value, raw=raw)}
        case messages:
            history: list[JSON] = [_dumped_fields(message, raw=raw) for message in messages]
            return {"version": VERSION, "type": HISTORY, "messages": history}


def _dumped(value: Value, *, raw: bool) -> JSON:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return str(value)
        case bytes():
            return b64encode(value).decode("ascii")
        case NativeOptions():
            return _dumped_native(value, raw=raw)
        case list() | tuple():
            return [_dumped(item, raw=raw) for item in value]
        case dict():
            return {key: _dumped(item, raw=raw) for key, item in value.items()}
        case _ if type(value) in TAGS:
            return _dumped_tagged(value, raw=raw)
        case _ if type(value) in PLAIN:
            return _dumped_fields(value, raw=raw)
        case _:
            raise UnsupportedContent(f"a {type(value).__name__} cannot be saved: use JSON values, or tuples of them")


def _dumped_tagged(value: object, *, raw: bool) -> JSONObject:
    match value:
        case Opaque(origin="history", kind=kind, data=data) if _is_newer(kind, data):
            return dict(data)
        case _:
            return {"type": TAGS[type(value)], **_dumped_fields(value, raw=raw)}


def _is_newer(kind: str, data: JSONObject) -> bool:
    """Tell whether an `Opaque` holds a part that a newer version has saved."""
    return data.get("type") == kind and kind not in {*PARTS, *RECORDS, HISTORY} and "version" not in data


def _dumped_native(options: NativeOptions, *, raw: bool) -> JSONObject:
    match options:
        case StoredOptions(name=name, values=values):
            return {"provider": name, **values}
        case _:
            return {"provider": options.provider, **_dumped_fields(options, raw=raw)}


def _dumped_fields(value: object, *, raw: bool) -> JSONObject:
    kind = type(value)
    return {
        name: _dumped(content, raw=raw)
        for name, default in (DEFAULTS[kind] if kind in DEFAULTS else defaults_of(kind)).items()
        if (content := getattr(value, name)) != default and (raw or name != "raw" or kind is not Response)
    }
