"""Sessions as JSON: what is saved of one, and how it is taken up again.

Law: as `history`: versioned, and read again by later versions. Settings, tools and secrets are not saved; the program
has them.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, cast

from chat_core.approval import Pending
from chat_core.errors import DecodeError
from chat_core.history import dump, load
from chat_core.response import Usage
from chat_core.sessions.windows import WHOLE, Window
from chat_core.stores.records import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import ToolCall
    from chat_core.sessions.dialogue import Dialogue

VERSION = 1
COUNTS = tuple(item.name for item in fields(Usage) if item.name != "raw")


def saved(dialogue: Dialogue) -> JSONObject:
    """Write a conversation down: its whole history, what of it is sent, what waits, and what it has cost."""
    window = dialogue.window
    return {
        "version": VERSION,
        "type": "session",
        "id": dialogue.id,
        "title": dialogue.title,
        "history": dump(dialogue.messages),
        "window": None if window == WHOLE else {"at": window.at, "head": dump(window.head)},
        "pending": [
            {"call": waits.call.id, "why": waits.why, "reason": waits.reason, "token": waits.token}
            for waits in dialogue.pending
        ],
        "usage": {name: getattr(dialogue.usage, name) for name in COUNTS},
    }


def take_up(dialogue: Dialogue, data: JSON) -> None:
    """Take up what `saved` wrote.

    Raises:
        DecodeError: it is damaged, or of a newer version.
    """
    if not isinstance(data, dict):
        raise DecodeError("saved session: load() reads what save() wrote")
    match data:
        case {"version": int(version)} if version > VERSION:
            raise DecodeError(
                f"saved session: written as version {version}, this chat-core reads up to {VERSION}: update chat-core"
            )
        case {"version": int(), "type": "session", "id": str(id), "title": str(title), "history": history}:
            dialogue.id, dialogue.title = id, title
            dialogue.put(0, tuple(Entry(message=message) for message in load(history, tuple)))
        case _:
            raise DecodeError("saved session: load() reads what save() wrote")
    dialogue.window = _window(data.get("window"), len(dialogue.messages))
    dialogue.said_pending = tuple(_pending(data.get("pending"), dialogue.waiting))
    dialogue.usage = _usage(data.get("usage"))


def _window(data: JSON, length: int) -> Window:
    match data:
        case None:
            return WHOLE
        case {"at": int(at), "head": head} if 0 < at <= length:
            return Window(at=at, head=load(head, tuple))
        case _:
            raise DecodeError("saved session: its window is damaged")


def _pending(data: JSON, waiting: tuple[ToolCall, ...]) -> Iterator[Pending]:
    calls_by_id = {call.id: call for call in waiting}
    for item in data if isinstance(data, list) else ():
        match item:
            case {"call": str(id), "why": "approval" | "deferred" | "result" as why, "reason": str(reason), **rest}:
                token = rest.get("token")
            case _:
                raise DecodeError("saved session: a call that waits is damaged")
        if id in calls_by_id:
            yield Pending(call=calls_by_id[id], why=why, reason=reason, token=token if isinstance(token, str) else None)


def _usage(data: JSON) -> Usage:
    if not isinstance(data, dict):
        raise DecodeError("saved session: its usage is damaged")
    counts = {name: count for name in COUNTS if isinstance(count := data.get(name), int)}
    make = cast("Callable[..., Usage]", Usage)  # the names come from its own fields
    return make(**counts)
