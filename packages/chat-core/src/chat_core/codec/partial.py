"""JSON that is still arriving: the value so far, after every piece of its text.

Law: the value is what the text so far surely says, and depends on that text alone, however it was cut. A number is
shown when it has ended, a literal or an escape when it is whole, a key when its value begins. The work is linear in
the text, whatever the pieces are and however often the value is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from chat_core.codec.jsontext import Growing, Number, common, escape, skip
from chat_core.errors import DecodeError
from chat_core.jsonvalue import JSON, MAX_BYTES, MAX_DEPTH, excerpt, parse

if TYPE_CHECKING:
    from collections.abc import Callable

Step: TypeAlias = "Callable[[PartialJSON, str, int], int]"

_RUN = re.compile(r'[^"\\\x00-\x1f]+')
_LITERALS: dict[str, tuple[str, JSON]] = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}
_SHORT = 18
"""The length of integers that need no parser with bounds."""


class PartialJSON:
    """Reads one JSON document piece by piece.

    Attributes:
        value: the value so far; `None` before anything. Its containers grow in place: what has to last is copied. An
            open string longer than `jsontext.STEADY` is shown in steps, and whole when it closes.
        complete: a whole document was read. A number at the root is complete when something follows it, or at `finish`.
        end: where the document ends, in characters; `None` until it is complete.
    """

    __slots__ = (
        "_alone", "_changed", "_error", "_held", "_in_key", "_keys", "_number", "_offset", "_stack", "_step", "_string",
        "_word", "end", "value",
    )  # fmt: skip

    def __init__(self, *, alone: bool = True) -> None:
        """Begin before the first character.

        Args:
            alone: only white space may follow the document; otherwise what follows is left unread.
        """
        self.value: JSON = None
        self.end: int | None = None
        self._alone = alone
        self._stack: list[list[JSON] | dict[str, JSON]] = []  # the open containers
        self._keys: list[str] = []  # of each: the key whose value is being read
        self._step: Step = PartialJSON._item  # what is expected; a plain function, so that nothing refers to itself
        self._held = ""  # a cut escape, to be read again with what follows
        self._offset = 0  # where the piece at hand begins in the document
        self._string = Growing()
        self._in_key = False
        self._number = Number()
        self._word = ""  # what was read of the open literal
        self._changed = False
        self._error: DecodeError | None = None

    @property
    def complete(self) -> bool:
        """Whether a whole document was read."""
        return self.end is not None

    def feed(self, text: str) -> bool:
        """Read on; tell whether the value has changed.

        Raises:
            DecodeError: the text is no JSON, with the place of the fault; `value` stays as it was before that place.
        """
        if self._error is not None:
            raise self._error
        self._changed = False
        if self._held:
            text, self._held = self._held + text, ""
        try:
            self._read(text)
        except DecodeError as error:
            self._error = error
            raise
        finally:
            self._show()
        return self._changed

    def finish(self) -> JSON:
        """Return the value at the end of the text.

        Raises:
            DecodeError: the document is not complete, or was malformed.
        """
        if self._step is PartialJSON._digits and not self._stack and self._number.whole:
            self.feed(" ")  # white space ends a number
        if self._error is None and self.end is None:
            self._error = DecodeError(f"the JSON document ends too early, after {self._offset} characters")
        if self._error is not None:
            raise self._error
        return self.value

    def _read(self, text: str) -> None:
        if self._offset + len(text) > MAX_BYTES:
            raise DecodeError(f"JSON document is longer than the limit of {MAX_BYTES} characters")
        at, end = 0, len(text)
        while at < end:
            at = self._step(self, text, at)
        self._offset += end - len(self._held)

    def _fault(self, what: str, text: str, at: int) -> DecodeError:
        return DecodeError(f"not valid JSON at character {self._offset + at} ({what}): {excerpt(text[at : at + 50])}")

    # Steps: each reads from `at`, says what is expected next, and returns where it stopped.

    def _item(self, text: str, at: int) -> int:
        """Begin a value."""
        at = skip(text, at)
        match text[at : at + 1]:
            case "":
                return at
            case '"':
                self._put("")
                return self._begin_string(at, in_key=False)
            case "{":
                return self._begin_container({}, PartialJSON._first_key, text, at)
            case "[":
                return self._begin_container([], PartialJSON._first_item, text, at)
            case "t" | "f" | "n":
                self._word, self._step = "", PartialJSON._literal
                return self._literal(text, at)
            case mark if mark in "-0123456789":
                self._number, self._step = Number(), PartialJSON._digits
                return self._digits(text, at)
            case _:
                raise self._fault("a value is expected", text, at)

    def _first_item(self, text: str, at: int) -> int:
        """Begin the first item of an array, or end the array."""
        at = skip(text, at)
        return self._end_container(at) if text.startswith("]", at) else self._item(text, at)

    def _first_key(self, text: str, at: int) -> int:
        """Begin the first key of an object, or end the object."""
        at = skip(text, at)
        return self._end_container(at) if text.startswith("}", at) else self._next_key(text, at)

    def _next_key(self, text: str, at: int) -> int:
        """Begin a key."""
        at = skip(text, at)
        if text.startswith('"', at):
            return self._begin_string(at, in_key=True)
        if at < len(text):
            raise self._fault("a key in double quotes is expected", text, at)
        return at

    def _colon(self, text: str, at: int) -> int:
        """Go from a key to its value."""
        at = skip(text, at)
        if text.startswith(":", at):
            self._step = PartialJSON._item
            return at + 1
        if at < len(text):
            raise self._fault("a colon is expected", text, at)
        return at

    def _comma(self, text: str, at: int) -> int:
        """Go from an item or member to the next one, or end the container."""
        at = skip(text, at)
        listed = isinstance(self._stack[-1], list)
        if text.startswith(",", at):
            self._step = PartialJSON._item if listed else PartialJSON._next_key
            return at + 1
        if text.startswith("]" if listed else "}", at):
            return self._end_container(at)
        if at < len(text):
            raise self._fault("a comma or the end of the container is expected", text, at)
        return at

    def _after(self, text: str, at: int) -> int:
        """Skip what may follow the document."""
        at = skip(text, at) if self._alone else len(text)
        if at < len(text):
            raise self._fault("more follows the document", text, at)
        return at

    def _characters(self, text: str, at: int) -> int:
        """Read on in a string."""
        run = _RUN.match(text, at)
        if run is not None:
            self._string.add(run.group())
            at = run.end()
        match text[at : at + 1]:
            case "":
                return at
            case '"':
                self._end_string(at + 1)
                return at + 1
            case "\\":
                return self._escape(text, at)
            case _:
                raise self._fault("a control character has to be escaped", text, at)

    def _literal(self, text: str, at: int) -> int:
        """Read on in `true`, `false` or `null`."""
        word, value = _LITERALS[self._word[:1] or text[at]]
        count = common(word[len(self._word) :], text, at)
        self._word += text[at : at + count]
        at += count
        if self._word == word:
            self._put(value)
            self._ended(at)
        elif at < len(text):
            raise self._fault(f"{word} is expected", text, at)
        return at

    def _digits(self, text: str, at: int) -> int:
        """Read on in a number."""
        at = self._number.read(text, at)
        if at < len(text):
            if not self._number.whole:
                raise self._fault("a digit is expected", text, at)
            self._end_number(text, at)
        return at

    def _escape(self, text: str, at: int) -> int:
        try:
            found = escape(text, at)
        except ValueError as error:
            raise self._fault(str(error), text, at) from None
        if found is None:
            self._held = text[at:]
            return len(text)
        self._string.add(found[0])
        return found[1]

    def _begin_string(self, at: int, *, in_key: bool) -> int:
        self._string, self._in_key, self._step = Growing(), in_key, PartialJSON._characters
        return at + 1

    def _end_string(self, at: int) -> None:
        if self._in_key:
            self._keys[-1] = self._string.whole()
            self._step = PartialJSON._colon
            return
        self._show(closed=True)
        self._ended(at)

    def _show(self, *, closed: bool = False) -> None:
        """Bring the open string up to date."""
        if self._step is not PartialJSON._characters or self._in_key:
            return
        if (text := self._string.more(closed=closed)) is not None:
            self._put(text, again=True)

    def _end_number(self, text: str, at: int) -> None:
        digits = self._number.text
        if len(digits) <= _SHORT and digits.isdecimal():
            self._put(int(digits))
        else:
            try:
                self._put(parse(digits))
            except DecodeError as error:
                raise self._fault(error.message, text, at) from None
        self._ended(at)

    def _begin_container(self, container: list[JSON] | dict[str, JSON], step: Step, text: str, at: int) -> int:
        if len(self._stack) == MAX_DEPTH:
            raise self._fault(f"nested more than {MAX_DEPTH} levels deep", text, at)
        self._put(container)
        self._stack.append(container)
        self._keys.append("")
        self._step = step
        return at + 1

    def _end_container(self, at: int) -> int:
        self._stack.pop()
        self._keys.pop()
        self._ended(at + 1)
        return at + 1

    def _put(self, value: JSON, *, again: bool = False) -> None:
        """Add a value to the innermost container, or put more of a string in the place of what was shown of it."""
        self._changed = True
        match self._stack[-1] if self._stack else None:
            case None:
                self.value = value
            case list(items) if again:
                items[-1] = value
            case list(items):
                items.append(value)
            case members:
                members[self._keys[-1]] = value

    def _ended(self, at: int) -> None:
        """Go on after a value."""
        if self._stack:
            self._step = PartialJSON._comma
        else:
            self._step, self.end = PartialJSON._after, self._offset + at
