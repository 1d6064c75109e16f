"""What has been said of one part of an item.

Law: it remembers, and decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.parts import Media, Text

if TYPE_CHECKING:
    from chat_core.parts import Part


class Said:
    """One part so far.

    Attributes:
        key: its name in the response: the item, and its place in there.
        start: what it began as.
        texts: its text, its words, or its arguments, in pieces.
        size: the bytes of its sound.
        closed: whether it has ended.
    """

    __slots__ = ("closed", "key", "size", "start", "texts")

    def __init__(self, key: tuple[str, int], start: Part) -> None:
        """Begin with nothing said."""
        self.key = key
        self.start = start
        self.texts: list[str] = []
        self.size = 0
        self.closed = False

    @property
    def what(self) -> str:
        """The kind of content."""
        return "text" if isinstance(self.start, Text) else "audio" if isinstance(self.start, Media) else "other"
