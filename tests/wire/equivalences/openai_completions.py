"""Spellings of a legacy completions request that mean the same to every service of this wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.equivalences import Equivalence

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject


def _nulls(body: JSONObject) -> JSONObject:
    return {key: value for key, value in body.items() if value is not None}


def _whole(body: JSONObject) -> JSONObject:
    return {key: value for key, value in body.items() if key != "stream" or value is not False}


def _stops(body: JSONObject) -> JSONObject:
    return {**body, "stop": [text]} if isinstance(text := body.get("stop"), str) else body


def _usage(body: JSONObject) -> JSONObject:
    asked = {"include_usage": True}
    return {key: value for key, value in body.items() if key != "stream_options" or value != asked}


EQUIVALENCES: tuple[Equivalence, ...] = (
    Equivalence("null", "null is the default of every field, which an absent one has as well", _nulls),
    Equivalence("stream: false", "the default", _whole),
    Equivalence("one stop", "a text alone is a list of one", _stops),
    Equivalence("usage of a stream", "we ask for it: it changes the cost report, not the answer", _usage),
)
