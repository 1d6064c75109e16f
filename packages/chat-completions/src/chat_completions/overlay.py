"""Private data of messages and parts, under the origin that sent it: which of it may go back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_completions.provider import Completions
    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import Meta


def own(provider: Completions, model: str, meta: Meta) -> JSONObject | None:
    """Return the private data that may go to a service, for a model; `None` when there is none.

    A router's other vendors do not count: their seals mean nothing to this model.
    """
    origin = provider.origin(model)
    if origin in meta:
        return meta[origin]
    place = origin.rpartition("/")[0]
    for other, data in meta.items():
        if provider.accepts(other) and other.rpartition("/")[0] != place:
            return data
    return None
