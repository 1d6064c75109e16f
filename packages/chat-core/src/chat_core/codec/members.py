"""The members of a JSON object: read by their kind, taken out of a body, put into one.

Law: a member of another kind is not guessed at. It is read as `None` and stays where it is, so that what was not
understood can be kept and sent back.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.jsonvalue import JSON, JSONObject

T = TypeVar("T")

PORTABLE = tuple(item.name for item in fields(Options) if item.name not in {"foreign_reasoning", "native"})
"""The options that have a value to be sent."""


def integer(data: JSON) -> int | None:
    """Read a whole number."""
    return data if isinstance(data, int) and not isinstance(data, bool) else None


def number(data: JSON) -> float | None:
    """Read a number."""
    return data if isinstance(data, int | float) and not isinstance(data, bool) else None


def text(data: JSON) -> str | None:
    """Read a text."""
    return data if isinstance(data, str) else None


def flag(data: JSON) -> bool | None:
    """Read true or false."""
    return data if isinstance(data, bool) else None


def mapping(data: JSON) -> JSONObject | None:
    """Read an object."""
    return data if isinstance(data, dict) else None


def anything(data: JSON) -> JSON:
    """Read any value."""
    return data


def texts(data: JSON) -> tuple[str, ...] | None:
    """Read a list of texts."""
    if not isinstance(data, list):
        return None
    found = tuple(item for item in data if isinstance(item, str))
    return found if len(found) == len(data) else None


def texts_or_one(data: JSON) -> tuple[str, ...] | None:
    """Read a list of texts, or one that stands for itself."""
    return (data,) if isinstance(data, str) else texts(data)


def mappings(data: JSON) -> tuple[JSONObject, ...] | None:
    """Read a list of objects."""
    if not isinstance(data, list):
        return None
    found = tuple(item for item in data if isinstance(item, dict))
    return found if len(found) == len(data) else None


def numbers(data: JSON) -> dict[str, float] | None:
    """Read a table of numbers."""
    if not isinstance(data, dict):
        return None
    found = {key: read for key, value in data.items() if (read := number(value)) is not None}
    return found if len(found) == len(data) else None


def items(data: JSON, name: str) -> list[JSON]:
    """Read a list; one that is not there is empty.

    Raises:
        DecodeError: it is something else; `name` says what.
    """
    match data:
        case None:
            return []
        case list():
            return data
        case _:
            raise DecodeError(f"malformed {name}: expected a list, got {excerpt(repr(data), 100)}")


class Left:
    """The members of an object that nobody took yet.

    Attributes:
        data: what is left; the object itself, which is changed.
    """

    def __init__(self, data: JSONObject) -> None:
        """Take members out of `data`."""
        self.data = data

    def take(self, read: Callable[[JSON], T | None], path: str) -> T | None:
        """Take a member, or one of an object in it (`outer.inner`); `None`, and it stays, when `read` finds none."""
        outer, dot, inner = path.partition(".")
        if not dot:
            value = read(self.data.get(outer))
            if value is not None:
                del self.data[outer]
            return value
        held = self.data.get(outer)
        if not isinstance(held, dict) or (value := read(held.get(inner))) is None:
            return None
        kept = {key: item for key, item in held.items() if key != inner}
        if kept:
            self.data[outer] = kept
        else:
            del self.data[outer]
        return value

    def integer(self, path: str) -> int | None:
        """Take a whole number."""
        return self.take(integer, path)

    def number(self, path: str) -> float | None:
        """Take a number."""
        return self.take(number, path)

    def text(self, path: str) -> str | None:
        """Take a text."""
        return self.take(text, path)

    def flag(self, path: str) -> bool | None:
        """Take true or false."""
        return self.take(flag, path)

    def mapping(self, path: str) -> JSONObject | None:
        """Take an object."""
        return self.take(mapping, path)

    def texts(self, path: str) -> tuple[str, ...] | None:
        """Take a list of texts."""
        return self.take(texts, path)

    def mappings(self, path: str) -> tuple[JSONObject, ...] | None:
        """Take a list of objects."""
        return self.take(mappings, path)

    def items(self, name: str) -> list[JSON]:
        """Take a list; one that is not there is empty.

        Raises:
            DecodeError: it is something else.
        """
        return items(self.data.pop(name, None), name)


def model_of(body: JSONObject, given: str | None = None) -> str:
    """Return the model that a body names, else the one that is known otherwise, as from its address.

    Raises:
        DecodeError: there is none.
    """
    match body.get("model"):
        case str(name):
            return name
        case None if given is not None:
            return given
        case other:
            raise DecodeError(f"the request names no model: {excerpt(repr(other), 100)}")


def portable(options: Options) -> JSONObject:
    """Return the portable options that are set, as JSON."""
    values: JSONObject = {name: getattr(options, name) for name in PORTABLE}
    values["stop"] = None if options.stop is None else [*options.stop]
    values["logit_bias"] = None if options.logit_bias is None else {**options.logit_bias}
    return rest(values, ())


def plain(value: JSON | tuple[JSON, ...] | Mapping[str, JSON]) -> JSON:
    """Return the value of a native option as JSON."""
    match value:
        case tuple():
            return list(value)
        case None | bool() | int() | float() | str() | list() | dict():
            return value
        case _:
            return dict(value)


def put(body: JSONObject, path: str, value: JSON) -> None:
    """Set a member of a body, or one of an object in it (`outer.inner`)."""
    outer, dot, inner = path.partition(".")
    if not dot:
        body[outer] = value
        return
    match body.get(outer):
        case dict(held):
            body[outer] = {**held, inner: value}
        case _:
            body[outer] = {inner: value}
