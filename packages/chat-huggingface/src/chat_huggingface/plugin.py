"""What this package offers to chat-core; importing it loads nothing heavy.

Law: the entry points in the package's metadata are the names of the rows; a test compares them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chat_core.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.codec.provider import Provider
    from chat_core.plugins.spec import ProviderConfig, ProviderSpec


@hookimpl
def chat_providers() -> Iterator[ProviderSpec]:
    """Offer Hugging Face and the servers that it publishes."""
    from chat_completions.addresses import variables
    from chat_core.plugins.spec import ProviderSpec
    from chat_huggingface.addresses import address
    from chat_huggingface.presets import HUGGINGFACE, ROWS
    from chat_huggingface.settings import SETTINGS

    for preset, _ in ROWS.values():
        yield ProviderSpec(
            name=preset.name,
            load=partial(_load, preset.name),
            env=preset.env,
            key_optional=preset is not HUGGINGFACE,
            settings=SETTINGS,
            base_url_env=variables(preset),
            address=address,
            api=1,
        )


def _load(row: str, config: ProviderConfig) -> Provider:
    from chat_huggingface.settings import configured

    return configured(row, config.settings, base_url=config.base_url, name=config.name)
