"""Freedoms of spelling in requests beside chat, as Google's services read them; contents as in a chat."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.wire.equivalences import Equivalence
from tests.wire.equivalences.gemini_generate import EQUIVALENCES as OF_CHAT

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

_ZEROS = re.compile(r"\.0+s$")


def _listed(body: JSONObject) -> JSONObject:
    return {"requests": [body]} if isinstance(body.get("content"), dict) else body


def _counted(body: JSONObject) -> JSONObject:
    inner = body.get("generateContentRequest")
    return inner if isinstance(inner, dict) else body


def _ttl(body: JSONObject) -> JSONObject:
    ttl = body.get("ttl")
    return {**body, "ttl": _ZEROS.sub("s", ttl)} if isinstance(ttl, str) else body


def _batched(body: JSONObject) -> JSONObject:
    match body:
        case {"batch": {"inputConfig": {"requests": {"requests": list(items)}}}}:
            plain: list[JSON] = [_settled(item.get("request")) for item in items if isinstance(item, dict)]
            return {"requests": plain}
        case _:
            return body


def _settled(request: JSON) -> JSON:
    for row in OF_CHAT:
        request = row.normalise(request) if isinstance(request, dict) else request
    return request


EQUIVALENCES: tuple[Equivalence, ...] = (
    Equivalence("one content", "a content alone is a list of one: the reply is the same vector", _listed),
    Equivalence("counted", "contents alone are counted as the request that holds nothing else", _counted),
    Equivalence("ttl", "seconds are read with and without their fraction", _ttl),
    Equivalence("batched", "a request in a batch is read as one alone", _batched),
    *OF_CHAT,
)
