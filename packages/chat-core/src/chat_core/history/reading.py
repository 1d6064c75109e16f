"""The JSON object that was saved → the value again.

Law: the vocabulary's own type hints are the schema. What is damaged is an error that names the place, and a part of a
newer version is kept as `Opaque`.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, TypeAlias, TypeVar, get_args, overload

from chat_core.errors import DecodeError
from chat_core.history.tables import (
    DEFAULTS,
    HISTORY,
    PARTS,
    PLAIN,
    RECORDS,
    RESULTS,
    SOURCES,
    TOOLS,
    VERSION,
    Saved,
)
from chat_core.messages import Message, Role
from chat_core.options import ForeignReasoning, NativeOptions, StoredOptions
from chat_core.parts import MediaKind, Opaque, Part, SpanUnit
from chat_core.request import OutputKind
from chat_core.response import FinishReason
from chat_core.tools import ToolMode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chat_core.jsonvalue import JSON, JSONObject

    Place: TypeAlias = str | tuple["Place", str | int]
    """Where a value stands: a text, or a place and a name or number in it; `_told` writes it out."""
    Reader: TypeAlias = Callable[[JSON, Place], object]
    """Reads one value at a place."""

T = TypeVar("T")


@overload
def load(data: JSON) -> Saved: ...
@overload
def load(data: JSON, kind: type[tuple[Message, ...]]) -> tuple[Message, ...]: ...
@overload
def load(data: JSON, kind: type[T]) -> T: ...
def load(data: JSON, kind: type[object] | None = None) -> object:
    """Turn what `dump` made into the value again.

    Native options come back as `StoredOptions`, which `Options.native_of` reads.

    Args:
        data: the object that `dump` made.
        kind: the class expected, such as `Request`; `tuple` for a history. `None` takes whatever it is.

    Raises:
        DecodeError: the object is damaged, of a newer version, or not of the `kind`; the message names the place.
    """
    try:
        value = _loaded(data)
    except RecursionError:
        raise DecodeError("saved history: nested more deeply than dump() writes; it is damaged") from None
    if kind is not None and not isinstance(value, kind):
        raise DecodeError(f"saved history: holds a {type(value).__name__}, but a {kind.__name__} was asked for")
    return value


def _loaded(data: JSON) -> Saved:
    if not isinstance(data, dict):
        raise _wrong(data, "the object that dump() made", "")
    match data.get("version"):
        case int(version) if version > VERSION:
            raise DecodeError(
                f"saved history: written as version {version}, this chat-core reads up to {VERSION}: update chat-core"
            )
        case int():
            return _record(data)
        case _:
            raise DecodeError("saved history: no `version` at the top; load() reads what dump() made")


def _record(data: JSONObject) -> Saved:
    match data.get("type"), data:
        case "history", {"messages": list(messages)} if data.keys() == {"version", "type", "messages"}:
            return tuple(_built(Message, message, ("messages", at)) for at, message in enumerate(messages))
        case "history", _:
            raise _wrong(data, "`messages` and nothing else", "")
        case str(tag), _ if tag in RECORDS:
            return _built(RECORDS[tag], data, "", beside=("version", "type"))
        case _:
            return _part({name: value for name, value in data.items() if name != "version"}, "")


def _tag(data: JSON, key: str = "type") -> str | None:
    """Return what an object says that it is."""
    return tag if isinstance(data, dict) and isinstance(tag := data.get(key), str) else None


def _built(kind: type[T], data: JSON, where: Place, *, beside: tuple[str, ...] = ()) -> T:
    """Make a value of its saved fields; members `beside` them say nothing."""
    if not isinstance(data, dict):
        raise _wrong(data, f"a {kind.__name__}", where)
    readers = _FIELDS[kind]
    values: dict[str, object] = {}
    for name, value in data.items():
        if (reader := readers.get(name)) is not None:
            values[name] = reader(value, (where, name))
        elif name not in beside:
            raise DecodeError(
                f"saved history, at {_told((where, name))}: {kind.__name__} has no such field; "
                "a newer chat-core may have written it"
            )
    for name in _NEEDED[kind]:
        if name not in values:
            raise DecodeError(f"saved history, at {_told(where)}: {kind.__name__} needs the field {name!r}")
    make: Callable[..., T] = kind
    return make(**values)


def _part(data: JSON, where: Place, kinds: Mapping[str, type[Part]] = PARTS) -> Part:
    match _tag(data), data:
        case str(tag), _ if tag in kinds:
            return _built(kinds[tag], data, where, beside=("type",))
        case str(tag), dict(body) if tag not in PARTS:
            return Opaque(origin=HISTORY, kind=tag, data={"type": tag, **body})
        case _:
            raise _wrong(data, f"a part whose `type` is one of {', '.join(kinds)}", where)


def _of(kinds: Mapping[str, type[object]]) -> Reader:
    """Read one of several classes by its tag."""

    def read(data: JSON, where: Place) -> object:
        match _tag(data):
            case str(tag) if tag in kinds:
                return _built(kinds[tag], data, where, beside=("type",))
            case _:
                raise _wrong(data, f"an object whose `type` is one of {', '.join(kinds)}", where)

    return read


def _native(data: JSON, where: Place) -> NativeOptions:
    match _tag(data, "provider"), data:
        case str(name), dict(values):
            return StoredOptions(name=name, values={key: value for key, value in values.items() if key != "provider"})
        case _:
            raise _wrong(data, "native options with their `provider`", where)


def _meta(data: JSON, where: Place) -> Mapping[str, JSONObject]:
    match data:
        case dict() if all(isinstance(value, dict) for value in data.values()):
            return {key: value for key, value in data.items() if isinstance(value, dict)}
        case _:
            raise _wrong(data, "an object for each origin", where)


def _bytes(data: JSON, where: Place) -> bytes:
    try:
        if isinstance(data, str):
            return b64decode(data, validate=True)
    except ValueError:
        pass
    raise _wrong(data, "base64", where)


def _float(data: JSON, where: Place) -> float:
    if isinstance(data, int | float) and not isinstance(data, bool):
        return data
    raise _wrong(data, "a number", where)


def _int(data: JSON, where: Place) -> int:
    if isinstance(data, int) and not isinstance(data, bool):
        return data
    raise _wrong(data, "an integer", where)


def _exactly(kind: type[object], name: str) -> Reader:
    def read(data: JSON, where: Place) -> object:
        if not isinstance(data, kind):
            raise _wrong(data, name, where)
        return data

    return read


def _word(words: Sequence[str]) -> Reader:
    def read(data: JSON, where: Place) -> object:
        if data in words:
            return data
        raise _wrong(data, f"one of {', '.join(words)}", where)

    return read


def _finish_reason(data: JSON, where: Place) -> FinishReason:
    try:
        return FinishReason(str(data))
    except ValueError:
        raise _wrong(data, f"one of {', '.join(FinishReason)}", where) from None


def _class(kind: type[object]) -> Reader:
    def read(data: JSON, where: Place) -> object:
        return _built(kind, data, where)

    return read


def _as_it_is(data: JSON, _: Place) -> JSON:
    return data


def _optional(read: Reader) -> Reader:
    return lambda data, where: None if data is None else read(data, where)


def _tuple(read: Reader) -> Reader:
    def read_all(data: JSON, where: Place) -> object:
        if isinstance(data, list):
            return tuple([read(item, (where, at)) for at, item in enumerate(data)])
        raise _wrong(data, "a list", where)

    return read_all


def _mapping(read: Reader) -> Reader:
    def read_all(data: JSON, where: Place) -> object:
        if isinstance(data, dict):
            return {key: read(value, (where, key)) for key, value in data.items()}
        raise _wrong(data, "an object", where)

    return read_all


def _wrong(data: JSON, expected: str, where: Place) -> DecodeError:
    found = "null" if data is None else type(data).__name__
    return DecodeError(f"saved history, at {_told(where)}: expected {expected}, found {found}; repair it there")


def _told(where: Place) -> str:
    """Write a place out, such as `messages[0].parts[1].text`."""
    names: list[str | int] = []
    while isinstance(where, tuple):
        where, name = where
        names.append(name)
    steps = (f"[{name}]" if isinstance(name, int) else f".{name}" for name in reversed(names))
    return f"{where}{''.join(steps)}".removeprefix(".") or "the top"


_READERS: Mapping[str, Reader] = {
    **{kind.__name__: _class(kind) for kind in PLAIN},
    "AnyTool": _of(TOOLS),
    "FinishReason": _finish_reason,
    "ForeignReasoning": _word(get_args(ForeignReasoning)),
    "JSON": _as_it_is,
    "JSONObject": _exactly(dict, "an object"),
    "MediaKind": _word(get_args(MediaKind)),
    "Meta": _meta,
    "NativeOptions": _native,
    "OutputKind": _word(get_args(OutputKind)),
    "Part": _part,
    "ResultPart": lambda data, where: _part(data, where, RESULTS),
    "Role": _word(get_args(Role)),
    "Source": _of(SOURCES),
    "SpanUnit": _word(get_args(SpanUnit)),
    "ToolMode": _word(get_args(ToolMode)),
    "bool": _exactly(bool, "true or false"),
    "bytes": _bytes,
    "float": _float,
    "int": _int,
    "str": _exactly(str, "text"),
}
"""How a field is read, by its annotation: the vocabulary's own type hints are the schema."""


def _reader(annotation: str) -> Reader:
    if annotation.endswith(" | None"):
        return _optional(_reader(annotation.removesuffix(" | None")))
    if annotation.startswith("tuple["):
        return _tuple(_reader(annotation.removeprefix("tuple[").removesuffix(", ...]")))
    if annotation.startswith("Mapping[str, "):
        return _mapping(_reader(annotation.removeprefix("Mapping[str, ").removesuffix("]")))
    return _READERS[annotation]


_NEEDED: Mapping[type, tuple[str, ...]] = {
    kind: tuple(name for name, default in defaults.items() if default is MISSING) for kind, defaults in DEFAULTS.items()
}
_FIELDS: Mapping[type, Mapping[str, Reader]] = {
    kind: {item.name: _reader(str(item.type)) for item in fields(kind)} for kind in DEFAULTS
}
