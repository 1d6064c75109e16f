"""What the requests of a batch came to: answers and errors, in a reply or in a file of lines.

Law: an answer is decoded as one of a chat; a request that failed is its error, and so is an answer that is malformed:
the others are paid for. A result is put at the place of its request by its key, or it is said that it is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, ProviderError
from chat_core.jsonvalue import excerpt, parse_object
from chat_core.request import Request
from chat_core.response import Notice, Response
from chat_gemini.errors import error_from
from chat_gemini.provider import Gemini
from chat_gemini.sending import text_of

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_gemini.sending import Sender

Outcome: TypeAlias = Response | ProviderError | DecodeError
"""What one request of a batch came to."""

KEY = "chat-"
"""What the keys of requests begin with that this package makes; the place of the request follows."""

MOST = 1_000_000
"""More requests than a batch can have: it takes 20 MB of them."""

UNMATCHED = "the results do not all have keys of this package, and are not as many as the requests: which is whose?"


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


def spelled_key(place: int) -> str:
    """Return the key of the request at a place, counted from 0."""
    return f"{KEY}{place}"


def in_order(
    sender: Sender, items: list[JSONObject], model: str | None, asked: int | None
) -> tuple[tuple[Outcome, ...], tuple[Notice, ...]]:
    """Put results at the places of their requests; one that did not come is an error there.

    Results that have other keys, or none, stay as the service has them; a notice tells when they cannot be all.

    Args:
        sender: who was asked.
        items: the results.
        model: who answered.
        asked: how many requests there were, where that is known.
    """
    outcomes = [outcome_of(sender, item, model) for item in items]
    placed = {place: outcome for item, outcome in zip(items, outcomes, strict=True) if (place := _place(item)) < MOST}
    whole = asked if asked is not None and asked < MOST else 0
    if placed and len(placed) == len(items):
        places = range(max(whole, max(placed) + 1))
        return tuple(placed[place] if place in placed else _missing(place) for place in places), ()
    if not items or (not placed and asked in {None, len(items)}):
        return tuple(outcomes), ()
    return tuple(outcomes), (Notice(feature="results", requested=asked, applied=len(items), reason=UNMATCHED),)


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


def _place(item: JSONObject) -> int:
    """Return the place that a result's key names; `MOST` where it is none of ours."""
    match item.get("metadata"):
        case {"key": str(key)} if key.startswith(KEY) and len(key) <= len(spelled_key(MOST)):
            digits = key.removeprefix(KEY)
            return int(digits) if digits.isascii() and digits.isdigit() else MOST
        case _:
            return MOST


def _missing(place: int) -> DecodeError:
    return DecodeError(f"the service gave no result for the request {place}, counted from 0")


def _inlined(made: JSONObject) -> list[JSONObject]:
    match made.get("inlinedResponses"):
        case {"inlinedResponses": list(items)}:
            return [item for item in items if isinstance(item, dict)]
        case _:
            return []
