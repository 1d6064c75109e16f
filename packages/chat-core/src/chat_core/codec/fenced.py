"""JSON inside other text: models that are asked in words put it into a fence, or say something before and after it.

Law: the document is the first object or array in the text; what stands before and after it is skipped, and nothing in
it is repaired.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chat_core.codec.partial import PartialJSON
from chat_core.errors import DecodeError

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

_BRACKET = re.compile(r"[{\[]")
_START = re.compile(r'\{\s*["}]|\[\s*(?:["\[\]{\-0-9]|true\b|false\b|null\b)')
_CUT = re.compile(r"\{\s*\Z|\[\s*(?:t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:u(?:ll?)?)?)?\Z")
_LONGEST = 200
"""How much text after a bracket is kept until it is clear whether a document begins there, in characters."""


class Unfenced:
    """Reads the first JSON object or array of a text, piece by piece.

    Attributes:
        start: where the document begins, in characters; `None` until it is found.
    """

    __slots__ = ("_held", "_json", "_skipped", "start")

    def __init__(self) -> None:
        """Begin before the first character."""
        self.start: int | None = None
        self._json = PartialJSON(alone=False)
        self._held = ""
        self._skipped = 0

    @property
    def value(self) -> JSON:
        """The value so far, as of `PartialJSON`."""
        return self._json.value

    @property
    def complete(self) -> bool:
        """Whether the whole document was read."""
        return self._json.complete

    @property
    def end(self) -> int | None:
        """Where the document ends, in characters; `None` until it is complete."""
        end = self._json.end
        return None if end is None or self.start is None else self.start + end

    def feed(self, text: str) -> bool:
        """Read on; tell whether the value has changed.

        Raises:
            DecodeError: the document is malformed.
        """
        if self.start is not None:
            return self._json.feed(text)
        text, self._held = self._held + text, ""
        start = self._find(text)
        if start is None:
            self._skipped += len(text) - len(self._held)
            return False
        self.start = self._skipped + start
        return self._json.feed(text[start:])

    def finish(self) -> JSON:
        """Return the value at the end of the text.

        Raises:
            DecodeError: there is no document, or it is not complete or malformed.
        """
        if self.start is None:
            raise DecodeError("the text holds no JSON object or array")
        return self._json.finish()

    def _find(self, text: str) -> int | None:
        """Return where the document begins, and keep what may turn out to be its beginning."""
        for bracket in _BRACKET.finditer(text):
            at = bracket.start()
            if _START.match(text, at) is not None:
                return at
            if _CUT.match(text, at) is not None and len(text) - at <= _LONGEST:
                self._held = text[at:]
                return None
        return None


def fenced(text: str) -> str:
    """Return the first JSON object or array in a text, without what is around it; the text itself if there is none."""
    found = Unfenced()
    try:
        found.feed(text)
    except DecodeError:
        return text
    return text if found.end is None else text[found.start : found.end]
