"""What this package offers to chat-core; importing it loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.codec.provider import Provider
    from chat_core.plugins.spec import ProviderConfig, ProviderSpec


@hookimpl
def chat_providers() -> Iterator[ProviderSpec]:
    """Offer the parrot."""
    from chat_core.plugins.spec import ProviderSpec

    yield ProviderSpec(name="parrot", load=_load, env=("PARROT_API_KEY",), api=1)


def _load(config: ProviderConfig) -> Provider:
    from chat_parrot.provider import Parrot

    said = {"name": config.name, "base_url": config.base_url}
    return Parrot(**{key: value for key, value in said.items() if value is not None})
