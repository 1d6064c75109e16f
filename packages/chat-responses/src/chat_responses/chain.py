"""Chaining: continue an answer by its id in place of sending the history again.

Law: the state lives in the messages, so one client serves many conversations. An answer is continued only where a seal
over everything before it proves that the history is what the service has seen; otherwise the whole history is sent.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.frozen import dataclass
from chat_responses.options import ResponsesOptions
from chat_responses.overlay import RESPONSE, own

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request
    from chat_responses.provider import Responses


@dataclass(frozen=True, slots=True)
class Link:
    """Where a request continues an answer.

    Attributes:
        id: the answer's id.
        after: how many messages the service has already.
    """

    id: str
    after: int


def linked(request: Request, turns: list[list[JSON]], origin: str, *, kept: bool = False) -> Link | None:
    """Find the last answer that can be continued; an answer whose history was edited is none: its seal does not fit.

    Args:
        request: what is asked.
        turns: the items of each of its messages.
        origin: who is asked.
        kept: whether the connection keeps answers that the service does not store.
    """
    for place in range(len(request.messages) - 1, -1, -1):
        message = request.messages[place]
        mine = own(origin, message.meta) if message.role == "assistant" else None
        match mine:
            case {"_response": {"id": str(id), "seal": str(seal), **more}} if kept or "unstored" not in more:
                if seal == seal_of(turns[:place]):
                    return Link(id, place + 1)
            case _:
                pass
    return None


def seal_of(turns: list[list[JSON]]) -> str:
    """Return a short text that stands for items: other items have another one."""
    items: list[JSON] = [item for turn in turns for item in turn]
    return sha256(dump(items)).hexdigest()[:32]


def mark_of(provider: Responses, request: Request, answer: JSONObject) -> JSONObject:
    """Return what an answer's message keeps, so that it can be continued; nothing when that was not asked for."""
    native = request.options.native_of(ResponsesOptions)
    match answer.get("id"):
        case str(named) if native.chain:
            unstored: JSONObject = {"unstored": True} if False in (native.store, answer.get("store")) else {}
            return {RESPONSE: {"id": named, "seal": seal_of(turns_of(provider, request, native)), **unstored}}
        case _:
            return {}


def turns_of(provider: Responses, request: Request, native: ResponsesOptions) -> list[list[JSON]]:
    """Return the items of each message of a request."""
    from chat_responses.tools import custom_names  # noqa: PLC0415 - for chained answers only
    from chat_responses.turns import TurnEncoder  # noqa: PLC0415 - as above

    _, turns = TurnEncoder(provider, request, native, custom_names(request.tools), []).encode()
    return turns


class ResponsesUnchain:
    """Implements `chat_core.codec.capabilities.Unchain`."""

    def unchained(self, request: Request) -> Request | None:
        """Return the request with its whole history; `None` when it does not continue an answer by itself."""
        native = request.options.native_of(ResponsesOptions)
        if not native.chain:
            return None
        others = tuple(item for item in request.options.native if item is not native)
        alone = replace(native, chain=False)
        return replace(request, options=replace(request.options, native=(alone, *others)))
