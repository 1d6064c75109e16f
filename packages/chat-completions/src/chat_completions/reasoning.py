"""Reasoning in every field that services use: `reasoning_content`, `reasoning`, `reasoning_details`, thinking parts.

Law: the same thoughts in two fields are one text; which field carried them is in `meta`, so that they go back in the
same one; `reasoning_details` are kept whole, their fragments joined, and go back unmodified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import same

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Reasoning

FIELDS = ("reasoning_content", "reasoning")
DETAILS = "reasoning_details"
THINKING = "thinking"
KEYS = frozenset({*FIELDS, DETAILS})
"""The members of a message that are read here."""

_GROWING = ("text", "summary")
_SEALED = ("data", "signature")


class Thoughts:
    """What one answer has said about its reasoning so far.

    Attributes:
        seen: whether there was anything, text or not.
    """

    __slots__ = ("_details", "_field", "_others", "_text", "seen")

    def __init__(self) -> None:
        """Begin with none."""
        self.seen = False
        self._field: str | None = None
        self._text: list[str] = []
        self._others: dict[str, list[str]] = {}
        self._details: list[JSONObject] = []

    def take(self, message: JSONObject, *, keep_empty: bool = False) -> str:
        """Take the reasoning of a message or delta; return what it adds to the text.

        Args:
            message: the object.
            keep_empty: empty texts count, as what a request says is to be said again.

        Raises:
            DecodeError: reasoning is no text, or the details are no list of objects.
        """
        added = ""
        for key in FIELDS:
            match message.get(key):
                case None:
                    pass
                case str(text):
                    if text or keep_empty:
                        added += self._said(key, text)
                case other:
                    raise DecodeError(f"{key} is no text but {type(other).__name__}")
        match message.get(DETAILS):
            case None:
                pass
            case list(details):
                added += self._detailed(details)
            case other:
                raise DecodeError(f"{DETAILS} is no list but {type(other).__name__}")
        return added

    def thought(self, text: str) -> str:
        """Take the text of a thinking part; return what it adds."""
        return self._said(THINKING, text)

    def meta(self) -> JSONObject:
        """Return what has to be remembered to send the reasoning back."""
        text = "".join(self._text)
        others = {key: "".join(pieces) for key, pieces in self._others.items()}
        same: list[JSON] = [key for key, other in others.items() if other == text]
        different: JSONObject = {key: other for key, other in others.items() if other != text}
        details: list[JSON] = [*self._details]
        return {
            **({"field": self._field} if self._field is not None else {}),
            **({"same": same} if same else {}),
            **({"different": different} if different else {}),
            **({"details": details} if details else {}),
        }

    def _said(self, key: str, text: str) -> str:
        self.seen = True
        if self._field is None:
            self._field = key
        if self._field != key:
            self._others.setdefault(key, []).append(text)
            return ""
        self._text.append(text)
        return text

    def _detailed(self, details: list[JSON]) -> str:
        added = ""
        for number, item in enumerate(details):
            if not isinstance(item, dict):
                raise DecodeError(f"an item of {DETAILS} is no object but {type(item).__name__}")
            self.seen = True
            self._join(item, alone=number > 0)
            words = [word for key in _GROWING if isinstance(word := item.get(key), str) and word]
            if words and self._field is None:
                self._field = DETAILS
            if words and self._field == DETAILS:
                self._text += words
                added += "".join(words)
        return added

    def _join(self, item: JSONObject, *, alone: bool) -> None:
        """Append an item, or join it to the one of an earlier delta that it goes on with."""
        if self._details and not alone and (joined := _joined(self._details[-1], item)) is not None:
            self._details[-1] = joined
        else:
            self._details.append(item)


def _joined(old: JSONObject, new: JSONObject) -> JSONObject | None:
    """Join two fragments of one item; `None` when they are two items."""
    if old.get("type") != new.get("type") or not same(old.get("index"), new.get("index")):
        return None
    if any(old.get(key) not in (None, "") for key in _SEALED) or not ({*_GROWING, "signature"} & new.keys()):
        return None
    merged = dict(old)
    for key, value in new.items():
        match merged.get(key), value:
            case str(before), str(after) if key in _GROWING:
                merged[key] = before + after
            case ((None | ""), _):  # some services send an empty signature with each fragment but the last
                merged[key] = value
            case before, after if after is not None and not same(before, after):
                return None
            case _:
                pass
    return merged


def encode_reasoning(part: Reasoning, memory: JSONObject, field: str) -> JSONObject:
    """Spell reasoning as members of its message.

    Args:
        part: the reasoning.
        memory: what `Thoughts.meta` remembered.
        field: where it goes when nothing is remembered.
    """
    members: JSONObject = {}
    match memory.get("field"):
        case str(known):
            members |= {known: part.text} if known in FIELDS else {}
        case _:
            members |= {field: part.text} if part.text and "details" not in memory else {}
    match memory.get("same"):
        case list(keys):
            members |= {key: part.text for key in keys if isinstance(key, str) and key in FIELDS}
        case _:
            pass
    match memory.get("different"):
        case dict(others):
            members |= others
        case _:
            pass
    match memory.get("details"):
        case list(details):
            members[DETAILS] = details
        case _:
            pass
    return members


def thinking_text(data: JSON) -> str | None:
    """Read the text of a thinking part: a text, or a list of plain text parts; `None` when it holds something else."""
    match data:
        case str():
            return data
        case list():
            chunks = [_chunk(item) for item in data]
            texts = [chunk for chunk in chunks if chunk is not None]
            return "".join(texts) if len(texts) == len(chunks) else None
        case _:
            return None


def _chunk(data: JSON) -> str | None:
    match data:
        case {"type": "text", "text": str(text), **more} if not more:
            return text
        case _:
            return None
