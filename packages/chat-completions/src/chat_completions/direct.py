"""The direct path: a chunk that says what the one before it said, but for its text, is that text and nothing else.

Law: pure speed. A chunk is taken here only if the usual path would do the same; whatever is in doubt goes that way. As
what is taken was not looked at before, everything in it is a text, or what the chunk before it said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chat_completions.answer import Answer
    from chat_core.jsonvalue import JSON, JSONObject

PADDING = "obfuscation"
"""Words against guesses from the length of events."""

_PLACE = frozenset({"index", "delta"})
_SILENT = frozenset({"content", "role"})


class Direct:
    """What the chunk before said beside its text; saying that again has no effect."""

    __slots__ = ("_answer", "_choice", "_envelope", "_numbers")

    def __init__(self) -> None:
        """Begin without a chunk before."""
        self._answer: Answer | None = None
        self._envelope: JSONObject = {}
        self._choice: JSONObject = {}
        self._numbers: tuple[tuple[str, type], ...] = ()

    def take(self, data: JSONObject) -> Answer | None:
        """Take a chunk that says nothing new but a text, and return whose; any other goes the usual path to `learn`."""
        answer, self._answer = self._answer, None
        choices = data.get("choices")
        if answer is None or not isinstance(choices, list) or len(choices) != 1:
            return None
        choice = choices[0]
        if not isinstance(choice, dict):
            return None
        self._envelope["choices"] = choices
        if isinstance(padding := data.get(PADDING), str):
            self._envelope[PADDING] = padding
        self._choice["delta"] = delta = choice.get("delta")
        if data != self._envelope or choice != self._choice or (text := _only_text(delta)) is None:
            return None
        if type(choice["index"]) is not int or not _have_kinds(data, self._numbers):
            return None
        answer.say(text)
        self._answer = answer
        return answer

    def learn(self, data: JSONObject, answers: Mapping[int, Answer]) -> None:
        """Remember a chunk that took the usual path, if its like may be taken directly."""
        match data.get("choices"):
            case [dict(choice)] if _only_text(choice.get("delta")) is not None:
                index = choice.get("index")
                if type(index) is int and _is_silent(choice) and _is_plain(data):
                    self._answer, self._envelope, self._choice = answers[index], dict(data), dict(choice)
                    numbers = (name for name, value in data.items() if isinstance(value, float | int))
                    self._numbers = tuple((name, type(data[name])) for name in numbers)
            case _:
                pass


def _have_kinds(data: JSONObject, numbers: Iterable[tuple[str, type]]) -> bool:
    """Tell whether members are of the kinds that they were: to Python `1`, `1.0` and `True` are equal."""
    for name, kind in numbers:  # noqa: SIM110 - no generator for each chunk
        if type(data[name]) is not kind:
            return False
    return True


def _only_text(delta: JSON) -> str | None:
    """Return the text of a delta that holds nothing else."""
    if not isinstance(delta, dict):
        return None
    text = delta.get("content")
    if not isinstance(text, str) or not text:
        return None
    for key, value in delta.items():
        if value is not None and not (key in _SILENT and isinstance(value, str)):
            return None
    return text


def _is_silent(choice: JSONObject) -> bool:
    """Tell whether a choice says nothing beside its delta."""
    return all(value is None or key in _PLACE for key, value in choice.items())


def _is_plain(data: JSONObject) -> bool:
    """Tell whether a chunk is no error, counts nothing, and holds nothing that is merged piece by piece."""
    if data.get("error") is not None or data.get("usage") is not None or data.get("object") == "error":
        return False
    return not any(isinstance(value, list | dict) and key != "choices" for key, value in data.items())
