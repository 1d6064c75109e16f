"""The same requests over a WebSocket: what is asked is an event, and answers share a connection.

Law: a body is the one of HTTP, but for what only HTTP has. A lane is named by `stream_id`, which every event of it
repeats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from chat_core.codec.wire import Lane
from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import Frame, WireJSON
    from chat_core.jsonvalue import JSONObject

AT_ONCE = 16
"""Most answers at once on one connection of OpenAI's."""
NAMES = 32
"""Most different lanes in the life of one connection."""

HTTP_ONLY = frozenset({"stream", "stream_options", "background"})
"""Members of a body that the event does not have."""


def socket_url(url: str) -> str:
    """Return the address of an endpoint for WebSockets."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme="ws" if parts.scheme == "http" else "wss"))


def event_of(body: JSONObject, notices: list[Notice]) -> JSONObject:
    """Return the event that asks for an answer."""
    if body.get("background") is not None:
        notices.append(
            Notice(feature="background", requested=body["background"], reason="a WebSocket has no answers for later")
        )
    return {"type": "response.create", **{key: value for key, value in body.items() if key not in HTTP_ONLY}}


def _assigned(body: Mapping[str, WireJSON], name: str) -> Mapping[str, WireJSON]:
    return {**body, "stream_id": name}


def _lane_of(frame: Frame) -> str | None:
    try:
        data = parse(frame.data)
    except DecodeError:
        return None  # its decoder says so
    match data:
        case {"stream_id": str(name)}:
            return name
        case _:
            return None


LANES = Lane(assign=_assigned, of=_lane_of, limit=AT_ONCE, names=NAMES)
"""How requests share a connection of OpenAI's."""
