"""One live session over the Realtime wire: implements `chat_core.codec.live.LiveCodec`.

Law: an event is read, or surfaced as it is. Answers come one by one: what belongs to another one than the one that is
on is surfaced. The service's word for who said what, and when, is in the order of the events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.decoder import frame_object
from chat_core.codec.leftovers import meta_of
from chat_core.errors import AuthenticationFailed, ChatError, DecodeError, PermissionDenied, QuotaExceeded
from chat_core.events import UnknownEvent
from chat_core.jsonvalue import excerpt, rest
from chat_core.live import (
    Interrupted,
    ResumeToken,
    SessionError,
    SessionStart,
    SessionUpdate,
)
from chat_responses.errors import error_from
from chat_responses.realtime.answer import Answer
from chat_responses.realtime.echoes import Echoes
from chat_responses.realtime.forms import look
from chat_responses.realtime.heard import TRANSCRIPTIONS, Heard
from chat_responses.realtime.saying import Saying
from chat_responses.realtime.session import form_of
from chat_responses.realtime.sound import sound_format, sound_of
from chat_responses.realtime.words import ALWAYS, EARLIER, OF_ANSWERS, OF_ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.live import LiveMessage
    from chat_core.codec.wire import Frame
    from chat_core.jsonvalue import JSONObject
    from chat_core.live import LiveConfig, LiveEvent, LiveInput
    from chat_responses.provider import Responses

IGNORED: Mapping[str, str] = {
    "audio_duration_ms": "the length of the sound that is beside it",
    "event_id": "of an event, not of what it says",
    "item.status": "an item that begins is in progress",
    "latency": "how long the service needed",
    "obfuscation": "padding, against guesses from the length of events",
    "previous_item_id": "the order of the items, which is that of the events",
    "response.status": "an answer that begins is in progress",
    "rid": "of the service's own inner request",
    "timestamp": "of a ping, a sign of life",
    "ts": "when the service sent it",
}
"""Leaves that are dropped, with the reason."""

ENDING = frozenset({"session_expired", "websocket_connection_limit_reached"})
"""Codes of errors after which a session is over."""
FATAL = (AuthenticationFailed, PermissionDenied, QuotaExceeded)
"""Errors after which it is over, too."""


class RealtimeCodec:
    """Translates one session."""

    def __init__(self, provider: Responses, origin: str, config: LiveConfig) -> None:
        """Begin with the configuration and the conversation so far, which are sent at once.

        Raises:
            UnsupportedContent: the wire cannot spell something of them.
            UnansweredToolCall: a call of the conversation has no result.
        """
        self._origin = origin
        self._form = form_of(provider)
        self._config = config
        self._saying = Saying(provider, origin, config)
        self._answer: Answer | None = None
        self._events: list[LiveEvent] = []
        self._echoes = Echoes()
        self._ready = False
        self._token: str | None = None
        self._model: str | None = None
        self._sound = sound_of(config.output_audio)
        self._heard = Heard(origin)

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
        if self._answer is not None:
            self._saying.playing(self._answer.sounds)
        self._saying.say(said)

    def to_send(self) -> tuple[LiveMessage, ...]:
        """Return what is to be sent now, in order, once."""
        return self._saying.take()

    def feed(self, frame: Frame) -> Iterator[LiveEvent]:
        """Read one message of the service; events that precede a failure come before it is raised.

        Raises:
            DecodeError: a known event is malformed.
            ProviderError: the service ended the session with an error.
        """
        try:
            data = frame_object(frame)
            if data is not None:
                self._on(data)
        except ChatError as error:
            if self._answer is not None:
                error.partial = error.partial or self._answer.build.partial()
            yield from self._taken()
            raise
        yield from self._taken()

    def finish(self) -> Iterator[LiveEvent]:
        """End the session: an answer that was on ends as cancelled."""
        if self._answer is not None:
            self._answer.cancel()
            self._answered(self._answer)
        yield from self._taken()

    def _taken(self) -> list[LiveEvent]:
        if self._answer is not None:
            self._events += self._answer.build.take()
        events, self._events = self._events, []
        return events

    def _on(self, data: JSONObject) -> None:
        match data.get("type"):
            case str(named):
                kind = EARLIER.get(named, named)
            case None if data.get("error") is not None:
                kind = "error"
            case other:
                raise DecodeError(f"an event without a type: {excerpt(repr(other), 100)}")
        if kind in OF_ANSWERS:
            self._on_answer(kind, data)
        elif kind in OF_ITEMS:
            self._on_item(kind, data)
        elif kind == "response.created":
            self._begin(data)
        elif not self._on_session(kind, data):
            self._surface(kind, data)

    def _surface(self, kind: str, data: JSONObject, known: frozenset[str] = frozenset()) -> None:
        """Hand on what is not read."""
        self._events.append(UnknownEvent(kind, rest(data, known | ALWAYS)))

    def _begin(self, data: JSONObject) -> None:
        match data.get("response"):
            case dict(answer):
                pass
            case other:
                raise DecodeError(f"malformed response.created event: {excerpt(repr(other))}")
        if self._answer is not None:
            self._surface("response.created", data)
            return
        self._answer = Answer(answer, self._origin, model=self._model, sound=self._sound)
        self._saying.began()
        if left := rest(data, {"response"} | ALWAYS):
            self._answer.build.unknown("response.created", left)

    def _on_answer(self, kind: str, data: JSONObject) -> None:
        answer = self._answer
        if answer is None or not _belongs(answer, data):
            self._surface(kind, data)
            return
        answer.on(kind, data)
        if answer.build.ended:
            self._answered(answer)

    def _answered(self, answer: Answer) -> None:
        """Tell that an answer has ended."""
        events = answer.build.take()
        if answer.cancelled:
            self._events.append(Interrupted())
        self._events += events
        self._answer = None
        self._saying.ended(answer.calls if not answer.cancelled else (), answer.sounds)
        if answer.failure is not None:
            self._events.append(SessionError(answer.failure))

    def _on_item(self, kind: str, data: JSONObject) -> None:
        item = data.get("item")
        if not isinstance(item, dict):
            raise DecodeError(f"malformed {kind} event: {excerpt(repr(item))}")
        name = item.get("id")
        if self._answer is not None and self._answer.holds(name):
            self._answer.again(kind, item)
            self._beside(kind, data, {"item"})
        elif isinstance(name, str) and self._echoes.repeats(name, item, last=kind.endswith(".done")):
            self._beside(kind, data, {"item"})
        else:
            self._surface(kind, data)

    def _on_session(self, kind: str, data: JSONObject) -> bool:
        """Read an event about the session or the user; tell whether it was one."""
        match kind, data:
            case (("session.created" | "session.updated"), {"session": dict(session)}):
                self._told(session)
                self._beside(kind, data, {"session"})
            case (("session.created" | "session.updated"), _):
                raise DecodeError(f"malformed {kind} event: {excerpt(repr(data))}")
            case "input_audio_buffer.speech_started" | "input_audio_buffer.speech_stopped", _:
                self._saying.hearing = kind.endswith("started")
                self._events += self._heard.speech(kind, data)
            case "input_audio_buffer.committed", _:
                self._saying.committed()
                return False
            case "error", _:
                self._fail(data)
            case "rate_limits.updated", {"rate_limits": list(limits)} if self._answer is not None:
                self._answer.build.note({"rate_limits": limits})
                self._beside(kind, data, {"rate_limits"})
            case "conversation.created", {"conversation": {"id": str(id)}} if "resumable" in self._form.places:
                self._resumable(id)
                return False
            case "ping", _:
                self._beside(kind, data, {"timestamp"})
            case _ if kind in TRANSCRIPTIONS:
                self._events += self._heard.words(kind, data)
            case _:
                return False
        return True

    def _beside(self, kind: str, data: JSONObject, known: set[str]) -> None:
        if rest(data, known | ALWAYS):
            self._surface(kind, data, frozenset(known))

    def _told(self, session: JSONObject) -> None:
        """Read what the service says about the session."""
        named, model = session.get("id"), session.get("model")
        self._model = model if isinstance(model, str) else self._model
        self._sound = sound_format(look(session, self._form.places["output_audio"])) or self._sound
        notices = tuple(self._saying.notices)
        self._saying.notices.clear()
        if self._ready:
            self._events.append(SessionUpdate(notices=notices, meta=meta_of(self._origin, rest(session, ()))))
            return
        self._ready = True
        known = {key for key, value in (("id", named), ("model", model)) if isinstance(value, str)}
        self._events.append(
            SessionStart(
                id=named if isinstance(named, str) else None,
                model=self._model,
                notices=notices,
                meta=meta_of(self._origin, rest(session, known)),
            )
        )

    def _resumable(self, id: str) -> None:
        if self._config.resumable or self._config.resume is not None:
            self._token = id
            self._events.append(ResumeToken(id))

    def _fail(self, data: JSONObject) -> None:
        """Read an error.

        Raises:
            ProviderError: it ends the session.
        """
        error = error_from(rest(data, ALWAYS))
        if error.code in ENDING or isinstance(error, FATAL):
            raise error
        self._saying.refused()
        self._events.append(SessionError(error))


def _belongs(answer: Answer, data: JSONObject) -> bool:
    """Tell whether an event is one of the answer that is on; only its end names it otherwise."""
    match data:
        case {"response": {"id": str(id)}}:
            return id == answer.id
        case _:
            return data.get("response_id", answer.id) == answer.id
