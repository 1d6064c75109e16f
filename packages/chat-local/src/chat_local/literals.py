"""Calls of tools as models spell them: JSON and what is nearly JSON, tags, pairs, Python.

Law: a call is one only if its name was offered. Arguments that the model wrote as text are read by the tool's schema;
what cannot be read is no call, and stays text.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.formats import Spelling

MAX_CALL = 1_000_000
"""Most characters of the calls in one region."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was read: its name, its arguments, and the id where the model gave one."""

    name: str
    arguments: JSONObject
    id: str | None = None


class Unreadable(Exception):
    """What was taken for calls is none."""


def read_calls(text: str, spelling: Spelling, mark: str, schemas: Mapping[str, JSONObject] | None) -> tuple[Call, ...]:
    """Read the calls in a region.

    Args:
        text: what is between its marks.
        spelling: how calls are spelled there.
        mark: as `formats.Region.mark`.
        schemas: the schemas of the tools that were offered, by name; `None` = any may be called.

    Raises:
        Unreadable: there is none, or one of them is none of an offered tool.
    """
    if len(text) > MAX_CALL:
        raise Unreadable
    try:
        calls = tuple(_READERS[spelling](text.strip(), mark))
    except (ValueError, TypeError, SyntaxError, DecodeError, RecursionError, MemoryError) as error:
        raise Unreadable from error
    return calls if schemas is None else _checked(calls, schemas)


def offered(value: JSON, schemas: Mapping[str, JSONObject]) -> tuple[Call, ...]:
    """Return the calls that a JSON value is, one or a list; raises as `read_calls`, or ValueError."""
    return _checked(tuple(_call_of(each) for each in (value if isinstance(value, list) else [value])), schemas)


def _checked(calls: tuple[Call, ...], schemas: Mapping[str, JSONObject]) -> tuple[Call, ...]:
    if not calls or any(call.name not in schemas for call in calls):
        raise Unreadable
    return tuple(Call(call.name, fitted(call.arguments, schemas[call.name]), call.id) for call in calls)


def fitted(arguments: JSONObject, schema: JSONObject) -> JSONObject:
    """Return arguments whose texts are what the schema asks for: `"5"` is 5 where a number is wanted."""
    match schema.get("properties"):
        case dict(members):
            return {name: _fitted(value, members.get(name)) for name, value in arguments.items()}
        case _:
            return arguments


def _fitted(value: JSON, schema: JSON) -> JSON:
    if not isinstance(value, str) or not isinstance(schema, dict):
        return value
    kinds = schema.get("type")
    wanted = [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []
    if "string" in wanted or not wanted:
        return value
    try:
        found = lenient(value)
    except (ValueError, DecodeError):
        return value
    fits = {
        "integer": isinstance(found, int) and not isinstance(found, bool),
        "number": isinstance(found, int | float) and not isinstance(found, bool),
        "boolean": isinstance(found, bool),
        "array": isinstance(found, list),
        "object": isinstance(found, dict),
        "null": found is None,
    }
    return found if any(fits.get(str(kind), False) for kind in wanted) else value


_FENCE = re.compile(r"^```\w*\s*(.*?)\s*(?:```)?$", re.DOTALL)
_COMMA = re.compile(r",(\s*[}\]])")


def lenient(text: str) -> JSON:
    """Read JSON as models write it: in a code fence, with a comma too much, or as Python spells it.

    Raises:
        ValueError: it is none.
    """
    plain = found[1] if (found := _FENCE.match(text.strip())) else text.strip()
    for attempt in (plain, _COMMA.sub(r"\1", plain)):
        try:
            return parse(attempt)
        except DecodeError:
            pass
    try:
        value: JSON = ast.literal_eval(plain)
        return parse(json.dumps(value, allow_nan=False))  # sets and bytes are no JSON
    except (ValueError, TypeError, SyntaxError, DecodeError, RecursionError, MemoryError):
        raise ValueError("no JSON") from None


def _call_of(value: JSON) -> Call:
    if not isinstance(value, dict):
        raise ValueError("no call")  # noqa: TRY004 - text that is no call, not a fault of the program
    given = value.get("id", value.get("tool_call_id"))
    named = given if isinstance(given, str) else None
    match value:
        case {"function": dict(function)} if "name" in function:
            call = _call_of(function)
            return Call(call.name, call.arguments, named if named is not None else call.id)
        case {"name": str(name)} | {"function": str(name)} | {"tool_name": str(name)}:
            held = next((value[key] for key in ("arguments", "parameters", "args", "input") if key in value), None)
            return Call(name, _object(held), named)
        case _:
            raise ValueError("no call")


def _object(value: JSON) -> JSONObject:
    match value:
        case dict():
            return value
        case None | "":
            return {}
        case str():
            return _object(lenient(value)) if value.lstrip().startswith("{") else _fail()
        case _:
            return _fail()


def _fail() -> JSONObject:
    raise ValueError("arguments are no object")


def _json(text: str, mark: str) -> Iterator[Call]:  # noqa: ARG001 - as the others
    match lenient(_semicolons(text)):
        case list(values):
            yield from map(_call_of, values)
        case value:
            yield _call_of(value)


def _semicolons(text: str) -> str:
    """Return several objects, one after another with `;` or line ends between them, as a list."""
    if not text.startswith("{"):
        return text
    objects, decoder, place = list[str](), json.JSONDecoder(), 0
    while place < len(text):
        try:
            _, end = decoder.raw_decode(text, place)
        except ValueError:
            return text
        objects.append(text[place:end])
        place = end + len(text[end:]) - len(text[end:].lstrip("; \n\r\t,"))
    return f"[{','.join(objects)}]" if len(objects) > 1 else text


_WRAPS = re.compile(r"<\|tool_call_(?:begin|end)\|>|<｜tool▁call▁(?:begin|end)｜>")
_NUMBERED = re.compile(r"^(?:functions\.)?(?P<name>[\w.-]+?)(?::\d+)?$")


def _named(text: str, mark: str) -> Iterator[Call]:
    """Read calls of the form name, mark, object; Mistral's older models write a list of objects."""
    if text.startswith("[{"):
        yield from _json(text, mark)
        return
    for piece in filter(None, map(str.strip, _WRAPS.split(text))):
        name, found, held = piece.partition(mark)
        if not found:  # without its mark an object begins where its brace does
            name, brace, rest = piece.partition("{")
            held = brace + rest
        if name == "function" and mark in held:
            raise ValueError("a call within a call")
        if name == "function":  # DeepSeek's older models: the name stands after the mark, the object in a fence
            name, _, held = held.partition("\n")
        name, _, given = name.partition("[CALL_ID]")
        match = _NUMBERED.match(name.strip())
        if match is None:
            raise ValueError("no name")
        named = name.strip() if name.strip() != match["name"] else None
        yield Call(match["name"], _object(lenient(held) if held.strip() else {}), given.strip() or named)


_FUNCTION = re.compile(r"<function=([^>\s]+)\s*>(.*?)(?:</function>|$)", re.DOTALL)
_PARAMETER = re.compile(r"<parameter=([^>\s]+)\s*>\n?(.*?)\n?(?=</parameter>|<parameter=|</function>|$)", re.DOTALL)


def _function(text: str, mark: str) -> Iterator[Call]:
    found = _FUNCTION.findall(text)
    if not found and text.startswith("{"):
        yield from _json(text, mark)
    for name, inside in found:
        yield Call(name, dict(_PARAMETER.findall(inside)))


_KEY = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)(?:</arg_value>|$)", re.DOTALL)


def _pairs(text: str, mark: str) -> Iterator[Call]:
    if text.startswith("{"):
        yield from _json(text, mark)
        return
    name = text.partition("<arg_key>")[0].strip()
    yield Call(name, {key.strip(): value for key, value in _KEY.findall(text)})


_INVOKE = re.compile(r'<(?:｜DSML｜)?invoke name="([^"]+)"\s*>(.*?)(?:</(?:｜DSML｜)?invoke>|$)', re.DOTALL)
_INVOKED = re.compile(
    r'<(?:｜DSML｜)?parameter name="([^"]+)"(?: string="(true|false)")?\s*>(.*?)</(?:｜DSML｜)?parameter>', re.DOTALL
)


def _invoke(text: str, mark: str) -> Iterator[Call]:  # noqa: ARG001 - as the others
    for name, inside in _INVOKE.findall(text):
        arguments: JSONObject = {}
        for key, as_text, value in _INVOKED.findall(inside):
            arguments[key] = lenient(value) if as_text == "false" else value.strip("\n")
        yield Call(name, arguments)


_CALL = re.compile(r"call:\s*([\w.-]+)\s*(\{.*?\})\s*(?=call:|$)", re.DOTALL)


def _braces(text: str, mark: str) -> Iterator[Call]:
    for name, held in _CALL.findall(text):
        yield Call(name, _object(_Braces(held, mark).whole()))


class _Braces:
    """Reads objects with bare names and quotes of their own."""

    _NAME = re.compile(r"\s*([^\s:{}\[\],]+)\s*:")
    _WORD = re.compile(r"[^,{}\[\]]+")

    def __init__(self, text: str, quote: str) -> None:
        self._text, self._quote, self._at = text, quote, 0

    def whole(self) -> JSON:
        """Read one value, and nothing after it."""
        value = self._value()
        if self._text[self._at :].strip():
            raise ValueError("more than one value")
        return value

    def _value(self) -> JSON:
        self._skip()
        if self._takes("{"):
            return dict(self._members())
        if self._takes("["):
            return list(self._items())
        if self._takes(self._quote):
            end = self._text.index(self._quote, self._at)
            found, self._at = self._text[self._at : end], end + len(self._quote)
            return found
        match = self._WORD.match(self._text, self._at)
        if match is None:
            raise ValueError("no value")
        self._at = match.end()
        word = match[0].strip()
        try:
            return lenient(word)
        except ValueError:
            return word

    def _members(self) -> Iterator[tuple[str, JSON]]:
        while not self._takes("}"):
            match = self._NAME.match(self._text, self._at)
            if match is None:
                raise ValueError("no name")
            self._at = match.end()
            yield match[1].strip("\"'"), self._value()
            self._takes(",")

    def _items(self) -> Iterator[JSON]:
        while not self._takes("]"):
            yield self._value()
            self._takes(",")

    def _takes(self, mark: str) -> bool:
        self._skip()
        if not mark or not self._text.startswith(mark, self._at):
            return False
        self._at += len(mark)
        return True

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at] in " \n\t\r":
            self._at += 1


def _python(text: str, mark: str) -> Iterator[Call]:  # noqa: ARG001 - as the others
    tree = ast.parse(text.strip(), mode="eval").body
    for node in tree.elts if isinstance(tree, ast.List | ast.Tuple) else [tree]:
        if not isinstance(node, ast.Call) or node.args or any(keyword.arg is None for keyword in node.keywords):
            raise ValueError("no call")
        arguments = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in node.keywords}
        yield Call(ast.unparse(node.func), _object(parse(json.dumps(arguments))))


def _any(text: str, mark: str) -> Iterator[Call]:
    try:
        yield from list(_json(text, mark))
    except (ValueError, DecodeError):
        yield from _python(text, mark)


_READERS: Mapping[Spelling, Callable[[str, str], Iterator[Call]]] = {
    "json": _json,
    "named": _named,
    "function": _function,
    "pairs": _pairs,
    "invoke": _invoke,
    "braces": _braces,
    "python": _python,
    "any": _any,
}
