"""Items of the conversation that the service says back: once when they are there, and again when they are complete.

Law: an item that is said twice with nothing new is told once. Few are remembered: the second saying follows soon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.jsonvalue import rest, same

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

MOST = 64
"""Most items that are remembered."""


class Echoes:
    """What was said of items that are not the answer's."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._said: dict[str, JSONObject] = {}

    def repeats(self, name: str, item: JSONObject, *, last: bool) -> bool:
        """Tell whether an item was said just so; remember it unless this is the `last` time."""
        before = self._said.pop(name, None)
        if not last:
            self._said[name] = item
            if len(self._said) > MOST:
                del self._said[next(iter(self._said))]
        return before is not None and same(rest(before, ()), rest(item, ()))
