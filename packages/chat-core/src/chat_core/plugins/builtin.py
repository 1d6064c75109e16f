"""What this package offers itself, as any plugin does: the demo provider and the HTTP transports."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chat_core.plugins.hooks import hookimpl
from chat_core.plugins.spec import ProviderConfig, ProviderSpec, TransportSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.codec.provider import Provider
    from chat_core.transport.client import ClientName
    from chat_core.transport.protocol import Transport


@hookimpl
def chat_providers() -> Iterator[ProviderSpec]:
    """Offer recorded conversations."""
    yield ProviderSpec(name="replay", load=_replay, transport="demo", api=1)


@hookimpl
def chat_transports() -> Iterator[TransportSpec]:
    """Offer HTTP through either client library, and the recorded conversations."""
    yield TransportSpec(name="httpx", load=partial(_http, "httpx"), api=1)
    yield TransportSpec(name="httpx2", load=partial(_http, "httpx2"), api=1)
    yield TransportSpec(name="demo", load=_demo, api=1)


def _replay(config: ProviderConfig) -> Provider:  # noqa: ARG001 - recordings have no address
    from chat_core.demo import Demo  # noqa: PLC0415 - loaded when asked for

    return Demo()


def _demo() -> Transport:
    from chat_core.demo import demo_transport  # noqa: PLC0415 - loaded when asked for

    return demo_transport()


def _http(client: ClientName) -> Transport:
    from chat_core.transport.http import HTTPTransport  # noqa: PLC0415 - loaded when asked for

    return HTTPTransport(client=client)
