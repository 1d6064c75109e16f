"""What this package offers to chat-core; importing it loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_aiohttp.transport import AiohttpTransport
    from chat_core.plugins.spec import TransportSpec


@hookimpl
def chat_transports() -> Iterator[TransportSpec]:
    """Offer HTTP over aiohttp."""
    from chat_core.plugins.spec import TransportSpec

    yield TransportSpec(name="aiohttp", load=_load, api=1)


def _load() -> AiohttpTransport:
    from chat_aiohttp.transport import AiohttpTransport

    return AiohttpTransport()
