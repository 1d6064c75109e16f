"""What the replies of local services have in common: the model, what it cost, notices, and the rest as `meta`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_local.decode import decode_notices, decode_usage

if TYPE_CHECKING:
    from collections.abc import Collection

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Meta
    from chat_core.response import Notice, Usage

_COMMON = frozenset({"model", "usage", "notices"})


@dataclass(frozen=True, slots=True)
class Said:
    """What a reply says beside its results."""

    model: str | None
    usage: Usage | None
    notices: tuple[Notice, ...]
    meta: Meta


def said_in(data: JSONObject, origin: str, known: Collection[str]) -> Said:
    """Read what a reply says beside its results.

    Args:
        data: the reply.
        origin: under which name the rest is kept.
        known: the members that were read already.

    Raises:
        DecodeError: it is malformed.
    """
    model = data.get("model")
    meta = rest(data, _COMMON | {*known})
    return Said(
        model=model if isinstance(model, str) else None,
        usage=decode_usage(data.get("usage")),
        notices=decode_notices(data.get("notices")),
        meta={origin: meta} if meta else {},
    )


def results_of(data: JSONObject, count: int) -> list[JSON]:
    """Return the results, one for each text.

    Raises:
        DecodeError: there are not so many.
    """
    match data.get("results"):
        case list(results) if len(results) == count:
            return results
        case other:
            raise DecodeError(f"the reply has not {count} results: {excerpt(repr(other))}")


def number_of(value: JSON) -> float | None:
    """Return a number; `None` = it is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
