"""Answers spelled in each wire, whole and streamed, and what requests of that wire say about tools.

Law: written after the vendors' documentation alone; no codec is asked how it spells anything.
"""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from tests.conversations.generate_wire import Generate
from tests.conversations.interactions_wire import Interactions
from tests.conversations.newer_wires import NdjsonChat, Responses
from tests.conversations.said import ServerSentEvents, arguments_of, cut, marked

from chat_core.parts import Reasoning, Text, ToolCall
from chat_core.testing.loopback import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.conversations.said import Body, Said, Told, Wire

    from chat_core.parts import Part

WHOLE = {"content-type": "application/json"}


def answer(wire: Wire, said: Said, *, stream: bool) -> Answer:
    """Spell an answer for the server."""
    if not stream:
        return Answer(headers=WHOLE, pieces=(json.dumps(wire.whole(said)).encode(),))
    headers = {"content-type": wire.media_type}
    pieces = tuple(wire.event(body) for body in wire.events(said))
    if said.cut is None:
        return Answer(headers=headers, pieces=(*pieces, *([wire.done] if wire.done else [])))
    last = next(at for at, piece in enumerate(pieces) if said.cut.encode() in piece)
    return Answer(headers=headers, pieces=pieces[: last + 1], ending="silent")


class Messages(ServerSentEvents):
    """The Messages wire."""

    def whole(self, said: Said) -> Body:
        blocks = [self._block(part) for part in said.parts]
        return {**self._head(), "content": blocks, "stop_reason": self._reason(said)}

    def events(self, said: Said) -> Iterator[Body]:
        yield {"type": "message_start", "message": {**self._head(), "content": [], "stop_reason": None}}
        for index, part in enumerate(said.parts):
            yield {"type": "content_block_start", "index": index, "content_block": self._begun(part)}
            for delta in self._deltas(part):
                yield {"type": "content_block_delta", "index": index, "delta": delta}
            yield {"type": "content_block_stop", "index": index}
        end = {"stop_reason": self._reason(said), "stop_sequence": None}
        yield {"type": "message_delta", "delta": end, "usage": {"output_tokens": 5}}
        yield {"type": "message_stop"}

    def history(self, body: Body) -> list[Body]:
        return list(body["messages"])

    def told(self, body: Body) -> list[Told]:
        return [
            (block["tool_use_id"], "".join(item["text"] for item in block.get("content", ())), "is_error" in block)
            for block in self._blocks(body)
            if block["type"] == "tool_result"
        ]

    def called(self, body: Body) -> list[tuple[str, Body]]:
        return [(block["name"], block["input"]) for block in self._blocks(body) if block["type"] == "tool_use"]

    def words(self, body: Body) -> list[tuple[str, str]]:
        said = [
            (message["role"], block["text"])
            for message in body["messages"]
            for block in message["content"]
            if block["type"] == "text"
        ]
        instructions = "".join(block["text"] for block in body.get("system", ()))
        return [("system", instructions), *said] if instructions else said

    def _blocks(self, body: Body) -> Iterable[Body]:
        return [block for message in body["messages"] for block in message["content"]]

    def _head(self) -> Body:
        usage = {"input_tokens": 10, "output_tokens": 5}
        return {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "usage": usage}

    def _reason(self, said: Said) -> str:
        return "pause_turn" if said.pause else "tool_use" if said.calls else "end_turn"

    def _block(self, part: Part) -> Body:
        match part:
            case ToolCall(id=call, name=name, arguments=dict(arguments)):
                return {"type": "tool_use", "id": call, "name": name, "input": arguments}
            case Reasoning(text, signature=signature):
                return {"type": "thinking", "thinking": text, "signature": signature}
            case Text(text):
                return {"type": "text", "text": text}
            case _:
                raise AssertionError(part)

    def _begun(self, part: Part) -> Body:
        match part:
            case ToolCall(id=call, name=name):
                return {"type": "tool_use", "id": call, "name": name, "input": {}}
            case Reasoning():
                return {"type": "thinking", "thinking": "", "signature": ""}
            case _:
                return {"type": "text", "text": ""}

    def _deltas(self, part: Part) -> Iterator[Body]:
        match part:
            case ToolCall():
                for text in cut(arguments_of(part)):
                    yield {"type": "input_json_delta", "partial_json": text}
            case Reasoning(words, signature=signature):
                for text in cut(words):
                    yield {"type": "thinking_delta", "thinking": text}
                yield {"type": "signature_delta", "signature": signature}
            case Text(words):
                for text in cut(words):
                    yield {"type": "text_delta", "text": text}
            case _:
                raise AssertionError(part)


class Completions(ServerSentEvents):
    """The chat completions wire."""

    done = b"data: [DONE]\n\n"

    def whole(self, said: Said) -> Body:
        message: Body = {"role": "assistant", "content": said.text(Text) or None}
        if thought := said.text(Reasoning):
            message["reasoning_content"] = thought
        if said.calls:
            message["tool_calls"] = [self._call(part) for part in said.parts if isinstance(part, ToolCall)]
        choice = {"index": 0, "message": message, "finish_reason": self._reason(said)}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self._usage()}

    def events(self, said: Said) -> Iterator[Body]:
        yield self._chunk({"role": "assistant", "content": ""})
        for part in said.parts:
            for text in cut(part.text if isinstance(part, (Text, Reasoning)) else ""):
                yield self._chunk({"reasoning_content" if isinstance(part, Reasoning) else "content": text})
        calls = [part for part in said.parts if isinstance(part, ToolCall)]
        for index, call in enumerate(calls):
            spec = {"name": call.name, "arguments": ""}
            yield self._chunk({"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": spec}]})
        for texts in zip_longest(*(cut(arguments_of(call)) for call in calls)):  # side by side
            for index, text in reversed(list(enumerate(texts))):
                if text is not None:
                    yield self._chunk({"tool_calls": [{"index": index, "function": {"arguments": text}}]})
        yield self._chunk({}, self._reason(said))
        yield {**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage()}

    def history(self, body: Body) -> list[Body]:
        return list(body["messages"])

    def told(self, body: Body) -> list[Told]:
        found = [(message["tool_call_id"], message["content"]) for message in body["messages"] if self._is(message)]
        return [marked(call, text) for call, text in found]

    def called(self, body: Body) -> list[tuple[str, Body]]:
        calls = [call["function"] for message in body["messages"] for call in message.get("tool_calls") or ()]
        return [(call["name"], json.loads(call["arguments"])) for call in calls]

    def words(self, body: Body) -> list[tuple[str, str]]:
        return [
            (message["role"], self._joined(message["content"]))
            for message in body["messages"]
            if message.get("content") and not self._is(message)
        ]

    def _is(self, message: Body) -> bool:
        return bool(message["role"] == "tool")

    def _joined(self, content: Any) -> str:  # noqa: ANN401 - a text or a list of parts
        return content if isinstance(content, str) else "".join(part["text"] for part in content)

    def _call(self, call: ToolCall) -> Body:
        return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments_of(call)}}

    def _chunk(self, delta: Body, reason: str | None = None) -> Body:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def _head(self, kind: str) -> Body:
        return {"id": "c1", "object": kind, "created": 1, "model": "m"}

    def _usage(self) -> Body:
        return {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}

    def _reason(self, said: Said) -> str:
        return "tool_calls" if said.calls else "stop"


class Mistral(Completions):
    """Mistral's: thinking is a part of the content; ids of calls have nine characters there."""

    def whole(self, said: Said) -> Body:
        body = super().whole(said)
        message = body["choices"][0]["message"]
        if thought := message.pop("reasoning_content", None):
            message["content"] = [self._thinking(thought), {"type": "text", "text": message["content"] or ""}]
        return body

    def events(self, said: Said) -> Iterator[Body]:
        for event in super().events(said):
            for choice in event["choices"]:
                if text := choice["delta"].pop("reasoning_content", None):
                    choice["delta"]["content"] = [self._thinking(text)]
            yield event

    def _thinking(self, text: str) -> Body:
        return {"type": "thinking", "thinking": [{"type": "text", "text": text}]}

    def _joined(self, content: Any) -> str:  # noqa: ANN401 - a text or a list of parts
        parts = [] if isinstance(content, str) else [part for part in content if part["type"] == "text"]
        return super()._joined(content if isinstance(content, str) else parts)


WIRES: dict[str, Wire] = {
    "claude": Messages(),
    "openai-chat": Completions(),
    "mistral": Mistral(),
    "compatible": Completions(),
    "huggingface": Completions(),
    "openai": Responses(),
    "ollama": NdjsonChat(),
    "gemini": Generate(),
    "gemini-interactions": Interactions(),
}
"""Every provider's wire; what a provider adds to it or leaves out is its preset's business."""
