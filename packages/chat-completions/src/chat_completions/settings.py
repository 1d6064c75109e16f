"""What a user may say about a service of this wire: the fields of `Preset`, from a configuration file or a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_completions.preset import (
    ALL_MEDIA,
    AUDIO,
    CAPABILITIES,
    COUNTINGS,
    EMBEDDINGS,
    IMAGES,
    MODERATIONS,
    RERANKS,
    TOKENIZATIONS,
    Preset,
)
from chat_core.codec.rows import RowSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, ...]] = {
    "capabilities": CAPABILITIES,
    "embeddings": EMBEDDINGS,
    "counting": COUNTINGS,
    "images": IMAGES,
    "audio": AUDIO,
    "moderation": MODERATIONS,
    "rerank": RERANKS,
    "tokenization": TOKENIZATIONS,
    "system_role": ("system", "developer"),
    "reasoning_field": ("reasoning_content", "reasoning"),
    "media": tuple(sorted(ALL_MEDIA)),
    "empty_content": ("",),
}
"""The words that a field takes, where they are few."""

ROW = RowSettings(Preset(name=""), WORDS)

SETTINGS = ROW.names
"""The names of the settings."""

changed = ROW.changed
"""Returns a row with the fields that settings name."""
