"""Spellings of an embeddings request that mean the same to every service of the OpenAI shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.equivalences import Equivalence

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject


def _listed(body: JSONObject) -> JSONObject:
    match body.get("input"):
        case str(text):
            return {**body, "input": [text]}
        case [int(), *_] as tokens:
            return {**body, "input": [tokens]}
        case _:
            return body


EQUIVALENCES: tuple[Equivalence, ...] = (
    Equivalence("one input", "an input alone is a list of one: the reply is the same list of one vector", _listed),
)
