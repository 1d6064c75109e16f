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
    """Offer Claude."""
    from chat_core.plugins.spec import ProviderSpec

    yield ProviderSpec(
        name="claude",
        load=_load,
        env=("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
        bearer_env=("ANTHROPIC_AUTH_TOKEN",),
        aliases=("anthropic",),
        settings=frozenset({"family", "headers", "surface", "version"}),
        base_url_env=("ANTHROPIC_BASE_URL",),
        api=1,
    )


def _load(config: ProviderConfig) -> Provider:
    from chat_claude.settings import configured

    return configured(config.settings, base_url=config.base_url, name=config.name)
