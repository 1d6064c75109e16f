"""Reasons: what an error of a socket means, in words that quote nothing of what was sent or received.

Law: pure but for `prepare`. A time limit of ours is told from one of the operating system.
"""

from __future__ import annotations

import contextlib
import os
import socket

from chat_core.errors import ConnectFailed, TransportError


def no_connection(peer: str, error: Exception, dialled: str | None = None) -> ConnectFailed:
    """Return the error that says why no connection could be made.

    Args:
        peer: the other side.
        error: what the socket said.
        dialled: who was called, `host:port`; another one than the other side is a proxy. `None` = the other side.
    """
    through = "" if dialled in {None, peer} else f" through the proxy {dialled}"
    hint = "; check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or proxy=" if through else ""
    return ConnectFailed(f"no connection to {peer}{through}: {_reason(error)}{hint}")


def broken(peer: str, error: Exception) -> TransportError:
    """Return the error that says how a connection broke."""
    return TransportError(f"the connection to {peer} broke: {_reason(error)}")


def ours(error: Exception) -> bool:
    """Tell a time limit of ours from one of the operating system, which has a number."""
    return isinstance(error, TimeoutError) and error.errno is None


def _reason(error: Exception) -> str:
    import ssl  # noqa: PLC0415 - plain HTTP that works does without

    match error:
        case ssl.SSLCertVerificationError():
            return (
                f"its certificate is not trusted ({error.verify_message}); if a private authority signed it, "
                "pass its certificate: transport=HTTPTransport(verify='ca.pem')"
            )
        case ssl.SSLError():
            return f"TLS failed ({error.reason})"
        case socket.gaierror():
            return "its name is not known"
        case OSError(errno=int(number)):
            return os.strerror(number)  # asyncio writes texts of its own
        case UnicodeError():
            return "its name is not valid"
        case _:
            return "none of its addresses answered" if type(error) is OSError else type(error).__name__


def prepare(sock: socket.socket) -> None:
    """Send small requests at once, and notice a peer that vanished during a long silence."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
