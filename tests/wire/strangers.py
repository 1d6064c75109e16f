"""Strangers: events, deltas and blocks of kinds that nobody has seen, put where a service might put them tomorrow.

Law: a stranger says one planted key, and must neither break the decoding nor vanish.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import dump

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.wire.corpus import Exchange

    from chat_core.jsonvalue import JSON, JSONObject


def with_strangers(exchange: Exchange, new: Callable[[], tuple[str, JSON]], random: Random) -> Exchange:
    """Return a copy with strangers in it; `new` makes their keys."""
    if exchange.expect.keys() & {"error", "sse_error_field"}:
        return exchange  # before the first content of a stream that fails, nothing has been seen
    match exchange.wire, exchange.response:
        case "anthropic-messages", {"sse": str(text)}:
            text = _with_delta(_insert(text, "x_event", {"type": "x_event"}, new, random), new)
            return exchange.but(response={**exchange.response, "sse": text})
        case "openai-chat", {"sse": str(text)}:
            return exchange.but(response={**exchange.response, "sse": _insert(text, "x_status", {}, new, random)})
        case (("ollama-chat" | "ollama-generate"), {"ndjson": str(text)}):
            return exchange.but(response={**exchange.response, "ndjson": _with_line(text, new, random)})
        case "anthropic-messages", {"json": {"content": [*_]}}:
            return _with_block(exchange, new())
        case _:
            return exchange


def _with_block(exchange: Exchange, planted: tuple[str, JSON]) -> Exchange:
    """Append a block of an unknown type."""
    document, blocks = exchange.document, exchange.expect.get("blocks")
    content = document.get("content") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(content, list):
        return exchange
    more: JSONObject = {"blocks": [*blocks, "x_block"]} if isinstance(blocks, list) else {}
    answer: JSONObject = {**document, "content": [*content, {"type": "x_block", planted[0]: planted[1]}]}
    return exchange.but(response={**exchange.response, "json": answer}, expect={**exchange.expect, **more})


def _with_delta(text: str, new: Callable[[], tuple[str, JSON]]) -> str:
    """Put a delta of an unknown type into the first block."""
    index = text.find('"index":0')
    if index < 0:
        return text
    key, value = new()
    delta: JSONObject = {"type": "content_block_delta", "index": 0, "delta": {"type": "x_delta", key: value}}
    end = _end(text, index)
    return text[:end] + _event(text, "content_block_delta", delta) + text[end:]


def _insert(text: str, name: str, data: JSONObject, new: Callable[[], tuple[str, JSON]], random: Random) -> str:
    """Put an event between two others."""
    ends: list[int] = []
    at = 0
    while (end := _end(text, at)) < len(text):
        ends.append(end)
        at = end
    if not ends:
        return text
    key, value = new()
    place = random.choice(ends)
    return text[:place] + _event(text, name, {**data, key: value}) + text[place:]


def _with_line(text: str, new: Callable[[], tuple[str, JSON]], random: Random) -> str:
    """Put a line before another one."""
    lines = text.split("\n")
    key, value = new()
    lines.insert(random.randrange(max(1, len(lines) - 1)), dump({key: value}).decode())
    return "\n".join(lines)


def _end(text: str, at: int) -> int:
    """Return where the event at a place ends, its blank line included."""
    blank = _line_end(text) * 2
    found = text.find(blank, at)
    return len(text) if found < 0 else found + len(blank)


def _event(text: str, name: str, data: JSONObject) -> str:
    line = _line_end(text)
    return f"event: {name}{line}data: {dump(data).decode()}{line}{line}"


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
