"""What calls do, told to whoever asked: plugins that observe, and the logger `chat.call`.

Law: read-only. An event says which service, how much and how long; it holds no content, no header and no secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from chat_core.errors import ProviderError
from chat_core.transport.redaction import plain_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.codec.wire import WireRequest
    from chat_core.errors import ChatError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Attempt, Usage

Watcher: TypeAlias = "Callable[[Mapping[str, JSON]], None]"
"""Takes events; `type` says which: `call.start`, `call.retry`, `call.end`."""


def started(provider: str, wire: WireRequest, size: int) -> JSONObject:
    """Describe the start of a call; `size` is its body's length in bytes."""
    return {
        "type": "call.start",
        "provider": provider,
        "method": wire.method,
        "url": plain_url(wire.url),
        "bytes": size,
    }


def repeated(provider: str, attempt: Attempt, error: ChatError) -> JSONObject:
    """Describe another attempt: its number, the seconds waited before it, and the class of what failed."""
    return {
        "type": "call.retry",
        "provider": provider,
        "attempt": attempt.number,
        "delay": attempt.delay,
        **failed(error),
    }


def ended(provider: str, seconds: float, attempts: int, usage: Usage | None, error: ChatError | None) -> JSONObject:
    """Describe the end of a call; members that are not known are left out."""
    known: JSONObject = {"type": "call.end", "provider": provider, "seconds": round(seconds, 6), "attempts": attempts}
    if usage is not None:
        counts: JSONObject = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
        known |= {name: count for name, count in counts.items() if count is not None}
    return known if error is None else {**known, **failed(error)}


def failed(error: ChatError) -> JSONObject:
    """Describe a failure without its words, which a service may have taken from the request."""
    found: JSONObject = {"error": type(error).__name__}
    if isinstance(error, ProviderError):
        facts: JSONObject = {"status": error.status, "request_id": error.request_id}
        found |= {name: fact for name, fact in facts.items() if fact is not None}
    return found


def together(*watchers: Watcher | None) -> Watcher | None:
    """Make one watcher of several; `None` when there is none."""
    asked = [watcher for watcher in watchers if watcher is not None]
    if not asked:
        return None

    def watch(event: Mapping[str, JSON]) -> None:
        for watcher in asked:
            watcher(event)

    return watch


def logger(level: str | None) -> Watcher | None:
    """Return a watcher that logs to `chat.call` on stderr; `None` unless the level, such as `debug`, says so."""
    if not level:
        return None
    import logging  # noqa: PLC0415 - most programs do not ask for it

    log = logging.getLogger("chat")
    log.setLevel(level.upper())
    if not any(isinstance(handler, logging.StreamHandler) for handler in log.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
        log.addHandler(handler)
        log.propagate = False
    call = log.getChild("call")

    def watch(event: Mapping[str, JSON]) -> None:
        call.debug("%s", " ".join(f"{name}={value}" for name, value in event.items()))

    return watch
