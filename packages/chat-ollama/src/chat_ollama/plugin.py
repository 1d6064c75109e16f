"""What this package offers to chat-core and to the command line; importing it loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chat_core.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click import Group

    from chat_core.codec.provider import Provider
    from chat_core.plugins.spec import ProviderConfig, ProviderSpec


@hookimpl
def chat_providers() -> Iterator[ProviderSpec]:
    """Offer Ollama."""
    from chat_core.plugins.spec import ProviderSpec
    from chat_ollama.addresses import VARIABLES, address

    yield ProviderSpec(
        name="ollama",
        load=_load,
        env=("OLLAMA_API_KEY",),
        key_optional=True,
        settings=frozenset({"headers"}),
        base_url_env=VARIABLES,
        address=address,
        api=1,
    )


@hookimpl
def chat_commands(cli: object) -> None:
    """Add `chat ollama`; the libraries of the terminal come with the command line that asks for it."""
    from chat_ollama.commands import ollama

    cast("Group", cli).add_command(ollama)


def _load(config: ProviderConfig) -> Provider:
    from chat_ollama.settings import configured

    return configured(config.settings, base_url=config.base_url, name=config.name)
