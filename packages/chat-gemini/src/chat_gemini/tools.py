"""Tools and the choice among them, in both directions: `tools` and `toolConfig`.

Law: schemas travel whole, as `parametersJsonSchema`. A declaration that came in the wire's own dialect of OpenAPI goes
back in it, as long as nobody changed it. All functions are one entry: the service takes no second one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.tools import NativeTool, Tool, ToolChoice, label_of
from chat_gemini.options import PROVIDER
from chat_gemini.schemas import lowered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request
    from chat_core.tools import AnyTool, ToolMode
    from chat_gemini.content import Speller
    from chat_gemini.options import GeminiOptions

FUNCTIONS = "functionDeclarations"
SERVERS = "mcpServers"
SCHEMA = "parametersJsonSchema"
DIALECT = "parameters"
"""The member that holds a schema in the wire's own dialect."""

MODES: Mapping[ToolMode, str] = {"auto": "AUTO", "required": "ANY", "none": "NONE"}
"""The modes of `functionCallingConfig`; `VALIDATED` is `AUTO` that holds the model to the schemas."""
VALIDATED = "VALIDATED"

_WORDS: Mapping[str, ToolMode] = {word: mode for mode, word in MODES.items()}
_DECLARATION = frozenset({"name", "description", SCHEMA})


def encode_tools(request: Request, native: GeminiOptions, spell: Speller) -> list[JSON]:
    """Spell the tools of a request."""
    entries: list[JSON] = []
    functions: list[JSON] = []
    for tool in request.tools:
        match tool:
            case Tool():
                if not functions:
                    entries.append({FUNCTIONS: functions})
                functions.append(_declaration(tool, spell))
            case NativeTool(provider=provider, data=data) if provider == PROVIDER:
                entries.append(data)
            case NativeTool(provider=provider):
                spell.notice("tool", f"only {provider} has this tool", requested=label_of(tool))
    if native.mcp_servers is not None:
        entries.append({SERVERS: [*native.mcp_servers]})
    return entries


def _declaration(tool: Tool, spell: Speller) -> JSONObject:
    body: JSONObject = {"name": tool.name}
    if tool.description is not None:
        body["description"] = tool.description
    found = spell.own(tool.meta)
    own = dict(found) if found is not None else {}
    dialect = own.pop(DIALECT, None)
    if isinstance(dialect, dict) and lowered(dialect) == tool.parameters:
        body[DIALECT] = dialect
    elif tool.parameters is not None:
        body[SCHEMA] = tool.parameters
    return {**body, **own}


def encode_choice(request: Request, native: GeminiOptions, entries: Sequence[JSON], spell: Speller) -> JSONObject:
    """Spell `toolConfig`."""
    config = _calling(request, entries, spell)
    if native.stream_arguments is not None:
        config["streamFunctionCallArguments"] = native.stream_arguments
    body: JSONObject = {"functionCallingConfig": config} if config else {}
    if native.retrieval_config is not None:
        body["retrievalConfig"] = native.retrieval_config
    if native.include_server_tools is not None:
        body["includeServerSideToolInvocations"] = native.include_server_tools
    given = dict(native.tool_config) if native.tool_config is not None else {}
    match body.get("functionCallingConfig"), given.get("functionCallingConfig"):
        case dict(ours), dict(theirs):
            given["functionCallingConfig"] = {**ours, **theirs}
        case _:
            pass
    return {**body, **given}


def _calling(request: Request, entries: Sequence[JSON], spell: Speller) -> JSONObject:
    choice = request.tool_choice
    if choice is not None and request.tools and not entries:
        spell.notice("tool_choice", "no tool is left to choose", requested=choice.mode)
        choice = None
    strict = [tool.name for tool in request.tools if isinstance(tool, Tool) and tool.strict]
    mode = None if choice is None else MODES[choice.mode]
    if mode in (None, "AUTO") and (strict or (choice is not None and choice.names)):
        mode = VALIDATED  # the one that knows of names, and of schemas, and leaves the choice to the model
    if mode is None:
        return {}
    if strict and mode == VALIDATED and len(strict) < sum(isinstance(tool, Tool) for tool in request.tools):
        spell.notice("strict", "the wire holds the model to all schemas or to none", requested=[*strict], applied=mode)
    config: JSONObject = {"mode": mode}
    if choice is not None and choice.names:
        if mode == "NONE":
            spell.notice("tool_choice", "no tool may be called", requested=list(choice.names), applied=mode)
        else:
            config["allowedFunctionNames"] = list(choice.names)
    return config


def parse_tools(data: JSON, origin: str) -> tuple[tuple[AnyTool, ...], tuple[JSONObject, ...] | None]:
    """Read `tools` into tools and MCP servers; an object in place of the list is its only entry.

    Raises:
        DecodeError: it is malformed.
    """
    tools: list[AnyTool] = []
    servers: list[JSONObject] = []
    for entry in data if isinstance(data, list) else [] if data is None else [data]:
        if not isinstance(entry, dict):
            raise DecodeError(f"malformed tool: {excerpt(repr(entry))}")
        for key, value in entry.items():
            match key, value:
                case _, None:
                    pass
                case "functionDeclarations", list(items):
                    tools += [_parsed(item, origin) for item in items]
                case "mcpServers", list(items) if len(found := [one for one in items if isinstance(one, dict)]) == len(
                    items
                ):
                    servers += found
                case _:
                    tools.append(NativeTool(provider=PROVIDER, data={key: value}))
    return tuple(tools), tuple(servers) if servers else None


def _parsed(data: JSON, origin: str) -> AnyTool:
    if not isinstance(data, dict):
        raise DecodeError(f"malformed function declaration: {excerpt(repr(data))}")
    schema, dialect = data.get(SCHEMA), data.get(DIALECT)
    match data.get("name"), data.get("description"), schema if schema is not None else dialect:
        case str(name), (None | str()) as description, (None | dict()) as parameters:
            meta = rest(data, _DECLARATION)
            if schema is None and parameters is not None:
                parameters = lowered(parameters)
            own = {origin: meta} if meta else {}
            return Tool(name=name, description=description, parameters=parameters, meta=own)
        case _:
            raise DecodeError(f"malformed function declaration: {excerpt(repr(data))}")


def parse_choice(config: JSONObject) -> tuple[ToolChoice | None, JSONObject]:
    """Read a `functionCallingConfig` into a choice, and what it holds beside that.

    What has no portable words stays whole.
    """
    names = config.get("allowedFunctionNames")
    listed = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    word = config.get("mode")
    left = rest(config, {"mode", "allowedFunctionNames"})
    if names is not None and (not isinstance(names, list) or not listed or len(listed) != len(names)):
        return None, rest(config, ())
    match word:
        case "AUTO" | "ANY" | "NONE" if not listed or word == "ANY":
            return ToolChoice(mode=_WORDS[word], names=tuple(listed)), left
        case "VALIDATED" if listed:
            return ToolChoice(mode="auto", names=tuple(listed)), left
        case _:
            return None, rest(config, ())
