"""The endings of a stream: after its last event, at the end of input, where it breaks off.

Law: the end is never invented. Cut anywhere, a stream is `StreamTruncated` with what had come; it is complete only
once the word that ends it has come, and from there on it stays complete.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from chat_core.errors import GrammarError, StreamTruncated
from chat_core.response import Usage
from chat_core.testing.outcome import events_of, facts, grammar, outcome_of, streamed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chat_core.codec.wire import Frame
    from chat_core.errors import ChatError
    from chat_core.events import Event
    from chat_core.response import Response
    from chat_core.testing.fixtures import Case
    from chat_core.testing.outcome import Outcome
    from chat_core.testing.subject import Subject

EVERY_BYTE = 300
"""Longest stream that is cut at every byte, in bytes; longer ones at `PLACES`."""
PLACES = 60

_COUNTS = tuple(item.name for item in fields(Usage) if item.name != "raw")


def cut_after_every_frame(subject: Subject, case: Case) -> Iterator[str]:
    """Yield after which frames a stream ends otherwise than it has to."""
    if case.stream is None:
        return
    whole = subject.streamed(case, case.stream)
    frames = [frame for read in subject.frames(case, case.stream) for frame in read]
    complete = False
    for at in range(len(frames)):
        events, error = events_of(subject.begin(case), [frames[:at]])
        cut = outcome_of(events, error)
        where = f"after {at} of {len(frames)} frames"
        yield from (f"{where}: {fault}" for fault in _grammar(events, error))
        yield from (f"{where}: {fault}" for fault in _judged(cut, whole, frames[:at]))
        if complete and cut.error is not None:
            yield f"{where}: {cut.error!r}, though the answer was complete before"
        complete = cut.error is None


def _grammar(events: list[Event], error: ChatError | None) -> Iterator[str]:
    try:
        grammar(events, error)
    except GrammarError as fault:
        yield str(fault)


def cut_at_bytes(subject: Subject, case: Case) -> Iterator[str]:
    """Yield at which bytes a stream ends otherwise than it has to: at every one of a short stream."""
    if case.stream is None:
        return
    body = case.stream
    whole = subject.streamed(case, body)
    for at in places(subject, case, EVERY_BYTE, PLACES):
        reads = subject.frames(case, body[:at])
        cut = streamed(subject.begin(case), reads)
        frames = [frame for read in reads for frame in read]
        yield from (f"cut at byte {at}: {fault}" for fault in _judged(cut, whole, frames))


def places(subject: Subject, case: Case, shortest: int, number: int) -> list[int]:
    """Choose the bytes at which a case's stream is cut: all of a short one, seeded ones of others."""
    size = len(case.stream) if case.stream is not None else 0
    if size <= shortest:
        return list(range(size))
    return sorted(subject.random(case).sample(range(size), number))


def _judged(cut: Outcome, whole: Outcome, frames: Sequence[Frame]) -> Iterator[str]:
    if cut.error is None:
        yield from _complete(cut, whole, frames)
    elif facts(cut.error) != facts(whole.error) and not isinstance(cut.error, StreamTruncated):
        yield f"{cut.error!r} and not StreamTruncated"
    else:
        yield from _kept(cut.error.partial, whole.response)


def _complete(cut: Outcome, whole: Outcome, frames: Sequence[Frame]) -> Iterator[str]:
    """Judge an answer that is said to be complete."""
    given, wanted = cut.value, whole.value
    if given is None or wanted is None:
        yield "an end is invented: it has no ResponseEnd, or the whole stream has none"
        return
    if given.parts != wanted.parts or given.finish_reason != wanted.finish_reason:
        yield "an end is invented: the answer is said to be complete, and is not the whole one"
    word = wanted.raw_finish_reason
    if word and not any(word.encode() in _bytes(frame) for frame in frames):
        yield f"an end is invented: {word!r} had not come"


def _kept(partial: Response | None, whole: Response | None) -> Iterator[str]:
    """Judge what is kept of a stream that broke off."""
    if partial is None or whole is None:
        return
    if partial.finish_reason is not None and whole.finish_reason is None:
        yield "`partial` has a finish reason that never came"
    if not whole.text.startswith(partial.text):
        yield "`partial` has other text"
    if not whole.reasoning.startswith(partial.reasoning):
        yield "`partial` has other reasoning"


def _bytes(frame: Frame) -> bytes:
    return frame.data if isinstance(frame.data, bytes) else frame.data.encode()


def usage_grows(subject: Subject, case: Case) -> Iterator[str]:
    """Yield where a count of tokens falls or vanishes, as the frames of a stream come in."""
    if case.stream is None:
        return
    frames = [frame for read in subject.frames(case, case.stream) for frame in read]
    before: dict[str, int] = {}
    for at in range(len(frames) + 1):
        response = streamed(subject.begin(case), [frames[:at]]).response
        usage = response.usage if response is not None else None
        for name in _COUNTS:
            count: int | None = getattr(usage, name, None)
            if name in before and (count is None or count < before[name]):
                yield f"after {at} frames {name} is {count}, before it was {before[name]}"
            elif count is not None:
                before[name] = count
