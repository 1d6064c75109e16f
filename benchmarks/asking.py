"""What floors send, and where they find the text in what they parsed: one row a wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

QUESTION = "Say it in a few words."
"""What everyone asks."""

_SAID = [{"role": "user", "content": QUESTION}]
_CONTENTS = {"contents": [{"role": "user", "parts": [{"text": QUESTION}]}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One wire, asked without a library.

    Attributes:
        path: of a request, behind the recipe; `stream_path` where a stream has another one.
        body: without the field that asks for a stream.
        end: what ends an event.
        mark: what comes before its payload.
        delta: finds the text in the payload of an event; `None` = it is none of a chunk.
        text: finds it in a whole reply.
    """

    path: str
    stream_path: str
    body: bytes
    stream_body: bytes
    end: bytes = b"\n\n"
    mark: bytes = b"data: "
    delta: Callable[[Any], str | None]
    text: Callable[[Any], str]


def _bodies(body: dict[str, Any]) -> dict[str, bytes]:
    """Return the bodies with and without a stream."""
    return {
        "body": json.dumps({**body, "stream": False}).encode(),
        "stream_body": json.dumps({**body, "stream": True}).encode(),
    }


def _chat(payload: Any) -> str | None:  # noqa: ANN401 - JSON
    choices = payload["choices"]
    return choices[0]["delta"].get("content") if choices else None


def _responses(payload: Any) -> str | None:  # noqa: ANN401 - JSON
    return payload["delta"] if payload["type"] == "response.output_text.delta" else None


def _messages(payload: Any) -> str | None:  # noqa: ANN401 - JSON
    return payload["delta"]["text"] if payload["type"] == "content_block_delta" else None


def _gemini(payload: Any) -> str:  # noqa: ANN401 - JSON
    return str(payload["candidates"][0]["content"]["parts"][0]["text"])


def _ollama(payload: Any) -> str:  # noqa: ANN401 - JSON
    return str(payload["message"]["content"])


ASKING = {
    "chat": Asking(
        path="/v1/chat/completions",
        stream_path="/v1/chat/completions",
        **_bodies({"model": "gpt-6-luna", "messages": _SAID}),
        delta=_chat,
        text=lambda reply: reply["choices"][0]["message"]["content"],
    ),
    "responses": Asking(
        path="/v1/responses",
        stream_path="/v1/responses",
        **_bodies({"model": "gpt-6-luna", "input": _SAID}),
        delta=_responses,
        text=lambda reply: reply["output"][0]["content"][0]["text"],
    ),
    "messages": Asking(
        path="/v1/messages",
        stream_path="/v1/messages",
        **_bodies({"model": "claude-sonnet-5-5", "max_tokens": 1000, "messages": _SAID}),
        delta=_messages,
        text=lambda reply: reply["content"][0]["text"],
    ),
    "gemini": Asking(
        path="/v1beta/models/gemini-3.8-flash:generateContent",
        stream_path="/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse",
        body=json.dumps(_CONTENTS).encode(),
        stream_body=json.dumps(_CONTENTS).encode(),
        end=b"\r\n\r\n",
        delta=_gemini,
        text=_gemini,
    ),
    "ollama": Asking(
        path="/api/chat",
        stream_path="/api/chat",
        **_bodies({"model": "llama3.2:3b", "messages": _SAID}),
        end=b"\n",
        mark=b"",
        delta=_ollama,
        text=_ollama,
    ),
}
"""By wire."""

HEADERS = {"content-type": "application/json", "authorization": "Bearer sk-benchmark"}
"""What floors send with it."""


class Reading:
    """Cuts a stream into events and shows their texts: the least that any client must do."""

    def __init__(self, wire: str, parse: Callable[[bytes], Any], seen: Callable[[str], object]) -> None:
        asking = ASKING[wire]
        self._end, self._mark, self._delta = asking.end, asking.mark, asking.delta
        self._parse, self._seen = parse, seen
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Read what the network brought."""
        *blocks, self._rest = (self._rest + data).split(self._end)
        mark, parse, delta, seen = self._mark, self._parse, self._delta, self._seen
        for block in blocks:
            payload = block.partition(mark)[2] if mark else block
            if payload != b"[DONE]":
                text = delta(parse(payload))
                if text:
                    seen(text)
