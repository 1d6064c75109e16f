"""Results of tools ↔ the items that answer calls: one type for each type of call.

Law: what a tool gave goes into the members that its type of answer has, or raises with what belongs there. That a tool
failed is said in the text where the wire has no member for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.leftovers import as_text, meta_of
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import FileID, Json, Media, Opaque, Text, ToolResult
from chat_responses.calls import CUSTOM, FORMS, FUNCTION
from chat_responses.content import data_url, decode_part, encode_media, encode_text
from chat_responses.items import RESULTS, decode_result
from chat_responses.overlay import overlay, own

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import ResultPart
    from chat_responses.preset import Preset

ERROR_MARK = "Error: "
"""What the content of a failed tool's result begins with: the wire has no field for it."""

ANSWERS: Mapping[str, str] = {
    FUNCTION: "function_call_output",
    CUSTOM: "custom_tool_call_output",
    **{kind: form.answer for kind, form in FORMS.items() if form.answer is not None},
}
"""The type of the item that answers a call, by the type of the call."""

OUTPUTS = frozenset(ANSWERS.values())


def encode_answer(result: ToolResult, call: str, origin: str, preset: Preset) -> JSONObject:
    """Spell a result as the item that answers a call of this type.

    Raises:
        UnsupportedContent: the answer has no member for what the tool gave.
    """
    mine = own(origin, result.meta) or {}
    kind = ANSWERS[call]
    spell = _SPELLINGS.get(kind, _plain)
    data: JSONObject = {"type": kind, "call_id": result.call_id, **spell(result, origin, preset)}
    return overlay(data, {key: value for key, value in mine.items() if key != "type"})


def _plain(result: ToolResult, origin: str, preset: Preset) -> JSONObject:
    """Spell what a function gave: a text, or content parts."""
    content: list[JSON] = [_piece(item, origin, preset) for item in result.content]
    if result.is_error:
        content = _failed(content)
    match content:
        case []:
            return {"output": ""}
        case [{"type": "input_text", "text": str(text), **more}] if not more:
            return {"output": text}
        case _:
            return {"output": content}


def _piece(part: ResultPart, origin: str, preset: Preset) -> JSONObject:
    match part:
        case Text():
            return encode_text(part, origin, "user")
        case Json(value):
            return {"type": "input_text", "text": dump(value).decode()}
        case Media():
            return encode_media(part, origin, preset)
        case Opaque(origin=other, data=data):
            if own(origin, {other: data}) is None:
                raise UnsupportedContent(f"a block of {other} cannot go into a tool's result: send its text")
            return data


def _failed(content: list[JSON]) -> list[JSON]:
    match content:
        case [dict(first), *others] if isinstance(text := first.get("text"), str):
            return [{**first, "text": ERROR_MARK + text}, *others]
        case _:
            return [{"type": "input_text", "text": ERROR_MARK}, *content]


def _text(result: ToolResult) -> str:
    texts = [_words(part) for part in result.content]
    return "".join(texts)


def _words(part: ResultPart) -> str:
    match part:
        case Text(text):
            return text
        case Json(value):
            return dump(value).decode()
        case _:
            raise UnsupportedContent(f"this tool's answer is text, not {type(part).__name__}")


def _shell(result: ToolResult, origin: str, preset: Preset) -> JSONObject:  # noqa: ARG001 - one signature for all
    match result.content:
        case (Json(list(outputs)),):
            return {"output": outputs}
        case _:
            code = 1 if result.is_error else 0
            outcome: JSONObject = {"type": "exit", "exit_code": code}
            return {"output": [{"stdout": _text(result), "stderr": "", "outcome": outcome}]}


def _local_shell(result: ToolResult, origin: str, preset: Preset) -> JSONObject:  # noqa: ARG001 - as above
    return {"id": result.call_id, "output": _text(result)}


def _patched(result: ToolResult, origin: str, preset: Preset) -> JSONObject:  # noqa: ARG001 - as above
    said: JSONObject = {"output": text} if (text := _text(result)) else {}
    return {"status": "failed" if result.is_error else "completed", **said}


def _screenshot(result: ToolResult, origin: str, preset: Preset) -> JSONObject:  # noqa: ARG001 - as above
    match result.content:
        case (Media(kind="image", source=FileID(file)),):
            return {"output": {"type": "computer_screenshot", "file_id": file}}
        case (Media(kind="image") as image,):
            return {"output": {"type": "computer_screenshot", "image_url": data_url(image)}}
        case _:
            raise UnsupportedContent("a computer call is answered by one image: the screenshot after its action")


def _found(result: ToolResult, origin: str, preset: Preset) -> JSONObject:  # noqa: ARG001 - as above
    match result.content:
        case (Json(list(tools)),) | (Json({"tools": list(tools)}),):
            return {"execution": "client", "status": "completed", "tools": tools}
        case _:
            raise UnsupportedContent("a tool search is answered by a list of tools: content=(Json([…]),)")


_SPELLINGS: Mapping[str, Callable[[ToolResult, str, Preset], JSONObject]] = {
    "apply_patch_call_output": _patched,
    "computer_call_output": _screenshot,
    "local_shell_call_output": _local_shell,
    "shell_call_output": _shell,
    "tool_search_output": _found,
}


def decode_answer(item: JSONObject, kind: str, origin: str, *, executed: bool) -> ToolResult | None:
    """Read an item that answers a call; `None` when it has to stay as it is.

    Raises:
        DecodeError: the answer to a function is malformed.
    """
    if kind in RESULTS:
        return decode_result(item, origin, executed=executed)
    match kind, item:
        case (("function_call_output" | "custom_tool_call_output"), {"call_id": str(id), "output": output}):
            return _function(id, output, item, origin)
        case (("function_call_output" | "custom_tool_call_output"), _):
            raise DecodeError(f"malformed {kind}: {excerpt(as_text(item))}")
        case "local_shell_call_output", {"call_id": str(id), "output": str(text)}:
            meta = {origin: rest(item, {"call_id", "output"})}
            return ToolResult(call_id=id, content=(Text(text),), meta=meta)
        case "apply_patch_call_output", {"call_id": str(id), "status": str(status), **more}:
            return _patch(id, status, more.get("output"), item, origin)
        case "computer_call_output", {"call_id": str(id), "output": dict(shot)}:
            return _shown(id, shot, item, origin)
        case _:
            return None


def _function(id: str, output: JSON, item: JSONObject, origin: str) -> ToolResult:
    meta = rest(item, {"call_id", "output"})
    if meta.get("type") == ANSWERS[FUNCTION]:
        del meta["type"]
    match output:
        case str(text):
            content: tuple[ResultPart, ...] = (Text(text),)
        case list(pieces):
            parts = [decode_part(piece, origin) for piece in pieces]
            content = tuple(part for part in parts if isinstance(part, Text | Media | Json | Opaque))
            if len(content) < len(parts):
                raise DecodeError(f"malformed output of a function: {excerpt(as_text(output))}")
        case _:
            raise DecodeError(f"the output of a function is neither a text nor a list: {excerpt(as_text(output))}")
    is_error, content = _unmarked(content)
    return ToolResult(call_id=id, content=content, is_error=is_error, meta=meta_of(origin, meta))


def _unmarked(content: tuple[ResultPart, ...]) -> tuple[bool, tuple[ResultPart, ...]]:
    match content:
        case (Text(text, meta=meta), *others) if text.startswith(ERROR_MARK):
            words = text.removeprefix(ERROR_MARK)
            return True, (Text(words, meta=meta), *others) if words or others or meta else ()
        case _:
            return False, content


def _patch(id: str, status: str, output: JSON, item: JSONObject, origin: str) -> ToolResult | None:
    if status not in {"completed", "failed"} or not isinstance(output, str | None):
        return None
    content = () if output is None else (Text(output),)
    meta = {origin: rest(item, {"call_id", "status", "output"})}
    return ToolResult(call_id=id, content=content, is_error=status == "failed", meta=meta)


def _shown(id: str, shot: JSONObject, item: JSONObject, origin: str) -> ToolResult | None:
    part = decode_part({"type": "input_image", "image_url": shot.get("image_url")}, origin)
    if not isinstance(part, Media) or rest(shot, {"type", "image_url"}):
        return None
    return ToolResult(call_id=id, content=(part,), meta={origin: rest(item, {"call_id", "output"})})
