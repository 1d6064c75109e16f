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
    """Offer OpenAI."""
    from chat_core.plugins.spec import ProviderSpec
    from chat_responses.addresses import address, variables
    from chat_responses.presets import OPENAI
    from chat_responses.settings import SETTINGS

    yield ProviderSpec(
        name=OPENAI.name,
        load=_load,
        env=OPENAI.env,
        settings=SETTINGS,
        base_url_env=variables(OPENAI),
        address=address,
        api=1,
    )


def _load(config: ProviderConfig) -> Provider:
    from chat_openai.provider import OpenAI
    from chat_responses.presets import OPENAI
    from chat_responses.settings import changed

    return OpenAI(changed(OPENAI, config.settings), base_url=config.base_url, name=config.name)
