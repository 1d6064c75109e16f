"""Freedoms of spelling in requests of Ollama's older endpoint, as its server reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.equivalences import Equivalence
from tests.wire.equivalences.ollama_chat import EQUIVALENCES as OF_CHAT

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject


def _empty(body: JSONObject) -> JSONObject:
    return {key: value for key, value in body.items() if value not in ("", [], {})}


def _raw(body: JSONObject) -> JSONObject:
    return {key: value for key, value in body.items() if key != "raw" or value is not False}


EQUIVALENCES: tuple[Equivalence, ...] = (
    *OF_CHAT,
    Equivalence("empty", "empty texts, lists and objects are what their absence is", _empty),
    Equivalence("raw", "false is the default", _raw),
)
