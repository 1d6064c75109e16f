"""What a user may say about a service of this wire: the fields of `Preset`, from a configuration file or a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.rows import RowSettings
from chat_responses.preset import ALL_MEDIA, CAPABILITIES, Preset

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, ...]] = {
    "capabilities": CAPABILITIES,
    "system_role": ("system", "developer"),
    "media": tuple(sorted(ALL_MEDIA)),
    "websocket": ("lanes", "single"),
    "realtime": ("nested", "flat", "mixed"),
}
"""The words that a field takes, where they are few."""

ROW = RowSettings(Preset(name=""), WORDS)

SETTINGS = ROW.names
"""The names of the settings."""

changed = ROW.changed
"""Returns a row with the fields that settings name."""
