"""What only the Realtime wire can be told.

Law: fields are named and shaped as the wire has them. A field that this version does not know goes into `extra`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, ClassVar

from chat_core.frozen import dataclass
from chat_core.live import NativeInput
from chat_core.options import NativeOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class RealtimeOptions(NativeOptions):
    """Options of the Realtime wire; `None` = not sent. `extra` are further members of `session`.

    Attributes:
        call_id: a call over WebRTC or telephone to listen to and to control; its own session then goes on.
        query: further parameters of the address, such as `api-version`; a `deployment` stands for the model.
        include: what events shall hold beside the usual.
        noise_reduction: what is done about noise before speech is looked for.
        prompt: a stored prompt with its variables.
        reasoning: what `reasoning` holds beside the effort.
        speed: how fast the model speaks; 1 is usual.
        tool_choice: the choice of tools in the wire's words; goes before `LiveConfig.tool_choice`.
        tracing: how the service traces the session.
        transcription: what `transcription` holds beside the model and the language, such as `prompt`.
        truncation: what happens to a conversation that is too long.
        turn_detection: what `turn_detection` holds beside what `TurnDetection` says.
    """

    provider: ClassVar[str] = "realtime"
    call_id: str | None = None
    query: Mapping[str, str] | None = field(default=None, hash=False)
    include: tuple[str, ...] | None = None
    noise_reduction: JSONObject | None = field(default=None, hash=False)
    prompt: JSONObject | None = field(default=None, hash=False)
    reasoning: JSONObject | None = field(default=None, hash=False)
    speed: float | None = None
    tool_choice: JSON = field(default=None, hash=False)
    tracing: JSON = field(default=None, hash=False)
    transcription: JSONObject | None = field(default=None, hash=False)
    truncation: JSON = field(default=None, hash=False)
    turn_detection: JSONObject | None = field(default=None, hash=False)


def client_event(kind: str, **members: JSON) -> NativeInput:
    """Make an event of this wire, such as `client_event("conversation.item.delete", item_id=…)`."""
    return NativeInput(RealtimeOptions.provider, {"type": kind, **members})
