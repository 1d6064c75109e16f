"""A case of a live session, and what comes of it: the material on which `LiveContract` judges.

Law: a case is only what a service said and a program said, in order. It is played as a session does: to its end, also
after an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from chat_core.codec.fold import fold
from chat_core.codec.wire import Frame, dump
from chat_core.errors import ChatError, GrammarError
from chat_core.events import Event, ResponseEnd, ResponseStart, TextDelta, UnknownEvent
from chat_core.live import (
    CallsCancelled,
    InputTranscript,
    Interrupted,
    LiveConfig,
    ResumeToken,
    SessionEnding,
    SessionError,
    SessionStart,
    SpeechStart,
)
from chat_core.parts import Media
from chat_core.response import FinishReason
from chat_core.testing.outcome import facts
from chat_core.transport.cassette import load

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence
    from pathlib import Path

    from chat_core.codec.live import LiveCodec, LiveMessage
    from chat_core.live import LiveEvent, LiveInput
    from chat_core.response import Response

Step: TypeAlias = "Frame | LiveInput"
"""What the service said, or what the program did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCase:
    """One session.

    Attributes:
        name: what it shows.
        steps: what was said by both sides, in order.
        config: how it began.
    """

    name: str
    steps: tuple[Step, ...]
    config: LiveConfig = field(default_factory=lambda: LiveConfig(model="model"))

    @classmethod
    def recorded(cls, path: Path, config: LiveConfig) -> LiveCase:
        """Take what the service said in a session that `transport.recording` has taken down."""
        reads = [read for exchange in load(path).exchanges for read in exchange.reads if not read.said]
        frames = tuple(frame for read in reads if isinstance(read.data, tuple) for frame in read.data)
        return cls(name=path.stem, steps=frames, config=config)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a session."""

    events: tuple[LiveEvent, ...]
    error: ChatError | None = None

    def same(self, other: Told) -> bool:
        """Tell whether a program sees no difference between the two."""
        return self._seen() == other._seen()

    def _seen(self) -> object:
        events = [facts(event.error) if isinstance(event, SessionError) else event for event in self.events]
        return events, None if self.error is None else facts(self.error)


def played(codec: LiveCodec, steps: Sequence[Step], *, finish: bool = True) -> Told:
    """Let a codec hear and say what a session has; `finish`: to its end, also after an error, as a session does."""
    events: list[LiveEvent] = []
    found: ChatError | None = None
    try:
        for step in steps:
            if isinstance(step, Frame):
                for event in codec.feed(step):
                    events.append(event)  # noqa: PERF402 - those before a failure are kept
            else:
                codec.send(step)
            codec.to_send()
    except ChatError as error:
        found = error
    events += codec.finish() if finish else ()
    return Told(tuple(events), found)


def readied(codec: LiveCodec, frames: Sequence[Frame]) -> LiveCodec:
    """Return a codec that has heard some messages."""
    for frame in frames:
        _ = list(codec.feed(frame))
    return codec


def answers(events: Sequence[LiveEvent], *, whole: bool = True) -> list[Response]:
    """Return the answers of a session; `whole`: each has to have an end.

    Raises:
        GrammarError: one breaks the grammar, or two overlap.
    """
    found: list[Response] = []
    answer: list[Event] | None = None
    for event in events:
        if isinstance(event, ResponseStart):
            if answer is not None:
                raise GrammarError("an answer begins before the one before it has ended")
            answer = []
        elif answer is None and _of_answers(event) and not isinstance(event, UnknownEvent):
            raise GrammarError(f"{type(event).__name__} outside of an answer")
        if answer is not None and _of_answers(event):
            answer.append(event)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - told by its module
        if isinstance(event, ResponseEnd) and answer is not None:
            found.append(fold(answer))
            answer = None
    if answer is not None and whole:
        raise GrammarError("an answer has no end")
    return found


def as_text(frame: Frame, binary: Container[bytes | str]) -> Frame:
    """Return a message as text that was text before one leaf of it was changed."""
    return Frame(frame.data.decode()) if isinstance(frame.data, bytes) and frame.data not in binary else frame


def spelled(message: LiveMessage) -> bytes:
    """Return a message as it is sent."""
    return message if isinstance(message, bytes) else dump(message)


def _of_answers(event: LiveEvent) -> bool:
    return type(event).__module__ == TextDelta.__module__


def _any(told: Told, kind: type) -> bool:
    return any(isinstance(event, kind) for event in told.events)


def _in_an_answer(told: Told, check: Callable[[Response], bool]) -> bool:
    return any(check(event.response) for event in told.events if isinstance(event, ResponseEnd))


SHOWN: Mapping[str, Callable[[Told], bool]] = {
    "start": lambda told: _any(told, SessionStart),
    "text": lambda told: _in_an_answer(told, lambda answer: bool(answer.text)),
    "audio": lambda told: _in_an_answer(told, lambda answer: any(isinstance(part, Media) for part in answer.parts)),
    "transcript": lambda told: _in_an_answer(told, lambda answer: any(media.transcript for media in answer.media)),
    "speech": lambda told: _any(told, SpeechStart),
    "heard": lambda told: _any(told, InputTranscript),
    "call": lambda told: _in_an_answer(told, lambda answer: bool(answer.tool_calls)),
    "call without arguments": lambda told: _in_an_answer(
        told, lambda answer: any(call.arguments == {} for call in answer.tool_calls)
    ),
    "several calls": lambda told: _in_an_answer(told, lambda answer: len(answer.tool_calls) > 1),
    "calls cancelled": lambda told: _any(told, CallsCancelled),
    "interruption": lambda told: (
        _any(told, Interrupted) and _in_an_answer(told, lambda answer: answer.finish_reason is FinishReason.CANCELLED)
    ),
    "usage": lambda told: _in_an_answer(told, lambda answer: answer.usage is not None),
    "token": lambda told: _any(told, ResumeToken),
    "ending": lambda told: _any(told, SessionEnding),
    "error": lambda told: _any(told, SessionError) or told.error is not None,
}
"""What the cases of a provider show together, and how that is seen."""
