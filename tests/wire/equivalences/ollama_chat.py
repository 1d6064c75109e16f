"""Freedoms of spelling in requests of Ollama's wire, as its server reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.equivalences import Equivalence

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

_EMPTY: tuple[tuple[str, JSON], ...] = (("tools", []), ("options", {}), ("format", ""))


def _nulls(body: JSONObject) -> JSONObject:
    return {key: value for key, value in body.items() if value is not None}


def _empty(body: JSONObject) -> JSONObject:
    return {key: value for key, value in body.items() if (key, value) not in _EMPTY}


def _stream(body: JSONObject) -> JSONObject:
    return {"stream": True, **body}


EQUIVALENCES: tuple[Equivalence, ...] = (
    Equivalence("null", "a member that is null is a member that is absent", _nulls),
    Equivalence("empty", "no tools, no options and an empty format say what absence says", _empty),
    Equivalence("stream", "true is the default", _stream),
)
