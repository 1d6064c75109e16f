"""What pictures and speech of this wire have in common: both are answers of generateContent.

Law: the codec of answers spells and reads them; here is only what is asked for, and what is picked out of the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import StreamTruncated
from chat_core.events import ResponseEnd
from chat_core.messages import user
from chat_core.options import Options
from chat_core.parts import Inline, Opaque
from chat_core.request import Request
from chat_core.response import FinishReason, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Media, MediaKind, Meta
    from chat_core.response import Response
    from chat_gemini.options import GeminiOptions
    from chat_gemini.provider import Gemini

NO_FIELD = "the wire has no field for it"


def asked(model: str, words: str, pictures: tuple[Media, ...], native: GeminiOptions, **options: int | None) -> Request:
    """Make the request of an answer."""
    portable = Options(n=options.get("n"), seed=options.get("seed"), native=(native,))
    return Request(model=model, messages=(user(words, *pictures),), options=portable)


def lacking(request: object, *options: str) -> tuple[Notice, ...]:
    """Say of what is asked that there is no field for it."""
    given: list[tuple[str, JSON]] = [(option, getattr(request, option)) for option in options]
    return tuple(
        Notice(feature=option, requested=value, reason=NO_FIELD) for option, value in given if value is not None
    )


def media_of(response: Response, kind: MediaKind) -> tuple[Media, ...]:
    """Return the media of an answer, and of those beside it."""
    answers = (response, *response.alternatives)
    return tuple(part for answer in answers for part in answer.media if part.kind == kind)


def rest_of(response: Response, origin: str) -> Meta:
    """Keep what an answer says beside its media: words, thoughts, and why it ended where that is unusual."""
    left: JSONObject = {}
    for name, words in (("text", response.text), ("reasoning", response.reasoning)):
        if words:
            left[name] = words
    if response.finish_reason is not FinishReason.STOP or response.raw_finish_reason != "STOP":
        left["finishReason"] = response.raw_finish_reason
    if strange := [part.data for part in response.parts if isinstance(part, Opaque)]:
        left["parts"] = [*strange]
    others: JSONObject = {**response.meta.get(origin, {}), **left}
    return {**response.meta, **({origin: others} if others else {})}


def joined(media: tuple[Media, ...]) -> bytes:
    """Return the bytes of several media as one."""
    return b"".join(part.source.data for part in media if isinstance(part.source, Inline))


class AnswerReader:
    """Reads the stream of an answer, whose events are picked by its subclasses."""

    def __init__(self, provider: Gemini, request: Request) -> None:
        """Begin an answer."""
        self._decoder = provider.decoder(request)

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Read frames in order.

        Raises:
            DecodeError: a frame is malformed.
            ProviderError: the service reported an error inside the stream.
        """
        for event in self._decoder.feed(frames):
            yield from self.picked(event)

    def picked(self, event: Event) -> Iterator[Event]:
        """Yield what of an answer's event is one here."""
        raise NotImplementedError

    def ended(self) -> Response:
        """Return the whole answer at the end of input.

        Raises:
            StreamTruncated: the answer had not ended.
        """
        for event in self._decoder.finish():
            if isinstance(event, ResponseEnd):
                return event.response
        raise StreamTruncated("the stream ended before the answer was complete")
