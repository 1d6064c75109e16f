"""The stream decoder: lines of a chat stream → events. A whole reply is a stream of one line.

Law: `done: true` is the terminal signal and the last line. All thoughts are one part and all text another, held open to
the end, as a whole reply has them; a call comes whole. A line of no known members is surfaced.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from chat_core.codec.alike import Alike
from chat_core.codec.builder import count_calls
from chat_core.codec.decoder import FrameDecoder, frame_object
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.events import ResponseEnd
from chat_core.jsonvalue import excerpt, parse, rest
from chat_core.parts import Reasoning
from chat_ollama.calls import read_call
from chat_ollama.decode import COUNTS, decode_usage, finish_reason
from chat_ollama.errors import error_from
from chat_ollama.logprobs import decode_logprobs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.alike import Say
    from chat_core.codec.wire import Frame
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import TokenLogprob
    from chat_core.request import Request
    from chat_core.response import Response

ENVELOPE = frozenset({"model", "created_at", "message", "done", "done_reason", "error", "logprobs", *COUNTS})
"""Members of a line that have a place of their own."""

MESSAGE = frozenset({"role", "content", "thinking", "tool_calls"})
"""Members of a message that have a place of their own."""

SAYING = frozenset({"role", "content"})
"""Members of a message that is a text and nothing else."""


class ChatDecoder(FrameDecoder):
    """Decodes one stream.

    Attributes:
        usual: the members of a line that is a text and nothing else.
    """

    usual: ClassVar[frozenset[str]] = frozenset({"model", "created_at", "message", "done"})

    def __init__(self, request: Request, origin: str) -> None:
        """Begin the answer to a request."""
        super().__init__(origin, Alike(("content", "response"), ("created_at",)))
        self._origin = origin
        self._first = count_calls(request)
        self._calls = 0
        self._waiting: list[TokenLogprob] = []
        self._unplaced: list[JSON] = []

    def on_frame(self, frame: Frame) -> None:
        """Put what one line says into `build`.

        Raises:
            DecodeError: it is malformed.
            ProviderError: it is an error of the service.
        """
        if self.build.ended:
            if frame.data.strip():
                self.build.unknown("after_end", _payload(frame))
            return
        data = frame_object(frame, self._direct, self.alike)
        if data is not None:
            self.build.raw = data
            self._line(data)

    def whole(
        self, data: JSONObject, *, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Decode a whole reply.

        Raises:
            DecodeError: it is malformed.
            ProviderError: it is an error in the guise of a success.
        """
        if data.get("error") is not None:
            raise error_from(data, status=status, headers=headers, body=dump(data).decode())
        if self.message_of(data) is None:
            raise DecodeError(f"the reply has no message: {sorted(data)}")
        self._line(data)
        for event in self.build.take():
            if isinstance(event, ResponseEnd):
                return replace(event.response, raw=data)
        raise DecodeError("the reply does not say that it is done")

    def message_of(self, data: JSONObject) -> JSONObject | None:
        """Return the message of a line; `None` when it has none.

        Raises:
            DecodeError: it is no object.
        """
        match data.get("message"):
            case (None | dict()) as message:
                return message
            case other:
                raise DecodeError(f"a message is no object but {type(other).__name__}")

    def text_of(self, data: JSONObject) -> JSON:
        """Return the text of a usual line whose message holds nothing else."""
        message = data["message"]
        if isinstance(message, dict) and len(message) == len(SAYING) and message.get("role") == "assistant":
            return message.get("content")
        return None

    def leftovers(self, data: JSONObject) -> JSONObject:
        """Return what a line says beyond the members with a place of their own."""
        return rest(data, ENVELOPE)

    def _direct(self, data: JSONObject) -> Say | None:
        """Take a line that says a text and nothing else, as the usual path would; pure speed."""
        if data.keys() != self.usual or data["done"] is not False or data["model"] != self.build.model:
            return None
        text = self.text_of(data)
        if not isinstance(text, str) or not text or self._waiting or not isinstance(data["created_at"], str):
            return None
        self.build.raw = data
        self.build.text("text", text)
        return self.build.saying("text")

    def _line(self, data: JSONObject) -> None:
        message, done, error = self.message_of(data), data.get("done"), data.get("error")
        if message is None and done is None and error is None:
            self.build.unknown("line", data)
            return
        if (model := _text(data, "model")) is not None:
            self.build.model = model
        if message is not None:
            self._message(message, data.get("logprobs"))
        if message is not None or error is None:  # what stands beside an error is in its `details`
            self.build.note(self.leftovers(data))
        if error is not None:
            raise error_from(data, body=dump(data).decode())
        match done:
            case True:
                self._end(data)
            case None | False:
                self._note(data, "done_reason", *COUNTS)
            case _:
                raise DecodeError(f"done is neither true nor false but {excerpt(repr(done), 100)}")

    def _message(self, message: JSONObject, logprobs: JSON) -> None:
        if thought := _text(message, "thinking"):
            if not self.build.is_open("thinking"):
                self.build.open("thinking", Reasoning("", meta={self._origin: {}}))
            self.build.reasoning("thinking", thought)
        self._text(_text(message, "content") or "", logprobs)
        match message.get("tool_calls"):
            case None:
                pass
            case list(calls):
                for call in calls:
                    self._call(call)
            case other:
                raise DecodeError(f"tool_calls is no list but {type(other).__name__}")
        if (role := message.get("role")) is not None and role != "assistant":
            self.build.note({"role": role})
        self.build.note_message(rest(message, MESSAGE))

    def _text(self, text: str, logprobs: JSON) -> None:
        """Append text; probabilities before any, those of thoughts, wait for it: a whole reply has all in one list."""
        if logprobs is not None:
            self._waiting += decode_logprobs(logprobs, self._origin)
            self._unplaced += logprobs if isinstance(logprobs, list) else []
        if text or (self._waiting and self.build.is_open("text")):
            self.build.text("text", text, logprobs=tuple(self._waiting))
            self._waiting, self._unplaced = [], []

    def _call(self, data: JSON) -> None:
        call, arguments = read_call(data, self._first + self._calls, self._origin)
        key = ("call", self._calls)
        self._calls += 1
        self.build.open(key, call)
        if arguments:
            self.build.arguments(key, arguments)
        self.build.close(key)

    def _end(self, data: JSONObject) -> None:
        self._note(data, "created_at")
        if self._unplaced:
            self.build.note({"logprobs": self._unplaced})
        reason = _text(data, "done_reason")
        self.build.usage = decode_usage(data)
        self.build.finish(finish_reason(reason, calls=self._calls > 0), reason)
        self.terminal = True
        self.build.end()

    def _note(self, data: JSONObject, *keys: str) -> None:
        self.build.note({key: value for key in keys if (value := data.get(key)) is not None})


def _text(data: JSONObject, key: str) -> str | None:
    match data.get(key):
        case (None | str()) as text:
            return text
        case other:
            raise DecodeError(f"{key} is no text but {type(other).__name__}")


def _payload(frame: Frame) -> JSON:
    try:
        return parse(frame.data)
    except DecodeError:
        return frame.data if isinstance(frame.data, str) else frame.data.decode("utf-8", "replace")
