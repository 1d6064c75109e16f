"""What this package offers to chat-core and to the command line; importing it loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chat_core.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click import Group

    from chat_core.codec.provider import Provider
    from chat_core.plugins.spec import Condition, ProviderConfig, ProviderSpec, TransportSpec
    from chat_local.transport import LocalTransport


@hookimpl
def chat_providers() -> Iterator[ProviderSpec]:
    """Offer the models of this machine."""
    from chat_core.plugins.spec import ProviderSpec
    from chat_local.condition import ready_model

    yield ProviderSpec(
        name="local",
        load=_load,
        channels=frozenset({"local"}),
        transport="local",
        ready_model=ready_model(),
        condition=_condition,
        api=1,
    )


@hookimpl
def chat_transports() -> Iterator[TransportSpec]:
    """Offer the way to them."""
    from chat_core.plugins.spec import TransportSpec

    yield TransportSpec(name="local", load=_transport, channel="local", api=1)


@hookimpl
def chat_commands(cli: object) -> None:
    """Add `chat local`; the libraries of the terminal come with the command line that asks for it."""
    from chat_local.commands import local

    cast("Group", cli).add_command(local)


def _load(config: ProviderConfig) -> Provider:
    from chat_local.provider import Local

    return Local() if config.name is None else Local(name=config.name)


def _condition() -> Condition:
    from chat_local.condition import condition

    return condition()


def _transport() -> LocalTransport:
    from chat_local.transport import LocalTransport

    return LocalTransport()
