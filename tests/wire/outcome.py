"""What decoding one reply came to: a value, or an error with what had come before it.

Law: two outcomes are the same when a program could not tell them apart; `raw` and an error's raw `body` do not count.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from chat_core.codec.capabilities import EmbeddingResponse, ModelPage, TokenCount
from chat_core.codec.classification import ClassificationResponse
from chat_core.codec.images import ImageResponse
from chat_core.codec.moderation import ModerationResponse
from chat_core.codec.rerank import RerankResponse
from chat_core.codec.speech import SpeechResponse
from chat_core.codec.tokenization import TokenizationResponse
from chat_core.codec.transcription import TranscriptionResponse
from chat_core.events import Event, ResponseEnd, UnknownEvent
from chat_core.response import Response
from chat_core.testing.outcome import ALLOWED, Crash, events_of, facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from chat_core.codec.provider import Decoder
    from chat_core.codec.reader import Reader
    from chat_core.codec.wire import Frame
    from chat_core.errors import ChatError, ProviderError
    from chat_core.jsonvalue import JSON


@dataclass(frozen=True, slots=True)
class Told:
    """What a stream beside chat came to: its events, and the result at its end."""

    events: tuple[Event, ...]
    result: object


Media: TypeAlias = ImageResponse | SpeechResponse | TranscriptionResponse | ModerationResponse
Texts: TypeAlias = RerankResponse | ClassificationResponse | TokenizationResponse
Value: TypeAlias = Response | EmbeddingResponse | ModelPage | TokenCount | Told | Media | Texts


@dataclass(frozen=True, slots=True)
class Outcome:
    """What decoding one reply came to."""

    value: Value | None = None
    error: ChatError | None = None
    unknown: tuple[UnknownEvent, ...] = ()

    @property
    def response(self) -> Response | None:
        """The chat response, or what had come of it before the error."""
        if isinstance(self.value, Response):
            return self.value
        return self.error.partial if self.error is not None else None

    def same(self, other: Outcome) -> bool:
        """Tell whether a program sees no difference between the two."""
        if self.value != other.value or self.unknown != other.unknown:
            return False
        return facts(self.error) == facts(other.error)

    def plain(self) -> JSON:
        """Spell out all that is kept, as JSON."""
        return [plain(self.value), plain(facts(self.error)), plain(self.unknown)]


def plain(value: object) -> JSON:
    """Turn any value of the library into JSON, without `raw` replies."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return value.hex()
        case dict():
            items = cast("Mapping[object, object]", value)  # `match` finds a dict of anything
            return {str(key): plain(item) for key, item in items.items()}
        case list() | tuple() | array():
            listed = cast("Iterable[object]", value)  # as above
            return [plain(item) for item in listed]
        case _ if is_dataclass(value):
            hidden = {"raw"} if isinstance(value, Value) else set[str]()
            return {item.name: plain(getattr(value, item.name)) for item in fields(value) if item.name not in hidden}
        case _:
            return repr(value)


def attempt(decode: Callable[[], Value]) -> Outcome:
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


def refused(decode: Callable[[], ProviderError]) -> Outcome:
    """Decode a reply of an error status.

    Raises:
        Crash: decoding raised: it has to find an error in whatever came.
    """
    try:
        return Outcome(error=decode())
    except Exception as raised:
        raise Crash.of(raised) from raised


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


def told(reader: Reader[object], reads: Iterable[Sequence[Frame]]) -> Outcome:
    """Read a stream beside chat to its outcome.

    Raises:
        Crash: an error came out that a reader must not raise.
    """
    events: list[Event] = []

    def whole() -> Told:
        for frames in reads:
            events.extend(reader.feed(frames))
        return Told((), reader.finish())

    outcome = attempt(whole)
    result = outcome.value.result if isinstance(outcome.value, Told) else None
    return Outcome(Told(tuple(events), result), outcome.error)
