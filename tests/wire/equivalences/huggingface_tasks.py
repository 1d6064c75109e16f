"""Spellings of a task's request that mean the same to Hugging Face's services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.equivalences import Equivalence

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject


def _listed(body: JSONObject) -> JSONObject:
    inputs = body.get("inputs")
    return {**body, "inputs": [inputs]} if isinstance(inputs, str) else body


EQUIVALENCES: tuple[Equivalence, ...] = (
    Equivalence("one text", "a text alone has its vector alone, in a list of one it is in a list", _listed),
)
