"""Parts of the wire → parts of ours, in replies and in requests alike.

Law: what a part holds beside its content, such as a signature, is in `meta` under the origin, and a part without a name
here is `Opaque`: so each goes back exactly as it came. A thought, a call and what the service ran itself always have
`meta`: it tells that they are of this origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_arguments, rest
from chat_core.parts import Json, Opaque, Reasoning, Text, ToolCall, ToolResult, local_id
from chat_gemini.media import decode_media
from chat_gemini.signatures import SIGNATURE

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part

CODE = "code_execution"
"""The name of the service's tool that runs code; its calls and results have parts of their own on the wire."""

OUTCOMES_OK = ("OUTCOME_OK", 1)
"""How code that ran to its end is told, in words and in numbers."""

BESIDE = frozenset({
    "thought", SIGNATURE, "partMetadata", "videoMetadata", "mediaResolution", "mediaProcessing", "documentMetadata",
    "spreadsheetMetadata", "audioMetadata", "speechMetadata",
})  # fmt: skip
"""Members of a part that say something about its content."""

NAMED = frozenset({"text", "functionCall", "executableCode", "codeExecutionResult"})
"""Parts that are known whatever they hold."""

_CALL = frozenset({"id", "name", "args"})
_TOOL_CALL = frozenset({"id", "toolType", "args"})
_TOOL_RESPONSE = frozenset({"id", "toolType", "response"})


class PartReader:
    """Reads the parts of one conversation, and gives ids to the calls that came without one."""

    def __init__(self, origin: str, number: int = 0) -> None:
        """Read what belongs to `origin`; `number` calls came before."""
        self._origin = origin
        self._number = number
        self._executed: str | None = None

    def part(self, data: JSON) -> Part:
        """Read a part.

        Raises:
            DecodeError: it is malformed.
        """
        if not isinstance(data, dict):
            raise DecodeError(f"a part is no object but {type(data).__name__}")
        match data:
            case {"text": str(text), "thought": True}:
                return self._thought(data, text)
            case {"text": str(text)}:
                left = _beside(data, "text")
                return Text(text, meta={self._origin: left} if left else {})
            case {"functionCall": dict(call)}:
                return self.call(data, call)
            case {"executableCode": dict(code)}:
                return self._run(data, "executableCode", code)
            case {"codeExecutionResult": dict(result)}:
                return self._ran(data, result)
            case {"toolCall": dict(call)} if isinstance(call.get("toolType"), str):
                return self._run(data, "toolCall", call)
            case {"toolResponse": dict(result)} if isinstance(kind := result.get("toolType"), str):
                return self._responded(data, kind, result)
            case _:
                media = decode_media(data, self._origin)
                return self.opaque(data) if media is None else media

    def call(self, data: JSONObject, call: JSONObject) -> ToolCall:
        """Read a call that the program has to run.

        Raises:
            DecodeError: it is malformed.
        """
        name = call.get("name")
        if not isinstance(name, str):
            raise DecodeError(f"a call without a name: {excerpt(repr(call))}")
        arguments, raw = parse_arguments(arguments_text(call.get("args")))
        meta = _with_inner(data, "functionCall", rest(call, _CALL))
        return ToolCall(id=self._id(call), name=name, arguments=arguments, raw=raw, meta={self._origin: meta})

    def opaque(self, data: JSONObject) -> Opaque:
        """Keep a part that this version has no name for.

        Raises:
            DecodeError: it is one with a name, and malformed.
        """
        kind = next((key for key, value in data.items() if value is not None and key not in BESIDE), "part")
        if kind in NAMED:
            raise DecodeError(f"malformed {kind}: {excerpt(repr(data))}")
        return Opaque(origin=self._origin, kind=kind, data=data)

    def _thought(self, data: JSONObject, text: str) -> Reasoning:
        match data.get(SIGNATURE):
            case str(signature):
                left = rest(data, {"text", "thought", SIGNATURE})
                return Reasoning(text, signature=signature, meta={self._origin: left})
            case _:
                return Reasoning(text, meta={self._origin: rest(data, {"text", "thought"})})

    def _run(self, data: JSONObject, key: str, call: JSONObject) -> ToolCall:
        """Read a call of a tool that the service ran itself."""
        self._executed = call_id = self._id(call)
        is_code = key == "executableCode"
        name = CODE if is_code else str(call["toolType"])
        given = rest(call, {"id"}) if is_code else call.get("args")
        more = {} if is_code else rest(call, _TOOL_CALL)
        arguments, raw = parse_arguments(arguments_text(given))
        meta = _with_inner(data, key, more)
        return ToolCall(id=call_id, name=name, arguments=arguments, raw=raw, executed=True, meta={self._origin: meta})

    def _ran(self, data: JSONObject, result: JSONObject) -> ToolResult:
        output, outcome = result.get("output"), result.get("outcome")
        known = {"id", "output"} if isinstance(output, str) else {"id"}
        return ToolResult(
            call_id=self._answered(result),
            name=CODE,
            content=(Text(output),) if isinstance(output, str) else (),
            is_error=outcome is not None and outcome not in OUTCOMES_OK,
            executed=True,
            meta={self._origin: _with_inner(data, "codeExecutionResult", rest(result, known))},
        )

    def _responded(self, data: JSONObject, kind: str, result: JSONObject) -> ToolResult:
        response = result.get("response")
        return ToolResult(
            call_id=self._answered(result),
            name=kind,
            content=() if response is None else (Json(response),),
            executed=True,
            meta={self._origin: _with_inner(data, "toolResponse", rest(result, _TOOL_RESPONSE))},
        )

    def _id(self, data: JSONObject) -> str:
        number, self._number = self._number, self._number + 1
        match data.get("id"):
            case str(given) if given:
                return given
            case None | "":
                return local_id(number)
            case other:
                raise DecodeError(f"the id of a call is no text but {type(other).__name__}")

    def _answered(self, data: JSONObject) -> str:
        """Return the id of the call that a result of the service's answers: the one it names, else the last it ran."""
        match data.get("id"):
            case str(given) if given:
                return given
            case None | "":
                return self._executed if self._executed is not None else local_id(self._number)
            case other:
                raise DecodeError(f"the id of a result is no text but {type(other).__name__}")


def arguments_text(arguments: JSON) -> str:
    """Return the text of a call's arguments: nothing, when there are none.

    Raises:
        DecodeError: they are no object.
    """
    match arguments:
        case None:
            return ""
        case dict():
            return dump(arguments).decode()
        case _:
            raise DecodeError(f"the arguments of a call are no object but {type(arguments).__name__}")


def _beside(data: JSONObject, key: str) -> JSONObject:
    """Return what a part holds beside its content; `thought: false` is what its absence says."""
    return rest(data, {key} if data.get("thought") else {key, "thought"})


def _with_inner(data: JSONObject, key: str, more: JSONObject) -> JSONObject:
    return {**_beside(data, key), **({key: more} if more else {})}
