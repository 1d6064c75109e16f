"""What this package offers to chat-core: a provider for each row of the preset table. Importing it loads nothing heavy.

Law: the entry points in the package's metadata are the names of the rows; a test compares them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chat_core.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_completions.preset import Preset
    from chat_core.codec.provider import Provider
    from chat_core.plugins.spec import ProviderConfig, ProviderSpec


@hookimpl
def chat_providers() -> Iterator[ProviderSpec]:
    """Offer every service of the table."""
    from chat_completions.addresses import address, variables
    from chat_completions.presets import PRESETS
    from chat_completions.settings import SETTINGS
    from chat_core.plugins.spec import ProviderSpec

    for preset in PRESETS.values():
        yield ProviderSpec(
            name=preset.name,
            load=partial(_load, preset),
            env=preset.env,
            bearer_env=preset.bearer_env,
            key_optional=_may_be_open(preset),
            settings=SETTINGS,
            base_url_env=variables(preset),
            address=address,
            api=1,
        )


def _may_be_open(preset: Preset) -> bool:
    """Tell whether the service may want no key: the user's own machine, or a place that only he knows."""
    if preset.base_url is None:
        return not preset.env
    return urlsplit(preset.base_url).hostname == "localhost"


def _load(preset: Preset, config: ProviderConfig) -> Provider:
    from chat_completions.provider import Completions
    from chat_completions.settings import changed

    return Completions(changed(preset, config.settings), base_url=config.base_url, name=config.name)
