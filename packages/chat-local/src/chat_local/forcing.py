"""What an answer is forced to be: calls of tools, and JSON after a thought, as grammars in the words of Lark.

Law: a grammar is made of a format's own marks, each as the token that it is. What cannot be forced is said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chat_local.formats import row
from chat_local.regions import begun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.formats import Region


class Vocabulary(Protocol):
    """What is asked of a tokenizer to make prompts."""

    @property
    def controls(self) -> tuple[str, ...]:
        """The control tokens, the longest first."""
        ...

    def id_of(self, token: str, /) -> int | None:
        """Return the number of a token; `None` when there is no such token."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """What an answer is forced to be.

    Attributes:
        grammar: its grammar; `None` = it is not forced.
        notices: what was asked for and cannot be forced.
    """

    grammar: str | None = None
    notices: tuple[JSON, ...] = ()


def grammar(form: JSON, asked: JSONObject, tail: str, tokens: Vocabulary) -> Forced:
    """Return what an answer is forced to be.

    Args:
        form: how the model writes.
        asked: the body of the request.
        tail: the end of its prompt, which may have begun a thought.
        tokens: what the model's tokenizer knows.
    """
    thought = begun(row(form).regions, tail)
    match asked.get("output"), asked.get("tool_choice"):
        case {"schema": dict(schema)}, _:
            return Forced() if thought is None else Forced(grammar=_after(thought, f"%json {_guided(schema)}", tokens))
        case {"kind": "json"}, _:
            any_object: JSONObject = {"type": "object"}
            return (
                Forced() if thought is None else Forced(grammar=_after(thought, f"%json {_guided(any_object)}", tokens))
            )
        case _, {"mode": "required", "names": names}:
            return _called(form, _wanted(asked, names), thought, tokens)
        case _, {"mode": "required"}:
            return _called(form, _wanted(asked, None), thought, tokens)
        case _:
            return Forced()


def _after(thought: Region | None, rule: str, tokens: Vocabulary, *others: str) -> str:
    """Return the grammar of an answer, before which a thought that the prompt has begun comes to its end."""
    if thought is None:
        return "\n".join((f"start: {rule}", *others))
    close = _mark(thought.close[0], tokens)
    ended = f"[stop={close}]: /(.|\\n)*/" if close.startswith('"') else f": /(.|\\n)*/ {close}"
    return "\n".join(("start: thought NL* answer", f"thought{ended}", f"answer: {rule}", 'NL: "\\n"', *others))


def _wanted(asked: JSONObject, names: JSON) -> list[JSONObject]:
    tools = asked.get("tools")
    functions = [
        function
        for tool in (tools if isinstance(tools, list) else [])
        if isinstance(tool, dict) and isinstance(function := tool.get("function"), dict)
    ]
    return [one for one in functions if not isinstance(names, list) or one.get("name") in names]


def _called(form: JSON, functions: Sequence[JSONObject], thought: Region | None, tokens: Vocabulary) -> Forced:
    if not functions:
        return Forced()
    found = _calls(form, functions, tokens)
    if found is None:
        reason = "calls of this model's format cannot be forced: it is only asked for one"
        return Forced(notices=({"feature": "tool_choice", "requested": "required", "reason": reason},))
    rule, rules = found
    return Forced(grammar=_after(thought, rule, tokens, *rules))


def _calls(form: JSON, functions: Sequence[JSONObject], tokens: Vocabulary) -> tuple[str, list[str]] | None:
    """Return the rule of one call of any of the functions, and the rules that it is made of."""
    if not isinstance(form, str):
        return None
    known = row(form)
    either = " | ".join(f"call{number}" for number in range(len(functions)))
    regions = [region for region in known.regions if region.holds == "calls"]
    json_region = next((region for region in regions if region.spelling in {"json", "any"}), None)
    named = next((region for region in regions if region.spelling == "named" and region.mark == "[ARGS]"), None)
    if known.channels:
        rules = [_channelled(number, function, tokens) for number, function in enumerate(functions)]
        return f"({either})", rules
    if named is not None:
        mark, begins = _mark(named.mark, tokens), _mark(named.open, tokens)
        names = [
            (f"call{number}: {_quoted(function['name'])} {mark} %json {_parameters(function)}")
            for number, function in enumerate(functions)
        ]
        return f"{begins} ({either})", names
    if json_region is None and known.bare is None:
        return None
    wrapped = json_region is not None and known.bare is None and bool(json_region.close)
    key = "arguments" if wrapped else "parameters"
    rules = [f"call{number}: %json {_object(function, key)}" for number, function in enumerate(functions)]
    if json_region is None or not wrapped:
        return f"({either})", rules
    begins, ends = _mark(json_region.open, tokens), _mark(json_region.close[0], tokens)
    if known.name in _LISTS:
        return f'{begins} "[" ({either}) "]" {ends}', rules
    return f"{begins} GAP ({either}) GAP {ends}", [*rules, 'GAP: "\\n"?']


_LISTS = frozenset({"phi", "granite", "cohere", "nemotron"})
"""Formats whose calls stand in a list."""


def _channelled(number: int, function: JSONObject, tokens: Vocabulary) -> str:
    channel, constrain, message = (_mark(mark, tokens) for mark in ("<|channel|>", "<|constrain|>", "<|message|>"))
    to = _quoted(f"commentary to=functions.{function['name']} ")
    held = f"%json {_parameters(function)} {_mark('<|call|>', tokens)}"
    return f'call{number}: {channel} {to} {constrain} "json" {message} {held}'


def _object(function: JSONObject, key: str) -> str:
    parameters = function.get("parameters")
    held: JSONObject = parameters if isinstance(parameters, dict) else {"type": "object"}
    schema: JSONObject = {
        **{name: held[name] for name in ("$defs", "definitions") if name in held},  # references begin at the root
        "type": "object",
        "properties": {"name": {"const": function["name"]}, key: held},
        "required": ["name", key],
        "additionalProperties": False,
    }
    return _guided(schema)


def _parameters(function: JSONObject) -> str:
    schema = function.get("parameters")
    return _guided(schema if isinstance(schema, dict) else {"type": "object"})


def closed(schema: JSONObject) -> JSONObject:
    """Return a schema whose objects have no members but those it names, unless it says that they may have others.

    What fits it fits the schema as well; weak models would go on with members of their own.
    """
    told: JSONObject = {name: _closed(name, held) for name, held in schema.items()}
    if "properties" in schema and not schema.keys() & _OPEN:
        told["additionalProperties"] = False
    return told


_OPEN = frozenset(
    {"$ref", "additionalProperties", "allOf", "anyOf", "if", "oneOf", "patternProperties", "unevaluatedProperties"}
)
"""Members of a schema with which its object may have members that are named elsewhere."""


def _closed(name: str, held: JSON) -> JSON:
    match name, held:
        case "properties" | "$defs" | "definitions", dict():
            return {key: closed(one) if isinstance(one, dict) else one for key, one in held.items()}
        case "items", dict():
            return closed(held)
        case _:
            return held


def _guided(schema: JSONObject) -> str:
    """Return a schema for llguidance; white space is not the model's choice."""
    return json.dumps({**closed(schema), "x-guidance": {"whitespace_flexible": False}})


def _mark(text: str, tokens: Vocabulary) -> str:
    """Return a mark in the words of Lark: the token that it is, or its letters."""
    token = tokens.id_of(text)
    return _quoted(text) if token is None else f"<[{token}]>"


def _quoted(text: JSON) -> str:
    return json.dumps(text, ensure_ascii=False)
