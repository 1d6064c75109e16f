"""Events of the wire → events of ours, over SSE and WebSocket alike.

Law: the terminal event is the last one; it holds the whole answer. The payload names the event, and `output_index` the
item. Deltas come first, and what a `done` event, a complete item and the terminal event say again is compared: the rest
of a text is appended, and what differs is surfaced. Progress of the service's own tools is surfaced as it comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.alike import Alike
from chat_core.codec.decoder import FrameDecoder, frame_object
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import Opaque, Reasoning, ToolCall
from chat_responses.chain import mark_of
from chat_responses.citations import decode_annotation
from chat_responses.decode import envelope, failure_of, reader
from chat_responses.errors import error_from
from chat_responses.items import kind_of
from chat_responses.logprobs import decode_logprobs
from chat_responses.overlay import absent
from chat_responses.progress import Item
from chat_responses.words import (
    ALWAYS,
    ARGUMENTS,
    BEGUN,
    DELTA,
    DIRECT,
    DONE,
    INPUTS,
    KNOWN,
    LABEL,
    LABELS,
    RESTATED,
    SURFACED,
    TERMINAL,
    TEXT_DELTA,
    TEXTS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.alike import Say
    from chat_core.codec.wire import Frame
    from chat_core.errors import ProviderError
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part
    from chat_core.request import Request
    from chat_responses.provider import Responses

IGNORED: Mapping[str, str] = {
    "event_id": "of a socket's event, not of the answer",
    "item.id": "an item that begins has an id that its end repeats; some services change it",
    "item.status": "an item that begins is in progress",
    "item.encrypted_content": "an item that begins may have a part of it only",
    "item_id": "`output_index` names the item; some services change its id from event to event",
    "obfuscation": "padding, against guesses from the length of events",
    "response.*": "an answer that begins says what its end says again",
    "sequence_number": "the order of the events, which a resumed stream is asked for by",
    "type": "of an event before the first content of an answer that fails: nothing is surfaced then",
    "stream_id": "the lane of a socket, which the transport reads",
}
"""Leaves that are dropped, with the reason."""


class ResponsesDecoder(FrameDecoder):
    """Decodes one stream of the Responses wire."""

    def __init__(self, provider: Responses, request: Request) -> None:
        """Begin to read the answer to a request."""
        origin = provider.origin(request.model)
        super().__init__(origin, Alike(("delta",), LABELS))
        self._origin = origin
        self._provider = provider
        self._request = request
        self._read = reader(provider.preset, origin, request.tools)
        self._items: dict[int, Item] = {}
        self._begun: list[tuple[str, JSONObject]] = []
        self._failure: ProviderError | None = None

    def on_frame(self, frame: Frame) -> None:
        """Put what one event says into `build`.

        Raises:
            DecodeError: a known event is malformed.
            ProviderError: the event is an error of the service, or the answer failed.
        """
        if frame.data in DONE:
            return
        data = frame_object(frame, self._direct, self.alike)
        if data is None:
            return
        match data.get("type", frame.event):
            case str(kind):
                pass
            case None if data.get("error") is not None:
                kind = "error"
            case other:
                raise DecodeError(f"an event without a type: {excerpt(repr(other), 100)}")
        if self.build.ended:
            self.build.unknown(kind, data)
            return
        self.build.raw = data
        self._event(kind, data)

    def _direct(self, data: JSONObject) -> Say | None:
        """Take a delta that says a text and nothing else, as the usual path would; pure speed."""
        at, part, text = data.get("output_index"), data.get("content_index"), data.get("delta")
        item = self._items.get(at) if isinstance(at, int) else None
        if item is None or item.settled or self.build.ended or not isinstance(part, int) or not isinstance(text, str):
            return None
        if data.get("type") != TEXT_DELTA or data.get("logprobs") or not data.keys() <= DIRECT:
            return None
        if not {type(data.get(name)) for name in LABELS} <= LABEL:
            return None
        self.build.raw = data
        item.text(("content", part), text)
        return item.saying(("content", part))

    def finish(self) -> Iterator[Event]:
        """End the stream at the end of input.

        Raises:
            StreamTruncated: no terminal event had come.
            ProviderError: the service had reported an error, and nothing came after it.
        """
        if not self.build.ended:
            self._keep_unfinished()
            if self._failure is not None:
                self._failure.partial = self.build.partial()
                raise self._failure
        yield from super().finish()

    def _event(self, kind: str, data: JSONObject) -> None:
        if self._is_late(kind, data):
            self.build.unknown(kind, data)
            return
        match kind, data:
            case _, {
                "output_index": int(at),
                "content_index": int(part),
                "delta": str(text),
            } if kind == TEXT_DELTA:
                tokens = decode_logprobs(found, self._origin) if (found := data.get("logprobs")) else ()
                self._item(at).text(("content", part), text, tokens)
            case _, {"output_index": int(at), "delta": str(text)} if kind in ARGUMENTS:
                self._item(at).arguments(text)
            case (
                "response.reasoning_summary_text.delta",
                {"output_index": int(at), "summary_index": int(part), "delta": str(text)},
            ):
                self._item(at).reasoning(("summary", part), text)
            case (
                "response.reasoning_text.delta",
                {"output_index": int(at), "content_index": int(part), "delta": str(text)},
            ):
                self._item(at).reasoning(("content", part), text)
            case (
                "response.refusal.delta",
                {"output_index": int(at), "content_index": int(part), "delta": str(text)},
            ):
                self._item(at).refusal(("content", part), text)
            case _:
                self._frame_of_answer(kind, data)
                return
        if not data.keys() <= DELTA:
            self._note(kind, data, DELTA)

    def _fail(self, data: JSONObject) -> None:
        """Read an error; one of an answer that has begun is often followed by the answer, which says that it failed.

        Raises:
            ProviderError: nothing will follow it.
        """
        status = data.get("status")
        error = error_from(data, status=status if isinstance(status, int) else None)
        if not self._begun or status is not None:
            self._keep_unfinished()
            raise error
        self._failure, self.terminal = error, True

    def _is_late(self, kind: str, data: JSONObject) -> bool:
        """Tell whether an event is about an item that has ended."""
        at = data.get("output_index")
        return kind in KNOWN and isinstance(at, int) and at in self._items and self._items[at].settled

    def _frame_of_answer(self, kind: str, data: JSONObject) -> None:
        """Read an event that begins or ends something."""
        match kind, data:
            case "response.output_item.added", {"output_index": int(at), "item": dict(item)}:
                self._begin(at, item)
                self._note(kind, data, {"item"})
            case "response.output_item.done", {"output_index": int(at), "item": dict(item)}:
                self._settle(at, item)
                self._note(kind, data, {"item"})
            case "response.output_text.annotation.added", {"output_index": int(at), "content_index": int(part)}:
                citation = decode_annotation(data.get("annotation"), self._origin)
                self._item(at).citation(("content", part), citation, data.get("annotation_index"))
                self._note(kind, data, {"content_index", "annotation", "annotation_index"})
            case _, {"response": dict(answer)} if kind in BEGUN:
                self._started(answer)
                self._begun.append((kind, answer))
                self._note(kind, data, {"response"})
            case _, {"response": dict(answer)} if kind in TERMINAL:
                self._note(kind, data, {"response"})
                self._end(answer)
            case "error", _:
                self._fail(data)
            case _:
                self._said_again(kind, data)

    def _said_again(self, kind: str, data: JSONObject) -> None:
        """Compare what an event repeats; what has no name here is surfaced."""
        match kind, data:
            case _, {"output_index": int(at)} if kind in TEXTS:
                group, member = TEXTS[kind]
                place, text = data.get(f"{'summary' if group == 'summary' else 'content'}_index"), data.get(member)
                if not isinstance(place, int) or not isinstance(text, str):
                    raise DecodeError(f"malformed {kind} event: {excerpt(repr(data))}")
                self._item(at).again(kind, (group, place), text, thought="reasoning" in kind)
                self._tokens_again(kind, at, (group, place), data)
                self._note(kind, data, {"content_index", "summary_index", member, "logprobs"})
            case _, {"output_index": int(at)} if kind in INPUTS and isinstance(text := data.get(INPUTS[kind]), str):
                self._item(at).input_again(kind, text)
                self._note(kind, data, {INPUTS[kind]})
            case (
                "response.content_part.added" | "response.content_part.done" | "response.reasoning_part.added"
                | "response.reasoning_part.done",
                {"output_index": int(at), "content_index": int(place), "part": dict(part)},
            ):  # fmt: skip
                self._item(at).piece_again(kind, ("content", place), part)
                self._note(kind, data, {"content_index", "part"})
            case (
                "response.reasoning_summary_part.added" | "response.reasoning_summary_part.done",
                {"output_index": int(at), "summary_index": int(place), "part": dict(part)},
            ):
                self._item(at).piece_again(kind, ("summary", place), part)
                self._note(kind, data, {"summary_index", "part"})
            case _ if kind in KNOWN:
                raise DecodeError(f"malformed {kind} event: {excerpt(repr(data))}")
            case _:
                self.build.unknown(kind, rest(data, SURFACED))

    def _tokens_again(self, kind: str, at: int, place: tuple[str, int], data: JSONObject) -> None:
        match data.get("logprobs"):
            case [_, *_] as tokens:
                self._item(at).tokens_again(kind, place, decode_logprobs(tokens, self._origin), tokens)
            case _:
                pass

    def _item(self, at: int) -> Item:
        if at not in self._items:
            self._items[at] = Item(self.build, at)
        return self._items[at]

    def _started(self, answer: JSONObject) -> None:
        """Read an answer that begins: its id and its model, which its end says again."""
        told = envelope(answer)
        self.build.id = told.id if told.id is not None else self.build.id
        self.build.model = told.model if told.model is not None else self.build.model

    def _begin(self, at: int, data: JSONObject) -> None:
        """Begin an item: a call or reasoning at once, anything else when there is something to say."""
        kind, _ = kind_of(data)
        item = self._item(at)
        if item.begun:
            self.build.unknown("response.output_item.added", data)
            return
        item.begun = data
        try:
            parts = self._read(data)
        except DecodeError:
            return  # it is not whole yet; its end has to be
        match parts:
            case (Reasoning() | ToolCall() as part, *_):
                item.open(part)
            case (Opaque() as part,) if kind != "message" and not kind.endswith("_call"):
                item.open(part)
            case _:
                pass

    def _settle(self, at: int, data: JSONObject) -> None:
        self._item(at).settle(data, self._read(data))

    def _end(self, answer: JSONObject) -> None:
        """End the answer; of a failed one the error is raised, and what came before is in its `partial`."""
        self._started(answer)
        self._keep_begun(answer)
        told = envelope(answer)
        match answer.get("output"):
            case None:
                pass
            case list(items):
                for at, item in enumerate(items):
                    self._finish_item(at, item)
            case other:
                raise DecodeError(f"malformed output of an answer: {excerpt(repr(other))}")
        for streamed in self._items.values():
            streamed.close()
        self.build.usage = told.usage
        self.build.note(told.leftovers)
        self.build.note_message(mark_of(self._provider, self._request, answer))
        if (failed := failure_of(answer)) is not None:
            self.build.finish(told.finish(self._parts()), told.status)
            raise self._first(failed)
        self.terminal = True
        self.build.finish(told.finish(self._parts()), told.status)
        self.build.end()

    def _first(self, failed: ProviderError) -> ProviderError:
        """Return the error that came before the answer that failed, which says more; keep what the answer says."""
        if self._failure is None:
            return failed
        self.build.note({"error": failed.details})
        return self._failure

    def _keep_unfinished(self) -> None:
        """Keep what the answer and its items said when they began: their end does not come."""
        self._keep_begun({})
        for item in self._items.values():
            for said in item.unfinished():
                self.build.note_choice(said)

    def _keep_begun(self, answer: JSONObject) -> None:
        """Keep what the answer said when it began, and does not say at its end."""
        for kind, begun in self._begun:
            if left := absent(rest(begun, RESTATED), answer):
                self.build.note_choice({kind: left})
        self._begun = []

    def _finish_item(self, at: int, data: JSON) -> None:
        """Compare an item of the whole answer with what was streamed; one that was not streamed is read here."""
        kind, item = kind_of(data)
        streamed = self._items.get(at)
        if streamed is None or not streamed.settled:
            self._settle(at, item)
        elif streamed.differs(item):
            self.build.unknown(f"output.{kind}", item)

    def _parts(self) -> list[Part]:
        return [part for at in sorted(self._items) for part in self._items[at].parts]

    def _note(self, kind: str, data: JSONObject, known: set[str] | frozenset[str]) -> None:
        """Keep what an event says beside its payload."""
        if left := rest(data, known | ALWAYS):
            self.build.note({kind: left})
