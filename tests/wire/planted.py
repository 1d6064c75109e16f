"""Planted keys, found again: what nobody knows has to be in a part, in `meta`, or in an event that is surfaced.

Law: a planted key counts as kept when it is there with its value, at any level; an error may also have it in `body`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.outcome import plain
from tests.wire.seals import members

from chat_core.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.wire.outcome import Outcome

    from chat_core.jsonvalue import JSONObject

SHOWN = 5


def missing(planted: JSONObject, outcome: Outcome) -> Iterator[str]:
    """Yield the planted keys that are not kept."""
    kept = dict(members(outcome.plain()))
    text = outcome.error.body if isinstance(outcome.error, ProviderError) else ""
    lost = [key for key, value in planted.items() if kept.get(key) != plain(value) and key not in text]
    yield from (f"planted key {key} is nowhere" for key in lost[:SHOWN])
    if len(lost) > SHOWN:
        yield f"and {len(lost) - SHOWN} more planted keys"
