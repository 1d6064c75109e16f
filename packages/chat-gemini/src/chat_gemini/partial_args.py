"""Arguments of a call that come in pieces: values at JSON paths, put together to an object.

Law: a text grows by the pieces of its path, any other value is set. A path that leads nowhere is malformed. What is
said of the object so far is never taken back: a member that changes later is said once more, and the last time counts.
A piece of the text that ends the object so far costs itself alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_object, same

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

VALUES = ("stringValue", "numberValue", "boolValue")
"""Members that hold a piece's value; a piece without one, such as one with `nullValue`, is null."""

MAX_ITEMS = 100_000
"""Most items that a list can come to by its paths."""

_STEP = re.compile(r"""\.([^.\[\]'"]+)|\[(\d{1,9})\]|\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]""")
_ESCAPE = re.compile(r"\\(.)")


_ENDS = '"}]'
_BRACKETS = "}]"


class Arguments:
    """The arguments of one call, and the text of them that is said already."""

    def __init__(self) -> None:
        """Begin a call without arguments."""
        self._value: JSONObject = {}
        self._text = ""
        self._said = ""
        self._open: str | None = None
        self._grown: list[str] = []

    def add(self, call: JSONObject) -> str:
        """Take a piece of a call and return the text that it makes certain.

        Raises:
            DecodeError: the piece is malformed.
        """
        if (more := self._more(call)) is not None:
            self._grown.append(more)
            return _escaped(more)
        self._settle()
        match call.get("args"):
            case None:
                pass
            case dict(given):
                self._value |= given
            case other:
                raise DecodeError(f"the arguments of a call are no object but {type(other).__name__}")
        if (pieces := call.get("partialArgs")) is not None:
            apply(self._value, pieces)
        if not self._value:
            return ""
        text = dump(self._value).decode()
        opened = _opened(self._value, call.get("partialArgs"))
        certain = text.rstrip(_ENDS) if opened is None else text.rstrip(_BRACKETS)[:-1]
        if not certain.startswith(self._said):
            return ""
        self._text, self._open = text, opened
        return self._say(certain)

    def _more(self, call: JSONObject) -> str | None:
        """Return what goes on with the text that is open; `None` for any other piece."""
        match call.get("args"), call.get("partialArgs"):
            case None, [{"jsonPath": str(path), "stringValue": str(more)}] if path == self._open and _is_whole(more):
                return more
            case _:
                return None

    def _settle(self) -> None:
        """Put what the open text has grown by into the object."""
        if self._open is not None and self._grown:
            more = "".join(self._grown)
            _put(self._value, _steps(self._open), more, self._open)
            self._said += _escaped(more)
            self._text = dump(self._value).decode()
        self._open, self._grown = None, []

    def end(self) -> str:
        """Return the rest of the text; nothing, where no arguments came."""
        self._settle()
        text = dump(self._value).decode() if self._value else ""
        if text.startswith(self._said):
            return self._say(text)
        before = parse_object(self._text)
        changed = {key: value for key, value in self._value.items() if not same(before.get(key), value)}
        return self._say(f"{self._text[:-1]},{dump(changed).decode()[1:]}")

    def cut(self) -> str:
        """Return the rest of the text without its end: the answer ended inside of the call."""
        return (self.end() or "{}")[:-1]

    def _say(self, text: str) -> str:
        news, self._said = text[len(self._said) :], text
        return news


def apply(arguments: JSONObject, pieces: JSON) -> None:
    """Put pieces into the arguments, which are changed.

    Raises:
        DecodeError: a piece is malformed.
    """
    if not isinstance(pieces, list):
        raise DecodeError(f"partialArgs is no list but {type(pieces).__name__}")
    for piece in pieces:
        if not isinstance(piece, dict) or not isinstance(path := piece.get("jsonPath"), str):
            raise DecodeError(f"malformed partialArgs: {excerpt(repr(piece))}")
        value = next((piece[key] for key in VALUES if key in piece), None)
        _put(arguments, _steps(path), value, path)


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    at = 1
    while path.startswith("$") and (found := _STEP.match(path, at)) is not None:
        name, index, single, double = found.groups()
        quoted = single if single is not None else double
        if index is not None:
            steps.append(int(index))
        else:
            steps.append(_ESCAPE.sub(r"\1", quoted) if quoted is not None else name)
        at = found.end()
    if not steps or at != len(path):
        raise DecodeError(f"malformed jsonPath: {excerpt(path)}")
    return steps


def _put(place: JSON, steps: list[str | int], value: JSON, path: str) -> None:
    """Go down to a place, making what is missing on the way, and write the value there."""
    for at, step in enumerate(steps):
        last = at + 1 == len(steps)
        blank: JSON = None if last else [] if isinstance(steps[at + 1], int) else {}
        match place, step:
            case dict(), str():
                place.setdefault(step, blank)
                if last:
                    place[step] = _grown(place[step], value)
                place = place[step]
            case list(), int() if step < MAX_ITEMS:
                place.extend([None] * (step + 1 - len(place)))
                if last:
                    place[step] = _grown(place[step], value)
                elif place[step] is None:
                    place[step] = blank
                place = place[step]
            case _:
                raise DecodeError(f"a jsonPath leads nowhere: {excerpt(path)}")


def _opened(arguments: JSONObject, pieces: JSON) -> str | None:
    """Return the path of the last piece, if its text is the last value of all: then it is what can go on."""
    match pieces:
        case [*_, {"jsonPath": str(path), "stringValue": str()}]:
            steps = _steps(path)
        case _:
            return None
    place: JSON = arguments
    for step in steps:
        match place, step:
            case dict(), str() if step == next(reversed(place), None):
                place = place[step]
            case list(), int() if step == len(place) - 1:
                place = place[step]
            case _:
                return None
    return path if isinstance(place, str) and _is_whole(place) else None


def _is_whole(text: str) -> bool:
    """Tell whether no character of a text is cut in two, which is not spelled piece by piece."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def _escaped(text: str) -> str:
    return dump(text).decode()[1:-1]


def _grown(old: JSON, new: JSON) -> JSON:
    return old + new if isinstance(old, str) and isinstance(new, str) else new
