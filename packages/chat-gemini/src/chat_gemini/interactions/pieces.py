"""One object of content while it is streamed: its members, and the text or the bytes that have come of it.

Law: `json()` is the object as a whole reply has it.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from chat_core.jsonvalue import rest, same
from chat_gemini.interactions.overlay import healed
from chat_gemini.media import canonical

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

TEXT, SOUND = "text", "audio"


class Piece:
    """One object of content.

    Attributes:
        members: what it says beside its content, its type too.
        texts: what came of its text.
        chunks: what came of its bytes, where pieces of them can be joined.
        annotations: its annotations, as they came.
    """

    def __init__(self, data: JSONObject) -> None:
        """Begin with an object as it comes; its content is for `take`."""
        self.texts: list[str] | None = [] if _text(data) is not None else None
        self.chunks: list[bytes] | None = [] if _sound(data) is not None else None
        found = data.get("annotations")
        self.annotations: list[JSON] = [*found] if isinstance(found, list) else []
        known = {
            *(() if self.texts is None else ("text",)),
            *(() if self.chunks is None else ("data",)),
            *(("annotations",) if isinstance(found, list) else ()),
        }
        self.members = rest(data, known)

    def goes_on(self, data: JSONObject) -> bool:
        """Tell whether an object continues this one: a text of the same members, or sound of the same."""
        if self.texts is not None:
            return _text(data) is not None and same(rest(data, _TEXT), self.members)
        return self.chunks is not None and _sound(data) is not None and same(rest(data, _DATA), self.members)

    def take(self, data: JSONObject) -> tuple[str | None, bytes | None]:
        """Take the text or the bytes of an object that begins or continues this one, and return them."""
        text = _text(data) if self.texts is not None else None
        chunk = _sound(data) if self.chunks is not None else None
        if self.texts is not None and text is not None:
            self.texts.append(text)
        if self.chunks is not None and chunk is not None:
            self.chunks.append(chunk)
        return text, chunk

    def json(self) -> JSONObject:
        """Return the object as it stands."""
        data = dict(self.members)
        if self.texts is not None:
            data["text"] = healed("".join(self.texts))
        if self.chunks is not None:
            data["data"] = b64encode(b"".join(self.chunks)).decode("ascii")
        if self.annotations:
            data["annotations"] = self.annotations
        return data


_TEXT, _DATA = frozenset({"text"}), frozenset({"data"})


def _text(data: JSONObject) -> str | None:
    text = data.get("text")
    return text if isinstance(text, str) and data.get("type") == TEXT else None


def _sound(data: JSONObject) -> bytes | None:
    """Return the bytes of sound, which comes in chunks; other media come whole."""
    match data:
        case {"type": str(kind), "data": str(text), **more} if kind == SOUND and more.get("uri") is None:
            return canonical(text)
        case _:
            return None


def joined(old: JSON, new: JSON) -> JSON:
    """Join what came of a member with what comes: objects by key, texts and lists that do not begin anew at the end."""
    match old, new:
        case dict(), dict():
            return {**old, **{key: joined(old.get(key), value) for key, value in new.items()}}
        case list(), list():
            return new if same(new[: len(old)], old) else old + new
        case str(), str():
            return new if new.startswith(old) else old + new
        case _, None:
            return old
        case _:
            return new


def agree(one: JSON, other: JSON) -> bool:
    """Tell whether two forms of a value say the same; what is empty says nothing."""
    return same(_said(one), _said(other))


def _said(data: JSON) -> JSON:
    match data:
        case dict():
            left = {key: _said(value) for key, value in data.items()}
            return {key: value for key, value in left.items() if value not in _NOTHING} or None
        case list():
            return [_said(item) for item in data] or None
        case _:
            return data


_NOTHING: tuple[JSON, ...] = (None, "")
