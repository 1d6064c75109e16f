"""True answers: what the server says when nothing goes wrong, on every wire.

Law: an answer follows from the question alone, so a client knows every word of it. A question is `ask:ID:WORDS:CALLS`
among the user's words; one with calls is answered by a call first, and by words once `looked:ID` is in the request.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Event: TypeAlias = "dict[str, Any]"

QUESTION = re.compile(rb"ask:(\d+):(\d+):(\d)")
TOOL = "lookup"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        id: names it among all.
        words: how many words the answer has.
        calls: whether it is answered by a call.
    """

    id: int
    words: int
    calls: bool = False

    @classmethod
    def of(cls, body: bytes) -> Question:
        """Read the last question of a request."""
        found = QUESTION.findall(body)
        if not found:
            return cls(0, 1)
        number, words, calls = map(int, found[-1])
        return cls(number, words, bool(calls) and b"looked:%d" % number not in body)

    @property
    def text(self) -> str:
        """The question as it is asked."""
        return f"ask:{self.id}:{self.words}:{int(self.calls)}"

    @property
    def pieces(self) -> list[str]:
        """The words of the answer; one has characters of several bytes."""
        return [f"{self.id}.{number}\u2028é\U0001f600 " for number in range(self.words)]

    @property
    def answer(self) -> str:
        """The whole answer."""
        return "".join(self.pieces)

    @property
    def call(self) -> Event:
        """The call's arguments."""
        return {"id": self.id}


@dataclass(frozen=True, slots=True)
class Wire:
    """How one wire spells an answer.

    Attributes:
        events: the messages of a stream, each with its name; the last ones end it.
        whole: a whole reply.
        kind: the type of a stream.
        endings: how many messages at the end of a stream say that it is complete.
        final: whether nothing can follow the end; Gemini has said `finishReason` in every message of a stream.
    """

    events: Callable[[Question], list[tuple[str | None, Event | str]]]
    whole: Callable[[Question], Event]
    kind: str = "text/event-stream"
    endings: int = 1
    final: bool = True

    def stream(self, asked: Question) -> list[bytes]:
        """Return the frames of a stream."""
        return [self._frame(name, event) for name, event in self.events(asked)]

    def _frame(self, name: str | None, event: Event | str) -> bytes:
        data = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
        if self.kind != "text/event-stream":
            return data.encode() + b"\n"
        return (f"event: {name}\n" if name else "").encode() + b"data: " + data.encode() + b"\n\n"


USAGE = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}


def _chat_events(asked: Question) -> list[tuple[str | None, Event | str]]:
    def chunk(delta: Event, reason: str | None = None) -> tuple[None, Event]:
        choices = [{"index": 0, "delta": delta, "finish_reason": reason}]
        return None, {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}

    last: list[tuple[str | None, Event | str]] = [(None, {"id": "c", "choices": [], "usage": USAGE}), (None, "[DONE]")]
    if asked.calls:
        function = {"name": TOOL, "arguments": ""}
        call = {"index": 0, "id": "call_1", "type": "function", "function": function}
        more = {"index": 0, "function": {"arguments": json.dumps(asked.call)}}
        return [chunk({"tool_calls": [call]}), chunk({"tool_calls": [more]}), chunk({}, "tool_calls"), *last]
    return [*(chunk({"content": piece}) for piece in asked.pieces), chunk({}, "stop"), *last]


def _chat_whole(asked: Question) -> Event:
    function = {"name": TOOL, "arguments": json.dumps(asked.call)}
    message: Event = {"role": "assistant", "content": asked.answer}
    if asked.calls:
        message = {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": function}]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if asked.calls else "stop"}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": USAGE}


def _responses_item(asked: Question, *, done: bool) -> Event:
    status = "completed" if done else "in_progress"
    if asked.calls:
        said = json.dumps(asked.call) if done else ""
        return {
            "type": "function_call",
            "id": "f",
            "call_id": "call_1",
            "name": TOOL,
            "arguments": said,
            "status": status,
        }
    content: list[Event] = [{"type": "output_text", "text": asked.answer, "annotations": []}] if done else []
    return {"type": "message", "id": "m", "role": "assistant", "status": status, "content": content}


def _responses_whole(asked: Question) -> Event:
    usage = {"input_tokens": 3, "output_tokens": 5, "total_tokens": 8}
    output = [_responses_item(asked, done=True)]
    return {"id": "r", "object": "response", "model": "m", "status": "completed", "output": output, "usage": usage}


def _responses_events(asked: Question) -> list[tuple[str | None, Event | str]]:
    def named(kind: str, **more: object) -> tuple[str, Event]:
        return kind, {"type": kind, **more}

    begun: Event = {"id": "r", "object": "response", "model": "m", "status": "in_progress", "output": []}
    place: Event = {"output_index": 0, "item_id": "m"}
    deltas = [named("response.output_text.delta", **place, content_index=0, delta=piece) for piece in asked.pieces]
    if asked.calls:
        deltas = [named("response.function_call_arguments.delta", **place, delta=json.dumps(asked.call))]
    return [
        named("response.created", response=begun),
        named("response.output_item.added", output_index=0, item=_responses_item(asked, done=False)),
        *deltas,
        named("response.output_item.done", output_index=0, item=_responses_item(asked, done=True)),
        named("response.completed", response=_responses_whole(asked)),
    ]


def _messages_block(asked: Question, *, done: bool) -> Event:
    if asked.calls:
        return {"type": "tool_use", "id": "call_1", "name": TOOL, "input": asked.call if done else {}}
    return {"type": "text", "text": asked.answer if done else ""}


def _messages_whole(asked: Question) -> Event:
    reason = "tool_use" if asked.calls else "end_turn"
    return {
        "id": "m", "type": "message", "role": "assistant", "model": "m", "content": [_messages_block(asked, done=True)],
        "stop_reason": reason, "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 5},
    }  # fmt: skip


def _messages_events(asked: Question) -> list[tuple[str | None, Event | str]]:
    def named(kind: str, **more: object) -> tuple[str, Event]:
        return kind, {"type": kind, **more}

    begun: Event = {**_messages_whole(asked), "content": [], "stop_reason": None}
    deltas: list[Event] = [{"type": "text_delta", "text": piece} for piece in asked.pieces]
    if asked.calls:
        deltas = [{"type": "input_json_delta", "partial_json": json.dumps(asked.call)}]
    ended = {"stop_reason": "tool_use" if asked.calls else "end_turn", "stop_sequence": None}
    return [
        named("message_start", message=begun),
        named("content_block_start", index=0, content_block=_messages_block(asked, done=False)),
        named("ping"),
        *(named("content_block_delta", index=0, delta=delta) for delta in deltas),
        named("content_block_stop", index=0),
        named("message_delta", delta=ended, usage={"output_tokens": 5}),
        named("message_stop"),
    ]


def _gemini_part(parts: list[Event], reason: str | None) -> Event:
    candidate: Event = {"content": {"role": "model", "parts": parts}, "index": 0}
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 5, "totalTokenCount": 8}
    ended = {"finishReason": reason} if reason else {}
    return {"candidates": [{**candidate, **ended}], "usageMetadata": usage, "modelVersion": "m", "responseId": "r"}


def _gemini_parts(asked: Question) -> list[Event]:
    if asked.calls:
        return [{"functionCall": {"id": "call_1", "name": TOOL, "args": asked.call}}]
    return [{"text": piece} for piece in asked.pieces]


def _gemini_events(asked: Question) -> list[tuple[str | None, Event | str]]:
    parts = [(None, _gemini_part([part], None)) for part in _gemini_parts(asked)]
    return [*parts, (None, _gemini_part([{"text": ""}], "STOP"))]


def _gemini_whole(asked: Question) -> Event:
    return _gemini_part(_gemini_parts(asked), "STOP")


def _ollama_message(asked: Question) -> list[Event]:
    if asked.calls:
        call = {"id": "call_1", "function": {"index": 0, "name": TOOL, "arguments": asked.call}}
        return [{"role": "assistant", "content": "", "tool_calls": [call]}]
    return [{"role": "assistant", "content": piece} for piece in asked.pieces]


OLLAMA_END = {"done": True, "done_reason": "stop", "prompt_eval_count": 3, "eval_count": 5}


def _ollama_events(asked: Question) -> list[tuple[str | None, Event | str]]:
    head = {"model": "m", "created_at": "2026-01-02T03:04:05Z"}
    last = {**head, "message": {"role": "assistant", "content": ""}, **OLLAMA_END}
    return [*((None, {**head, "message": message, "done": False}) for message in _ollama_message(asked)), (None, last)]


def _ollama_whole(asked: Question) -> Event:
    (first, *_) = _ollama_message(asked) or [{"role": "assistant", "content": ""}]
    message = first if asked.calls else {"role": "assistant", "content": asked.answer}
    return {"model": "m", "created_at": "2026-01-02T03:04:05Z", "message": message, **OLLAMA_END}


WIRES: dict[str, Wire] = {
    "chat": Wire(_chat_events, _chat_whole, endings=3),
    "responses": Wire(_responses_events, _responses_whole, endings=1),
    "messages": Wire(_messages_events, _messages_whole, endings=2),
    "gemini": Wire(_gemini_events, _gemini_whole, endings=1, final=False),
    "ollama": Wire(_ollama_events, _ollama_whole, kind="application/x-ndjson", endings=1),
}
"""The wires, by the first step of the path under which they are served."""
