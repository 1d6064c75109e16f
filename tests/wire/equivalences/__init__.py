"""What may differ between a recorded request and the same request parsed and encoded again.

Law: a row is a fact about the service (both spellings mean the same to it), never an excuse for a loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSONObject


@dataclass(frozen=True, slots=True)
class Equivalence:
    """One freedom of spelling: both bodies are rewritten by `normalise` before they are compared."""

    name: str
    reason: str
    normalise: Callable[[JSONObject], JSONObject]
