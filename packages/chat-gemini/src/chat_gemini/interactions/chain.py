"""Chaining: continue an interaction by its id in place of sending the history again.

Law: the state lives in the messages, so one client serves many conversations. An interaction is continued only where a
seal over everything before it proves that the history is what the service has seen; otherwise the whole history is
sent. The service keeps no instructions, tools and settings: they are sent again, and a seal does not cover them.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from chat_core import history
from chat_core.codec.wire import dump
from chat_core.frozen import dataclass
from chat_gemini.interactions.options import InteractionsOptions
from chat_gemini.interactions.overlay import ANSWER, PAUSED, kept
from chat_gemini.interactions.usage import CONTINUES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_core.jsonvalue import JSONObject
    from chat_core.messages import Message
    from chat_core.request import Request


@dataclass(frozen=True, slots=True)
class Link:
    """Where a request goes on.

    Attributes:
        id: the interaction that it continues; `None` = none, the input is sent again.
        after: how many messages the service has already, or is not to see.
        until: the messages that are sent end here; `None` = at the end.
        token: what has an answer go on that the service had not finished.
    """

    id: str | None
    after: int
    until: int | None = None
    token: str | None = None


def linked(request: Request, origin: str) -> Link | None:
    """Find where a request goes on: an answer that is not finished, else the last one whose seal fits."""
    native = request.options.native_of(InteractionsOptions)
    if native.previous_interaction_id is not None:
        return None
    link = _unfinished(request.messages, origin)
    if link is not None and native.continuation_token is None:
        return link
    return _continued(request.messages, origin) if native.chain and native.store is not False else None


def _unfinished(messages: Sequence[Message], origin: str) -> Link | None:
    """Return how the last answer goes on; what came of it is not sent."""
    begun = len(messages)
    while begun and _paused(messages[begun - 1], origin) is not None:
        begun -= 1
    match _paused(messages[-1], origin) if begun < len(messages) else None:
        case {"token": str(token), "id": str(id)}:
            return Link(id, len(messages), token=token)
        case {"token": str(token)}:
            return Link(None, 0, until=begun, token=token)
        case _:
            return None


def _paused(message: Message, origin: str) -> JSONObject | None:
    match kept(origin, message.meta) if message.role == "assistant" else None:
        case {"_paused": dict(paused)}:
            return paused
        case _:
            return None


def _continued(messages: Sequence[Message], origin: str) -> Link | None:
    for place in range(len(messages) - 1, -1, -1):
        message = messages[place]
        match kept(origin, message.meta) if message.role == "assistant" else None:
            case {"_answer": {"id": str(id), "seal": str(seal)}} if seal == seal_of(messages[:place]):
                return Link(id, place + 1)
            case _:
                pass
    return None


def seal_of(messages: Sequence[Message]) -> str:
    """Return a short text that stands for messages; others have another one. Leading instructions do not count."""
    first = next((at for at, message in enumerate(messages) if message.role != "system"), len(messages))
    return sha256(dump(history.dump(messages[first:]))).hexdigest()[:32]


def mark_of(request: Request, answer: JSONObject) -> JSONObject:
    """Return what an answer's message keeps, so that it can go on; nothing when that is not wanted."""
    native = request.options.native_of(InteractionsOptions)
    named, token = answer.get("id"), answer.get("continuation_token")
    stored = isinstance(named, str) and bool(named) and native.store is not False
    marks: JSONObject = {}
    if native.chain and stored:
        marks[ANSWER] = {"id": named, "seal": seal_of(request.messages)}
    if answer.get("status") == CONTINUES and isinstance(token, str):
        marks[PAUSED] = {"token": token, **({"id": named} if stored else {})}
    return marks


class InteractionsUnchain:
    """Implements `chat_core.codec.capabilities.Unchain`."""

    def unchained(self, request: Request) -> Request | None:
        """Return the request with its whole history; `None` when it does not continue an interaction by itself."""
        native = request.options.native_of(InteractionsOptions)
        if not native.chain:
            return None
        others = tuple(item for item in request.options.native if item is not native)
        alone = replace(native, chain=False)
        return replace(request, options=replace(request.options, native=(alone, *others)))
