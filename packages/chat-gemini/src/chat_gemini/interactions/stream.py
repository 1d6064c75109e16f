"""Events of the wire → events of ours.

Law: `interaction.completed` is the last event, whatever its status says; a status in which an interaction rests lets
the stream end. The payload names the event, and `index` the step. What the last event says of a step again is compared:
it is taken where the step had no end, and surfaced where it differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.decoder import FrameDecoder, frame_object
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_gemini.interactions.chain import mark_of
from chat_gemini.interactions.decode import envelope, failure_of, steps_of
from chat_gemini.interactions.errors import error_from
from chat_gemini.interactions.overlay import absent, kind_of
from chat_gemini.interactions.progress import IMPLIED, StepProgress
from chat_gemini.interactions.usage import STATUSES, decode_usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.wire import Frame
    from chat_core.errors import ProviderError
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request
    from chat_gemini.interactions.provider import Interactions
    from chat_gemini.interactions.steps import StepPart

IGNORED: Mapping[str, str] = {
    "event_id": "what a stream is taken up after: of one that broke off, the last is in the error's `partial`",
    "event_type": "of an event before the first content of an answer that fails: nothing is surfaced then",
    "index": "says which step is meant, and nothing else: a delta whose step has not begun begins one",
    "interaction.*": "an interaction that begins says what its end says again",
    "interaction_id": "the id, which the interaction says when it begins and ends",
    "metadata.total_usage.*": "a count so far; the last one is in `usage`",
    "metadata.usage.*": "as above",
    "status": "how far it is; the end says how it ended",
    "usage.*": "as above",
}
"""Leaves that are dropped, with the reason."""

DONE = frozenset({b"[DONE]", "[DONE]"})
"""What comes after the last event."""

LAST_EVENT = "last_event_id"
"""What the response of a stream that broke off keeps: where it is to be taken up."""

KNOWN = frozenset({
    "error", "interaction.created", "interaction.completed", "interaction.status_update", "step.start", "step.delta",
    "step.stop",
})  # fmt: skip

_ALWAYS = frozenset({"event_type", "event_id"})
_METERED = _ALWAYS | {"metadata"}
_PLAIN = frozenset({"event_type", "index", "delta"})
_RESTATED = frozenset({"id", "model", "agent", "object", "status", "usage", "steps"})
"""What an interaction says otherwise at its end, or that has typed fields."""


class InteractionsDecoder(FrameDecoder):
    """Decodes one stream of the Interactions wire."""

    def __init__(self, provider: Interactions, request: Request) -> None:
        """Begin to read the answer to a request."""
        origin = provider.origin(request.model)
        super().__init__(origin)
        self._origin = origin
        self._request = request
        self._steps: dict[int, StepProgress] = {}
        self._begun: JSONObject = {}
        self._rests: JSONObject = {}
        self._last: str | None = None

    def on_frame(self, frame: Frame) -> None:
        """Put what one event says into `build`.

        Raises:
            DecodeError: a known event is malformed.
            ProviderError: the event is an error of the service, or the interaction failed.
        """
        if frame.data in DONE:
            return
        data = frame_object(frame)
        if data is None or self._direct(data):
            return
        kind, data = _named(data, frame)
        if self.build.ended:
            self.build.unknown(kind, data)
            return
        self.build.raw = data
        if isinstance(data.get("event_id"), str):
            self._last = str(data["event_id"])
        self._meter(data.get("metadata"))
        self._event(kind, data)

    def _direct(self, data: JSONObject) -> bool:
        """Take a delta that says a text and nothing else, as the usual path would; pure speed."""
        at, delta = data.get("index"), data.get("delta")
        step = self._steps.get(at) if isinstance(at, int) and not self.build.ended else None
        if step is None or data.get("event_type") != "step.delta" or not data.keys() <= _PLAIN:
            return False
        if not isinstance(delta, dict) or not step.says(delta):
            return False
        self.build.raw = data
        return True

    def finish(self) -> Iterator[Event]:
        """End the stream at the end of input.

        Raises:
            StreamTruncated: no signal had come that lets it end.
            ProviderError: the interaction had failed.
        """
        if not self.build.ended and self.terminal:
            self._end(self._rests)
            yield from self.build.take()
        if not self.build.ended:
            self._break_off()
        yield from super().finish()

    def _break_off(self) -> None:
        """Keep what has no place in an answer that is not whole."""
        self.build.note(self._unsaid({}))
        if self._last is not None and self.build.partial() is not None:
            self.build.note({LAST_EVENT: self._last})

    def _event(self, kind: str, data: JSONObject) -> None:
        match kind, data:
            case "step.delta", {"index": int(at), "delta": dict(delta)}:
                self._delta(at, delta, data)
            case "step.start", {"index": int(at), "step": step}:
                self._start(at, step, data)
            case "step.stop", {"index": int(at)}:
                self._stop(at, data)
            case "interaction.created", {"interaction": dict(interaction)}:
                self._told(interaction)
                self._begun = rest(interaction, _RESTATED)
                self._note(kind, data, {"interaction"})
            case "interaction.status_update", {"status": str()}:
                self._update(data)
            case "interaction.completed", {"interaction": dict(interaction)}:
                self._note(kind, data, {"interaction"})
                self._end(interaction)
            case "error", _:
                self._break_off()
                raise self._refused(data)
            case _ if kind in KNOWN:
                raise DecodeError(f"malformed {kind} event: {excerpt(repr(data))}")
            case _:
                self.build.unknown(kind, rest(data, _ALWAYS))

    def _refused(self, data: JSONObject) -> ProviderError:
        return error_from({"error": error} if (error := data.get("error")) is not None else data)

    def _start(self, at: int, step: JSON, data: JSONObject) -> None:
        if at in self._steps:
            self.build.unknown("step.start", data)
            return
        self._steps[at] = StepProgress(self.build, at, self._origin, step)
        self._note("step.start", data, {"index", "step"}, at)

    def _delta(self, at: int, delta: JSONObject, data: JSONObject) -> None:
        kind, _ = kind_of(delta, "delta")
        if at not in self._steps and kind in IMPLIED:
            self._steps[at] = StepProgress(self.build, at, self._origin, {"type": IMPLIED[kind]})
        step = self._steps.get(at)
        if step is None or step.settled or not step.delta(delta):
            self.build.unknown("step.delta", rest(data, _ALWAYS))
            return
        if left := step.leftovers(delta):
            self.build.note({"step.delta": {str(at): {"delta": left}}})
        self._note("step.delta", data, {"index", "delta"}, at)

    def _stop(self, at: int, data: JSONObject) -> None:
        step = self._steps.get(at)
        if step is None or step.settled:
            self.build.unknown("step.stop", rest(data, _ALWAYS))
            return
        step.settle()
        self._note("step.stop", data, {"index"}, at)

    def _update(self, data: JSONObject) -> None:
        """Read how far the interaction is; a status in which it rests lets the stream end."""
        status, named = data.get("status"), data.get("interaction_id")
        if isinstance(named, str) and named and self.build.id is None:
            self.build.id = named
        self._count(data.get("usage"))
        token = data.get("continuation_token")
        if token is not None:
            self.build.note({"interaction.status_update": {"continuation_token": token}})
        known = {"status", "interaction_id", "usage", "continuation_token"}
        self._note("interaction.status_update", data, known)
        self.terminal = status in STATUSES
        self._rests = {"status": status, "continuation_token": token} if self.terminal else {}

    def _told(self, interaction: JSONObject) -> None:
        told = envelope(interaction)
        self.build.id = told.id if told.id is not None else self.build.id
        self.build.model = told.model if told.model is not None else self.build.model
        self.build.usage = told.usage if told.usage is not None else self.build.usage

    def _end(self, interaction: JSONObject) -> None:
        """End the answer; of a failed one the error is raised, and what came before is in its `partial`."""
        self._told(interaction)
        for at, step in enumerate(steps_of(interaction)):
            self._finish_step(at, step)
        for _, open_step in sorted(self._steps.items()):
            if not open_step.settled:
                open_step.settle()
        told = envelope(interaction)
        self.build.note(self._unsaid(interaction))
        self.build.note(told.leftovers)
        self.build.note_message(mark_of(self._request, {**interaction, "id": self.build.id}))
        self.build.finish(told.finish(self._parts()), told.status)
        if (failed := failure_of(interaction)) is not None:
            raise failed
        self.terminal = True
        self.build.end()

    def _finish_step(self, at: int, data: JSON) -> None:
        """Compare a step of the whole with what was streamed; one that has no end, or did not come, is read here."""
        kind, whole = kind_of(data, "step")
        step = self._steps.get(at)
        if step is None:
            step = self._steps[at] = StepProgress(self.build, at, self._origin, {"type": kind})
        if not step.settled:
            step.settle(whole)
        elif step.differs(whole):
            self.build.unknown(f"steps.{kind}", whole)

    def _parts(self) -> list[StepPart]:
        return [part for _, step in sorted(self._steps.items()) for part in step.parts]

    def _unsaid(self, interaction: JSONObject) -> JSONObject:
        """Return what the interaction said when it began, and does not say at its end."""
        left = absent(self._begun, interaction)
        self._begun = {}
        return {"interaction.created": left} if left else {}

    def _meter(self, metadata: JSON) -> None:
        match metadata:
            case {"usage": dict(usage)} | {"total_usage": dict(usage)}:
                self._count(usage)
            case _:
                pass

    def _count(self, usage: JSON) -> None:
        found = decode_usage(usage)
        self.build.usage = found if found is not None else self.build.usage

    def _note(self, kind: str, data: JSONObject, known: set[str], at: int | None = None) -> None:
        """Keep what an event says beside its payload."""
        left = rest(data, known | _METERED)
        match data.get("metadata"):
            case dict(metadata):
                more = rest(metadata, {"usage", "total_usage"})
                left |= {"metadata": more} if more else {}
            case None:
                pass
            case other:
                left["metadata"] = other
        if left:
            self.build.note({kind: left if at is None else {str(at): left}})


def _named(data: JSONObject, frame: Frame) -> tuple[str, JSONObject]:
    """Return what an event is called, and the event."""
    match data.get("event_type", frame.event):
        case str(kind):
            return kind, data
        case None if "status" in data:  # a whole interaction where a stream was asked for
            return "interaction.completed", {"interaction": data}
        case None if data.get("error") is not None:
            return "error", data
        case other:
            raise DecodeError(f"an event without a type: {excerpt(repr(other), 100)}")
