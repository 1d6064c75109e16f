"""HTTP over aiohttp for chat-core. Names are loaded when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_aiohttp.transport import AiohttpTransport as AiohttpTransport

__all__ = ["AiohttpTransport"]


def __getattr__(name: str) -> object:
    """Load the transport when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from chat_aiohttp.transport import AiohttpTransport

    return AiohttpTransport
