"""One step while it is streamed: its open parts, and what has come of it.

Law: a step's end makes of its deltas the step that a whole reply has, which is read as a whole reply is. What the
interaction says of it again is compared; what differs is surfaced.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_arguments, rest, same
from chat_core.parts import Inline, Media, Reasoning, Text, ToolCall
from chat_gemini.interactions.calls import CALLS, text_of
from chat_gemini.interactions.content import CONTENTS, decode_piece
from chat_gemini.interactions.overlay import healed, kind_of
from chat_gemini.interactions.pieces import Piece, agree, joined
from chat_gemini.interactions.steps import OUTPUT, TEXT, THOUGHT, decode_step, emptied

if TYPE_CHECKING:
    from chat_core.codec.builder import ResponseBuilder
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_gemini.interactions.steps import StepPart

LISTS = {OUTPUT: "content", THOUGHT: "summary"}
"""Where steps have their content."""

ARGUMENTS, ANNOTATIONS, SUMMARY, SIGNATURE = (
    "arguments_delta", "text_annotation_delta", "thought_summary", "thought_signature",
)  # fmt: skip

IMPLIED = {
    **dict.fromkeys((*CONTENTS, ANNOTATIONS), OUTPUT),
    SUMMARY: THOUGHT,
    SIGNATURE: THOUGHT,
}
"""The step that a delta belongs to, where a stream that is taken up has not said how it began."""


class StepProgress:
    """One step.

    Attributes:
        kind: its type.
        settled: whether its end has come.
        parts: its parts, complete.
    """

    def __init__(self, build: ResponseBuilder, at: int, origin: str, data: JSON) -> None:
        """Begin with the step as it begins; `at` is its place in the interaction.

        Raises:
            DecodeError: it is no object with a type.
        """
        self.kind, self._step = kind_of(data, "step")
        self.settled = False
        self.parts: tuple[StepPart, ...] = ()
        self._build = build
        self._at = at
        self._origin = origin
        self._pieces: list[Piece] = []
        self._texts: list[str] = []
        self._whole: JSONObject | None = None
        self._first: JSON = None
        self._begin()

    def _begin(self) -> None:
        place = LISTS.get(self.kind)
        begun = self._step.get(place) if place is not None else None
        if place is not None and isinstance(begun, list):
            self._step = rest(self._step, {place})
        if self.kind == THOUGHT:
            self._build.open((self._at, 0), Reasoning("", meta={self._origin: {}}))
        for piece in begun if isinstance(begun, list) else ():
            self._add(kind_of(piece, "content")[1], fresh=True)
        if self.kind in CALLS:
            self._first = self._step.get("arguments")
            self._step = rest(self._step, {"arguments"})
            self._call()

    def _call(self) -> None:
        """Open a call at once, so that it is seen before its arguments; one that is not named yet waits for its end."""
        try:
            parts = decode_step(self._step, self._origin)
        except DecodeError:
            return
        match parts:
            case (ToolCall() as call,):
                self._build.open((self._at, 0), emptied(call))
            case _:
                pass

    def delta(self, delta: JSONObject) -> bool:
        """Take what comes; tell whether it has a place in this step.

        Raises:
            DecodeError: a known delta is malformed.
        """
        kind, delta = kind_of(delta, "delta")
        match kind:
            case "arguments_delta" if self.kind in CALLS:
                self._argue(_text(delta, "arguments"))
            case "text_annotation_delta" if self.kind == OUTPUT:
                self._annotate(delta.get("annotations"))
            case "thought_summary" if self.kind == THOUGHT:
                if (piece := delta.get("content")) is not None:
                    self._add(kind_of(piece, "summary of a thought")[1])
            case "thought_signature" if self.kind == THOUGHT:
                self._sign(_text(delta, "signature"))
            case _ if kind in CONTENTS and self.kind == OUTPUT:
                self._add(delta)
            case _ if kind == self.kind:
                self._merge(delta)
            case _:
                return False
        return True

    def says(self, delta: JSONObject) -> bool:
        """Take a delta that goes on with a plain text, as `delta` would; tell whether it is one. Pure speed."""
        if self.settled or self.kind != OUTPUT or not self._pieces or delta.keys() != _WORDS:
            return False
        text, piece = delta["text"], self._pieces[-1]
        if delta["type"] != TEXT or not isinstance(text, str) or piece.texts is None or len(piece.members) != 1:
            return False
        piece.texts.append(text)
        self._build.text((self._at, len(self._pieces) - 1), text)
        return True

    def leftovers(self, delta: JSONObject) -> JSONObject:
        """Return what a delta says beside what `delta` has taken."""
        known = _DELTAS.get(str(delta.get("type")))
        return {} if known is None else rest(delta, known)

    def _add(self, data: JSONObject, *, fresh: bool = False) -> None:
        """Add content: to the last piece where it goes on, else as a new one."""
        if not self._pieces or fresh or not self._pieces[-1].goes_on(data):
            self._pieces.append(Piece(data))
            if self._pieces[-1].texts is None and self.kind == OUTPUT:
                self._show(data)
        text, chunk = self._pieces[-1].take(data)
        if self.kind == THOUGHT:
            if text is not None:
                self._build.reasoning((self._at, 0), text)
            return
        key = (self._at, len(self._pieces) - 1)
        if text is not None:
            self._build.text(key, text)
        if chunk is not None:
            self._build.media(key, chunk)

    def _show(self, data: JSONObject) -> None:
        part = decode_piece(data, self._origin)
        if isinstance(part, Media) and self._pieces[-1].chunks is not None:
            part = replace(part, source=Inline(b""))
        self._build.open((self._at, len(self._pieces) - 1), part)

    def _annotate(self, data: JSON) -> None:
        """Keep annotations of the last text until it is whole: they count its bytes."""
        match data:
            case None:
                return
            case list():
                pass
            case _:
                raise DecodeError(f"annotations are no list but {type(data).__name__}")
        found = next((piece for piece in reversed(self._pieces) if piece.texts is not None), None)
        if found is None:
            self._add({"type": "text", "text": ""}, fresh=True)
            found = self._pieces[-1]
        found.annotations += data

    def _sign(self, signature: str | None) -> None:
        old = self._step.get("signature")
        if signature is None:
            return
        if old and signature and old != signature:
            self._build.unknown("thought_signature", {"index": self._at, "replaced": old})
        if signature or not old:
            self._step["signature"] = signature

    def _argue(self, text: str | None) -> None:
        if text is None:
            return
        self._texts.append(text)
        if self._build.is_open((self._at, 0)):
            self._build.arguments((self._at, 0), text)

    def _merge(self, delta: JSONObject) -> None:
        """Take the members of a delta that has the type of its step."""
        for key, value in delta.items():
            if key == "arguments" and self.kind in CALLS:
                self._first = joined(self._first, value)
            else:
                self._step[key] = joined(self._step.get(key), value)

    def assembled(self) -> JSONObject:
        """Return the step of what has come, as a whole reply has it."""
        data = dict(self._step)
        if self._pieces:
            data[LISTS[self.kind]] = [piece.json() for piece in self._pieces]
        if self._texts:
            data["arguments"] = healed("".join(self._texts))
        elif self._first is not None:
            data["arguments"] = self._first
        return data

    def settle(self, whole: JSONObject | None = None) -> None:
        """End the step, as it came or as the interaction has it, and its parts.

        Raises:
            DecodeError: it is malformed.
        """
        data = self.assembled() if whole is None else whole
        if whole is None and self._texts and self._first:
            self._build.note({"step.start": {str(self._at): {"arguments": self._first}}})
        for number, part in enumerate(decode_step(data, self._origin)):
            self._complete((self._at, number), part, data)
        self.settled, self._whole = True, data
        for number in range(len(self._pieces)):  # what the interaction has no more
            self._close((self._at, number))

    def differs(self, data: JSONObject) -> bool:
        """Tell whether the interaction has the step otherwise than it came."""
        return not agree(_plain(self._whole or {}), _plain(data))

    def _close(self, key: tuple[int, int]) -> None:
        if self._build.is_open(key):
            self._build.close(key)

    def _complete(self, key: tuple[int, int], part: StepPart, data: JSONObject) -> None:
        if not self._build.is_open(key):
            self._build.open(key, emptied(part))
        opened = self._build.part(key)
        if type(opened) is not type(part):
            self._build.unknown("step.stop", data)
            return
        match part:
            case Text(text):
                said = self._pieces[key[1]].texts if key[1] < len(self._pieces) else None
                if more := self._more("".join(said or ()), text, data):
                    self._build.text(key, more)
                for citation in part.citations:
                    self._build.citation(key, citation)
            case Reasoning(text):
                if more := self._more(self._thought(), text, data):
                    self._build.reasoning(key, more)
            case ToolCall():
                if more := self._rest_of_arguments(data):
                    self._build.arguments(key, more)
            case _:
                pass
        self._build.update(key, part)
        self._build.close(key)
        self.parts = (*self.parts, part)

    def _thought(self) -> str:
        return "".join(text for piece in self._pieces for text in piece.texts or ())

    def _more(self, said: str, text: str, data: JSONObject) -> str:
        """Return what a text says more than what was streamed; surface one that is another."""
        said = healed(said)
        if text.startswith(said):
            return text[len(said) :]
        self._build.unknown(f"steps.{self.kind}", data)
        return ""

    def _rest_of_arguments(self, data: JSONObject) -> str:
        said, text = healed("".join(self._texts)), text_of(data)
        if said and same([*parse_arguments(said)], [*parse_arguments(text)]):
            return ""
        return self._more(said, text, data)


_WORDS = frozenset({"type", "text"})
_DELTAS = {
    ARGUMENTS: frozenset({"type", "arguments"}),
    ANNOTATIONS: frozenset({"type", "annotations"}),
    SUMMARY: frozenset({"type", "content"}),
    SIGNATURE: frozenset({"type", "signature"}),
}
"""The members of deltas that hold nothing but what they bring."""


def _text(delta: JSONObject, key: str) -> str | None:
    match delta.get(key):
        case (None | str()) as text:
            return text
        case _:
            raise DecodeError(f"malformed delta: {excerpt(repr(delta))}")


def _plain(step: JSONObject) -> JSONObject:
    """Return a step with arguments that came as text as the object that they are."""
    match step.get("arguments"):
        case str(text):
            return {**step, "arguments": parse_arguments(text)[0]}
        case _:
            return step
