"""What is on the shelf: the models that can be asked on this machine without fetching anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_local.names import PICO, PICO_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.jsonvalue import JSONObject


def listing() -> bytes:
    """Return the list, as the local wire has it."""
    return dump({"models": [*models()]})


def models() -> Iterator[JSONObject]:
    """Yield the models: the embedded one, and those in the hub's cache."""
    if PICO_FOLDER.is_dir():
        yield {"id": PICO, "name": "a demonstration model that comes with chat-local", "demo": True}
    from chat_local.hub import cached  # noqa: PLC0415 - the hub's client is loaded for lists only

    yield from cached()
