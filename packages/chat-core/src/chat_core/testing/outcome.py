"""What decoding one reply came to: a response, or an error with what had come before it.

Law: two outcomes are the same when a program could not tell them apart; `raw` and an error's raw `body` do not count.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chat_core.codec.fold import Fold
from chat_core.errors import ChatError, DecodeError, GrammarError, ProviderError, StreamTruncated
from chat_core.events import ResponseEnd, UnknownEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chat_core.codec.provider import Decoder
    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.response import Response

ALLOWED = (DecodeError, StreamTruncated, ProviderError)
"""What a decoder may raise, whatever the bytes."""

_FACTS = ("message", "status", "type", "code", "param", "request_id", "retry_after", "details", "partial")


class Crash(Exception):
    """A decoder raised what it must not raise."""

    @classmethod
    def of(cls, error: Exception) -> Crash:
        """Say what was raised, and where."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        return cls(f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What decoding one reply came to."""

    value: Response | None = None
    error: ChatError | None = None
    unknown: tuple[UnknownEvent, ...] = ()

    @property
    def response(self) -> Response | None:
        """The response, or what had come of it before the error."""
        return self.value if self.error is None else self.error.partial

    def same(self, other: Outcome) -> bool:
        """Tell whether a program sees no difference between the two."""
        return (self.value, self.unknown, facts(self.error)) == (other.value, other.unknown, facts(other.error))


def facts(error: ChatError | None) -> tuple[object, ...]:
    """Return what an error tells a program."""
    return () if error is None else (type(error).__name__, *(getattr(error, name, None) for name in _FACTS))


def attempt(decode: Callable[[], Response]) -> Outcome:
    """Decode a whole reply.

    Raises:
        Crash: an error came out that a decoder must not raise.
    """
    try:
        return Outcome(decode())
    except ALLOWED as error:
        return Outcome(error=error)
    except Exception as error:
        raise Crash.of(error) from error


def refused(decode: Callable[[], ProviderError]) -> ProviderError:
    """Decode a reply of an error status.

    Raises:
        Crash: decoding raised: it has to find an error in whatever came.
    """
    try:
        return decode()
    except Exception as raised:
        raise Crash.of(raised) from raised


def events_of(decoder: Decoder, reads: Iterable[Sequence[Frame]]) -> tuple[list[Event], ChatError | None]:
    """Decode a stream, the frames of one network read at a time; return the events and what ended them early.

    Raises:
        Crash: an error came out that a decoder must not raise.
    """
    events: list[Event] = []
    try:
        for frames in reads:
            events.extend(decoder.feed(frames))
        events.extend(decoder.finish())
    except ALLOWED as error:
        return events, error
    except Exception as error:
        raise Crash.of(error) from error
    return events, None


def streamed(decoder: Decoder, reads: Iterable[Sequence[Frame]]) -> Outcome:
    """Decode a stream to its outcome, without checking its grammar.

    Raises:
        Crash: an error came out that a decoder must not raise.
    """
    return outcome_of(*events_of(decoder, reads))


def outcome_of(events: Sequence[Event], error: ChatError | None) -> Outcome:
    """Gather the outcome from a stream's events."""
    ends = [event.response for event in events if isinstance(event, ResponseEnd)]
    unknown = tuple(event for event in events if isinstance(event, UnknownEvent))
    return Outcome(ends[-1] if ends and error is None else None, error, unknown)


def grammar(events: Iterable[Event], error: ChatError | None) -> Response | None:
    """Fold events; return the response, `None` where an error cut the stream.

    Raises:
        GrammarError: the events break the grammar, or a stream without error has no end.
    """
    folding = Fold()
    for event in events:
        folding.feed(event)
    if error is None and folding.response is None:
        raise GrammarError("the stream has no ResponseEnd")
    return folding.response
