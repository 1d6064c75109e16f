"""Assemble a streamed response: deltas in, events and finally the response out.

Law: the events obey `chat_core.events` by construction. `ResponseStart` is held back until the first content, so an
attempt that failed before it can be repeated unseen. Nothing is thrown away: what deltas hold beyond the known fields
is merged into `meta`, and a value that a later one replaces is surfaced as an `UnknownEvent`. A character that services
cut in two between deltas, as surrogates, comes whole with the second one. A delta that continues a part of another kind
is malformed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chat_core.codec.open_part import DELTAS, HIGH, OpenPart, has_content, merge, misplaced
from chat_core.errors import GrammarError
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
from chat_core.frozen import maker, many
from chat_core.jsonvalue import parse
from chat_core.messages import Message
from chat_core.parts import Media, Opaque, Reasoning, Refusal, Text, ToolCall
from chat_core.response import FinishReason, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from chat_core.events import Delta, Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Citation, Part, TokenLogprob
    from chat_core.request import Request
    from chat_core.response import Notice, Usage

__all__ = ["FEW", "ResponseBuilder", "count_calls", "merge"]

_text_delta, _reasoning_delta, _call_delta = maker(TextDelta), maker(ReasoningDelta), maker(ToolCallDelta)

FEW = 1024
"""How many pieces of a text are kept apart."""


def count_calls(request: Request) -> int:
    """Return how many tool calls a conversation holds: where `local_id` goes on counting."""
    return sum(isinstance(part, ToolCall) for message in request.messages for part in message.parts)


class ResponseBuilder:
    """The response so far, and the events that are not taken yet.

    Parts are named by keys of the codec's choice, such as the wire's block index; their `index` is the order in which
    they start. Codecs set the public attributes as the wire tells them.

    Attributes:
        id, model, usage, notices, raw: as in `Response`.
        unread: a payload that came after what `raw` was set to, parsed by whoever asks for `raw`.
        ended: whether `end` was called.
    """

    def __init__(self, origin: str) -> None:
        """Begin a response whose `meta` belongs to `origin`."""
        self.id: str | None = None
        self.model: str | None = None
        self.usage: Usage | None = None
        self.notices: tuple[Notice, ...] = ()
        self.unread: bytes | str | None = None
        self.ended = False
        self._origin = origin
        self._meta: JSONObject = {}
        self._choices: dict[int, _Choice] = {}
        self._open: dict[tuple[int, Hashable], OpenPart] = {}
        self._raw: JSON = None
        self._events: list[Event] = []
        self._unseen: list[Event] = []
        self._started = False

    @property
    def raw(self) -> JSON:
        """The last payload."""
        if self.unread is not None:
            return parse(self.unread)
        return self._raw

    @raw.setter
    def raw(self, data: JSON) -> None:
        self._raw, self.unread = data, None

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
        if has_content(part):
            raise GrammarError(f"a {type(part).__name__} starts empty: its content comes as deltas")
        place = self._choice(choice)
        index = len(place.parts)
        place.parts.append(part)
        self._open[choice, key] = OpenPart(index, part, free_form=free_form)
        self._emit(PartStart(index, part, choice=choice))

    def text(self, key: Hashable, text: str, *, choice: int = 0, logprobs: tuple[TokenLogprob, ...] = ()) -> None:
        """Append to a `Text`, starting it if need be."""
        part = self._open.get((choice, key)) or self._opened(key, Text(""), choice)
        if type(part.part) is not Text:
            raise misplaced(part, "text")
        if part.half or text[-1:] >= HIGH:
            text = part.healed(text)
            if not text and not logprobs:
                return
        part.text.append(text)
        if logprobs:
            part.logprobs.extend(logprobs)
        self._events.append(_text_delta(part.index, text, logprobs=logprobs, choice=choice))

    def saying(self, key: Hashable, *, choice: int = 0) -> Callable[[Sequence[str]], None]:
        """Return what appends to an open text, reasoning or call as long as nothing else comes: texts, one by one."""
        return partial(self._say, self._open[choice, key], key, choice)

    def _say(self, part: OpenPart, key: Hashable, choice: int, texts: Sequence[str]) -> None:
        append, deltas = _APPENDING[type(part.part)]
        if len(texts) == 1 or part.half or not "".join(texts).isascii():
            for text in texts:
                append(self, key, text, choice=choice)
        else:
            part.text.extend(texts)
            self._events += deltas(part.index, texts, choice=choice)

    def reasoning(self, key: Hashable, text: str, *, choice: int = 0) -> None:
        """Append to a `Reasoning`, starting it if need be."""
        part = self._open.get((choice, key)) or self._opened(key, Reasoning(""), choice)
        if type(part.part) is not Reasoning:
            raise misplaced(part, "reasoning")
        if (part.half or text[-1:] >= HIGH) and not (text := part.healed(text)):
            return
        part.text.append(text)
        self._events.append(_reasoning_delta(part.index, text, choice=choice))

    def refusal(self, key: Hashable, text: str, *, choice: int = 0) -> None:
        """Append to a `Refusal`, starting it if need be."""
        part = self._open.get((choice, key)) or self._opened(key, Refusal(""), choice)
        if type(part.part) is not Refusal:
            raise misplaced(part, "a refusal")
        if (part.half or text[-1:] >= HIGH) and not (text := part.healed(text)):
            return
        part.text.append(text)
        self._events.append(RefusalDelta(part.index, text, choice=choice))

    def arguments(self, key: Hashable, text: str, *, choice: int = 0) -> None:
        """Append to the arguments of an open `ToolCall`."""
        part = self._open[choice, key]
        if type(part.part) is not ToolCall:
            raise misplaced(part, "arguments")
        if (part.half or text[-1:] >= HIGH) and not (text := part.healed(text)):
            return
        part.text.append(text)
        self._events.append(_call_delta(part.index, text, choice=choice))

    def media(self, key: Hashable, data: bytes, *, transcript: str = "", choice: int = 0) -> None:
        """Append to the bytes and the transcript of an open `Media`."""
        part = self._open[choice, key]
        if type(part.part) is not Media:
            raise misplaced(part, "media")
        part.data.append(data)
        part.text.append(transcript)
        self._events.append(MediaDelta(part.index, data, transcript=transcript, choice=choice))

    def citation(self, key: Hashable, citation: Citation, *, choice: int = 0) -> None:
        """Add a citation to a `Text`, starting it if need be."""
        part = self._opened(key, Text(""), choice)
        if type(part.part) is not Text:
            raise misplaced(part, "a citation")
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
            delta = DELTAS.get(type(opened.part), TextDelta)
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

    def _opened(self, key: Hashable, part: Part, choice: int) -> OpenPart:
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


class _Choice:
    """One answer."""

    __slots__ = ("message_meta", "meta", "parts", "raw_reason", "reason")

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.message_meta: JSONObject = {}
        self.meta: JSONObject = {}
        self.reason: FinishReason | None = None
        self.raw_reason: str | None = None


_APPENDING: Mapping[type[Part], tuple[Callable[..., None], Callable[..., Sequence[Delta]]]] = {
    Text: (ResponseBuilder.text, many(TextDelta, "text")),
    Reasoning: (ResponseBuilder.reasoning, many(ReasoningDelta, "text")),
    ToolCall: (ResponseBuilder.arguments, many(ToolCallDelta, "arguments")),
}
"""What appends a piece to a part, and what makes the events of many pieces."""
