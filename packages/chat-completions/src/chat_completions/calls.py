"""Tool calls: the `tool_calls` and `function_call` of a message or of its deltas ↔ `ToolCall`.

Law: fragments belong together by `index`, else by `id`, else by order; a new id with a name is a new call whatever its
index. Names and ids that are repeated say nothing new. An id that is missing or empty becomes `parts.local_id`, which
is the mark that the wire had none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.leftovers import as_text, meta_of, overlay, under
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse_arguments, rest
from chat_core.parts import ToolCall, local_id

if TYPE_CHECKING:
    from chat_core.codec.builder import ResponseBuilder
    from chat_core.jsonvalue import JSON, JSONObject

LEGACY = "function_call"
CUSTOM = "custom"
_ENTRY = frozenset({"id", "type", "index", "function", CUSTOM})
_SPEC = {"function": ("name", "arguments"), CUSTOM: ("name", "input")}


class Entry:
    """One entry of `tool_calls`, read."""

    __slots__ = ("id", "index", "kind", "leftovers", "name", "text")

    def __init__(self, data: JSON) -> None:
        """Read an entry; members that are empty where their like is filled are fillers and say nothing.

        Raises:
            DecodeError: it is no object, or a known member is of the wrong kind.
        """
        if not isinstance(data, dict):
            raise DecodeError(f"a tool call is no object but {type(data).__name__}")
        self.id = _text(data, "id")
        self.index = _index(data)
        kind = _text(data, "type")
        form = CUSTOM if kind == CUSTOM or (not _filled(data, "function") and _filled(data, CUSTOM)) else "function"
        spec = _object(data, form)
        name, body = _SPEC[form]
        self.kind = kind if kind is not None and kind not in {"", "function"} else form
        self.name = _text(spec, name)
        self.text = _written(spec.get(body))
        other = "function" if form == CUSTOM else CUSTOM
        self.leftovers: JSONObject = {
            **rest(data, _ENTRY),
            **under(form, rest(spec, _SPEC[form])),
            **(under(other, _object(data, other)) if _filled(data, other) else {}),
        }

    @property
    def is_filler(self) -> bool:
        """Whether the entry says nothing: no id, no name, no arguments."""
        return not (self.id or self.name or self.text)

    def meta(self) -> JSONObject:
        """Return what goes back with the call beside its fields."""
        return self.leftovers if self.kind == "function" else {"type": self.kind, **self.leftovers}


def _text(data: JSONObject, key: str) -> str | None:
    match data.get(key):
        case None | str() as value:
            return value
        case other:
            raise DecodeError(f"{key} of a tool call is no text but {type(other).__name__}")


def _index(data: JSONObject) -> int | None:
    match data.get("index"):
        case None | int() as value:
            return value
        case other:
            raise DecodeError(f"index of a tool call is no number but {type(other).__name__}")


def _object(data: JSONObject, key: str) -> JSONObject:
    match data.get(key):
        case None:
            return {}
        case dict(value):
            return value
        case other:
            raise DecodeError(f"{key} of a tool call is no object but {type(other).__name__}")


def _filled(data: JSONObject, key: str) -> bool:
    match data.get(key):
        case dict(value):
            return any(item is not None and item != "" for item in value.values())
        case _:
            return False


def _written(data: JSON) -> str:
    """Return arguments as text; some services send the object itself."""
    match data:
        case None:
            return ""
        case str():
            return data
        case _:
            return as_text(data)


class _Call:
    """One call of a stream so far."""

    __slots__ = ("id", "key", "kind", "leftovers", "name", "opened", "text")

    def __init__(self, key: tuple[str, int], kind: str) -> None:
        self.key = key
        self.kind = kind
        self.id: str | None = None
        self.name: str | None = None
        self.text: list[str] = []
        self.leftovers: list[JSONObject] = []
        self.opened = False

    def may_be(self, entry: Entry) -> bool:
        """Tell whether an entry has the id of this call, and no other name."""
        return bool(entry.id) and self.id == entry.id and (not entry.name or self.name in {None, "", entry.name})

    @property
    def complete(self) -> bool:
        """Whether the arguments so far are a whole JSON object."""
        return (
            bool(self.text) and self.text[-1].rstrip().endswith("}") and parse_arguments("".join(self.text))[1] is None
        )


class Calls:
    """The calls of one answer, from one message or many deltas."""

    def __init__(self, build: ResponseBuilder, choice: int, origin: str, first: int) -> None:
        """Begin with none; `first` is the number of the first call for `local_id`."""
        self._build = build
        self._choice = choice
        self._origin = origin
        self._first = first
        self._calls: list[_Call] = []
        self._slots: dict[int, _Call] = {}
        self._legacy: _Call | None = None

    def __len__(self) -> int:
        """Count the calls."""
        return len(self._calls)

    def take(self, data: JSON, *, whole: bool) -> None:
        """Take the `tool_calls` of a message (`whole`) or of a delta.

        Raises:
            DecodeError: they are malformed.
        """
        match data:
            case None:
                pass
            case list():
                before = set[tuple[str, int]]()
                for item in data:
                    entry = Entry(item)
                    call = None if whole else self._continued(entry, before)
                    if call is None and entry.is_filler:
                        self._build.note_choice(under("tool_calls", entry.meta()), choice=self._choice)
                        continue
                    call = self._new(entry.kind) if call is None else call
                    if entry.index is not None:
                        self._slots[entry.index] = call
                    before.add(call.key)
                    self._add(call, entry.id, entry.name, entry.text, entry.meta())
            case _:
                raise DecodeError(f"tool_calls is no list but {type(data).__name__}")

    def take_legacy(self, data: JSON) -> None:
        """Take the `function_call` of a message or delta; an object of empty members says nothing.

        Raises:
            DecodeError: it is malformed.
        """
        match data:
            case None:
                return
            case dict():
                name, text = _text(data, "name"), _written(data.get("arguments"))
            case _:
                raise DecodeError(f"function_call is no object but {type(data).__name__}")
        leftovers = under(LEGACY, rest(data, {"name", "arguments"}))
        if self._legacy is None and not name and not text:
            self._build.note_choice(leftovers, choice=self._choice)
            return
        if self._legacy is None:
            self._legacy = self._new(LEGACY)
        meta: JSONObject = {"type": LEGACY, **leftovers}
        self._add(self._legacy, None, name, text, meta)

    def settle(self, *, strict: bool, finished: bool) -> None:
        """Complete what is open: of an answer that was `finished` before a failure, the calls that are whole.

        Raises:
            DecodeError: `strict`, and a call never got a name.
        """
        for call in self._calls:
            if strict and not call.opened:
                raise DecodeError(f"a tool call has no name: {''.join(call.text):.200}")
            if finished and not strict and call.complete and self._build.is_open(call.key, choice=self._choice):
                self._build.close(call.key, choice=self._choice)

    def _continued(self, entry: Entry, before: set[tuple[str, int]]) -> _Call | None:
        """Find the call that a fragment goes on with; `None` when it begins one."""
        known = next((call for call in reversed(self._calls) if call.may_be(entry)), None)
        if known is not None and entry.name and _is_object(entry.text) and known.complete:
            return None  # a second call of one tool, where the tool's name is the id
        slot = self._slots.get(entry.index) if entry.index is not None else None
        if slot is not None and known is not None and slot.id != entry.id:
            return known
        if slot is None and entry.index is not None and entry.name:
            return None
        if slot is None:
            if known is not None or entry.index is not None:
                return known
            slot = self._calls[-1] if self._calls else None
            if slot is None or (entry.id and slot.id and entry.name) or (entry.name and slot.key in before):
                return None
        if entry.id and slot.id and entry.id != slot.id and entry.name:
            return None
        if entry.name and not entry.id and (entry.name != slot.name or _is_object(entry.text)) and slot.complete:
            return None
        return slot

    def _new(self, kind: str) -> _Call:
        call = _Call(("call", len(self._calls)), kind)
        self._calls.append(call)
        return call

    def _add(self, call: _Call, id: str | None, name: str | None, text: str, meta: JSONObject) -> None:
        build, choice = self._build, self._choice
        late = bool(id) and not call.id and call.opened
        if id and call.id and id != call.id:
            build.unknown("tool_calls[].id", id)
        call.id = call.id or id
        call.name = call.name or name
        if late and isinstance(part := build.part(call.key, choice=choice), ToolCall) and id:
            build.update(call.key, replace(part, id=id), choice=choice)
        if not call.opened:
            if text:
                call.text.append(text)
            call.leftovers.append(meta)
            self._open(call)
            return
        build.note_part(call.key, meta, choice=choice)
        if text:
            call.text.append(text)
            build.arguments(call.key, text, choice=choice)

    def _open(self, call: _Call) -> None:
        """Start the part, once the name is known, with what came before it."""
        if not call.name:
            return
        build, choice = self._build, self._choice
        call.opened = True
        given = call.id or local_id(self._first + call.key[1])
        build.open(call.key, ToolCall(id=given, name=call.name), choice=choice, free_form=call.kind == CUSTOM)
        for meta in call.leftovers:
            build.note_part(call.key, meta, choice=choice)
        for text in call.text:
            build.arguments(call.key, text, choice=choice)


def _is_object(text: str) -> bool:
    arguments, raw = parse_arguments(text)
    return arguments is not None and raw is None


def decode_call(data: JSON, number: int, origin: str) -> ToolCall:
    """Read one entry of a request's `tool_calls`; `number` counts the conversation's calls from 0.

    Raises:
        DecodeError: it is malformed.
    """
    entry = Entry(data)
    index: JSONObject = {"index": entry.index} if entry.index is not None else {}
    call = ToolCall(
        id=entry.id or local_id(number),
        name=_required(entry.name),
        meta=meta_of(origin, {**index, **entry.meta()}),
    )
    if entry.kind == CUSTOM:
        return replace(call, raw=entry.text)
    return _with_arguments(call, entry.text)


def decode_legacy(data: JSONObject, number: int, origin: str) -> ToolCall:
    """Read the `function_call` of a request's message.

    Raises:
        DecodeError: it is malformed.
    """
    leftovers = under(LEGACY, rest(data, {"name", "arguments"}))
    meta = {origin: {"type": LEGACY, **leftovers}}
    call = ToolCall(id=local_id(number), name=_required(_text(data, "name")), meta=meta)
    return _with_arguments(call, _written(data.get("arguments")))


def _required(name: str | None) -> str:
    if name is None:
        raise DecodeError("a tool call has no name")
    return name


def _with_arguments(call: ToolCall, text: str) -> ToolCall:
    arguments, raw = parse_arguments(text)
    return replace(call, arguments=arguments, raw=raw)


def encode_call(call: ToolCall, leftovers: JSONObject) -> JSONObject:
    """Spell a call as an entry of `tool_calls`."""
    if leftovers.get("type") == CUSTOM:
        given = call.raw if call.raw is not None else arguments_text(call)
        return overlay({"id": call.id, "type": CUSTOM, CUSTOM: {"name": call.name, "input": given}}, leftovers)
    spec: JSONObject = {"name": call.name, "arguments": arguments_text(call)}
    return overlay({"id": call.id, "type": "function", "function": spec}, leftovers)


def encode_legacy(call: ToolCall, leftovers: JSONObject) -> JSONObject:
    """Spell a call as a `function_call`."""
    match leftovers.get(LEGACY):
        case dict(inner):
            more = inner
        case _:
            more = {}
    return overlay({"name": call.name, "arguments": arguments_text(call)}, more)


def arguments_text(call: ToolCall) -> str:
    """Return the arguments as text, as they came where they are no object; none at all are `{}`: servers parse it."""
    if call.arguments is not None:
        return dump(call.arguments).decode()
    return call.raw if call.raw is not None else "{}"
