"""What this package offers itself, as any plugin does: the demo provider, the transports, and two stores."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chat_core.plugins.hooks import hookimpl
from chat_core.plugins.spec import ProviderConfig, ProviderSpec, StoreSpec, TransportSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.codec.provider import Provider
    from chat_core.stores.protocol import Store
    from chat_core.transport.client import ClientName
    from chat_core.transport.protocol import Transport


@hookimpl
def chat_providers() -> Iterator[ProviderSpec]:
    """Offer recorded conversations."""
    yield ProviderSpec(name="replay", load=_replay, transport="demo", api=1)


@hookimpl
def chat_transports() -> Iterator[TransportSpec]:
    """Offer HTTP through either client library, WebSockets, and the recorded conversations."""
    yield TransportSpec(name="httpx", load=partial(_http, "httpx"), api=1)
    yield TransportSpec(name="httpx2", load=partial(_http, "httpx2"), api=1)
    yield TransportSpec(name="websocket", load=_websocket, channel="websocket", api=1)
    yield TransportSpec(name="auto", load=_auto, channel="websocket", api=1)
    yield TransportSpec(name="demo", load=_demo, api=1)


@hookimpl
def chat_stores() -> Iterator[StoreSpec]:
    """Offer conversations in one file, and in memory."""
    yield StoreSpec(name="sqlite", load=_sqlite, api=1)
    yield StoreSpec(name="memory", load=_memory, api=1)


def _replay(config: ProviderConfig) -> Provider:  # noqa: ARG001 - recordings have no address
    from chat_core.demo import Demo  # noqa: PLC0415 - loaded when asked for

    return Demo()


def _demo() -> Transport:
    from chat_core.demo import demo_transport  # noqa: PLC0415 - loaded when asked for

    return demo_transport()


def _http(client: ClientName) -> Transport:
    from chat_core.transport.http import HTTPTransport  # noqa: PLC0415 - loaded when asked for

    return HTTPTransport(client=client)


def _websocket() -> Transport:
    from chat_core.transport.websocket import WebSocketTransport  # noqa: PLC0415 - loaded when asked for

    return WebSocketTransport()


def _auto() -> Transport:
    from chat_core.transport.auto import AutoTransport  # noqa: PLC0415 - loaded when asked for

    return AutoTransport()


def _sqlite(address: str) -> Store:
    from chat_core.stores.sqlite import SqliteStore  # noqa: PLC0415 - loaded when asked for

    return SqliteStore(address)


def _memory(address: str) -> Store:  # noqa: ARG001 - memory has no address
    from chat_core.stores.memory import MemoryStore  # noqa: PLC0415 - loaded when asked for

    return MemoryStore()
