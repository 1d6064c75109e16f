"""What live sessions need beside their socket: the operations and options of the wire, which chat-responses has."""

from __future__ import annotations

from chat_responses.realtime.options import RealtimeOptions, client_event
from chat_responses.realtime.secrets import (
    ClientSecret,
    LiveCall,
    accept,
    answer_offer,
    client_secret,
    hang_up,
    refer,
    reject,
)

__all__ = [
    "ClientSecret",
    "LiveCall",
    "RealtimeOptions",
    "accept",
    "answer_offer",
    "client_event",
    "client_secret",
    "hang_up",
    "refer",
    "reject",
]
