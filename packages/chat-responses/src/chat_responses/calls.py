"""Items that are calls of tools ↔ `ToolCall`: functions, free-form tools, and the tools that the wire declares itself.

Law: what an item holds beyond the typed fields is in the call's `meta` and goes back with it; the `type` too, except of
a function's call. A call whose members are not where its type has them is no `ToolCall`, and stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.leftovers import as_text, meta_of
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_arguments, rest
from chat_core.parts import ToolCall
from chat_responses.overlay import overlay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSONObject

FUNCTION, CUSTOM = "function_call", "custom_tool_call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Where the call of a tool that the wire declares itself has its name and arguments.

    Attributes:
        name: what the tool is called here.
        member: the member that is the object of arguments.
        members: the members that are the arguments, where they have no object of their own.
        answer: the type of the item that answers it; `None` = the service always runs it.
    """

    name: str
    member: str | None = None
    members: tuple[str, ...] = ()
    answer: str | None = None


FORMS: Mapping[str, Form] = {
    "apply_patch_call": Form(name="apply_patch", member="operation", answer="apply_patch_call_output"),
    "code_interpreter_call": Form(name="code_interpreter", members=("code",)),
    "computer_call": Form(name="computer", members=("action", "actions"), answer="computer_call_output"),
    "file_search_call": Form(name="file_search", members=("queries",)),
    "local_shell_call": Form(name="local_shell", member="action", answer="local_shell_call_output"),
    "shell_call": Form(name="shell", member="action", answer="shell_call_output"),
    "tool_search_call": Form(name="tool_search", member="arguments", answer="tool_search_output"),
    "web_search_call": Form(name="web_search", member="action"),
}
"""Tools of the wire by the type of their calls; other types that end with `_call` have a name and a text."""

NAMED = "_named"
"""True in a call that says its name and arguments although its type has a member for them."""

_SUFFIX = "_call"


def decode_call(item: JSONObject, origin: str) -> ToolCall | None:
    """Read a call; `None` when the item is none, or has to stay as it is.

    Raises:
        DecodeError: the call of a function or of a free-form tool is malformed.
    """
    match item:
        case {"type": "function_call", "call_id": str(id), "name": str(name), "arguments": str(text)}:
            arguments, raw = parse_arguments(text)
            meta = meta_of(origin, rest(item, {"type", "call_id", "name", "arguments"}))
            return ToolCall(id=id, name=name, arguments=arguments, raw=raw, meta=meta)
        case {"type": "custom_tool_call", "call_id": str(id), "name": str(name), "input": str(text)}:
            return ToolCall(id=id, name=name, raw=text, meta={origin: rest(item, {"call_id", "name", "input"})})
        case {"type": "function_call" | "custom_tool_call"}:
            raise DecodeError(f"malformed {item['type']}: {excerpt(as_text(item))}")
        case {"type": str(kind)} if kind in FORMS:
            return _declared(kind, item, origin)
        case {"type": str(kind)} if kind.endswith(_SUFFIX):
            return _named(item, origin, {})
        case _:
            return None


def _declared(kind: str, item: JSONObject, origin: str) -> ToolCall | None:
    form, named = FORMS[kind], _id(item)
    if named is None:
        return None
    if form.member is not None:
        arguments = item.get(form.member)
        if not isinstance(arguments, dict):
            return _named(item, origin, {NAMED: True})
        known = {form.member}
    else:
        arguments = {key: item[key] for key in form.members if item.get(key) is not None}
        known = {*form.members}
        if not arguments:
            return None
    return ToolCall(
        id=named,
        name=form.name,
        arguments=arguments,
        executed=_was_executed(kind, item),
        meta={origin: rest(item, known)},
    )


def _named(item: JSONObject, origin: str, odd: JSONObject) -> ToolCall | None:
    """Read a call that says its name and has its arguments as text: of a remote server, or of a tool new to us."""
    match item.get("name"), item.get("arguments"), _id(item):
        case str(name), str(text), str(id):
            arguments, raw = parse_arguments(text)
            meta = {origin: {**odd, **rest(item, {"name", "arguments"})}}
            return ToolCall(id=id, name=name, arguments=arguments, raw=raw, executed=True, meta=meta)
        case _:
            return None


def _id(item: JSONObject) -> str | None:
    """Return the id by which a result names the call, else the item's own."""
    match item.get("call_id"), item.get("id"):
        case str(id), _:
            return id
        case None, str(id):
            return id
        case _:
            return None


def _was_executed(kind: str, item: JSONObject) -> bool:
    """Tell whether the service ran the tool itself."""
    match kind, item:
        case "tool_search_call", {"execution": "client"}:
            return False
        case "shell_call", {"environment": {"type": str(place)}}:
            return place != "local"
        case (("shell_call" | "local_shell_call" | "computer_call" | "apply_patch_call"), _):
            return False
        case _:
            return True


def text_of(call: ToolCall) -> str:
    """Return what a call's deltas are joined to: its arguments as text, or its free-form input."""
    if call.raw is not None:
        return call.raw
    return "" if call.arguments is None else dump(call.arguments).decode()


def input_of(data: JSONObject, call: ToolCall) -> str:
    """Return the text that a call's deltas are joined to, as the wire has it."""
    match data:
        case {"type": "custom_tool_call", "input": str(text)} | {"arguments": str(text)}:
            return text
        case _:
            return text_of(call)


def type_of(mine: JSONObject | None, *, custom: bool) -> str:
    """Return the type of a call's item; `custom` is the call of a tool that is declared as a free-form one."""
    match mine:
        case {"type": str(kind)}:
            return kind
        case None if custom:
            return CUSTOM
        case _:
            return FUNCTION


def encode_call(call: ToolCall, kind: str, mine: JSONObject) -> JSONObject:
    """Spell a call as an item of a type; `mine` is its own `meta`."""
    if kind == FUNCTION:
        data: JSONObject = {"type": kind, "call_id": call.id, "name": call.name, "arguments": text_of(call)}
        return overlay(data, mine)
    if kind == CUSTOM:
        return overlay({"type": kind, "call_id": call.id, "name": call.name, "input": text_of(call)}, mine)
    form = FORMS.get(kind)
    if form is None or mine.get(NAMED) is True:
        return overlay({"type": kind, "name": call.name, "arguments": text_of(call)}, mine)
    arguments: JSONObject = {} if call.arguments is None else call.arguments
    return overlay({"type": kind, **(arguments if form.member is None else {form.member: arguments})}, mine)
