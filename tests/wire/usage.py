"""Usage: the service's own object is kept whole, and our numbers follow from its by stated arithmetic.

Law: `input_tokens` includes cached ones, also where the wire counts them apart; `output_tokens` includes reasoning,
also where the wire's total shows that reasoning was counted beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Usage

_SAME = {"cached": "cache_read_tokens", "cache_write": "cache_write_tokens", "reasoning": "reasoning_tokens"}


def usage_differences(wanted: JSON, usage: Usage | None) -> Iterator[str]:
    """Yield how a usage differs from what is expected."""
    if not isinstance(wanted, dict):
        yield f"usage: {wanted!r} is no object"
        return
    if usage is None:
        yield f"usage: expected {wanted!r}, got none"
        return
    raw = wanted.get("raw")
    if isinstance(raw, dict) and usage.raw != raw:
        yield f"usage.raw: expected {raw!r}, got {usage.raw!r}"
    for field, ours in _SAME.items():
        if field in wanted and getattr(usage, ours) != wanted[field]:
            yield f"usage.{field}: expected {wanted[field]!r}, got {getattr(usage, ours)!r}"
    for field, numbers, got in (
        ("input", _inputs(wanted), usage.input_tokens),
        ("output", _outputs(wanted), usage.output_tokens),
    ):
        if field in wanted and got not in numbers:
            yield f"usage.{field}: expected {' or '.join(map(str, numbers))}, got {got!r}"


def _inputs(wanted: JSONObject) -> list[JSON]:
    """Return the prompt's size: the Anthropic wire counts what is cached apart."""
    match wanted:
        case {"input": int(tokens), "raw": {"input_tokens": _, **more}} if "total_tokens" not in more:
            apart = [wanted.get("cached"), wanted.get("cache_write")]
            return [tokens + sum(count for count in apart if isinstance(count, int))]
        case _:
            return [wanted.get("input")]


def _outputs(wanted: JSONObject) -> list[JSON]:
    """Return the answer's size: some services count reasoning apart, as their total shows."""
    match wanted:
        case {"output": int(tokens), "raw": {"candidatesTokenCount": _} | {"total_output_tokens": _}}:
            thought = wanted.get("reasoning")
            return [tokens + thought if isinstance(thought, int) else tokens]
        case {
            "input": int(asked),
            "output": int(tokens),
            "reasoning": int(thought),
            "raw": {"total_tokens": int(total)},
        }:
            return [tokens + thought] if thought and total == asked + tokens + thought else [tokens]
        case _:
            return [wanted.get("output")]
