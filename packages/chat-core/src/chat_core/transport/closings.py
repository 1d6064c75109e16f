"""Closings: what the code means with which the other side closes a WebSocket connection.

Law: pure: one table. A reason that the service gives is quoted, as it is all that explains many closings; secrets in it
are masked where all errors are. What a second try cannot mend is not tried again.
"""

from __future__ import annotations

from chat_core.errors import TransportError
from chat_core.frozen import dataclass

NORMAL = 1000
"""The connection has done what it was for."""

ELSEWHERE_TOO = frozenset({401, 429})
"""The statuses of a refused handshake that HTTP would give as well."""

ABNORMAL = 1006
"""No farewell came: the socket ended."""


@dataclass(frozen=True, slots=True)
class Closing:
    """How the other side closed a connection."""

    code: int
    reason: str = ""


MEANINGS = {
    1000: "before the answer was complete",
    1001: "because it goes away",
    1002: "because it found a fault in the protocol",
    1003: "because it does not take such data",
    1005: "without saying why",
    1006: "without a farewell",
    1007: "because a message was malformed",
    1008: "because a message broke its rules",
    1009: "because a message was too long for it",
    1010: "because an extension was missing",
    1011: "because it failed",
    1012: "because it starts anew",
    1013: "because it has too much to do",
    1014: "because the service behind it did not answer",
    3000: "because it does not accept the credential",
    3003: "because it does not allow this",
    3008: "because it had waited too long",
}
"""What registered codes say."""

FINAL = frozenset({1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003})
"""Codes that would come again."""


def closed(peer: str, closing: Closing) -> TransportError:
    """Return the error for a request whose connection the other side closed."""
    meaning = MEANINGS.get(closing.code, "with a code of its own")
    said = f": {closing.reason}" if closing.reason else ""
    error = TransportError(f"{peer} closed the connection {meaning} (WebSocket code {closing.code}){said}")
    error.retryable = closing.code not in FINAL
    return error
