"""Assemble a streamed response: deltas in, events and finally the response out.

Law: the events obey `chat_core.events` by construction. `ResponseStart` is held back until the first content, so an
attempt that failed before it can be repeated unseen. Nothing is thrown away: what deltas hold beyond the known fields
is merged into `meta`, and a value that a later one replaces is surfaced as an `UnknownEvent`. A character that services
cut in two between deltas, as surrogates, comes whole with the second one. A delta that continues a part of another kind
is malformed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from chat_core.errors import DecodeError, GrammarError
from chat_core.events import (
    CitationDelta,
    MediaDelta,
    PartEnd,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    ResponseEnd,
    ResponseStart,
    TextDelta,
    ToolCallDelta,
    UnknownEvent,
)
from chat_core.frozen import maker
from chat_core.jsonvalue import parse_arguments
from chat_core.messages import Message
from chat_core.parts import Inline, Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.response import FinishReason, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from chat_core.events import Delta, Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Citation, Part, TokenLogprob
    from chat_core.request import Request
    from chat_core.response import Notice, Usage

_text_delta, _reasoning_delta, _call_delta = maker(TextDelta), maker(ReasoningDelta), maker(ToolCallDelta)

HIGH, LOW = "\ud800", "\udc00"
"""From which code points on there are first and second halves of characters."""

FEW = 1024
"""How many pieces of a text are kept apart."""

Notable: TypeAlias = Text | Reasoning | ToolCall | ToolResult | Refusal | Media | Json
"""Parts with a `meta`: all but `Opaque`."""


def count_calls(request: Request) -> int:
    """Return how many tool calls a conversation holds: where `local_id` goes on counting."""
    return sum(isinstance(part, ToolCall) for message in request.messages for part in message.parts)


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


class ResponseBuilder:
    """The response so far, and the events that are not taken yet.

    Parts are named by keys of the codec's choice, such as the wire's block index; their `index` is the order in which
    they start. Codecs set the public attributes as the wire tells them.

    Attributes:
        id, model, usage, notices, raw: as in `Response`.
        ended: whether `end` was called.
    """

    def __init__(self, origin: str) -> None:
        """Begin a response whose `meta` belongs to `origin`."""
        self.id: str | None = None
        self.model: str | None = None
        self.usage: Usage | None = None
        self.notices: tuple[Notice, ...] = ()
        self.raw: JSON = None
        self.ended = False
        self._origin = origin
        self._meta: JSONObject = {}
        self._choices: dict[int, _Choice] = {}
        self._open: dict[tuple[int, Hashable], _Open] = {}
        self._events: list[Event] = []
        self._unseen: list[Event] = []
        self._started = False

    def take(self) -> list[Event]:
        """Return the events since the last call."""
        for opened in self._open.values():
            if len(opened.text) - opened.folded > FEW:
                opened.fold()
        events, self._events = self._events, []
        return events

    def is_open(self, key: Hashable, *, choice: int = 0) -> bool:
        """Tell whether a part of this key has started and not ended."""
        return (choice, key) in self._open

    def holds(self, kind: type[Part], key: Hashable, *, choice: int = 0) -> bool:
        """Tell whether a part of this key is open, and of this class."""
        opened = self._open.get((choice, key))
        return opened is not None and type(opened.part) is kind

    def open(self, key: Hashable, part: Part, *, choice: int = 0, free_form: bool = False) -> None:
        """Start a part, whose text, citations and arguments then come as deltas.

        `free_form` is a tool call whose input is no JSON.
        """
        if (choice, key) in self._open:
            raise GrammarError(f"part {key!r} of choice {choice} is open already")
        if _has_content(part):
            raise GrammarError(f"a {type(part).__name__} starts empty: its content comes as deltas")
        place = self._choice(choice)
        index = len(place.parts)
        place.parts.append(part)
        self._open[choice, key] = _Open(index, part, free_form=free_form)
        self._emit(PartStart(index, part, choice=choice))

    def text(self, key: Hashable, text: str, *, choice: int = 0, logprobs: tuple[TokenLogprob, ...] = ()) -> None:
        """Append to a `Text`, starting it if need be."""
        part = self._open.get((choice, key)) or self._opened(key, Text(""), choice)
        if type(part.part) is not Text:
            raise _misplaced(part, "text")
        if part.half or text[-1:] >= HIGH:
            text = part.healed(text)
            if not text and not logprobs:
                return
        part.text.append(text)
        if logprobs:
            part.logprobs.extend(logprobs)
        self._events.append(_text_delta(part.index, text, logprobs=logprobs, choice=choice))

    def reasoning(self, key: Hashable, text: str, *, choice: int = 0) -> None:
        """Append to a `Reasoning`, starting it if need be."""
        part = self._open.get((choice, key)) or self._opened(key, Reasoning(""), choice)
        if type(part.part) is not Reasoning:
            raise _misplaced(part, "reasoning")
        if (part.half or text[-1:] >= HIGH) and not (text := part.healed(text)):
            return
        part.text.append(text)
        self._events.append(_reasoning_delta(part.index, text, choice=choice))

    def refusal(self, key: Hashable, text: str, *, choice: int = 0) -> None:
        """Append to a `Refusal`, starting it if need be."""
        part = self._open.get((choice, key)) or self._opened(key, Refusal(""), choice)
        if type(part.part) is not Refusal:
            raise _misplaced(part, "a refusal")
        if (part.half or text[-1:] >= HIGH) and not (text := part.healed(text)):
            return
        part.text.append(text)
        self._events.append(RefusalDelta(part.index, text, choice=choice))

    def arguments(self, key: Hashable, text: str, *, choice: int = 0) -> None:
        """Append to the arguments of an open `ToolCall`."""
        part = self._open[choice, key]
        if type(part.part) is not ToolCall:
            raise _misplaced(part, "arguments")
        if (part.half or text[-1:] >= HIGH) and not (text := part.healed(text)):
            return
        part.text.append(text)
        self._events.append(_call_delta(part.index, text, choice=choice))

    def media(self, key: Hashable, data: bytes, *, transcript: str = "", choice: int = 0) -> None:
        """Append to the bytes and the transcript of an open `Media`."""
        part = self._open[choice, key]
        if type(part.part) is not Media:
            raise _misplaced(part, "media")
        part.data.append(data)
        part.text.append(transcript)
        self._events.append(MediaDelta(part.index, data, transcript=transcript, choice=choice))

    def citation(self, key: Hashable, citation: Citation, *, choice: int = 0) -> None:
        """Add a citation to a `Text`, starting it if need be."""
        part = self._opened(key, Text(""), choice)
        if type(part.part) is not Text:
            raise _misplaced(part, "a citation")
        part.citations.append(citation)
        self._events.append(CitationDelta(part.index, citation, choice=choice))

    def part(self, key: Hashable, *, choice: int = 0) -> Part:
        """Return an open part as it started, with what `update` has changed."""
        return self._open[choice, key].part

    def text_of(self, key: Hashable, *, choice: int = 0) -> str:
        """Return the text of an open part so far; of a call that is its arguments."""
        return self._open[choice, key].whole()

    def said(self, *, choice: int = 0) -> str:
        """Return the text of an answer so far, of all its parts that are `Text`."""
        opened = {part.index: part for (place, _), part in self._open.items() if place == choice}
        texts = enumerate(self._choice(choice).parts)
        return "".join(
            opened[at].whole() if at in opened else part.text for at, part in texts if isinstance(part, Text)
        )

    def update(self, key: Hashable, part: Part, *, choice: int = 0) -> None:
        """Replace what an open part says beside its deltas: signature, name, meta."""
        self._open[choice, key].part = part

    def note_part(self, key: Hashable, data: Mapping[str, JSON], *, choice: int = 0) -> None:
        """Merge what the wire says about an open part into its `meta`."""
        opened = self._open[choice, key]
        if data and not isinstance(opened.part, Opaque):
            opened.meta = self._merged("part", opened.meta, data)

    def note_message(self, data: Mapping[str, JSON], *, choice: int = 0) -> None:
        """Merge what goes back with the message into its `meta`."""
        if data:
            place = self._choice(choice)
            place.message_meta = self._merged("message", place.message_meta, data)

    def note_choice(self, data: Mapping[str, JSON], *, choice: int = 0) -> None:
        """Merge what the wire says about one answer into its response's `meta`."""
        if data:
            place = self._choice(choice)
            place.meta = self._merged("choice", place.meta, data)

    def note(self, data: Mapping[str, JSON]) -> None:
        """Merge what the wire says about the whole reply into `Response.meta`."""
        if data:
            self._meta = self._merged("response", self._meta, data)

    def unknown(self, kind: str, data: JSON) -> None:
        """Surface an event that this version has no name for."""
        (self._events if self._started else self._unseen).append(UnknownEvent(kind, data))

    def close(self, key: Hashable, *, choice: int = 0) -> None:
        """End a part."""
        opened = self._open.pop((choice, key))
        if half := opened.settled():
            delta = _DELTAS.get(type(opened.part), TextDelta)
            self._events.append(delta(opened.index, half, choice=choice))
        part = opened.complete(self._origin)
        self._choice(choice).parts[opened.index] = part
        self._emit(PartEnd(opened.index, part, choice=choice))

    def finish(self, reason: FinishReason, raw: str | None, *, choice: int = 0) -> None:
        """Say why an answer ended."""
        place = self._choice(choice)
        place.reason, place.raw_reason = reason, raw

    def finished(self, *, choice: int = 0) -> bool:
        """Tell whether an answer has its reason."""
        return choice in self._choices and self._choices[choice].reason is not None

    def end(self) -> None:
        """End the open parts and the response."""
        self.ended = True
        for choice, key in sorted(self._open, key=lambda place: (place[0], self._open[place].index)):
            self.close(key, choice=choice)
        self._emit(ResponseEnd(self._response(self._parts())))

    def partial(self) -> Response | None:
        """Return what has been received, open parts as far as they came; `None` when that is nothing."""
        if not (self._choices or self._started or self.usage):
            return None
        parts = self._parts()
        for (choice, _), opened in self._open.items():
            parts[choice][opened.index] = opened.so_far(self._origin)
        return self._response(parts, complete=False)

    def _parts(self) -> dict[int, list[Part]]:
        return {choice: list(place.parts) for choice, place in self._choices.items()}

    def _response(self, parts: dict[int, list[Part]], *, complete: bool = True) -> Response:
        first, *others = [
            self._answer(choice, parts.get(choice, []), complete=complete) for choice in (sorted(self._choices) or [0])
        ]
        meta, _ = merge(dict(self._meta), first.meta.get(self._origin, {}))
        return replace(
            first,
            usage=self.usage,
            id=self.id,
            model=self.model,
            alternatives=tuple(others),
            notices=self.notices,
            meta={self._origin: meta} if isinstance(meta, dict) and meta else {},
            raw=self.raw,
        )

    def _answer(self, choice: int, parts: list[Part], *, complete: bool) -> Response:
        place = self._choices.get(choice, _Choice())
        return Response(
            message=Message(
                role="assistant",
                parts=tuple(parts),
                meta={self._origin: place.message_meta} if place.message_meta else {},
            ),
            finish_reason=place.reason or (FinishReason.OTHER if complete else None),
            raw_finish_reason=place.raw_reason,
            meta={self._origin: place.meta} if place.meta else {},
        )

    def _choice(self, choice: int) -> _Choice:
        if choice not in self._choices:
            self._choices[choice] = _Choice()
        return self._choices[choice]

    def _opened(self, key: Hashable, part: Part, choice: int) -> _Open:
        opened = self._open.get((choice, key))
        if opened is None:
            self.open(key, part, choice=choice)
            opened = self._open[choice, key]
        return opened

    def _merged(self, level: str, old: JSONObject, new: Mapping[str, JSON]) -> JSONObject:
        merged, replaced = merge(old, dict(new))
        if replaced:
            self.unknown(level, dict(old))
        return merged if isinstance(merged, dict) else old

    def _emit(self, event: Event) -> None:
        if not self._started:
            self._started = True
            self._events += [ResponseStart(id=self.id, model=self.model, notices=self.notices), *self._unseen]
            self._unseen = []
        self._events.append(event)


_DELTAS: Mapping[type[Part], Callable[..., Delta]] = {
    Reasoning: ReasoningDelta,
    Refusal: RefusalDelta,
    ToolCall: ToolCallDelta,
}


def _misplaced(opened: _Open, piece: str) -> DecodeError:
    """Return the error of a delta that continues a part of another kind."""
    return DecodeError(f"the stream continues a {type(opened.part).__name__} with {piece}")


def _has_content(part: Part) -> bool:
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


class _Choice:
    """One answer."""

    __slots__ = ("message_meta", "meta", "parts", "raw_reason", "reason")

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.message_meta: JSONObject = {}
        self.meta: JSONObject = {}
        self.reason: FinishReason | None = None
        self.raw_reason: str | None = None


class _Open:
    """One part that has started."""

    __slots__ = ("citations", "data", "folded", "free_form", "half", "index", "logprobs", "meta", "part", "text")

    def __init__(self, index: int, part: Part, *, free_form: bool) -> None:
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
