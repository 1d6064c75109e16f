"""The transport: HTTP whose connections of event loops are aiohttp's.

Law: as `chat_core.transport.http`. Threads, proxies and WebSockets have chat-core's own connections, as aiohttp blocks
nobody, knows no SOCKS, and its WebSockets are not ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_aiohttp.lines import AiohttpLine
from chat_core.transport.http import KEEPALIVE, MAX_CONNECTIONS, HTTPTransport

if TYPE_CHECKING:
    import ssl

    from chat_core.transport.client import Certificate, Settings
    from chat_core.transport.exchange import Address, AsyncHTTPLine


class AiohttpTransport(HTTPTransport):
    """Sends requests over HTTP/1.1; safe to share between threads and event loops."""

    def __init__(
        self,
        *,
        proxy: str | None = None,
        verify: bool | str | ssl.SSLContext = True,
        cert: Certificate | None = None,
        max_connections: int = MAX_CONNECTIONS,
        keepalive: float = KEEPALIVE,
    ) -> None:
        """Set up; nothing is connected before the first request. The arguments are those of `HTTPTransport`."""
        super().__init__(proxy=proxy, verify=verify, cert=cert, max_connections=max_connections, keepalive=keepalive)

    def async_line(self, to: Address, settings: Settings) -> AsyncHTTPLine:
        """Make a connection for the tasks of a loop."""
        if settings.proxy is not None:
            return super().async_line(to, settings)
        return AiohttpLine(to, settings.tls() if to.scheme == "https" else None)
