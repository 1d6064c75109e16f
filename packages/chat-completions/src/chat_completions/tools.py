"""What a request declares: tools, the choice among them, the form of the answer; both ways.

Law: schemas travel whole. What a service would not be sent from the portable fields is parsed into native ones, so
that `parse` stays the inverse of `encode` for every preset.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_completions.options import CompletionsOptions, native_tool
from chat_completions.output import is_sent_whole, strict_schema
from chat_completions.overlay import own
from chat_core.codec.leftovers import meta_of, overlay, under
from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.request import OutputFormat
from chat_core.response import Notice
from chat_core.tools import NativeTool, Tool, ToolChoice, label_of

if TYPE_CHECKING:
    from chat_completions.preset import Preset
    from chat_completions.provider import Completions
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request
    from chat_core.tools import AnyTool

SCHEMA_NAME = "output"
"""The name of an output schema that has none: the wire requires one."""


class ToolEncoder:
    """Spells the declarations of one request."""

    def __init__(
        self, provider: Completions, request: Request, native: CompletionsOptions, notices: list[Notice]
    ) -> None:
        """Write what cannot be sent as asked into `notices`."""
        self._provider = provider
        self._preset = provider.preset
        self._request = request
        self._native = native
        self._notices = notices
        self._custom = {name for tool in request.tools if (name := custom_name(tool)) is not None}

    def declarations(self, tools: tuple[AnyTool, ...]) -> list[JSON]:
        """Spell the tools; those of other providers are left out."""
        declared: list[JSON] = []
        for tool in tools:
            match tool:
                case Tool():
                    declared.append(self._function(tool))
                case NativeTool(provider=CompletionsOptions.provider, data=data):
                    declared.append(data)
                case NativeTool():
                    self._note("tools", label_of(tool), None, f"it is a tool of {tool.provider}")
        return declared

    def choice(self, choice: ToolChoice | None) -> JSON:
        """Spell the choice of tools; `None` = not sent."""
        if self._native.tool_choice is not None or choice is None:
            if choice is not None:
                self._note(
                    "tool_choice", _told(choice), self._native.tool_choice, "CompletionsOptions.tool_choice is set"
                )
            return self._native.tool_choice
        if choice.mode == "required" and not self._preset.forced_tools:
            self._note("tool_choice", _told(choice), None, f"{self._preset.name} does not force tools")
            return None
        if choice.mode == "none" or not choice.names:
            return choice.mode
        if choice.mode == "required" and len(choice.names) == 1:
            return self._named(choice.names[0])
        if self._preset.allowed_tools:
            names: list[JSON] = [self._named(name) for name in choice.names]
            return {"type": "allowed_tools", "allowed_tools": {"mode": choice.mode, "tools": names}}
        self._note("tool_choice", _told(choice), choice.mode, f"{self._preset.name} cannot narrow the choice")
        return choice.mode

    def nothing_to_choose(self, choice: ToolChoice) -> None:
        """Note that no declared tool is left to choose: services refuse a choice without tools."""
        self._note("tool_choice", _told(choice), None, "no tool is left to choose")

    def output(self, output: OutputFormat | None) -> JSON:
        """Spell the form of the answer; `None` = not sent."""
        if self._native.response_format is not None or output is None:
            if output is not None:
                asked = output.kind if output.schema is None else output.schema
                self._note("output", asked, self._native.response_format, "CompletionsOptions.response_format is set")
            return self._native.response_format
        if output.kind == "schema":
            if self._preset.json_schema:
                return {"type": "json_schema", "json_schema": self._schema(output)}
            self._note("output", output.schema, "json_object", f"{self._preset.name} takes no schema for its answers")
        if self._preset.json_object:
            return {"type": "json_object"}
        any_object = OutputFormat(schema={"type": "object"})
        return {"type": "json_schema", "json_schema": self._schema(any_object)}

    def _function(self, tool: Tool) -> JSONObject:
        spec: JSONObject = {"name": tool.name}
        if tool.description is not None:
            spec["description"] = tool.description
        strict = tool.strict
        if strict is not None and not self._preset.strict_tools:
            self._note("strict", strict, None, f"{self._preset.name} has no strict tools")
            strict = None
        if tool.parameters is not None:
            spec["parameters"], strict = self._held(tool.parameters, strict, f"tools.{tool.name}.parameters")
        if strict is not None:
            spec["strict"] = strict
        mine = own(self._provider, self._request.model, tool.meta)
        return overlay({"type": "function", "function": spec}, mine if mine is not None else {})

    def _schema(self, output: OutputFormat) -> JSONObject:
        data: JSONObject = {"name": output.name if output.name is not None else SCHEMA_NAME}
        if output.description is not None:
            data["description"] = output.description
        strict = output.strict
        if output.schema is not None:
            data["schema"], strict = self._held(output.schema, strict, "output.schema")
        if strict is not None:
            data["strict"] = strict
        return data

    def _held(self, schema: JSONObject, strict: bool | None, feature: str) -> tuple[JSONObject, bool | None]:  # noqa: FBT001 - the field as it is
        """Return a schema and its `strict`, as far as the service can hold a model to it."""
        if not strict:
            return schema, strict
        taken, notices = strict_schema(schema, self._preset, feature=feature)
        self._notices.extend(notices)
        return (schema, None) if taken is None else (taken, True)

    def _named(self, name: str) -> JSONObject:
        form = "custom" if name in self._custom else "function"
        return {"type": form, form: {"name": name}}

    def _note(self, feature: str, requested: JSON, applied: JSON, reason: str) -> None:
        self._notices.append(Notice(feature=feature, requested=requested, applied=applied, reason=reason))


def _told(choice: ToolChoice) -> JSONObject:
    return {"mode": choice.mode, "names": [*choice.names]}


def custom_name(tool: AnyTool) -> str | None:
    """Return the name of a free-form tool; `None` for another one."""
    match tool:
        case NativeTool(provider=CompletionsOptions.provider, data={"type": "custom", "custom": {"name": str(name)}}):
            return name
        case _:
            return None


def parse_tool(data: JSON, origin: str, preset: Preset) -> AnyTool:
    """Read a declaration: a function, or a tool of this wire's own.

    Raises:
        DecodeError: it is no object.
    """
    if not isinstance(data, dict):
        raise DecodeError(f"a tool is no object but {type(data).__name__}")
    match data:
        case {"type": "function", "function": dict(spec)} if isinstance(name := spec.get("name"), str):
            tool = _function(name, spec, preset)
            known = {
                "name",
                *(key for key in ("description", "parameters", "strict") if getattr(tool, key) is not None),
            }
            leftovers = {**rest(data, {"type", "function"}), **under("function", rest(spec, known))}
            return replace(tool, meta=meta_of(origin, leftovers))
        case _:
            return native_tool(data)


def _function(name: str, spec: JSONObject, preset: Preset) -> Tool:
    description, parameters, strict = spec.get("description"), spec.get("parameters"), spec.get("strict")
    return Tool(
        name=name,
        description=description if isinstance(description, str) else None,
        parameters=parameters if isinstance(parameters, dict) else None,
        strict=strict if isinstance(strict, bool) and _is_sent(spec, preset) else None,
    )


def _is_sent(spec: JSONObject, preset: Preset) -> bool:
    """Tell whether `strict` is sent as it stands beside this schema."""
    return preset.strict_tools and is_sent_whole(spec.get("parameters"), spec.get("strict"), preset)


def parse_choice(data: JSON, tools: tuple[AnyTool, ...], preset: Preset) -> ToolChoice | None:
    """Read a choice of tools; `None` when it has no portable form here."""
    custom = {name for tool in tools if (name := custom_name(tool)) is not None}
    match data:
        case "auto" | "none" as mode:
            return ToolChoice(mode=mode)
        case "required" if preset.forced_tools:
            return ToolChoice(mode="required")
        case {"type": "allowed_tools", "allowed_tools": {"mode": "auto" | "required" as mode, "tools": list(listed)}}:
            names = [_name(item, custom) for item in listed]
            choice = ToolChoice(mode=mode, names=tuple(name for name in names if name is not None))
            alone = mode == "required" and len(names) == 1
            return choice if preset.allowed_tools and names and None not in names and not alone else None
        case dict() if preset.forced_tools and (name := _name(data, custom)) is not None:
            return ToolChoice(mode="required", names=(name,))
        case _:
            return None


def _name(data: JSON, custom: set[str]) -> str | None:
    match data:
        case {"type": "function", "function": {"name": str(name)}} if name not in custom:
            expected: JSONObject = {"type": "function", "function": {"name": name}}
        case {"type": "custom", "custom": {"name": str(name)}} if name in custom:
            expected = {"type": "custom", "custom": {"name": name}}
        case _:
            return None
    return name if data == expected else None


def parse_output(data: JSON, preset: Preset) -> OutputFormat | None:
    """Read the form of the answer; `None` when it has no portable form here."""
    match data:
        case {"type": "json_object", **more} if preset.json_object and not more:
            return OutputFormat(kind="json")
        case {"type": "json_schema", "json_schema": dict(spec), **more} if preset.json_schema and not more:
            whole = is_sent_whole(spec.get("schema"), spec.get("strict"), preset)
            return _output(spec) if whole and not rest(spec, {"name", "schema", "description", "strict"}) else None
        case _:
            return None


def _output(spec: JSONObject) -> OutputFormat | None:
    match spec.get("name"), spec.get("schema"), spec.get("description"), spec.get("strict"):
        case str(name), dict(schema), (None | str()) as description, (None | bool()) as strict:
            return OutputFormat(schema=schema, name=name, description=description, strict=strict)
        case _:
            return None
