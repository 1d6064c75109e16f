"""Embeddings as arrays of 32-bit floats, from either encoding."""

from __future__ import annotations

from array import array
from base64 import b64decode
from typing import Any


def numbers(reply: Any) -> int:  # noqa: ANN401 - JSON
    """Make arrays of a parsed reply, and count their numbers."""
    return sum(len(row) for row in [_array(item["embedding"]) for item in reply["data"]])


def _array(shown: str | list[float]) -> array[float]:
    return array("f", b64decode(shown) if isinstance(shown, str) else shown)
