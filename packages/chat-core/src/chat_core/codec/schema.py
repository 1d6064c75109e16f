"""What a service takes of JSON Schema, and how a schema is weakened to that.

Law: a schema that a service takes is the same object afterwards. What it does not take goes into the description in
words, so that the model still sees it, with a notice that names the keyword and its place. What cannot be said that way
is an obstacle, and the schema is left whole.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from chat_core.codec import wire
from chat_core.codec.subschemas import changed, target, walk
from chat_core.frozen import dataclass
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.jsonvalue import JSON, JSONObject

_TYPED = frozenset({"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"})
_LOOKAROUND = re.compile(r"\(\?<?[=!]")


def no_limits() -> dict[str, int]:
    """Return an empty table of limits."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Subset:
    """What a service takes of JSON Schema.

    Attributes:
        name: whose subset it is, for notices.
        unsupported: keywords that it refuses.
        at_most: keywords that it takes up to a value.
        formats: the values of `format` that it takes; `None` = any.
        lookaround: whether a `pattern` may look ahead or behind.
        one_of: whether it takes `oneOf`; otherwise it is sent as `anyOf`.
        closed: every object has to say `additionalProperties: false`.
        typed: every value has to have a type.
        all_required: every property of an object has to be required.
        lone_refs: nothing may stand beside `$ref`; what does is merged with a copy of the definition.
        recursion: whether a definition may refer to itself.
    """

    name: str
    unsupported: frozenset[str] = frozenset()
    at_most: Mapping[str, int] = field(default_factory=no_limits, hash=False)
    formats: frozenset[str] | None = None
    lookaround: bool = True
    one_of: bool = True
    closed: bool = False
    typed: bool = False
    all_required: bool = False
    lone_refs: bool = False
    recursion: bool = True


def obstacles(schema: JSONObject, subset: Subset) -> tuple[str, ...]:
    """Say what the service does not take and no weakening can spell, one line each."""
    found: list[str] = []
    if schema.get("type") != "object":
        found.append("the root is not of type object")
    if "anyOf" in schema or "oneOf" in schema:
        found.append("the root is a union")
    for inner, pointer in walk(schema):
        ref = inner.get("$ref")
        if isinstance(ref, str) and target(schema, ref) is None:
            found.append(f"{pointer}/$ref leads out of the schema")
        if subset.closed and _is_map(inner):
            found.append(f"{pointer or '/'} is a map with keys of any name")
        if subset.typed and not _TYPED & inner.keys():
            found.append(f"{pointer or '/'} has no type")
    if not subset.recursion:
        found += [f"{pointer} refers to itself" for pointer in _recursive(schema)]
    return tuple(found)


def weakened(schema: JSONObject, subset: Subset, *, feature: str) -> tuple[JSONObject, tuple[Notice, ...]]:
    """Return the schema as the service takes it, and what was changed.

    Objects are closed without a notice where the schema does not say whether they are open: every answer still fits.

    Args:
        schema: a schema without `obstacles`.
        subset: what the service takes.
        feature: what the notices call the schema.
    """
    work = _Weakening(schema, subset, feature)
    return work.made(schema, ""), tuple(work.notices)


class _Weakening:
    """One schema on its way to a service."""

    def __init__(self, root: JSONObject, subset: Subset, feature: str) -> None:
        self.notices: list[Notice] = []
        self._root = root
        self._subset = subset
        self._feature = feature
        self._recursive = tuple(_recursive(root)) if subset.lone_refs else ()

    def made(self, schema: JSONObject, pointer: str) -> JSONObject:
        schema = self._lone(schema, pointer)
        schema = self._one_of(schema, pointer)
        schema = self._in_words(schema, pointer)
        schema = changed(schema, self.made, pointer)
        if _is_object(schema):
            schema = self._closed(schema, pointer)
            schema = self._required(schema, pointer)
        return schema

    def _lone(self, schema: JSONObject, pointer: str) -> JSONObject:
        ref = schema.get("$ref")
        if not self._subset.lone_refs or not isinstance(ref, str) or len(schema) == 1:
            return schema
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        meant = target(self._root, ref)
        if isinstance(meant, dict) and not self._is_recursive(ref):
            return {**meant, **beside}
        self._note(pointer, beside, None, "takes nothing beside $ref, and the definition refers to itself")
        return {"$ref": ref}

    def _is_recursive(self, ref: str) -> bool:
        return any(pointer.startswith(f"{ref[1:]}/") for pointer in self._recursive)

    def _one_of(self, schema: JSONObject, pointer: str) -> JSONObject:
        match schema:
            case {"oneOf": list(choices), **rest} if not self._subset.one_of and "anyOf" not in rest:
                if "discriminator" not in rest:  # with one, no answer can fit two of them
                    self._note(f"{pointer}/oneOf", None, "anyOf", "takes no oneOf")
                return {**{key: value for key, value in rest.items() if key != "discriminator"}, "anyOf": choices}
            case _:
                return schema

    def _in_words(self, schema: JSONObject, pointer: str) -> JSONObject:
        dropped = {key: value for key, value in schema.items() if self._is_refused(key, value)}
        if not dropped:
            return schema
        for key, value in dropped.items():
            self._note(f"{pointer}/{key}", value, None, f"does not take {key}: it is said in the description")
        words = "Has to hold: " + "; ".join(f"{key}: {wire.dump(value).decode()}" for key, value in dropped.items())
        old = schema.get("description")
        kept = {key: value for key, value in schema.items() if key not in dropped}
        return {**kept, "description": f"{old}\n\n{words}" if isinstance(old, str) else words}

    def _is_refused(self, key: str, value: JSON) -> bool:
        subset = self._subset
        match key, value:
            case "format", str():
                return subset.formats is not None and value not in subset.formats
            case "pattern", str():
                return not subset.lookaround and _LOOKAROUND.search(value) is not None
            case _, int() | float() if key in subset.at_most:
                return value > subset.at_most[key]
            case _:
                return key in subset.unsupported

    def _closed(self, schema: JSONObject, pointer: str) -> JSONObject:
        said = schema.get("additionalProperties")
        if not self._subset.closed or said is False:
            return schema
        if said is not None:
            self._note(f"{pointer}/additionalProperties", said, False, "takes closed objects only")  # noqa: FBT003 - the JSON value
        return {**schema, "additionalProperties": False}

    def _required(self, schema: JSONObject, pointer: str) -> JSONObject:
        match schema.get("properties"), schema.get("required", []):
            case dict(properties), list(required) if self._subset.all_required:
                optional: list[JSON] = [name for name in properties if name not in required]
                if not optional:
                    return schema
                reason = "requires every property: the model has to give these too"
                self._note(
                    f"{pointer}/required", [*required], [*properties], f"{reason}: {', '.join(map(str, optional))}"
                )
                return {**schema, "required": [*properties]}
            case _:
                return schema

    def _note(self, pointer: str, requested: JSON, applied: JSON, what: str) -> None:
        reason = f"{self._subset.name} {what} (at {pointer or '/'})"
        self.notices.append(Notice(feature=self._feature, requested=requested, applied=applied, reason=reason))


def _is_object(schema: JSONObject) -> bool:
    return schema.get("type") == "object" or "properties" in schema


def _is_map(schema: JSONObject) -> bool:
    """Tell whether a schema describes an object whose keys have no names: closed, it would always be empty."""
    if isinstance(schema.get("additionalProperties"), dict) or "patternProperties" in schema:
        return True
    named = "properties" in schema or schema.get("additionalProperties") is False
    return schema.get("type") == "object" and not named


def _recursive(root: JSONObject) -> Iterator[str]:
    """Yield the pointers of the references that lead back to where they stand."""
    seen: dict[str, set[str]] = {}
    for inner, pointer in walk(root):
        ref = inner.get("$ref")
        if isinstance(ref, str) and _leads_to(root, ref, pointer, seen):
            yield f"{pointer}/$ref"


def _leads_to(root: JSONObject, ref: str, pointer: str, seen: dict[str, set[str]]) -> bool:
    """Tell whether a reference leads to a schema that holds the place `pointer`, straight or through others."""
    if ref not in seen:
        seen[ref] = set(_reached(root, ref))
    return any(f"{pointer}/".startswith(f"{place}/") for place in seen[ref])


def _reached(root: JSONObject, ref: str) -> Iterator[str]:
    """Yield the pointers of all definitions that are reached from a reference, itself first."""
    found: set[str] = set()
    waiting = [ref]
    while waiting:
        ref = waiting.pop()
        meant = target(root, ref)
        if ref[1:] in found or not isinstance(meant, dict):
            continue
        found.add(ref[1:])
        yield ref[1:]
        waiting += [inner for schema, _ in walk(meant) if isinstance(inner := schema.get("$ref"), str)]
