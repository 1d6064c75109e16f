"""What a program loads that asks one question: what an answer does not need stays away, in either colour."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from chat_core.codec.wire import dump
from chat_core.testing.loopback import Answer, Loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSONObject

SSE = {"content-type": "text/event-stream"}


def sse(*events: JSONObject, end: bytes = b"") -> bytes:
    return b"".join(b"data: %b\n\n" % dump(event) for event in events) + end


CHUNK: JSONObject = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
CHAT = sse(
    {**CHUNK, "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hi"}, "finish_reason": None}]},
    {**CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    end=b"data: [DONE]\n\n",
)
PART: JSONObject = {"type": "output_text", "text": "Hi", "annotations": []}
ITEM: JSONObject = {"id": "i", "type": "message", "role": "assistant", "status": "completed", "content": [PART]}
AT: JSONObject = {"item_id": "i", "output_index": 0, "content_index": 0}
RESPONSE: JSONObject = {"id": "r", "model": "m"}
RESPONSES = sse(
    {"type": "response.created", "response": {**RESPONSE, "status": "in_progress", "output": []}},
    {"type": "response.output_item.added", "output_index": 0, "item": {**ITEM, "content": []}},
    {"type": "response.content_part.added", **AT, "part": {**PART, "text": ""}},
    {"type": "response.output_text.delta", **AT, "delta": "Hi"},
    {"type": "response.output_text.done", **AT, "text": "Hi"},
    {"type": "response.content_part.done", **AT, "part": PART},
    {"type": "response.output_item.done", "output_index": 0, "item": ITEM},
    {"type": "response.completed", "response": {**RESPONSE, "status": "completed", "output": [ITEM]}},
)
MESSAGE: JSONObject = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": []}
MESSAGES = sse(
    {"type": "message_start", "message": {**MESSAGE, "usage": {"input_tokens": 1, "output_tokens": 0}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
    {"type": "message_stop"},
)
GEMINI = sse(
    {"candidates": [{"content": {"parts": [{"text": "Hi"}], "role": "model"}, "finishReason": "STOP", "index": 0}]}
)
TOLD: JSONObject = {"model": "m", "created_at": "2026-01-01T00:00:00Z"}
SAID: JSONObject = {**TOLD, "message": {"role": "assistant", "content": "Hi"}, "done": False}
DONE: JSONObject = {**SAID, "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}
OLLAMA = dump(SAID) + b"\n" + dump(DONE) + b"\n"
NDJSON = {"content-type": "application/x-ndjson"}
WIRES: Mapping[str, tuple[str, Mapping[str, str], bytes]] = {
    "openai-chat:m": ("/v1", SSE, CHAT),
    "openai:m": ("/v1", SSE, RESPONSES),
    "claude:m": ("", SSE, MESSAGES),
    "gemini:m": ("/v1beta", SSE, GEMINI),
    "ollama:m": ("", NDJSON, OLLAMA),
}
"""By model: what belongs to the address, and the reply."""

BLOCKING = """
from chat_core import Chat
with Chat({model!r}, base_url={base!r}, api_key="k").stream("Hello") as events:
    for event in events:
        pass
said = events.result.text
"""
WAITING = """
import asyncio
from chat_core import AsyncChat
async def ask():
    async with AsyncChat({model!r}, base_url={base!r}, api_key="k").stream("Hello") as events:
        async for event in events:
            pass
    return events.result.text
said = asyncio.run(ask())
"""
PROGRAM = """
import sys
sys.path[:] = {path!r}
before = set(sys.modules)
{asked}
print(said, *sorted(set(sys.modules) - before))
"""

ENV = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
"""Proxies are httpx's."""

NEEDLESS = {
    *("anyio", "certifi", "email", "h11", "http.client", "httpcore", "httpx", "importlib.metadata", "platformdirs"),
    *("pydantic", "pydantic_core", "tempfile", "tomllib", "urllib.request", "websockets", "zipfile"),
    *("chat_core.approval", "chat_core.bulk", "chat_core.flow.bench", "chat_core.flow.judging", "chat_core.functions"),
    *("chat_core.history", "chat_core.schemas", "chat_core.signing", "chat_core.stores.sqlite", "difflib"),
    "encodings.idna",
}
"""What an answer needs in neither colour."""

OF_LOOPS = {"asyncio", "concurrent.futures", "logging", "ssl", "subprocess"}
"""What only a loop needs, which brings it along."""


@pytest.mark.parametrize("model", WIRES)
@pytest.mark.parametrize(("asked", "needless"), [(BLOCKING, NEEDLESS | OF_LOOPS), (WAITING, NEEDLESS)], ids=["b", "a"])
def test_an_answer_loads_nothing_that_it_does_not_need(model: str, asked: str, needless: set[str]) -> None:
    path, headers, reply = WIRES[model]
    with Loopback(Answer(headers=headers, pieces=(reply,))) as server:
        program = PROGRAM.format(path=sys.path, asked=asked.format(model=model, base=server.address + path))
        command = [sys.executable, "-S", "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENV)
    assert done.returncode == 0, done.stderr
    said, *loaded = done.stdout.split()
    assert said == "Hi"
    assert set(loaded) & needless == set()
