"""One candidate of a reply, as its events put it together.

Law: a piece of text goes on with the part of the event before it, and only where neither holds more than words: a
signature ends a part and begins one. Two texts of one event are two parts. Texts stay open to the end, as their sources
come last; what is told of them is found by the index of their part.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.parts import Inline, Media, Reasoning, Text, ToolCall
from chat_gemini.grounding import grounded, recited
from chat_gemini.media import PCM
from chat_gemini.partial_args import Arguments

if TYPE_CHECKING:
    from chat_core.codec.alike import Say
    from chat_core.codec.builder import ResponseBuilder
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part, TokenLogprob
    from chat_gemini.wire_parts import PartReader


class Candidate:
    """One answer in the making.

    Attributes:
        reason: the service's word for why it ended.
        calls: how many calls the program has to answer.
        sources: what was told of sources, by the members' names.
    """

    def __init__(self, choice: int, build: ResponseBuilder, reader: PartReader, origin: str) -> None:
        """Begin an answer that goes into `build`."""
        self.reason: str | None = None
        self.calls = 0
        self.sources: dict[str, JSON] = {}
        self._choice = choice
        self._build = build
        self._reader = reader
        self._origin = origin
        self._next = 0
        self._last: Part | None = None
        self._texts: list[int] = []
        self._arguments: Arguments | None = None

    def part(self, data: JSONObject, *, first: bool, tokens: tuple[TokenLogprob, ...] = ()) -> None:
        """Take a part of an event.

        Args:
            data: the part.
            first: whether it is the first one of its event.
            tokens: log probabilities that belong to it, if it is a text.

        Raises:
            DecodeError: it is malformed.
        """
        match data:
            case {"functionCall": dict(call)} if self._is_piece(call):
                self._piece(data, call)
                return
            case _:
                part = self._reader.part(data)
        self._finish_call()
        if first and self._goes_on(part):
            self._append(part, tokens)
        elif tokens or part not in (Text(""), Reasoning("", meta={self._origin: {}})):  # those say nothing
            self._close()
            self._begin(part, tokens)

    def say(self, text: str) -> bool:
        """Go on with the last part, if it is a text that holds nothing but words; tell whether it is."""
        if not isinstance(self._last, Text) or self._last.meta or self._arguments is not None:
            return False
        self._build.text(self._next - 1, text, choice=self._choice)
        return True

    def saying(self) -> Say:
        """Return what goes on with the last part, a text, as long as nothing else comes."""
        return self._build.saying(self._next - 1, choice=self._choice)

    def holds_text(self, data: JSONObject) -> bool:
        """Tell whether a part is a text of the answer."""
        return isinstance(data.get("text"), str) and data.get("thought") is not True

    def end(self) -> None:
        """Tell the sources, which come last."""
        if self._arguments is not None:  # the answer ended inside of a call: its arguments are not whole
            self._say(self._arguments.cut())
            self._arguments = None
        texts = {key: self._build.text_of(key, choice=self._choice) for key in self._texts}
        for index, citation in (
            *grounded(self.sources.get("groundingMetadata"), texts, self._origin),
            *recited(self.sources.get("citationMetadata"), texts, self._origin),
        ):
            self._build.citation(index, citation, choice=self._choice)

    def _goes_on(self, part: Part) -> bool:
        """Tell whether a part goes on with the last one."""
        match self._last, part:
            case Text(meta=before), Text(meta=meta):
                return not before and not meta
            case Reasoning(signature=None, meta=before), Reasoning(signature=None, meta=meta):
                return before == meta == {self._origin: {}}
            case Media(mime=str(old), meta=before), Media(mime=str(new), source=Inline(), meta=meta):
                return old == new and old.lower().startswith(PCM) and not before and not meta
            case _:
                return False

    def _append(self, part: Part, tokens: tuple[TokenLogprob, ...] = ()) -> None:
        key, choice = self._next - 1, self._choice
        match part:
            case Text(text) if text or tokens:
                self._build.text(key, text, choice=choice, logprobs=tokens)
            case Reasoning(text) if text:
                self._build.reasoning(key, text, choice=choice)
            case Media(source=Inline(data)):
                self._build.media(key, data, choice=choice)
            case _:
                pass

    def _begin(self, part: Part, tokens: tuple[TokenLogprob, ...]) -> None:
        key, choice = self._next, self._choice
        self._next += 1
        self._last = part
        match part:
            case Text():
                self._texts.append(key)
                self._build.open(key, replace(part, text=""), choice=choice)
                self._append(part, tokens)
            case Reasoning():
                self._build.open(key, replace(part, text=""), choice=choice)
                self._append(part)
            case Media(source=Inline()):
                self._build.open(key, replace(part, source=Inline(b"")), choice=choice)
                self._append(part)
            case ToolCall(arguments=arguments, raw=raw):
                self.calls += not part.executed
                self._build.open(key, replace(part, arguments=None, raw=None), choice=choice)
                if text := raw if raw is not None else dump(arguments).decode():
                    self._build.arguments(key, text, choice=choice)
            case _:
                self._build.open(key, part, choice=choice)

    def _close(self) -> None:
        """End the last part, unless it is a text."""
        if self._last is not None and not isinstance(self._last, Text):
            self._build.close(self._next - 1, choice=self._choice)
        self._last = None

    def _is_piece(self, call: JSONObject) -> bool:
        """Tell whether a call comes in pieces, or is one."""
        if call.get("partialArgs") is not None or call.get("willContinue"):
            return True
        return self._arguments is not None and call.get("name") is None

    def _piece(self, data: JSONObject, call: JSONObject) -> None:
        if call.get("name") is not None:
            self._finish_call()
            self._close()
            whole: JSONObject = {key: call[key] for key in call if key not in _PIECES}
            begun = self._reader.call({**data, "functionCall": whole}, whole)
            self._begin(replace(begun, arguments=None, raw=""), ())
            self._arguments = Arguments()
        elif self._arguments is None:
            raise DecodeError("a piece of a call that did not begin")
        else:
            self._note(data, call)
        self._say(self._arguments.add(call))
        if not call.get("willContinue"):
            self._finish_call()

    def _note(self, data: JSONObject, call: JSONObject) -> None:
        """Keep what a piece says beside its arguments."""
        more = rest(data, {"functionCall"})
        if inner := rest(call, {*_PIECES, "args"}):
            more["functionCall"] = inner
        self._build.note_part(self._next - 1, more, choice=self._choice)

    def _finish_call(self) -> None:
        """Say the arguments of a call that came in pieces."""
        if self._arguments is not None:
            self._say(self._arguments.end())
        self._arguments = None

    def _say(self, text: str) -> None:
        if text:
            self._build.arguments(self._next - 1, text, choice=self._choice)


_PIECES = frozenset({"partialArgs", "willContinue"})
