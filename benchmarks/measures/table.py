"""The measures by name, in the order of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measures import fresh, growth, requests, streams

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.bench import Bench

MEASURES: dict[str, Callable[[Bench], None]] = {
    "import": fresh.imports,
    "cold": fresh.cold,
    "stream": streams.stream,
    "together": streams.together,
    "websocket": streams.websocket,
    "first": streams.first,
    "unary": requests.unary,
    "at-once": requests.at_once,
    "many": growth.many,
    "long": growth.long,
    "call": growth.call,
    "history": growth.history,
    "embed": requests.embed,
}
"""What `python -m benchmarks NAME` takes."""
