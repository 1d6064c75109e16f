"""The stream decoder: events of the local wire → events of ours.

Law: `end` is the terminal event and the last one. What the text of a model means is read by its format, named in the
first event. A thought that begins anew is a part of its own, as the text between is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.builder import count_calls
from chat_core.codec.decoder import FrameDecoder, frame_object
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import Reasoning, ToolCall, local_id
from chat_core.response import FinishReason
from chat_core.tools import Tool
from chat_local.decode import FINISH_REASONS, decode_logprobs, decode_notices, decode_usage
from chat_local.errors import error_from
from chat_local.formats import PLAIN
from chat_local.pieces import Thought, Words
from chat_local.regions import reader

if TYPE_CHECKING:
    from chat_core.codec.wire import Frame
    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import TokenLogprob
    from chat_core.request import Request
    from chat_local.literals import Call
    from chat_local.pieces import Read
    from chat_local.regions import Reader


class LocalDecoder(FrameDecoder):
    """Decodes one stream."""

    def __init__(self, request: Request, origin: str) -> None:
        """Begin the answer to a request."""
        super().__init__(origin)
        self._origin = origin
        self._schemas = {tool.name: tool.parameters or {} for tool in request.tools if isinstance(tool, Tool)}
        self._first = count_calls(request)
        self._calls = 0
        self._part = 0
        self._kind: type[Read] | None = None
        self._reader: Reader | None = None
        self._waiting: list[TokenLogprob] = []

    def on_frame(self, frame: Frame) -> None:
        """Put what one event says into `build`.

        Raises:
            DecodeError: it is malformed.
            ProviderError: the model failed.
        """
        data = frame_object(frame)
        if data is None:
            return
        self.event(data)

    def event(self, data: JSONObject) -> None:
        """Put what one event says into `build`; raises as `on_frame`."""
        match data:
            case _ if self.build.ended:
                self.build.unknown("after_end", data)
            case {"start": dict(start)}:
                self._start(start)
            case {"text": str(text)}:
                self._text(text, data)
            case {"end": dict(end)}:
                self._end(end)
            case {"error": error}:
                raise error_from(error)
            case _ if data.keys() & {"start", "text", "end"}:
                raise DecodeError(f"malformed event: {excerpt(dump(data))}")
            case _:
                self.build.unknown(next(iter(data), "event"), data)

    def _start(self, start: JSONObject) -> None:
        match start.get("model"), start.get("format"), start.get("tail"):
            case (None | str()) as model, (None | str() | dict()) as form, (None | str()) as tail:
                pass
            case _:
                raise DecodeError(f"malformed start: {excerpt(dump(start))}")
        self.build.model = model
        self.build.notices = decode_notices(start.get("notices"))
        try:
            self._reader = reader(form, "" if tail is None else tail, self._schemas)
        except UnsupportedContent as error:
            raise DecodeError(f"malformed start: {error.message}") from None
        self.build.note(rest(start, {"model", "tail", "notices"}))

    def _text(self, text: str, data: JSONObject) -> None:
        """Read more of what the model wrote; probabilities go with the text that they are of, and with no other."""
        if (probabilities := data.get("logprobs")) is not None:
            self._waiting += decode_logprobs(probabilities, self._origin)
        read = self._ready()
        apart = read.apart
        pieces = read.feed(text)
        if (apart or read.apart) and not any(isinstance(piece, Words) for piece in pieces):
            self._waiting = []
        self._read(pieces)
        self.build.note(rest(data, {"text", "logprobs"}))

    def _ready(self) -> Reader:
        if self._reader is None:
            self._reader = reader(PLAIN, "", self._schemas)
        return self._reader

    def _read(self, pieces: list[Read]) -> None:
        for piece in pieces:
            match piece:
                case Words(text):
                    self.build.text(self._place(Words), text, logprobs=tuple(self._waiting))
                    self._waiting = []
                case Thought(text):
                    key = self._place(Thought)
                    if not self.build.is_open(key):
                        self.build.open(key, Reasoning("", meta={self._origin: {}}))
                    self.build.reasoning(key, text)
                case call:
                    self._call(call)

    def _place(self, kind: type[Read]) -> int:
        """Return the part that more of a kind belongs to: the one before, unless that was another kind."""
        if self._kind is not kind:
            self._leave()
            self._kind = kind
        return self._part

    def _leave(self) -> None:
        if self.build.is_open(self._part):
            self.build.close(self._part)
        self._part += 1
        self._kind = None

    def _call(self, call: Call) -> None:
        self._leave()
        named = call.id if call.id is not None else local_id(self._first + self._calls)
        self.build.open(self._part, ToolCall(id=named, name=call.name))
        self.build.arguments(self._part, dump(call.arguments).decode())
        self._calls += 1
        self._leave()

    def _end(self, end: JSONObject) -> None:
        self._read(self._ready().finish())
        word = end.get("reason")
        if not isinstance(word, str):
            raise DecodeError(f"malformed end: {excerpt(dump(end))}")
        reason = FINISH_REASONS.get(word, FinishReason.OTHER)
        if self._calls and reason is FinishReason.STOP:
            reason = FinishReason.TOOL_CALLS
        self.build.usage = decode_usage(end.get("usage"))
        self.build.note({"end": rest(end, {"reason", "usage"})})
        if self._waiting:
            self.build.text(self._place(Words), "", logprobs=tuple(self._waiting))
        self.build.finish(reason, word)
        self.build.end()
