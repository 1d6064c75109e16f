"""Further attempts at a call, told while they are waited for.

Law: the class of what failed decides about the words; nothing of what the service said is in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_cli.terminal import interject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON

REASONS: Mapping[str, str] = {
    "AuthenticationFailed": "the key was refused, and is read again",
    "ChainLost": "the service has lost the answer to go on from",
    "ConnectFailed": "no connection could be made",
    "Overloaded": "the service is overloaded",
    "RateLimited": "rate limited",
    "ServerError": "the service failed",
    "StreamTruncated": "the connection was cut",
    "TimedOut": "no reply came in time",
    "TransportError": "the connection was lost",
}
"""Why an attempt failed, by the class of its error; another class is named as it is."""


def tell(event: Mapping[str, JSON]) -> None:
    """Say on stderr that a call is tried again, and when; other events say nothing."""
    match event:
        case {"type": "call.retry", "delay": float() | int() as seconds, "error": str(kind)}:
            why = REASONS.get(kind, kind)
            interject(f"waiting {_rounded(seconds)} s: {why}" if seconds else f"trying again: {why}")
        case _:
            pass


def _rounded(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds >= 1 else f"{seconds:.1f}"
