"""The generateContent wire of Gemini: an answer is a content with parts, and so is each turn of a request.

Law: as in `wires`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.conversations.said import ServerSentEvents, cut

from chat_core.parts import Reasoning, Text, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conversations.said import Body, Said, Told

    from chat_core.parts import Part

_ROLES = {"model": "assistant", "user": "user"}


class Generate(ServerSentEvents):
    """The generateContent wire."""

    def whole(self, said: Said) -> Body:
        return self._event([piece for part in said.parts for piece in self._whole(part)], "STOP")

    def events(self, said: Said) -> Iterator[Body]:
        for part in said.parts:
            for piece in self._pieces(part):
                yield self._event([piece])
        broken = any(isinstance(part, ToolCall) and part.raw is not None for part in said.parts)
        yield self._event([], "MAX_TOKENS" if broken else "STOP")

    def history(self, body: Body) -> list[Body]:
        return [{**content, "role": _ROLES[content["role"]]} for content in body["contents"]]

    def told(self, body: Body) -> list[Told]:
        results = [part["functionResponse"] for part in self._parts(body) if "functionResponse" in part]
        return [(result["id"], *self._result(result["response"])) for result in results]

    def called(self, body: Body) -> list[tuple[str, Body]]:
        calls = [part["functionCall"] for part in self._parts(body) if "functionCall" in part]
        return [(call["name"], call["args"]) for call in calls]

    def words(self, body: Body) -> list[tuple[str, str]]:
        said = [
            (content["role"], part["text"])
            for content in self.history(body)
            for part in content["parts"]
            if "text" in part and "thought" not in part
        ]
        instructions = "".join(part["text"] for part in body.get("systemInstruction", {}).get("parts", ()))
        return [("system", instructions), *said] if instructions else said

    def _parts(self, body: Body) -> list[Body]:
        return [part for content in body["contents"] for part in content["parts"]]

    def _result(self, response: Body) -> tuple[str, bool]:
        for key, failed in (("error", True), ("output", False)):
            if isinstance(text := response.get(key), str):
                return text, failed
        return json.dumps(response, separators=(",", ":")), False

    def _event(self, parts: list[Body], reason: str | None = None) -> Body:
        candidate: Body = {"content": {"role": "model", "parts": parts}, "index": 0}
        usage = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
        ended = {} if reason is None else {"finishReason": reason}
        return {"candidates": [{**candidate, **ended}], "usageMetadata": usage, "modelVersion": "m", "responseId": "r1"}

    def _whole(self, part: Part) -> Iterator[Body]:
        """Spell a part; the seal of a thought comes with it."""
        match part:
            case ToolCall(id=call, name=name, arguments=dict(arguments)):
                yield {"functionCall": {"id": call, "name": name, "args": arguments}}
            case Reasoning(text, signature=seal):
                yield {"text": text, "thought": True, "thoughtSignature": seal}
            case Text(text):
                yield {"text": text}
            case _:
                raise AssertionError(part)

    def _pieces(self, part: Part) -> Iterator[Body]:
        match part:
            case ToolCall(id=call, name=name, raw=str(raw)):
                (key, _, value) = raw.removeprefix('{"').partition('": "')
                yield {"functionCall": {"id": call, "name": name, "willContinue": True}}
                begun = {"jsonPath": f"$.{key}", "stringValue": value, "willContinue": True}
                yield {"functionCall": {"partialArgs": [begun], "willContinue": True}}
            case Reasoning(words, signature=seal):
                for text in cut(words):
                    yield {"text": text, "thought": True}
                yield {"text": "", "thought": True, "thoughtSignature": seal}
            case Text(words):
                for text in cut(words):
                    yield {"text": text}
            case _:
                yield from self._whole(part)
