"""The body of a request to the local service → `Request`: the inverse of `encode`.

Law: what has no portable name is kept: in `LocalOptions`, its `template` and `extra`. `stream` is an argument of
`encode`, not of a request.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chat_core.codec.members import items, model_of
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.messages import Message
from chat_core.options import Options
from chat_core.parts import Reasoning, Text, ToolCall, ToolResult
from chat_core.request import OutputFormat, Request
from chat_core.tools import NativeTool, Tool, ToolChoice
from chat_local.content import ERROR_MARK, UNPARSED
from chat_local.encode import SENT
from chat_local.options import PLAIN_FIELDS, PROVIDER, LocalOptions

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part
    from chat_core.tools import AnyTool
    from chat_local.provider import Local

KNOWN = frozenset({"model", "stream", "tools", "tool_choice", "output", "options", "messages"})
"""Members of a body; others go into `LocalOptions.extra`."""


def parse_body(provider: Local, body: JSONObject) -> Request:
    """Read a request of this wire.

    Raises:
        DecodeError: the body is no request of this wire.
    """
    model = model_of(body)
    origin = provider.origin(model)
    return Request(
        model=model,
        messages=_messages(items(body.get("messages"), "messages"), origin),
        tools=tuple(_tool(tool) for tool in items(body.get("tools"), "tools")),
        tool_choice=_choice(body.get("tool_choice")),
        output=_output(body.get("output")),
        options=_options(body),
    )


def _messages(data: list[JSON], origin: str) -> tuple[Message, ...]:
    messages: list[Message] = []
    for item in data:
        message = _message(item, origin)
        last = messages[-1] if messages else None
        if message.role == "tool" and last is not None and last.role == "tool":
            messages[-1] = replace(last, parts=last.parts + message.parts)
        else:
            messages.append(message)
    return tuple(messages)


def _message(data: JSON, origin: str) -> Message:
    if not isinstance(data, dict):
        raise DecodeError(f"a message is no object but {type(data).__name__}")
    match data:
        case {"role": "system" | "user" as role}:
            return Message(role=role, parts=(Text(_content(data)),))
        case {"role": "assistant"}:
            return Message(role="assistant", parts=tuple(_answer(data, origin)))
        case {"role": "tool", "tool_call_id": str(call)}:
            return Message(role="tool", parts=(_result(data, call),))
        case _:
            raise DecodeError(f"malformed message: {excerpt(repr(data))}")


def _result(data: JSONObject, call: str) -> ToolResult:
    name, text = data.get("name"), _content(data)
    failed = text.startswith(ERROR_MARK)
    return ToolResult(
        call_id=call,
        content=(Text(text.removeprefix(ERROR_MARK) if failed else text),),
        name=name if isinstance(name, str) else None,
        is_error=failed,
    )


def _answer(data: JSONObject, origin: str) -> list[Part]:
    parts: list[Part] = []
    if isinstance(thought := data.get("reasoning_content"), str):
        parts.append(Reasoning(thought, meta={origin: {}}))
    calls = [_call(call) for call in items(data.get("tool_calls"), "tool_calls")]
    if (text := _content(data)) or not (parts or calls):
        parts.append(Text(text))
    return [*parts, *calls]


def _content(data: JSONObject) -> str:
    match data.get("content"):
        case None:
            return ""
        case str(text):
            return text
        case other:
            raise DecodeError(f"the content of a message is no text but {type(other).__name__}")


def _call(data: JSON) -> ToolCall:
    match data:
        case {"id": str(call), "name": str(name), "arguments": dict(arguments)}:
            raw = arguments.get(UNPARSED)
            if isinstance(raw, str) and len(arguments) == 1:
                return ToolCall(id=call, name=name, raw=raw)
            return ToolCall(id=call, name=name, arguments=arguments)
        case _:
            raise DecodeError(f"malformed tool call: {excerpt(repr(data))}")


def _tool(data: JSON) -> AnyTool:
    if not isinstance(data, dict):
        raise DecodeError(f"malformed tool: {excerpt(repr(data))}")
    function = data.get("function")
    function = function if isinstance(function, dict) else {}
    match function.get("name"), function.get("description"), function.get("parameters"):
        case str(name), (None | str()) as description, dict(parameters):
            return Tool(name=name, description=description, parameters=parameters)
        case _:
            return NativeTool(provider=PROVIDER, data=data)


def _choice(data: JSON) -> ToolChoice | None:
    if data is None:
        return None
    mode = data.get("mode") if isinstance(data, dict) else None
    match data, mode:
        case dict(), "auto" | "required" | "none":
            names = tuple(name for name in items(data.get("names"), "names") if isinstance(name, str))
            return ToolChoice(mode=mode, names=names)
        case _:
            raise DecodeError(f"malformed tool_choice: {excerpt(repr(data))}")


def _output(data: JSON) -> OutputFormat | None:
    if data is None:
        return None
    kind = data.get("kind") if isinstance(data, dict) else None
    match data, kind:
        case dict(), "schema" | "json":
            schema = data.get("schema")
            return OutputFormat(kind=kind, schema=schema if isinstance(schema, dict) else None)
        case _:
            raise DecodeError(f"malformed output: {excerpt(repr(data))}")


def _options(body: JSONObject) -> Options:
    match body.get("options"):
        case None:
            told: JSONObject = {}
        case dict(found):
            told = found
        case other:
            raise DecodeError(f"malformed options: {excerpt(repr(other), 100)}")
    portable: dict[str, Any] = {name: told[name] for name in SENT if told.get(name) is not None}
    if isinstance(stop := told.get("stop"), list):
        portable["stop"] = tuple(stop)
    if isinstance(top := told.get("top_logprobs"), int):
        portable |= {"logprobs": True, "top_logprobs": top or None}
    effort, template = _thinking(told.get("template"))
    native: dict[str, Any] = {name: told[name] for name in PLAIN_FIELDS if told.get(name) is not None}
    own = LocalOptions(**native, template=template, extra=rest(body, KNOWN))
    return Options(**portable, reasoning_effort=effort, native=() if own == LocalOptions() else (own,))


def _thinking(template: JSON) -> tuple[str | None, JSONObject | None]:
    """Return how hard to think, in portable words, and what else the template is told."""
    if not isinstance(template, dict):
        return None, None
    more = rest(template, {"enable_thinking", "reasoning_effort"})
    match template.get("enable_thinking"), template.get("reasoning_effort"):
        case True, str(effort):
            return effort, more or None
        case False, None:
            return "none", more or None
        case _:
            return None, template
