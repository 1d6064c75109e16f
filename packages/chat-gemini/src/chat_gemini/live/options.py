"""What only Gemini's live sessions can be told; `GeminiOptions` hold beside it what answers have in common.

Law: fields are named and shaped as the wire has them. What this version has no field for goes into `extra`, which are
further members of `setup`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, ClassVar, Literal

from chat_core.frozen import dataclass
from chat_core.live import NativeInput
from chat_core.options import NativeOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject

PROVIDER = "gemini-live"
"""The wire that reads these options and messages."""

Scheduling = Literal["INTERRUPT", "WHEN_IDLE", "SILENT"]


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class GeminiLiveOptions(NativeOptions):
    """Options of live sessions; `None` = not sent.

    Attributes:
        ephemeral: whether the key is a short-lived token for a user's own machine, `auth_tokens/…`.
        scheduling: when the model looks at results of tools that do not block it.
        realtime_input: what `realtimeInputConfig` holds beside what `TurnDetection` says, such as `turnCoverage`.
        session_resumption: what `sessionResumption` holds beside the handle, such as `transparent`.
        context_window_compression: what happens to a conversation that is too long.
        input_audio_transcription, output_audio_transcription: how words are written down, such as `languageCodes`.
        proactivity: whether the model may speak without being asked, or stay silent.
        explicit_vad_signal: whether the service says when it hears speech.
        history_config: how the conversation so far is handed over; set by itself where the model wants it.
        avatar_config: the face that speaks.
    """

    provider: ClassVar[str] = PROVIDER
    ephemeral: bool | None = None
    scheduling: Scheduling | None = None
    realtime_input: JSONObject | None = field(default=None, hash=False)
    session_resumption: JSONObject | None = field(default=None, hash=False)
    context_window_compression: JSONObject | None = field(default=None, hash=False)
    input_audio_transcription: JSONObject | None = field(default=None, hash=False)
    output_audio_transcription: JSONObject | None = field(default=None, hash=False)
    proactivity: JSONObject | None = field(default=None, hash=False)
    explicit_vad_signal: bool | None = None
    history_config: JSONObject | None = field(default=None, hash=False)
    avatar_config: JSONObject | None = field(default=None, hash=False)


SETUP_FIELDS: Mapping[str, str] = {
    "context_window_compression": "contextWindowCompression",
    "proactivity": "proactivity",
    "explicit_vad_signal": "explicitVadSignal",
    "history_config": "historyConfig",
    "avatar_config": "avatarConfig",
}
"""Fields that are members of `setup`."""


def client_message(kind: str, **members: JSON) -> NativeInput:
    """Make a message of this wire, such as `client_message("realtimeInput", text="…")`."""
    return NativeInput(PROVIDER, {kind: members})
