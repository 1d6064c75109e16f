"""One part of a streamed response that has started, and not ended: what its deltas have brought.

Law: nothing is thrown away: what deltas hold beyond the known fields is merged. A character that came in two halves, as
surrogates, is whole with the second one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from chat_core.errors import DecodeError
from chat_core.events import ReasoningDelta, RefusalDelta, ToolCallDelta
from chat_core.jsonvalue import parse_arguments
from chat_core.parts import Inline, Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.events import Delta
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Citation, Part, TokenLogprob

HIGH, LOW = "\ud800", "\udc00"
"""From which code points on there are first and second halves of characters."""

DELTAS: Mapping[type[Part], Callable[..., Delta]] = {
    Reasoning: ReasoningDelta,
    Refusal: RefusalDelta,
    ToolCall: ToolCallDelta,
}
"""What a piece of text is, by the part that it continues; of others a `TextDelta`."""

Notable: TypeAlias = Text | Reasoning | ToolCall | ToolResult | Refusal | Media | Json
"""Parts with a `meta`: all but `Opaque`."""


def merge(old: JSON, new: JSON) -> tuple[JSON, bool]:
    """Merge what came later into what is there; tell also whether a value was replaced.

    Objects merge by key. A list that repeats the earlier one and goes on replaces it, another one is appended.
    """
    match old, new:
        case dict(), dict():
            merged, replaced = dict(old), False
            for key, value in new.items():
                if key in merged:
                    merged[key], lost = merge(merged[key], value)
                    replaced |= lost
                else:
                    merged[key] = value
            return merged, replaced
        case list(), list():
            return (new if new[: len(old)] == old else old + new), False
        case _:
            return new, old is not None and old != new


class OpenPart:
    """The part, and the pieces so far; `free_form` is a call whose input is no JSON."""

    __slots__ = ("citations", "data", "folded", "free_form", "half", "index", "logprobs", "meta", "part", "text")

    def __init__(self, index: int, part: Part, *, free_form: bool) -> None:
        """Begin with what the part starts as."""
        self.index = index
        self.part = part
        self.free_form = free_form
        self.text: list[str] = []
        self.folded = 0
        self.half = ""
        self.data: list[bytes] = []
        self.logprobs: list[TokenLogprob] = []
        self.citations: list[Citation] = []
        self.meta: JSONObject = {}

    def fold(self) -> None:
        """Join the pieces that came since the last time: many short texts take ten times their length."""
        self.text[self.folded :] = ["".join(self.text[self.folded :])]
        self.folded += 1

    def whole(self) -> str:
        """Return the text so far, with what was kept back of it."""
        return "".join(self.text) + self.half

    def healed(self, text: str) -> str:
        """Return a text with what was kept back before it; keep back what is only half a character."""
        text = self.half + text
        self.half = text[-1] if HIGH <= text[-1:] < LOW else ""
        text = text.removesuffix(self.half)
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")

    def settled(self) -> str:
        """Take what was kept back into the text, as nothing more comes; return it."""
        half, self.half = self.half, ""
        if half:
            self.text.append(half)
        return half

    def complete(self, origin: str) -> Part:
        """Return the part, whole, whose `meta` belongs to `origin`."""
        text = self.whole()
        match self.part:
            case Text() as part:
                citations, logprobs = tuple(self.citations), tuple(self.logprobs)
                return self._noted(replace(part, text=text, citations=citations, logprobs=logprobs), origin)
            case (Reasoning() | Refusal()) as part:
                return self._noted(replace(part, text=text), origin)
            case ToolCall() as part:
                arguments, raw = (None, text) if self.free_form else parse_arguments(text)
                return self._noted(replace(part, arguments=arguments, raw=raw), origin)
            case Media() as part:
                if self.data:
                    part = replace(part, source=Inline(b"".join(self.data)), transcript=text or part.transcript)
                return self._noted(part, origin)
            case (ToolResult() | Json()) as part:
                return self._noted(part, origin)
            case Opaque() as part:
                return part

    def so_far(self, origin: str) -> Part:
        """Return the part as it stands; a call that is not whole has no arguments, so that nobody runs it."""
        part = self.complete(origin)
        return replace(part, arguments=None, raw=self.whole()) if isinstance(part, ToolCall) else part

    def _noted(self, part: Notable, origin: str) -> Notable:
        if not self.meta:
            return part
        meta, _ = merge(part.meta.get(origin, {}), self.meta)
        return replace(part, meta={**part.meta, origin: meta}) if isinstance(meta, dict) else part


def misplaced(opened: OpenPart, piece: str) -> DecodeError:
    """Return the error of a delta that continues a part of another kind."""
    return DecodeError(f"the stream continues a {type(opened.part).__name__} with {piece}")


def has_content(part: Part) -> bool:
    """Tell whether a part holds what its deltas would replace."""
    match part:
        case Text(text, citations=citations, logprobs=logprobs):
            return bool(text or citations or logprobs)
        case Reasoning(text) | Refusal(text):
            return bool(text)
        case ToolCall(arguments=arguments, raw=raw):
            return arguments is not None or raw is not None
        case _:
            return False
