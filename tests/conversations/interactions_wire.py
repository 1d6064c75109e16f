"""Gemini's Interactions wire, whose answers are steps.

Law: as in `wires`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.conversations.said import ServerSentEvents, arguments_of, cut

from chat_core.parts import Reasoning, Text, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conversations.said import Body, Said, Told

    from chat_core.parts import Part

SPEAKERS = {"user_input": "user", "model_output": "assistant"}


class Interactions(ServerSentEvents):
    """The Interactions wire: an answer is a list of steps, and so is a request."""

    done = b"event: done\ndata: [DONE]\n\n"

    def event(self, body: Body) -> bytes:
        return f"event: {body['event_type']}\ndata: {json.dumps(body)}\n\n".encode()

    def whole(self, said: Said) -> Body:
        return {**self._end(said), "steps": [self._step(part) for part in said.parts]}

    def events(self, said: Said) -> Iterator[Body]:
        begun = {**self._head(), "status": "in_progress"}
        yield {"event_type": "interaction.created", "interaction": begun}
        yield {"event_type": "interaction.status_update", "interaction_id": "v1_1", "status": "in_progress"}
        for index, part in enumerate(said.parts):
            yield {"event_type": "step.start", "index": index, "step": self._begun(part)}
            for delta in self._deltas(part):
                yield {"event_type": "step.delta", "index": index, "delta": delta}
            yield {"event_type": "step.stop", "index": index}
        yield {"event_type": "interaction.completed", "interaction": self._end(said)}

    def history(self, body: Body) -> list[Body]:
        return [{**step, "role": SPEAKERS.get(step["type"], "assistant")} for step in body["input"]]

    def told(self, body: Body) -> list[Told]:
        return [
            (step["call_id"], self._joined(step["result"]), step.get("is_error", False))
            for step in body["input"]
            if step["type"] == "function_result"
        ]

    def called(self, body: Body) -> list[tuple[str, Body]]:
        return [(step["name"], step["arguments"]) for step in body["input"] if step["type"] == "function_call"]

    def words(self, body: Body) -> list[tuple[str, str]]:
        said = [
            (SPEAKERS[step["type"]], self._joined(step["content"]))
            for step in body["input"]
            if step["type"] in SPEAKERS
        ]
        return [("system", body["system_instruction"]), *said] if "system_instruction" in body else said

    def _joined(self, content: Any) -> str:  # noqa: ANN401 - a text, a list of content, or an object
        match content:
            case str():
                return content
            case {**value}:
                return json.dumps(value, separators=(",", ":"))
            case items:
                return "".join(item["text"] for item in items)

    def _head(self) -> Body:
        return {"id": "v1_1", "object": "interaction", "model": "m"}

    def _end(self, said: Said) -> Body:
        usage = {"total_input_tokens": 10, "total_output_tokens": 5, "total_thought_tokens": 0, "total_tokens": 15}
        status = "requires_action" if said.calls else "completed"
        return {**self._head(), "status": status, "created": "2026-11-01T10:00:00Z", "usage": usage}

    def _step(self, part: Part) -> Body:
        match part:
            case ToolCall(id=call, name=name, arguments=dict(arguments)):
                return {"type": "function_call", "id": call, "name": name, "arguments": arguments}
            case Reasoning(text, signature=signature):
                return {"type": "thought", "signature": signature, "summary": [{"type": "text", "text": text}]}
            case Text(text):
                return {"type": "model_output", "content": [{"type": "text", "text": text}]}
            case _:
                raise AssertionError(part)

    def _begun(self, part: Part) -> Body:
        match part:
            case ToolCall(id=call, name=name):
                return {"type": "function_call", "id": call, "name": name, "arguments": {}}
            case Reasoning():
                return {"type": "thought"}
            case _:
                return {"type": "model_output"}

    def _deltas(self, part: Part) -> Iterator[Body]:
        match part:
            case ToolCall():
                for text in cut(arguments_of(part)):
                    yield {"type": "arguments_delta", "arguments": text}
            case Reasoning(words, signature=signature):
                for text in cut(words):
                    yield {"type": "thought_summary", "content": {"type": "text", "text": text}}
                yield {"type": "thought_signature", "signature": signature}
            case Text(words):
                for text in cut(words):
                    yield {"type": "text", "text": text}
            case _:
                raise AssertionError(part)
