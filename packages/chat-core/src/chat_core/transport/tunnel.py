"""TLS inside TLS: a blocking socket through a proxy that is itself reached over TLS.

Law: as a socket of the standard library, which cannot wrap one of its own TLS sockets again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

T = TypeVar("T")

_RECORD = 32 * 1024
"""Bytes read from the outer connection at once; a TLS record has at most 16 KiB."""


class InnerTLS:
    """The inner of two TLS connections.

    Attributes:
        tls: what was agreed with the far end.
    """

    def __init__(self, outer: ssl.SSLSocket, context: ssl.SSLContext, host: str | None) -> None:
        """Shake hands with the far end."""
        import ssl  # noqa: PLC0415 - plain HTTP does without

        self._outer = outer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._hungry, self._ends = ssl.SSLWantReadError, (ssl.SSLZeroReturnError, ssl.SSLEOFError)
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._carry(self.tls.do_handshake)

    def settimeout(self, seconds: float | None) -> None:
        """As `socket.settimeout`."""
        self._outer.settimeout(seconds)

    def recv(self, size: int) -> bytes:
        """As `socket.recv`."""
        try:
            return self._carry(lambda: self.tls.read(size))
        except self._ends:
            return b""

    def send(self, data: memoryview) -> int:
        """As `socket.send`."""
        return self._carry(lambda: self.tls.write(data))

    def shutdown(self, how: int) -> None:
        """As `socket.shutdown`."""
        self._outer.shutdown(how)

    def close(self) -> None:
        """As `socket.close`."""
        self._outer.close()

    def detach(self) -> int:
        """As `socket.detach`."""
        return self._outer.detach()

    def fileno(self) -> int:
        """As `socket.fileno`."""
        return self._outer.fileno()

    def _carry(self, step: Callable[[], T]) -> T:
        """Take a step, carrying bytes between the two connections as it asks."""
        while True:
            try:
                result = step()
            except self._hungry:
                self._flush()
                if data := self._outer.recv(_RECORD):
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                self._flush()
                return result

    def _flush(self) -> None:
        if data := self._outgoing.read():
            self._outer.sendall(data)
