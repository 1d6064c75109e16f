"""What the requests of a batch came to: answers and errors, in a reply or in a file of lines.

Law: an answer is decoded as one of a chat; a request that failed is its error, and so is an answer that is malformed:
the others are paid for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, ProviderError
from chat_core.jsonvalue import excerpt, parse_object
from chat_core.request import Request
from chat_core.response import Response
from chat_gemini.errors import error_from
from chat_gemini.provider import Gemini
from chat_gemini.sending import text_of

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_gemini.sending import Sender

Outcome: TypeAlias = Response | ProviderError | DecodeError
"""What one request of a batch came to."""


def read(sender: Sender, data: bytes, *, model: str) -> dict[str, Outcome]:
    """Read a file of results, by the keys of the requests.

    Raises:
        DecodeError: a line is malformed.
    """
    found: dict[str, Outcome] = {}
    for line in data.splitlines():
        if line.strip():
            item = parse_object(line)
            key = text_of(item, "key")
            if key is None:
                raise DecodeError(f"a result without a key: {excerpt(line)}")
            found[key] = outcome_of(sender, item, model)
    return found


def made_of(data: JSONObject, said: JSONObject) -> tuple[JSONObject, list[JSONObject]]:
    """Find what a batch made: in a member of its reply, or with what is said about it."""
    for made in (data.get("response"), said.get("output")):
        if isinstance(made, dict):
            return made, _inlined(made)
    return {}, []


def outcome_of(sender: Sender, item: JSONObject, model: str | None) -> Outcome:
    """Read what one request came to; never raises."""
    answer = item.get("response")
    if not isinstance(answer, dict):
        return error_from(item, sender)
    request = Request(model=model if model is not None else "", messages=())
    try:
        return gemini_of(sender).decode(request, WireResponse(body=dump(answer)))
    except (ProviderError, DecodeError) as error:
        return error


def gemini_of(sender: Sender) -> Gemini:
    """Return the codec of chats at the same place."""
    return Gemini(name=sender.name, place=sender.place, headers=sender.headers)


def _inlined(made: JSONObject) -> list[JSONObject]:
    match made.get("inlinedResponses"):
        case {"inlinedResponses": list(items)}:
            return [item for item in items if isinstance(item, dict)]
        case _:
            return []
