"""JSON values as the wires carry them: one recursive type, one bounded parser.

Law: nothing that is not JSON comes out. NaN, Infinity and numbers that overflow to them are refused.
"""

from __future__ import annotations

import math
import sys
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from chat_core.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
JSONObject: TypeAlias = "dict[str, JSON]"

_SHAPES = bytes.maketrans(b"123456789E", b"000000000e")
_LONG_NUMBER = b"0" * 200
_LONG_EXPONENT = b"e000"

MAX_BYTES = 256 * 1024 * 1024
"""Longest document that `parse` takes, in bytes (or characters of a `str`)."""

MAX_DEPTH = 200
"""Deepest nesting that `parse` takes: what comes out can be walked, merged and dumped by recursion."""


LITTLE = 2 * 1024 * 1024
"""How much a program may parse, in bytes, before the fast parser is loaded: by then the other one has cost as much more
as loading it does (measured: 10 ms a MiB, and 20 ms with 4 MB of memory)."""


def parse(data: bytes | str, *, limit: int = MAX_BYTES) -> JSON:
    """Parse one JSON document.

    `pydantic_core.from_json` is asked first, or the standard library's parser while a program has parsed little: see
    `_Parser`. What they refuse gets a second opinion from `json.loads`, which takes lone surrogates.

    Args:
        data: UTF-8 bytes or text; white space around the document is allowed.
        limit: longest document accepted, in bytes.

    Raises:
        DecodeError: the document is no JSON, holds NaN or an infinity, is nested too deeply, or is longer than `limit`.
    """
    value = glance(data, limit=limit)
    require_finite(value, data)
    return value


def glance(data: bytes | str, *, limit: int = MAX_BYTES) -> JSON:
    """Parse as `parse`, but leave an infinity in the place of a number that is out of range.

    Looking for such numbers takes a third of the time. Whoever has not looked at every number otherwise has to call
    `require_finite`.
    """
    if len(data) > limit:
        raise DecodeError(f"JSON document of {len(data)} bytes is longer than the limit of {limit}")
    try:
        value = _parser.read(data)
    except (ValueError, TypeError, RecursionError):  # TypeError: a `str` with lone surrogates
        return _second_opinion(data)
    if len(data) > 2 * MAX_DEPTH and _may_be_deep(data) and _is_deeper(value, MAX_DEPTH):
        raise _too_deep(data)
    return value


def require_finite(value: JSON, data: bytes | str) -> None:
    """Refuse what `glance` made of a document if a number of it is out of range.

    Raises:
        DecodeError: one is.
    """
    if _may_overflow(data) and not _is_finite(value):
        raise DecodeError(f"not valid JSON (a number is out of range): {excerpt(data)}")


def parse_object(data: bytes | str, *, limit: int = MAX_BYTES) -> JSONObject:
    """Parse one JSON document that must be an object.

    Raises:
        DecodeError: as `parse`, or the document is another kind of value.
    """
    return require_object(parse(data, limit=limit), data)


def require_object(value: JSON, data: bytes | str) -> JSONObject:
    """Return what a document was parsed to, if it is an object.

    Raises:
        DecodeError: it is another kind of value.
    """
    if isinstance(value, dict):
        return value
    raise DecodeError(f"expected a JSON object, got {type(value).__name__}: {excerpt(data)}")


def parse_arguments(text: str) -> tuple[JSONObject | None, str | None]:
    """Parse the arguments of a tool call into `ToolCall.arguments` and `ToolCall.raw`.

    A call without parameters is spelled `""` or `null` by some services: both give `{}`. Text that is no JSON object
    gives no arguments. In these cases the text is kept as `raw`.
    """
    if text.strip() in {"", "null"}:
        return {}, text
    try:
        return parse_object(text), None
    except DecodeError:
        return None, text


def rest(data: Mapping[str, JSON], known: Container[str]) -> JSONObject:
    """Return what `data` holds beyond the `known` keys; members that are null say nothing and are left out."""
    return {key: value for key, value in data.items() if value is not None and key not in known}


def same(one: JSON, other: JSON) -> bool:
    """Tell whether two values are the same JSON; to Python `1`, `1.0` and `True` are equal."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
        case list(), list():
            return len(one) == len(other) and all(map(same, one, other))
        case _:
            return type(one) is type(other) and one == other


def excerpt(data: bytes | str, limit: int = 200) -> str:
    """Return the beginning of a document for an error message."""
    text = data if isinstance(data, str) else data[: limit * 4].decode("utf-8", "replace")
    return text if len(text) <= limit else f"{text[:limit]}…"


class _Parser:
    """The parser that is asked first.

    Loading the fast one takes as long as the standard library's takes for thousands of events, and a program that asks
    one question parses fewer. Both give the same of all that both take.

    Attributes:
        read: parses one document; NaN is refused, as a `ValueError` as all that is no JSON.
    """

    __slots__ = ("_plain", "_read", "read")

    def __init__(self) -> None:
        self.read: Callable[[bytes | str], JSON] = self._first
        self._read = 0
        self._plain: Callable[[str], JSON] | None = None

    def _first(self, data: bytes | str) -> JSON:
        self._read += len(data)
        if self._read > LITTLE or "pydantic_core" in sys.modules:
            self.read = fast_parser()
            return self.read(data)
        if self._plain is None:
            self._plain = plain_parser()
        return self._plain(data if isinstance(data, str) else data.decode())


_parser = _Parser()


def fast_parser() -> Callable[[bytes | str], JSON]:
    """Load `pydantic_core.from_json`; it makes an infinity of a number that is out of range."""
    from pydantic_core import from_json  # noqa: PLC0415 - the import costs 19 ms: paid by whoever parses much

    return partial(from_json, allow_inf_nan=False)


def plain_parser() -> Callable[[str], JSON]:
    """Make a parser of the standard library's; as `fast_parser`, but that it takes lone surrogates."""
    from json import JSONDecoder  # noqa: PLC0415 - needed by whoever parses

    return JSONDecoder(parse_constant=_refuse_constant).decode


def _may_overflow(data: bytes | str) -> bool:
    """Tell whether a number may be too large for a float: the fast parser makes an infinity of it, unasked.

    A cheap look at the text, so that ordinary documents are not walked: it takes an exponent of three digits, or a
    number of hundreds.
    """
    text = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    shape = text.translate(_SHAPES, b"+")
    return shape.find(_LONG_EXPONENT) >= 0 or shape.find(_LONG_NUMBER) >= 0  # `in` takes twice as long


def _is_finite(value: JSON) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case list():
            return all(map(_is_finite, value))
        case dict():
            return all(map(_is_finite, value.values()))
        case _:
            return True


def _second_opinion(data: bytes | str) -> JSON:
    import json  # noqa: PLC0415 - needed on the slow path only

    try:
        value: JSON = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"not valid JSON ({error}): {excerpt(data)}") from None
    if _is_deeper(value, MAX_DEPTH):
        raise _too_deep(data)
    return value


def _too_deep(data: bytes | str) -> DecodeError:
    return DecodeError(f"JSON document is nested more than {MAX_DEPTH} levels deep: {excerpt(data)}")


def _may_be_deep(data: bytes | str) -> bool:
    """Tell whether a document has enough brackets, so that ordinary ones are not walked."""
    if isinstance(data, str):
        return data.count("[") + data.count("{") > MAX_DEPTH
    return data.count(b"[") + data.count(b"{") > MAX_DEPTH


def _is_deeper(value: JSON, levels: int) -> bool:
    match value:
        case list():
            return levels == 0 or any(_is_deeper(item, levels - 1) for item in value)
        case dict():
            return levels == 0 or any(_is_deeper(item, levels - 1) for item in value.values())
        case _:
            return False


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
