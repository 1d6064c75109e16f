"""The stream decoder: frames of a chat completions stream → events. A whole reply is a stream of one frame.

Law: the answer is complete when every choice has said why it ended, or at `[DONE]`; `[DONE]` ends the stream, else the
end of input does. Usage may come anywhere, the last one counts. An error ends the stream wherever it stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from chat_completions.answer import Answer
from chat_completions.citations import decode_sources
from chat_completions.content import AUDIO_MIMES
from chat_completions.direct import PADDING, Direct
from chat_completions.errors import error_from
from chat_completions.options import CompletionsOptions
from chat_completions.usage import decode_usage
from chat_core.codec.alike import Alike
from chat_core.codec.builder import count_calls
from chat_core.codec.decoder import FrameDecoder, frame_object
from chat_core.codec.leftovers import as_text
from chat_core.errors import ChatError, DecodeError
from chat_core.events import ResponseEnd
from chat_core.jsonvalue import parse, rest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.alike import Say
    from chat_core.codec.wire import Frame
    from chat_core.errors import ProviderError
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Citation
    from chat_core.request import Request
    from chat_core.response import Response

ENVELOPE = frozenset({"id", "object", "model", "created", "choices", "usage", "obfuscation", "error"})
"""The members of a reply or chunk that have a place of their own."""

_DONE = (b"[DONE]", "[DONE]")  # no set: it would hash every payload

CHOICE = frozenset({"index", "delta", "message", "finish_reason", "logprobs", "usage", "error"})
"""The members of a choice that have a place of their own."""


class CompletionsDecoder(FrameDecoder):
    """Decodes one stream.

    Attributes:
        has_deltas: whether a choice's text is in its delta: what the direct path asks for.
    """

    has_deltas: ClassVar[bool] = True

    def __init__(self, request: Request, origin: str) -> None:
        """Begin the answer to a request."""
        super().__init__(origin, Alike(("content",), (PADDING,)))
        self._origin = origin
        self._first = count_calls(request)
        self._expected = max(1, request.options.n or 1)
        self._mime = _mime(request)
        self._answers: dict[int, Answer] = {}
        self._direct = Direct()
        self._created: JSON = None
        self._failure: ProviderError | None = None
        self._sources: list[Citation] = []

    def on_frame(self, frame: Frame) -> None:
        """Put what one frame says into `build`; the whole answer is settled before an error leaves."""
        try:
            self._frame(frame)
        except ChatError:
            self._settle(strict=False)
            raise

    def finish(self) -> Iterator[Event]:
        """End the stream at the end of input.

        Raises:
            StreamTruncated: no terminal signal had come.
            ProviderError: the service had reported an error.
        """
        if not self.build.ended:
            try:
                self._settle(strict=self.terminal and self._failure is None)
                self._fail()
            except ChatError as error:
                error.partial = self.build.partial()
                yield from self.build.take()
                raise
        yield from super().finish()

    def whole(
        self, data: JSONObject, *, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Decode a whole reply.

        Raises:
            DecodeError: it is malformed.
            ProviderError: it is an error in the guise of a success.
        """
        try:
            _require_choices(data)
            self._failure = self._take(data, whole=True, status=status, headers=headers)
            self._fail()
            self._end()
        except ChatError as error:
            self._settle(strict=False)
            error.partial = error.partial or self.build.partial()
            raise
        for event in self.build.take():
            if isinstance(event, ResponseEnd):
                return replace(event.response, raw=data)
        raise DecodeError("the reply has no end")

    def _frame(self, frame: Frame) -> None:
        if frame.event == "error" and not self.build.ended:
            raise error_from(_payload(frame), body=_words(frame))
        if frame.data.strip() in _DONE:
            self._fail()
            if not self.build.ended:
                self._end()
            return
        if self.build.ended:
            if frame.data.strip():
                self.build.unknown("after_end", _payload(frame))
            return
        data = frame_object(frame, self._taken, self.alike)
        if data is None:
            return
        self.build.raw = data
        if not self._answers and _is_whole(data):
            self._failure = self._take(data, whole=True)
            self._fail()
            self._end()
            return
        found = self._take(data)
        self._failure = self._failure or found
        if self._failure is not None and (self.build.usage is not None or "choices" not in data):
            self._fail()
        self.terminal = self._expected <= len(self._answers) and all(
            answer.finished for answer in self._answers.values()
        )
        if self._failure is None and self.has_deltas:
            self._direct.learn(data, self._answers)

    def _taken(self, data: JSONObject) -> Say | None:
        """Take a chunk directly, if it says nothing new but a text."""
        if (answer := self._direct.take(data)) is None:
            return None
        self.build.raw = data
        return answer.saying()

    def _end(self) -> None:
        self.terminal = True
        self._settle(strict=True)
        self.build.end()

    def _settle(self, *, strict: bool) -> None:
        if self._created is not None:
            self.build.note({"created": self._created})
            self._created = None
        sources, self._sources = self._sources, []
        for answer in self._answers.values():
            answer.cite(sources)
            answer.settle(strict=strict)

    def _take(
        self,
        data: JSONObject,
        *,
        whole: bool = False,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ProviderError | None:
        """Take a chunk or a whole reply; return the error in it."""
        self._envelope(data)
        error: JSON = data if _is_error(data) else None
        match data.get("choices"):
            case None:
                pass
            case list(choices):
                for place, choice in enumerate(choices):
                    found = self._choice(choice, place, whole=whole)
                    error = found if error is None and found is not None else error
            case other:
                raise DecodeError(f"choices is no list but {type(other).__name__}")
        if error is None:
            return None
        return error_from(error, status=status, headers=headers, body=as_text(data))

    def _fail(self) -> None:
        """Raise the error that was found; one beside choices waits for the usage, which services still send."""
        if self._failure is not None:
            raise self._failure

    def _envelope(self, data: JSONObject) -> None:
        build = self.build
        match data:
            case {"id": str(id)} if id:
                build.id = id
            case _:
                pass
        match data:
            case {"model": str(model)} if model:
                build.model = model
            case _:
                pass
        created = data.get("created")
        self._created = created or self._created
        if (urls := data.get("citations")) is not None:
            self._sources = decode_sources(urls, data.get("search_results"))
        usage = data.get("usage")
        match data.get("x_groq"):
            case {"usage": dict(hidden)} if usage is None:
                usage = hidden
            case _:
                pass
        self._count(usage)
        if leftovers := rest(data, ENVELOPE):
            build.note(leftovers)

    def _count(self, data: JSON) -> None:
        """Take a usage object in place of an earlier one; what only that one said is surfaced."""
        before = self.build.usage
        if before is not None and isinstance(data, dict):  # nulls erase nothing
            data = {key: before.raw.get(key) if value is None else value for key, value in data.items()}
        found = decode_usage(data)
        if found is None:
            return
        if before is not None and (gone := rest(before.raw, found.raw)):
            self.build.unknown("usage", gone)
        self.build.usage = found

    def _choice(self, data: JSON, place: int, *, whole: bool) -> JSON:
        """Take one choice; return the error in it, if any."""
        if not isinstance(data, dict):
            raise DecodeError(f"a choice is no object but {type(data).__name__}")
        match data.get("index"):
            case int(index):
                pass
            case None:
                index = place
            case other:
                raise DecodeError(f"index of a choice is no number but {type(other).__name__}")
        answer = self._answer(index)
        leftovers = rest(data, CHOICE)
        match data.get("delta"), data.get("message"):
            case _, dict(message) if whole:
                answer.take(message, data.get("logprobs"), whole=True)
                leftovers |= _told(data.get("delta"), "delta")
            case dict(delta), message:
                answer.take(delta, data.get("logprobs"))
                if leftovers.get("text") == delta.get("content"):
                    leftovers.pop("text", None)
                leftovers |= {} if message is None or answer.repeats(message) else {"message": message}
            case None, dict(message):
                if not answer.repeats(message):
                    answer.take(message, data.get("logprobs"))
            case None, None:
                answer.take({}, data.get("logprobs"), whole=whole)
            case _:
                raise DecodeError("the message of a choice is no object")
        answer.finish(data.get("finish_reason"))
        self._count(data.get("usage"))
        self.build.note_choice(leftovers, choice=index)
        return data if _is_told(data.get("error"), beside=data) else None

    def _answer(self, index: int) -> Answer:
        if index not in self._answers:
            self._answers[index] = Answer(self.build, index, self._origin, self._first, self._mime)
        return self._answers[index]


def _require_choices(data: JSONObject) -> None:
    if "choices" not in data and not _is_error(data):
        raise DecodeError(f"the reply has no choices: {sorted(data)}")


def _told(data: JSON, key: str) -> JSONObject:
    """Keep a delta beside a whole message, unless it is empty."""
    match data:
        case dict() if any(value for name, value in data.items() if name != "role"):
            return {key: data}
        case _:
            return {}


def _is_whole(data: JSONObject) -> bool:
    match data.get("choices"):
        case [{"message": dict(), **more}, *_]:
            return "delta" not in more
        case _:
            return False


def _is_error(data: JSONObject) -> bool:
    """Tell whether a reply or chunk is an error: it has one, calls itself one, or has words and no choices."""
    if _is_told(data.get("error"), beside=data.get("choices")) or data.get("object") == "error":
        return True
    return "choices" not in data and bool({"message", "detail"} & data.keys())


def _is_told(error: JSON, *, beside: JSON) -> bool:
    """Tell whether an error says something; an empty one beside content is a filler."""
    return error is not None and bool(error or not beside)


def _payload(frame: Frame) -> JSON:
    try:
        return parse(frame.data)
    except DecodeError:
        return _words(frame)


def _words(frame: Frame) -> str:
    return frame.data if isinstance(frame.data, str) else frame.data.decode("utf-8", "replace")


def _mime(request: Request) -> str | None:
    match request.options.native_of(CompletionsOptions).audio:
        case {"format": str(form)}:
            return AUDIO_MIMES.get(form, f"audio/{form}")
        case _:
            return None
