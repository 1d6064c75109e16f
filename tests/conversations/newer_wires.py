"""The Responses wire and Ollama's own, whose answers are items and lines.

Law: as in `wires`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.conversations.said import ServerSentEvents, arguments_of, cut, marked

from chat_core.parts import Reasoning, Text, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conversations.said import Body, Said, Told

    from chat_core.parts import Part


class Responses(ServerSentEvents):
    """The Responses wire: an answer is a list of items, and so is a request."""

    def whole(self, said: Said) -> Body:
        output = [self._item(at, part) for at, part in enumerate(said.parts)]
        return {**self._head("completed"), "output": output, "usage": self._usage()}

    def events(self, said: Said) -> Iterator[Body]:
        for number, event in enumerate(self._unnumbered(said)):
            yield {**event, "sequence_number": number}

    def history(self, body: Body) -> list[Body]:
        return list(body["input"])

    def told(self, body: Body) -> list[Told]:
        return [marked(item["call_id"], item["output"]) for item in self._of(body, "function_call_output")]

    def called(self, body: Body) -> list[tuple[str, Body]]:
        return [(item["name"], json.loads(item["arguments"])) for item in self._of(body, "function_call")]

    def words(self, body: Body) -> list[tuple[str, str]]:
        said = [(item["role"], self._joined(item["content"])) for item in body["input"] if "role" in item]
        return [("system", body["instructions"]), *said] if "instructions" in body else said

    def _of(self, body: Body, kind: str) -> list[Body]:
        return [item for item in body["input"] if item.get("type") == kind]

    def _joined(self, content: Any) -> str:  # noqa: ANN401 - a text or a list of parts
        return content if isinstance(content, str) else "".join(part["text"] for part in content)

    def _unnumbered(self, said: Said) -> Iterator[Body]:
        begun: Body = {**self._head("in_progress"), "output": [], "usage": None}
        yield {"type": "response.created", "response": begun}
        yield {"type": "response.in_progress", "response": begun}
        for at, part in enumerate(said.parts):
            item = self._item(at, part)
            yield {"type": "response.output_item.added", "output_index": at, "item": self._begun(item)}
            for event in self._deltas(item, part):
                yield {**event, "output_index": at, "item_id": item["id"]}
            yield {"type": "response.output_item.done", "output_index": at, "item": item}
        yield {"type": "response.completed", "response": self.whole(said)}

    def _head(self, status: str) -> Body:
        told = {"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "m"}
        return {**told, "error": None, "incomplete_details": None}

    def _usage(self) -> Body:
        details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
        return {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, **details}

    def _item(self, at: int, part: Part) -> Body:
        match part:
            case ToolCall(id=call, name=name):
                spec = {"call_id": call, "name": name, "arguments": arguments_of(part)}
                return {"type": "function_call", "id": f"fc_{at}", "status": "completed", **spec}
            case Reasoning(text, signature=seal):
                summary = [{"type": "summary_text", "text": text}]
                return {"type": "reasoning", "id": f"rs_{at}", "summary": summary, "encrypted_content": seal}
            case Text(text):
                told = {"role": "assistant", "status": "completed", "content": [self._text(text)]}
                return {"type": "message", "id": f"msg_{at}", **told}
            case _:
                raise AssertionError(part)

    def _text(self, text: str) -> Body:
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}

    def _begun(self, item: Body) -> Body:
        empty: Body = {"arguments": "", "summary": [], "content": [], "status": "in_progress"}
        return {key: empty.get(key, value) for key, value in item.items()}

    def _deltas(self, item: Body, part: Part) -> Iterator[Body]:
        kind, place, text = self._streamed(item, part)
        yield from self._part("added", part, "")
        for piece in cut(text):
            yield {"type": f"response.{kind}.delta", **place, "delta": piece}
        yield {"type": f"response.{kind}.done", **place, "arguments" if isinstance(part, ToolCall) else "text": text}
        yield from self._part("done", part, text)

    def _streamed(self, item: Body, part: Part) -> tuple[str, Body, str]:
        """Say how the deltas of a part are called, where they stand in the item, and what they are joined to."""
        match part:
            case ToolCall():
                return "function_call_arguments", {}, item["arguments"]
            case Reasoning(text):
                return "reasoning_summary_text", {"summary_index": 0}, text
            case Text(text):
                return "output_text", {"content_index": 0, "logprobs": []}, text
            case _:
                raise AssertionError(part)

    def _part(self, word: str, part: Part, text: str) -> Iterator[Body]:
        match part:
            case Reasoning():
                piece = {"type": "summary_text", "text": text}
                yield {"type": f"response.reasoning_summary_part.{word}", "summary_index": 0, "part": piece}
            case Text():
                yield {"type": f"response.content_part.{word}", "content_index": 0, "part": self._text(text)}
            case _:
                pass  # arguments are no part


class NdjsonChat:
    """Ollama's chat wire: a stream is lines, arguments are objects, and a call comes whole."""

    media_type = "application/x-ndjson"
    done = b""

    def whole(self, said: Said) -> Body:
        message: Body = {"content": said.text(Text)}
        if thought := said.text(Reasoning):
            message["thinking"] = thought
        if said.calls:
            calls = [part for part in said.parts if isinstance(part, ToolCall)]
            message["tool_calls"] = [self._call(at, call) for at, call in enumerate(calls)]
        return {**self._line(message), **self._end()}

    def events(self, said: Said) -> Iterator[Body]:
        calls = 0
        for part in said.parts:
            match part:
                case ToolCall():
                    yield self._line({"content": "", "tool_calls": [self._call(calls, part)]})
                    calls += 1
                case Reasoning(words):
                    for text in cut(words):
                        yield self._line({"content": "", "thinking": text})
                case Text(words):
                    for text in cut(words):
                        yield self._line({"content": text})
                case _:
                    raise AssertionError(part)
        yield {**self._line({"content": ""}), **self._end()}

    def event(self, body: Body) -> bytes:
        return json.dumps(body).encode() + b"\n"

    def history(self, body: Body) -> list[Body]:
        return list(body["messages"])

    def told(self, body: Body) -> list[Told]:
        results = [message for message in body["messages"] if message["role"] == "tool"]
        return [marked(message["tool_call_id"], message["content"]) for message in results]

    def called(self, body: Body) -> list[tuple[str, Body]]:
        calls = [call["function"] for message in body["messages"] for call in message.get("tool_calls", ())]
        return [(call["name"], call["arguments"]) for call in calls]

    def words(self, body: Body) -> list[tuple[str, str]]:
        spoken = [message for message in body["messages"] if message["role"] != "tool" and message["content"]]
        return [(message["role"], message["content"]) for message in spoken]

    def _call(self, at: int, call: ToolCall) -> Body:
        return {"id": call.id, "function": {"index": at, "name": call.name, "arguments": call.arguments}}

    def _line(self, message: Body) -> Body:
        told = {"role": "assistant", **message}
        return {"model": "m", "created_at": "2026-11-01T10:00:00.1Z", "message": told, "done": False}

    def _end(self) -> Body:
        counts = {"prompt_eval_count": 10, "prompt_eval_duration": 3, "eval_count": 5, "eval_duration": 4}
        return {"done": True, "done_reason": "stop", "total_duration": 9, "load_duration": 1, **counts}
