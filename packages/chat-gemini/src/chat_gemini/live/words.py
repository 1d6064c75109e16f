"""The names of the wire's messages and of their members.

Law: a name that is not here is surfaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_gemini.live.turn import SOURCES

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

CONTENT = frozenset(
    {
        "modelTurn", "turnComplete", "turnCompleteReason", "interrupted", "inputTranscription",
        "interimInputTranscription", "outputTranscription", *SOURCES,
    }
)  # fmt: skip
"""Members of `serverContent` that are read; others are surfaced."""

MESSAGE = frozenset(
    {
        "setupComplete", "serverContent", "toolCall", "toolCallCancellation", "usageMetadata", "goAway",
        "sessionResumptionUpdate", "voiceActivity", "voiceActivityDetectionSignal", "error",
    }
)  # fmt: skip
"""Members of a message that have a name here."""

COMPLETE = ("turnComplete", "turnCompleteReason")

RESUMPTION = frozenset({"newHandle", "resumable"})


def object_of(data: JSONObject, key: str) -> JSONObject | None:
    """Return a member that is an object.

    Raises:
        DecodeError: it is something else.
    """
    match data.get(key):
        case (None | dict()) as value:
            return value
        case other:
            raise DecodeError(f"{key} is no object but {type(other).__name__}")
