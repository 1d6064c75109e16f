"""One live session of Gemini's: implements `chat_core.codec.live.LiveCodec`.

Law: a message may hold several members, and each is read, or surfaced as it is. An answer begins with the first thing
that the model says, and ends when the turn is complete, with calls of tools, or because it was interrupted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.builder import count_calls
from chat_core.codec.decoder import frame_object
from chat_core.codec.wire import dump
from chat_core.errors import ChatError, DecodeError
from chat_core.events import PartEnd, UnknownEvent
from chat_core.jsonvalue import excerpt, rest
from chat_core.live import (
    CallsCancelled,
    Interrupted,
    ResumeToken,
    SessionEnding,
    SessionStart,
    SessionUsage,
)
from chat_core.parts import ToolCall
from chat_core.request import Request
from chat_core.response import FinishReason
from chat_gemini.errors import error_from
from chat_gemini.live.heard import Heard, seconds
from chat_gemini.live.saying import Saying
from chat_gemini.live.turn import SOURCES, Turn
from chat_gemini.live.usage import decode_usage
from chat_gemini.live.words import COMPLETE, CONTENT, MESSAGE, RESUMPTION, object_of
from chat_gemini.wire_parts import PartReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.live import LiveMessage
    from chat_core.codec.wire import Frame
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveConfig, LiveEvent, LiveInput
    from chat_core.parts import Meta
    from chat_gemini.provider import Gemini

IGNORED: Mapping[str, str] = {
    "serverContent.outputTranscription.finished": "the end of the answer says it",
    "usageMetadata.*": "every message counts anew; Usage.raw holds the last counts",
}
"""Leaves that are dropped, with the reason."""


class GeminiLiveCodec:
    """Translates one session."""

    def __init__(self, provider: Gemini, config: LiveConfig) -> None:
        """Begin with the configuration, and the conversation so far once the service listens.

        Raises:
            UnsupportedContent: the wire cannot spell something of them.
            UnansweredToolCall: a call of the conversation has no result.
        """
        self._provider = provider
        self._origin = provider.origin(config.model)
        self._saying = Saying(provider, config)
        self._reader = PartReader(self._origin, count_calls(Request(model=config.model, messages=config.messages)))
        self._turn: Turn | None = None
        self._events: list[LiveEvent] = []
        self._heard = Heard()
        self._ready = False
        self._token: str | None = None

    @property
    def ready(self) -> bool:
        """Whether the service has said that it listens."""
        return self._ready

    @property
    def resume_token(self) -> str | None:
        """What a later session can go on with."""
        return self._token

    def send(self, said: LiveInput) -> None:
        """Say something: `to_send` then has it.

        Raises:
            UnsupportedContent: the wire cannot spell it; nothing will be sent.
        """
        self._saying.busy = self._turn is not None
        self._saying.say(said)

    def to_send(self) -> tuple[LiveMessage, ...]:
        """Return what is to be sent now, in order, once."""
        return self._saying.take()

    def feed(self, frame: Frame) -> Iterator[LiveEvent]:
        """Read one message of the service; events that precede a failure come before it is raised.

        Raises:
            DecodeError: a known message is malformed.
            ProviderError: the service ended the session with an error.
        """
        try:
            data = frame_object(frame)
            if data is not None:
                self._on(data)
        except ChatError as error:
            if self._turn is not None:
                error.partial = error.partial or self._turn.build.partial()
            yield from self._taken()
            raise
        yield from self._taken()

    def finish(self) -> Iterator[LiveEvent]:
        """End the session: an answer that was on ends as cancelled."""
        self._events += self._heard.end()
        if self._turn is not None:
            self._events += self._turn.build.take()
            self._turn.end(FinishReason.CANCELLED, None)
            self._ended(self._turn)
        yield from self._taken()

    def _taken(self) -> list[LiveEvent]:
        self._take_turn()
        events, self._events = self._events, []
        for event in events:
            if isinstance(event, PartEnd) and isinstance(event.part, ToolCall):
                self._saying.called(event.part.id, event.part.name)
        return events

    def _take_turn(self) -> None:
        if self._turn is not None:
            self._events += self._turn.build.take()

    def _on(self, data: JSONObject) -> None:
        """Read a message: what is said first, what it cost then, and what has ended last."""
        if data.get("error") is not None:
            raise error_from(data, self._provider, body=dump(data).decode())
        content = object_of(data, "serverContent")
        calls = object_of(data, "toolCall")
        self._session(data)
        if content is not None:
            self._content(content)
        if calls is not None:
            self._calls(calls)
        if (usage := decode_usage(data.get("usageMetadata"))) is not None:
            if self._turn is not None:
                self._turn.build.usage = usage
            else:
                self._events.append(SessionUsage(usage))
        if content is not None:
            self._endings(content)
        if calls is not None:
            self._end(FinishReason.TOOL_CALLS, None)
        self._cancelled(data)
        for key, value in rest(data, MESSAGE).items():
            self._say(UnknownEvent(key, value))

    def _say(self, event: LiveEvent) -> None:
        """Tell something that is no part of an answer, after what came before it."""
        self._take_turn()
        self._events.append(event)

    def _session(self, data: JSONObject) -> None:
        """Read what is about the session."""
        if (started := object_of(data, "setupComplete")) is not None:
            self._started(started)
        if (update := object_of(data, "sessionResumptionUpdate")) is not None:
            self._resumable(update)
        if (away := object_of(data, "goAway")) is not None:
            self._say(SessionEnding(seconds(away.get("timeLeft"))))
            self._beside("goAway", away, {"timeLeft"})
        for key in ("voiceActivity", "voiceActivityDetectionSignal"):
            if (signal := object_of(data, key)) is not None:
                for event in self._heard.activity(key, signal):
                    self._say(event)

    def _started(self, data: JSONObject) -> None:
        notices = self._saying.listened_to()
        named = data.get("sessionId")
        known = {"sessionId"} if isinstance(named, str) else set[str]()
        left = rest(data, known)
        meta: Meta = {self._origin: left} if left else {}
        self._ready = True
        self._say(SessionStart(id=named if isinstance(named, str) else None, notices=notices, meta=meta))

    def _resumable(self, data: JSONObject) -> None:
        match data.get("newHandle"), data.get("resumable"):
            case (str() | None) as handle, (bool() | None) as resumable:
                self._token = handle if resumable and handle else None
            case other:
                raise DecodeError(f"malformed sessionResumptionUpdate: {excerpt(repr(other))}")
        self._say(ResumeToken(self._token))
        self._beside("sessionResumptionUpdate", data, {"resumable"} if handle and not resumable else RESUMPTION)

    def _beside(self, kind: str, data: JSONObject, known: set[str] | frozenset[str]) -> None:
        if left := rest(data, known):
            self._say(UnknownEvent(kind, left))

    def _begun(self) -> Turn:
        """Return the answer that is on; one that is not begins."""
        if self._turn is None:
            self._turn = Turn(self._origin, self._reader)
            self._saying.asked = False
        return self._turn

    def _content(self, data: JSONObject) -> None:
        for key in ("interimInputTranscription", "inputTranscription"):
            if (words := object_of(data, key)) is not None:
                for event in self._heard.words(key, words):
                    self._say(event)
        if (turn := object_of(data, "modelTurn")) is not None and rest(turn, ()):
            self._begun().content(turn)
        if (words := object_of(data, "outputTranscription")) is not None:
            self._spoken(words)
        for key in SOURCES:
            if (found := object_of(data, key)) is not None and found:
                self._sources(key, found)
        self._beside("serverContent", data, CONTENT)

    def _spoken(self, data: JSONObject) -> None:
        match data.get("text"):
            case None | "":
                pass
            case str(text):
                self._begun().words(text)
            case other:
                raise DecodeError(f"malformed outputTranscription: {excerpt(repr(other))}")
        self._beside("outputTranscription", data, {"text", "finished"})

    def _sources(self, key: str, data: JSONObject) -> None:
        if self._turn is not None:
            self._turn.source(key, data)
        else:
            self._say(UnknownEvent(key, data))

    def _calls(self, data: JSONObject) -> None:
        match data.get("functionCalls"):
            case list(calls):
                pass
            case other:
                raise DecodeError(f"malformed toolCall: {excerpt(repr(other))}")
        for call in calls:
            if not isinstance(call, dict):
                raise DecodeError(f"a call is no object but {type(call).__name__}")
            self._begun().call(call)
        self._beside("toolCall", data, {"functionCalls"})

    def _endings(self, data: JSONObject) -> None:
        """Read that an answer has ended."""
        if data.get("interrupted") is True:
            self._say(Interrupted())
            self._end(FinishReason.CANCELLED, None)
        if data.get("turnComplete") is True and self._turn is not None:
            self._complete(data.get("turnCompleteReason"))
        elif left := {key: data[key] for key in COMPLETE if data.get(key) is not None}:
            self._say(UnknownEvent("serverContent", left))

    def _complete(self, word: JSON) -> None:
        match word:
            case None | str():
                pass
            case other:
                raise DecodeError(f"malformed turnCompleteReason: {excerpt(repr(other))}")
        if self._turn is not None:
            self._events += self._heard.end()
            self._take_turn()
            self._turn.complete(word)
            self._ended(self._turn)

    def _end(self, reason: FinishReason, word: str | None) -> None:
        if self._turn is not None:
            self._events += self._heard.end()
            self._take_turn()
            self._turn.end(reason, word)
            self._ended(self._turn)

    def _ended(self, turn: Turn) -> None:
        self._events += turn.build.take()
        self._turn = None

    def _cancelled(self, data: JSONObject) -> None:
        cancelled = object_of(data, "toolCallCancellation")
        if cancelled is None:
            return
        match cancelled.get("ids"):
            case list(ids) if len(found := [call for call in ids if isinstance(call, str)]) == len(ids):
                self._say(CallsCancelled(tuple(found)))
            case other:
                raise DecodeError(f"malformed toolCallCancellation: {excerpt(repr(other))}")
        self._beside("toolCallCancellation", cancelled, {"ids"})
