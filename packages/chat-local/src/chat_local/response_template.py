"""A model's own description of how it writes: its tokenizer's `response_template`, version 1, as in transformers.

Law: it is data and runs nothing. Patterns are a small part of regular expressions that cannot take long; what a
template needs beyond it makes it unreadable, and the model is read by what its chat template shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError, UnsupportedContent
from chat_local.literals import Unreadable, lenient, offered, read_calls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.literals import Call

THOUGHTS = frozenset({"thinking", "reasoning", "reasoning_content"})
"""Names of fields that hold thoughts; `tool_calls` holds calls, and any other one text for people."""

MAX_BODY = 20_000
"""Most characters of a call that patterns are looked for in."""

_SET = r"(?:\\[swd]|\.|\[\^?(?:\\.|[^\]\\])+\])"
_TERM = rf"(?:\\[^A-Za-z0-9]|\\n|\\t|[^\\^$.|?*+()\[\]{{}}]|{_SET}[*+]?\??|\(\?P<\w+>{_SET}[*+]\??\))"
_PATTERN = re.compile(rf"(?:{_TERM})+")
_LITERAL = re.compile(r"\\([^A-Za-z0-9])|([^\\^$.|?*+()\[\]{}])")
_REPEATED = re.compile(r"(?<!\\)[*+]")
_MOST_REPEATED = 4
_PLACEHOLDER = re.compile(r"\{(\w+(?:\.\w+)*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a message, and where it stands in the text.

    Attributes:
        name: its name.
        opens: the texts that it begins with, or what a pattern begins with; empty = it is what is nowhere else.
        pattern: the pattern that it begins with; `None` = the texts are all.
        closes: the texts that it ends with; empty = it ends with the answer.
        content: how its inside is spelled.
        arguments: what else is said about that.
        transform: what is made of it; `None` = it is taken as it is.
        each: whether that is made of each item.
    """

    name: str
    opens: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None
    closes: tuple[str, ...] = ()
    content: str = "text"
    arguments: JSONObject = field(default_factory=dict[str, "JSON"])
    transform: JSON = None
    each: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTemplate:
    """All fields, and what an answer begins after."""

    fields: tuple[Field, ...]
    anchors: tuple[str, ...]

    @property
    def rest(self) -> Field | None:
        """The field that text belongs to which stands in no other one."""
        return next((each for each in self.fields if not each.opens), None)


def read_template(data: JSON) -> ResponseTemplate:
    """Read a template.

    Raises:
        UnsupportedContent: it is malformed, or needs what is not known here.
    """
    fields = data.get("fields") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(fields, dict) or not fields or data.get("version", 1) != 1:
        raise UnsupportedContent("the model's response template is of no version that is known here")
    found = tuple(_field(name, held) for name, held in fields.items())
    if sum(not each.opens for each in found) > 1:
        raise UnsupportedContent("two fields of the response template say not where they begin")
    return ResponseTemplate(fields=found, anchors=_texts(data.get("start_anchor"), "start_anchor"))


_CONTENTS = frozenset({"text", "json", "xml-inline", "kv-lines", "python-call-list"})


def _field(name: str, data: JSON) -> Field:
    if not isinstance(data, dict) or data.get("close_pattern") is not None or data.get("join") is not None:
        raise UnsupportedContent(f"the field {name} of the response template needs what is not known here")
    content, arguments = data.get("content", "text"), data.get("content_args", {})
    if not isinstance(content, str) or content not in _CONTENTS or not isinstance(arguments, dict):
        raise UnsupportedContent(f"the field {name} of the response template is spelled as {content!r}, unknown here")
    opens, pattern = _texts(data.get("open"), name), None
    if isinstance(source := data.get("open_pattern"), str):
        pattern, opens = _pattern(source, name)
    if content == "xml-inline":
        _pattern(arguments.get("tag_pattern"), name)
    return Field(
        name=name,
        opens=opens,
        pattern=pattern,
        closes=_texts(data.get("close"), name),
        content=content,
        arguments=arguments,
        transform=data.get("transform"),
        each=data.get("transform_each") is True,
    )


def _texts(data: JSON, name: str) -> tuple[str, ...]:
    texts = [] if data is None else data if isinstance(data, list) else [data]
    found = tuple(text for text in texts if isinstance(text, str) and text)
    if len(found) != len(texts):
        raise UnsupportedContent(f"{name} of the response template has marks that are no texts")
    return found


def _pattern(source: JSON, name: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Return a pattern that cannot take long, and the text that it begins with."""
    if not isinstance(source, str) or not _PATTERN.fullmatch(source) or len(_REPEATED.findall(source)) > _MOST_REPEATED:
        raise UnsupportedContent(f"a pattern in {name} of the response template is none that is known here")
    begins, place = "", 0
    while (found := _LITERAL.match(source, place)) is not None and source[found.end() : found.end() + 1] not in {
        *"*+?"
    }:
        begins += found[1] if found[1] is not None else found[2]
        place = found.end()
    if not begins:
        raise UnsupportedContent(f"a pattern in {name} of the response template begins with no text")
    return re.compile(source, re.DOTALL), (begins,)


def calls_in(
    body: str, told: Field, captured: Mapping[str, str], schemas: Mapping[str, JSONObject]
) -> tuple[Call, ...]:
    """Read the calls in a field.

    Raises:
        Unreadable: there is none, or one of them is none of an offered tool.
    """
    try:
        return offered(_value(body, told, captured), schemas)
    except (ValueError, TypeError, KeyError, DecodeError, RecursionError) as error:
        raise Unreadable from error


def _value(body: str, told: Field, captured: Mapping[str, str]) -> JSON:
    value = _content(body, told.content, told.arguments)
    if told.transform is None:
        return value
    if not told.each:
        return _transformed(told.transform, {**captured, "content": value})
    if not isinstance(value, list):
        raise ValueError("no list")  # noqa: TRY004 - text that is no call, not a fault of the program
    return [_transformed(told.transform, {**captured, **item}) for item in value if isinstance(item, dict)]


def _content(text: str, content: str, arguments: JSONObject) -> JSON:
    match content:
        case "json":
            return _json(text, arguments)
        case "xml-inline":
            tag = str(arguments["tag_pattern"])
            found = list(re.finditer(tag, text[:MAX_BODY], re.DOTALL))
            return {one["key"]: _part(one["value"], arguments) for one in found}
        case "kv-lines":
            lines, mark = str(arguments.get("line_sep", "\n")), str(arguments.get("kv_sep", ":"))
            pairs = [line.split(mark, 1) for line in text.split(lines) if mark in line]
            return {key.strip(): _part(value.strip(), arguments) for key, value in pairs}
        case "python-call-list":
            calls = read_calls(text, "python", "", None)
            return [{"name": call.name, "arguments": call.arguments} for call in calls]
        case _:
            return text.strip()


def _part(text: str, arguments: JSONObject) -> JSON:
    match arguments.get("value_parser"):
        case {"name": str(name), **more}:
            held = more.get("args")
            return _content(text, name, held if isinstance(held, dict) else {})
        case _:
            return text


def _json(text: str, arguments: JSONObject) -> JSON:
    """Read JSON, whose strings may have marks of their own and whose names may have none."""
    marks = arguments.get("string_delims")
    if isinstance(marks, list) and marks:
        match marks[0]:
            case [str(opens), str(closes)] if opens == closes:
                return _braces(text, opens)
            case _:
                raise ValueError("marks of strings that are unknown here")
    return _braces(text, '"') if arguments.get("unquoted_keys") is True else lenient(text)


def _braces(text: str, quote: str) -> JSON:
    (call,) = read_calls(f"call:f{text.strip()}", "braces", quote, None)
    return call.arguments


def _transformed(shape: JSON, scope: Mapping[str, JSON]) -> JSON:
    match shape:
        case dict():
            return {name: _transformed(item, scope) for name, item in shape.items()}
        case list():
            return [_transformed(item, scope) for item in shape]
        case str() if (found := _PLACEHOLDER.fullmatch(shape)) is not None:
            first, *path = found[1].split(".")
            value = scope[first]
            for step in path:
                if not isinstance(value, dict):
                    raise KeyError(step)
                value = value[step]
            return value
        case _:
            return shape
