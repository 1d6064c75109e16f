"""The body of a Messages request → `Request`: the inverse of `encode`.

Law: what has no portable name is kept: in `ClaudeOptions`, its `extra`, the parts' `meta`, or as `Opaque`. Nulls say
nothing. `stream` is an argument of `encode`, not part of a request.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from chat_claude.blocks import decode_block, kind_of
from chat_claude.content import IN_MESSAGES, PLACE, SAME_TURN
from chat_claude.encode import EFFORTS
from chat_claude.options import PROVIDER, ClaudeOptions
from chat_claude.output import can_be_strict, taken
from chat_core.codec.members import Left
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.messages import Message
from chat_core.options import Options
from chat_core.parts import Media, Opaque, Text, ToolResult
from chat_core.request import OutputFormat, Request
from chat_core.tools import NativeTool, Tool, ToolChoice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_claude.provider import Claude
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Role
    from chat_core.parts import Meta, Part
    from chat_core.tools import AnyTool


def parse_body(provider: Claude, body: JSONObject, *, model: str | None, headers: Mapping[str, str]) -> Request:
    """Read a request of this wire.

    Raises:
        DecodeError: the body is no request of this wire, or its model is not known.
    """
    match body.get("model", model):
        case str(name):
            pass
        case other:
            raise DecodeError(f"the request names no model: {excerpt(repr(other), 100)}")
    return _Body(rest(body, {"model", "stream"}), provider.origin(name)).request(name, headers)


class _Body(Left):
    """A body that is taken apart: what nobody took ends up in `ClaudeOptions.extra`."""

    def __init__(self, body: JSONObject, origin: str) -> None:
        super().__init__(body)
        self._origin = origin

    def request(self, model: str, headers: Mapping[str, str]) -> Request:
        output, effort, config = self._output_config()
        tokens, effort, thinking = self._thinking(effort)
        tools = tuple(_tool(tool, self._origin) for tool in self.items("tools"))
        choice, parallel = self._tool_choice()
        user, metadata = self._metadata()
        messages = self._messages()
        options = Options(
            max_tokens=self.integer("max_tokens"),
            temperature=self.number("temperature"),
            top_p=self.number("top_p"),
            top_k=self.integer("top_k"),
            stop=self.texts("stop_sequences"),
            reasoning_effort=effort,
            reasoning_tokens=tokens,
            parallel_tool_calls=parallel,
            user=user,
            service_tier=self.text("service_tier"),
        )
        native = self._native(headers, thinking, config, metadata)
        if native != ClaudeOptions():
            options = replace(options, native=(native,))
        return Request(model=model, messages=messages, tools=tools, tool_choice=choice, output=output, options=options)

    def _native(
        self,
        headers: Mapping[str, str],
        thinking: JSONObject | None,
        config: JSONObject | None,
        metadata: JSONObject | None,
    ) -> ClaudeOptions:
        """Take what has no portable name; the last one to take."""
        return ClaudeOptions(
            betas=_betas(headers),
            thinking=thinking,
            output_config=config,
            metadata=metadata,
            body_version=self.text("anthropic_version"),
            cache_control=self.mapping("cache_control"),
            container=self._word_or_object("container"),
            context_management=self.mapping("context_management"),
            mcp_servers=self.mappings("mcp_servers"),
            speed=self.text("speed"),
            inference_geo=self.text("inference_geo"),
            diagnostics=self.mapping("diagnostics"),
            compaction=self.mapping("compaction"),
            fallbacks=self._word_or_objects("fallbacks"),
            fallback_credit_token=self.text("fallback_credit_token"),
            thread=self.mapping("thread"),
            billing_policy=self._word_or_object("billing_policy"),
            extra=self.data,
        )

    def _word_or_object(self, key: str) -> str | JSONObject | None:
        return self.text(key) if isinstance(self.data.get(key), str) else self.mapping(key)

    def _word_or_objects(self, key: str) -> str | tuple[JSONObject, ...] | None:
        return self.text(key) if isinstance(self.data.get(key), str) else self.mappings(key)

    def _output_config(self) -> tuple[OutputFormat | None, str | None, JSONObject | None]:
        """Take the answer's form, the effort, and what else is beside them."""
        left = self.mapping("output_config")
        output, effort = None, None
        if left is not None:
            output = _output(left.get("format"))
            match left.get("effort"):
                case str(word) if word != "none" and word not in EFFORTS:
                    effort = word
                case _:
                    pass
            left = rest(left, ({"format"} if output else set[str]()) | ({"effort"} if effort else set[str]()))
            if not left and (output or effort):
                left = None
        if output is None and (output := _output(self.data.get("output_format"))) is not None:
            del self.data["output_format"]  # what `output_config.format` was called in its beta
        return output, effort, left

    def _thinking(self, effort: str | None) -> tuple[int | None, str | None, JSONObject | None]:
        """Take the thinking configuration: portable where it can be, otherwise as it is."""
        thinking = self.mapping("thinking")
        if thinking is None:
            return None, effort, None
        match thinking, thinking.keys() - {"type", "budget_tokens"}:
            case {"type": "enabled", "budget_tokens": int(tokens)}, more if tokens and not more:
                return tokens, effort, None
            case {"type": "disabled"}, _ if len(thinking) == 1 and effort is None:
                return None, "none", None
            case _:
                return None, effort, thinking

    def _tool_choice(self) -> tuple[ToolChoice | None, bool | None]:
        found = self.data.get("tool_choice")
        if not isinstance(found, dict):
            return None, None
        known = {"type", "disable_parallel_tool_use"}
        match found:
            case {"type": "auto"}:
                choice = ToolChoice(mode="auto")
            case {"type": "any"}:
                choice = ToolChoice(mode="required")
            case {"type": "none"}:
                choice = ToolChoice(mode="none")
                known.discard("disable_parallel_tool_use")
            case {"type": "tool", "name": str(name)}:
                choice = ToolChoice(mode="required", names=(name,))
                known.add("name")
            case _:
                return None, None
        single = found.get("disable_parallel_tool_use")
        if rest(found, known) or not isinstance(single, bool | None):
            return None, None
        del self.data["tool_choice"]
        return choice, None if single is None else not single

    def _metadata(self) -> tuple[str | None, JSONObject | None]:
        found = self.mapping("metadata")
        if found is None or not isinstance(user := found.get("user_id"), str):
            return None, found
        left = rest(found, {"user_id"})
        return user, left or None

    def _messages(self) -> tuple[Message, ...]:
        parsed: list[Message] = []
        match self.data.pop("system", None):
            case None:
                pass
            case content:
                parsed.append(Message(role="system", parts=self._parts(content, "system")))
        leading = True
        for item in self.items("messages"):
            role, content, more = _message(item)
            leading = leading and role == "system"
            parsed += self._turns(role, self._parts(content, role), more, leading=leading)
        return tuple(parsed)

    def _parts(self, content: JSON, role: Role) -> tuple[Part, ...]:
        match content:
            case str(text):
                return (Text(text),)
            case list(blocks):
                return tuple(self._part(block, role) for block in blocks)
            case _:
                raise DecodeError(f"malformed content: {excerpt(repr(content))}")

    def _part(self, block: JSON, role: Role) -> Part:
        part = decode_block(block, self._origin)
        if isinstance(part, Media) and role != "user":  # legal nowhere else; kept as it is
            kind, data = kind_of(block)
            return Opaque(origin=self._origin, kind=kind, data=data)
        return part

    def _turns(self, role: Role, parts: tuple[Part, ...], more: JSONObject, *, leading: bool) -> list[Message]:
        """Make messages of one wire message: results of tools get one of their own."""
        if role != "user":
            place: JSONObject = {PLACE: IN_MESSAGES} if leading else {}
            return [self._message(role, parts, {**more, **place})]
        runs = [(answers, tuple(run)) for answers, run in groupby(parts, key=_answers)]
        if not runs:
            return [self._message(role, (), more)]
        return [
            self._message("tool" if answers else "user", run, {PLACE: SAME_TURN} if number else more)
            for number, (answers, run) in enumerate(runs)
        ]

    def _message(self, role: Role, parts: tuple[Part, ...], meta: JSONObject) -> Message:
        return Message(role=role, parts=parts, meta={self._origin: meta} if meta else {})


def _message(data: JSON) -> tuple[Role, JSON, JSONObject]:
    if isinstance(data, dict):
        match data:
            case {"role": "user" | "assistant" | "system" as role, "content": content}:
                return role, content, rest(data, {"role", "content"})
            case _:
                pass
    raise DecodeError(f"malformed message: {excerpt(repr(data))}")


def _answers(part: Part) -> bool:
    return isinstance(part, ToolResult) and not part.executed


def _betas(headers: Mapping[str, str]) -> tuple[str, ...]:
    lists = (value for name, value in headers.items() if name.lower() == "anthropic-beta")
    return tuple(word.strip() for words in lists for word in words.split(",") if word.strip())


def _output(data: JSON) -> OutputFormat | None:
    if not isinstance(data, dict) or data.keys() != {"type", "schema"}:
        return None
    match data:
        case {"type": "json_schema", "schema": dict(schema)} if taken(schema, feature="")[0] is schema:
            return OutputFormat(schema=schema)
        case _:
            return None


def _tool(data: JSON, origin: str) -> AnyTool:
    if not isinstance(data, dict):
        raise DecodeError(f"malformed tool: {excerpt(repr(data))}")
    match data, data.get("type"), data.get("description"), data.get("strict"):
        case (
            {"name": str(name), "input_schema": dict(schema)},
            None | "custom",
            (str() | None) as description,
            (bool() | None) as strict,
        ):
            if strict and not can_be_strict(schema):
                strict = None  # it stays in `meta`: what was sent by other means is not weakened
            more = rest(
                data, {"name", "input_schema", "description"} | ({"strict"} if strict is not None else set[str]())
            )
            meta: Meta = {origin: more} if more else {}
            return Tool(name=name, parameters=schema, description=description, strict=strict, meta=meta)
        case _:
            return NativeTool(provider=PROVIDER, data=data)
