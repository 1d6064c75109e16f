"""The stream decoder: events of a stream → events of ours. A whole reply is a stream of one event.

Law: a finish reason of every candidate that was asked for, or a blocked prompt, is the terminal signal; the wire has no
last event, so the end is that of the input. Each count of the usage is that of the last event that has it. An event of
no known members is surfaced.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.alike import Alike
from chat_core.codec.builder import count_calls, merge
from chat_core.codec.decoder import FrameDecoder
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.events import ResponseEnd
from chat_core.jsonvalue import excerpt, glance, require_finite, rest
from chat_core.response import FinishReason
from chat_gemini.candidates import Candidate
from chat_gemini.decode import finish_reason, reason_word
from chat_gemini.errors import error_from
from chat_gemini.logprobs import decode_logprobs
from chat_gemini.usage import counted, decode_usage
from chat_gemini.wire_parts import PartReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.alike import Say
    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request
    from chat_core.response import Response
    from chat_gemini.provider import Gemini

ENVELOPE = frozenset({"candidates", "usageMetadata", "modelVersion", "responseId", "error"})
"""Members of an event that have a place of their own."""

KNOWN = ENVELOPE | {"promptFeedback", "createTime", "modelStatus"}
"""Members by which an event is known."""

CANDIDATE = frozenset({"index", "content", "finishReason", "logprobsResult", "continuationToken"})
"""Members of a candidate that have a place of their own."""

CONTENT = frozenset({"role", "parts"})

SOURCES = ("groundingMetadata", "citationMetadata")

USUAL, PLACE = frozenset({"candidates", "usageMetadata", "modelVersion", "responseId"}), frozenset({"index", "content"})
"""Members of an event that goes on with a text, and of its candidate."""

COUNTS = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount", "thoughtsTokenCount")
"""Counts that differ from event to event; the last ones count."""

DONE = (b"[DONE]", "[DONE]")  # no set: it would hash every payload
"""What gateways put after the last event."""


class GenerateDecoder(FrameDecoder):
    """Decodes one stream."""

    def __init__(self, provider: Gemini, request: Request) -> None:
        """Begin the answer to a request."""
        self._origin = provider.origin(request.model)
        super().__init__(self._origin, Alike(("text",), COUNTS))
        self._provider = provider
        self._reader = PartReader(self._origin, count_calls(request))
        self._expected = max(1, request.options.n or 1)
        self._candidates: dict[int, Candidate] = {}
        self._blocked: str | None = None
        self._counts: JSONObject = {}
        self._numbers: JSONObject = {}
        self._later: JSONObject | None = None

    def on_frame(self, frame: Frame) -> None:
        """Put what one event says into `build`.

        Raises:
            DecodeError: it is malformed.
            ProviderError: it is an error of the service.
        """
        self._look()
        if frame.data in DONE:
            return
        try:
            data = self._payload(frame)
        except DecodeError:
            self._count()
            raise
        if data is not None:
            self._count()
            self._events(data)

    def finish(self) -> Iterator[Event]:
        """End the stream at the end of input.

        Raises:
            StreamTruncated: a candidate had not ended, or not begun.
        """
        self._count()
        if self.terminal and not self.build.ended:
            self._end()
            yield from self.build.take()
        yield from super().finish()

    def whole(self, data: JSON, *, status: int | None = None, headers: Mapping[str, str] | None = None) -> Response:
        """Decode a whole reply.

        Raises:
            DecodeError: it is malformed.
            ProviderError: it is an error in the guise of a success.
        """
        items: list[JSON] = data if isinstance(data, list) else [data]
        failed = next((item for item in items if isinstance(item, dict) and item.get("error") is not None), None)
        if failed is not None:
            text = dump(data).decode()
            raise error_from(failed, self._provider, status=status, headers=headers, body=text)
        if not any(isinstance(item, dict) and (item.get("candidates") or item.get("promptFeedback")) for item in items):
            raise DecodeError(f"the reply has neither candidates nor a promptFeedback: {excerpt(repr(data))}")
        self._events(items)
        self._end()
        for event in self.build.take():
            if isinstance(event, ResponseEnd):
                return replace(event.response, raw=data)
        raise DecodeError("the reply has no answer")

    def _payload(self, frame: Frame) -> JSON:
        """Parse an event; nothing comes of a blank one, of one that the end of input cut, and of one that was taken."""
        if not frame.data.strip():
            return None
        try:
            data = glance(frame.data)
            if isinstance(data, dict) and (say := self._direct(data)):
                self.alike.learn(frame, say)
                return None
            require_finite(data, frame.data)
        except DecodeError:
            if frame.cut:
                return None
            raise
        return data

    def _direct(self, data: JSONObject) -> Say | None:
        """Take an event that goes on with a text, as the usual path would, but for its counts; pure speed."""
        if not data.keys() <= USUAL or not self._is_same(data):
            return None
        candidate, counts = _only(data.get("candidates")), data.get("usageMetadata")
        content, index = candidate.get("content"), candidate.get("index", 0)
        if not candidate.keys() <= PLACE or not isinstance(content, dict) or content.keys() != CONTENT:
            return None
        part = _only(content["parts"])
        text = part.get("text") if len(part) == 1 and content["role"] == "model" else None
        if not isinstance(text, str) or not text or type(index) is not int or index not in self._candidates:
            return None
        if not self._is_alike(counts) or not self._candidates[index].say(text):
            return None
        self.build.raw = data
        self._later = counts if isinstance(counts, dict) else self._later
        return self._candidates[index].saying()

    def _is_same(self, data: JSONObject) -> bool:
        """Tell whether an event is of the same answer as the one before."""
        return data.get("responseId") == self.build.id and data.get("modelVersion") == self.build.model

    def _is_alike(self, counts: JSON) -> bool:
        """Tell whether counts differ from those before in their numbers only: then reading the last ones is enough."""
        if not isinstance(counts, dict):
            return counts is None
        numbers = self._numbers
        return {**counts, **numbers} == self._counts and all(type(counts.get(name)) is int for name in numbers)

    def _count(self) -> None:
        """Read the counts that the direct path has put off."""
        self._look()
        if self._later is not None:
            self._read_counts(self._later)
            self._later = None

    def _look(self) -> None:
        """Find the counts of the last event, if nobody has parsed it."""
        if self.build.unread is not None and isinstance(data := self.build.raw, dict):
            counts = data.get("usageMetadata")
            self._later = counts if isinstance(counts, dict) else self._later

    def _read_counts(self, data: JSON) -> None:
        if (usage := decode_usage(data)) is not None:
            self._counts = usage.raw
            self._numbers = {name: count for name, count in usage.raw.items() if type(count) is int}
            self.build.usage = counted(self.build.usage, usage)

    def _events(self, data: JSON) -> None:
        match data:
            case None:
                pass
            case dict():
                self._event(data)
            case list():  # a stream as one array, which came as one document
                for item in data:
                    self._events(item)
            case _:
                raise DecodeError(f"an event is no object but {type(data).__name__}")

    def _event(self, data: JSONObject) -> None:
        self.build.raw = data
        if data.get("error") is not None:
            raise error_from(data, self._provider, body=dump(data).decode())
        if not data.keys() & KNOWN:
            self.build.unknown("event", data)
            return
        self.build.id = self._identity("responseId", data, self.build.id)
        self.build.model = self._identity("modelVersion", data, self.build.model)
        self._read_counts(data.get("usageMetadata"))
        match data.get("candidates"):
            case None:
                pass
            case list(items):
                for at, item in enumerate(items):
                    self._candidate(at, item)
            case other:
                raise DecodeError(f"candidates is no list but {type(other).__name__}")
        self.build.note(rest(data, ENVELOPE))
        self._prompt(data.get("promptFeedback"))
        reasons = [candidate.reason for candidate in self._candidates.values()]
        self.terminal = None not in reasons and len(reasons) >= self._expected if reasons else self._blocked is not None

    def _identity(self, key: str, data: JSONObject, old: str | None) -> str | None:
        match data.get(key):
            case None:
                return old
            case str(new):
                if old is not None and old != new:
                    self.build.unknown(key, old)
                return new
            case other:
                raise DecodeError(f"{key} is no text but {type(other).__name__}")

    def _prompt(self, feedback: JSON) -> None:
        """Read why a prompt was blocked; what else is said of it is in the response's meta."""
        match feedback:
            case {"blockReason": (str() | int()) as word}:
                self._blocked = str(word)
            case None | dict():
                pass
            case other:
                raise DecodeError(f"promptFeedback is no object but {type(other).__name__}")

    def _candidate(self, at: int, data: JSON) -> None:
        if not isinstance(data, dict):
            raise DecodeError(f"a candidate is no object but {type(data).__name__}")
        choice = _index(data.get("index"), at)
        if choice not in self._candidates:
            self._candidates[choice] = Candidate(choice, self.build, self._reader, self._origin)
        candidate = self._candidates[choice]
        self._content(candidate, choice, data)
        for key in SOURCES:
            if data.get(key) is not None:
                candidate.sources[key], _ = merge(candidate.sources.get(key), data[key])
        self.build.note_choice(rest(data, CANDIDATE), choice=choice)
        if (token := data.get("continuationToken")) is not None:
            self.build.note_message({"continuationToken": token}, choice=choice)
        word = reason_word(data.get("finishReason"))
        if word is not None:
            if candidate.reason is not None and candidate.reason != word:
                self.build.unknown("finishReason", candidate.reason)
            candidate.reason = word
            self._finish(choice, candidate)

    def _content(self, candidate: Candidate, choice: int, data: JSONObject) -> None:
        tokens, beside = decode_logprobs(data.get("logprobsResult"), self._origin)
        parts = self._parts(data.get("content"), choice)
        for number, part in enumerate(parts):
            held = tokens if candidate.holds_text(part) else ()
            candidate.part(part, first=number == 0, tokens=held)
            tokens = () if held else tokens
        if tokens:  # there is no text that they could belong to
            self.build.note_choice({"logprobsResult": data["logprobsResult"]}, choice=choice)
        elif beside:
            self.build.note_choice({"logprobsResult": beside}, choice=choice)

    def _parts(self, content: JSON, choice: int) -> list[JSONObject]:
        match content:
            case None:
                return []
            case dict():
                pass
            case other:
                raise DecodeError(f"a content is no object but {type(other).__name__}")
        more = rest(content, CONTENT)
        if (role := content.get("role")) not in (None, "model"):
            more["role"] = role
        self.build.note_message(more, choice=choice)
        match content.get("parts"):
            case None:
                return []
            case list(items) if len(found := [item for item in items if isinstance(item, dict)]) == len(items):
                return [item for item in found if item]
            case other:
                raise DecodeError(f"malformed parts: {excerpt(repr(other))}")

    def _finish(self, choice: int, candidate: Candidate) -> None:
        if candidate.reason is not None:
            reason = finish_reason(candidate.reason, calls=candidate.calls > 0)
            self.build.finish(reason, candidate.reason, choice=choice)

    def _end(self) -> None:
        for choice, candidate in self._candidates.items():
            candidate.end()
            self._finish(choice, candidate)
        if not self._candidates and self._blocked is not None:
            self.build.finish(FinishReason.CONTENT_FILTER, self._blocked)
        self.build.end()


def _only(items: JSON) -> JSONObject:
    """Return the object that a list consists of, an empty one of anything else."""
    if isinstance(items, list) and len(items) == 1 and isinstance(items[0], dict):
        return items[0]
    return {}


def _index(value: JSON, at: int) -> int:
    match value:
        case None:
            return at
        case int(number) if not isinstance(number, bool) and number >= 0:
            return number
        case other:
            raise DecodeError(f"the index of a candidate is {excerpt(repr(other), 100)}")
