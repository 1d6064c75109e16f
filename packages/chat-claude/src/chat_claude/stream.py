"""Stream events of the wire → events of ours.

Law: `message_delta` with a stop reason is the terminal signal, `message_stop` the last event. The payload names the
event; the SSE line is asked only where the payload does not. What comes after the end is surfaced, never decoded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_claude.blocks import decode_block, decode_citation
from chat_claude.decode import decode_usage, envelope, finish_reason, leftovers, merge_usage
from chat_claude.errors import error_from
from chat_core.codec.alike import Alike
from chat_core.codec.builder import ResponseBuilder
from chat_core.codec.decoder import FrameDecoder, frame_object
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import Opaque, Reasoning, Text, ToolCall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chat_core.codec.alike import Say
    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part

EVENTS = frozenset({
    "message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
    "message_stop", "ping", "error", "message",
})  # fmt: skip
DELTAS = frozenset({
    "text_delta", "input_json_delta", "thinking_delta", "signature_delta", "citations_delta", "compaction_delta",
})  # fmt: skip
DONE = (b"[DONE]", "[DONE]")  # no set: it would hash every payload
"""What gateways put after the last event."""

DIRECT: Mapping[str, tuple[str, type[Part], Callable[[ResponseBuilder, int, str], None]]] = {
    "text_delta": ("text", Text, ResponseBuilder.text),
    "thinking_delta": ("thinking", Reasoning, ResponseBuilder.reasoning),
    "input_json_delta": ("partial_json", ToolCall, ResponseBuilder.arguments),
}
"""Deltas of a text: the member that it is in, the part that it belongs to, and what appends it."""


class MessagesDecoder(FrameDecoder):
    """Decodes one stream of the Messages wire."""

    def __init__(self, origin: str) -> None:
        """Begin a stream whose private data belongs to `origin`."""
        super().__init__(origin, Alike(tuple(member for member, _, _ in DIRECT.values())))
        self._origin = origin
        self._usage: JSON = None
        self._inputs: dict[int, JSONObject] = {}
        self._reason: str | None = None

    def on_frame(self, frame: Frame) -> None:
        """Put what one event says into `build`.

        Raises:
            DecodeError: a known event is malformed.
            ProviderError: the event is an error of the service.
        """
        if frame.data in DONE:
            return
        data = _payload(frame, self._direct, self.alike)
        if data is None:
            return
        match data.get("type", frame.event):
            case str(kind):
                pass
            case None if _FAILURE & data.keys():
                kind = "error"
            case other:
                raise DecodeError(f"an event without a type: {excerpt(repr(other), 100)}")
        if frame.event == "error" and kind not in EVENTS:  # the error itself, without the event around it
            kind = "error"
        if self.build.ended:
            if kind != "ping":
                self.build.unknown(kind, data)
            return
        self.build.raw = data
        self._event(kind, data, frame)

    def _direct(self, data: JSONObject) -> Say | None:
        """Take a delta that says a text and nothing else, as the usual path would; pure speed."""
        index, delta = data.get("index"), data.get("delta")
        if data.get("type") != "content_block_delta" or len(data) != len(_DELTA) or not isinstance(index, int):
            return None
        if not isinstance(delta, dict) or len(delta) != len(_TEXT) or not isinstance(kind := delta.get("type"), str):
            return None
        member, part, append = DIRECT.get(kind, _NONE)
        text = delta.get(member)
        if not isinstance(text, str) or not text or index in self._inputs or not self.build.holds(part, index):
            return None
        self.build.raw = data
        append(self.build, index, text)
        return self.build.saying(index)

    def finish(self) -> Iterator[Event]:
        """End the stream at the end of input.

        Raises:
            StreamTruncated: no stop reason had come.
        """
        if self.terminal and not self.build.ended:
            self._end()
            yield from self.build.take()
        yield from super().finish()

    def _end(self) -> None:
        """End the response; a block that never stopped may have its whole input in its start."""
        for index in list(self._inputs):
            self._stop_block(index)
        self.build.end()

    def _event(self, kind: str, data: JSONObject, frame: Frame) -> None:
        match kind, data:
            case "content_block_delta", {"index": int(index), "delta": dict(delta)} if self.build.is_open(index):
                self._delta(index, delta, data)
                if len(data) > len(_DELTA):
                    self._note(kind, data, _DELTA, index)
            case "content_block_start", {"index": int(index), "content_block": block}:
                self._start_block(index, block)
                self._note(kind, data, _INDEXED | {"content_block"}, index)
            case "content_block_stop", {"index": int(index)} if self.build.is_open(index):
                self._stop_block(index)
                self._note(kind, data, _INDEXED, index)
            case "message_start", {"message": dict(message)}:
                self._start(message)
                self._note(kind, data, {"type", "message"})
            case "message_delta", {"delta": dict(delta)}:
                self._message_delta(delta, data)
            case "message_stop", _:
                self._note(kind, data, {"type"})
                self._end()
            case "message", _:  # a whole reply where a stream was asked for
                self._start(data)
                self._end()
            case "ping", _:
                self._note(kind, data, {"type"})
            case "error", _:
                raise error_from(data, status=None)
            case _ if kind in EVENTS:
                raise DecodeError(f"malformed {kind} event: {excerpt(frame.data)}")
            case _:
                self.build.unknown(kind, data)

    def _start(self, message: JSONObject) -> None:
        """Read a message object: the empty one of `message_start`, or a whole one."""
        self.build.id, self.build.model, reason = envelope(message)
        self._note_usage(message.get("usage"))
        self.build.note(leftovers(message))
        match message.get("content"):
            case None:
                pass
            case list(blocks):
                for number, block in enumerate(blocks):
                    self._start_block(-1 - number, block)
                    self._stop_block(-1 - number)
            case other:
                raise DecodeError(f"malformed content: {excerpt(repr(other))}")
        self._finish(reason)

    def _message_delta(self, delta: JSONObject, data: JSONObject) -> None:
        _, _, reason = envelope(delta)
        self._note_usage(data.get("usage"))
        self.build.note(rest(delta, {"stop_reason"}))
        self.build.note(rest(data, {"type", "delta", "usage"}))
        self._finish(reason)

    def _finish(self, reason: str | None) -> None:
        if not reason and self._reason:
            return
        if reason is not None:
            if self._reason and self._reason != reason:
                self.build.unknown("stop_reason", self._reason)
            self.build.finish(finish_reason(reason), reason)
            self._reason, self.terminal = reason, bool(reason)

    def _note_usage(self, usage: JSON) -> None:
        decode_usage(usage)
        self._usage = merge_usage(self._usage, usage)
        self.build.usage = decode_usage(self._usage)

    def _note(self, kind: str, data: JSONObject, known: set[str], index: int | None = None) -> None:
        """Keep what an event says beside its payload, out of the parts: no service takes it back."""
        if left := rest(data, known):
            self.build.note({kind: left if index is None else {str(index): left}})

    def _start_block(self, index: int, block: JSON) -> None:
        if self.build.is_open(index):
            raise DecodeError(f"content block {index} starts twice")
        match decode_block(block, self._origin):
            case Text(text, citations=citations) as part:
                self.build.open(index, replace(part, text="", citations=()))
                if text:
                    self.build.text(index, text)
                for citation in citations:
                    self.build.citation(index, citation)
            case Reasoning(text) as part:
                self.build.open(index, replace(part, text=""))
                if text:
                    self.build.reasoning(index, text)
            case ToolCall(arguments=arguments) as part:
                self._inputs[index] = arguments or {}
                self.build.open(index, replace(part, arguments=None))
            case part:
                self.build.open(index, part)

    def _stop_block(self, index: int) -> None:
        whole = self._inputs.pop(index, None)
        if whole is not None:  # no delta came: the input was complete in the start, or there is none
            self.build.arguments(index, dump(whole).decode())
        self.build.close(index)

    def _delta(self, index: int, delta: JSONObject, data: JSONObject) -> None:
        part = self.build.part(index)
        match delta.get("type"), delta, part:
            case "text_delta", {"text": str(text)}, Text():
                self.build.text(index, text)
                known = _TEXT
            case "input_json_delta", {"partial_json": str(text)}, ToolCall():
                self._input(index, text)
                known = _JSON
            case "thinking_delta", {"thinking": str(text)}, Reasoning():
                self.build.reasoning(index, text)
                known = _THINKING
            case "signature_delta", {"signature": str(signature)}, Reasoning():
                self._sign(index, part, signature)
                known = _SIGNATURE
            case "citations_delta", {"citation": citation}, Text():
                self.build.citation(index, decode_citation(citation, self._origin))
                known = _CITATION
            case "compaction_delta", _, Opaque(data=block):
                self.build.update(index, replace(part, data=_appended(block, delta)))
                return
            case str(kind), _, _ if kind not in DELTAS:
                self.build.unknown(kind, data)
                return
            case _:
                raise DecodeError(f"malformed delta, or one inside a {type(part).__name__}: {excerpt(repr(delta))}")
        if len(delta) > len(_TEXT):
            self._note("content_block_delta", delta, known, index)

    def _input(self, index: int, text: str) -> None:
        if not text:
            return
        start = self._inputs.pop(index, None)
        if start:
            self.build.note({"content_block_start": {str(index): {"input": start}}})
        self.build.arguments(index, text)

    def _sign(self, index: int, part: Reasoning, signature: str) -> None:
        if part.signature and part.signature != signature:
            self.build.unknown("signature_delta", {"index": index, "replaced": part.signature})
        self.build.update(index, replace(part, signature=signature))


_NONE = ("", Text, ResponseBuilder.text)
_FAILURE = {"error", "detail", "message"}
_INDEXED = {"type", "index"}
_DELTA = {"type", "index", "delta"}
_TEXT = {"type", "text"}
_JSON = {"type", "partial_json"}
_THINKING = {"type", "thinking", "estimated_tokens"}
_SIGNATURE = {"type", "signature"}
_CITATION = {"type", "citation"}


def _payload(frame: Frame, direct: Callable[[JSONObject], Say | None], alike: Alike) -> JSONObject | None:
    try:
        return frame_object(frame, direct, alike)
    except DecodeError:
        if frame.event != "error":
            raise
        text = frame.data if isinstance(frame.data, str) else frame.data.decode("utf-8", "replace")
        raise error_from(text, status=None) from None


def _appended(block: JSONObject, delta: JSONObject) -> JSONObject:
    """Append the texts of a delta to a block that is kept as it is on the wire."""
    grown = dict(block)
    for key, value in delta.items():
        match grown.get(key), value:
            case _, None:
                pass
            case str(old), str(new) if key != "type":
                grown[key] = old + new
            case _ if key != "type":
                grown[key] = value
            case _:
                pass
    return grown
