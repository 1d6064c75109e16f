"""Sockets that block, under the connections for threads.

Law: no wait without asking the connection's `Deadline`; closing is at once and wakes whoever reads. The method names
are those that the HTTP client asks of a network stream.
"""

from __future__ import annotations

import contextlib
import math
import select
import socket
import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from chat_core.transport.names import numeric, spelled
from chat_core.transport.reasons import broken, no_connection, ours, prepare
from chat_core.transport.tunnel import InnerTLS

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from chat_core.transport.deadline import Deadline
    from chat_core.transport.names import Found


_TUNNEL_SECONDS = 30.0
"""How long a proxy that is reached over TLS may take nothing."""


class Dialer:
    """Makes the blocking sockets of one connection.

    Attributes:
        deadline: the limits of the exchange that is going on.
        socket: the last socket made.
        dialled: how many were made.
    """

    def __init__(self, deadline: Deadline, write_error: type[Exception]) -> None:
        """`write_error` is raised when the other side takes no more; the client then still looks for an answer."""
        self.deadline = deadline
        self.socket: Socket | None = None
        self.dialled = 0
        self._write_error = write_error

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the client's signature; the deadline knows better
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[object] | None = None,  # noqa: ARG002
    ) -> Socket:
        """Connect to the first address that answers.

        Raises:
            ConnectFailed: none did.
            TimedOut: the deadline passed.
        """
        self.dialled += 1
        found = _addresses(host, port, self.deadline)
        failure: OSError | None = None
        for family, kind, protocol, _, address in found:
            try:
                sock = self._dialled((family, kind, protocol), address)
            except OSError as error:
                if ours(error):
                    raise self.deadline.late(connecting=True) from None
                failure = error
                continue
            prepare(sock)
            self.socket = Socket(sock, self.deadline, self._write_error)
            return self.socket
        raise no_connection(self.deadline.peer, failure or OSError("no address"), f"{host}:{port}") from None

    def _dialled(self, kind: tuple[int, int, int], address: tuple[object, ...]) -> socket.socket:
        sock = socket.socket(*kind)
        try:
            sock.settimeout(self.deadline.left(connecting=True))
            sock.connect(address)
        except BaseException:
            sock.close()
            raise
        return sock


class Socket:
    """A connected blocking socket."""

    def __init__(self, sock: socket.socket, deadline: Deadline, write_error: type[Exception]) -> None:
        """Own a socket."""
        self.received = 0
        self._sock: socket.socket | InnerTLS = sock
        self._tls: ssl.SSLObject | ssl.SSLSocket | None = None
        self._deadline = deadline
        self._write_error = write_error
        self._turn = threading.Lock()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - as in connect_tcp
        """Read what is there, waiting for the first byte; `b""` at the end."""
        self._sock.settimeout(self._deadline.left())
        try:
            data = self._sock.recv(max_bytes)
        except (OSError, ValueError) as error:
            if ours(error):
                raise self._deadline.late() from None
            raise broken(self._deadline.peer, error) from None
        self.received += len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as in connect_tcp
        """Write everything."""
        view = memoryview(buffer)
        while view:
            self._sock.settimeout(self._deadline.left())
            try:
                view = view[self._sock.send(view) :]
            except (OSError, ValueError) as error:
                if ours(error):
                    raise self._deadline.late() from None
                raise self._write_error from None

    # For connections that are read while they are written to: nothing waits but `ready`

    def ready(self, seconds: float | None, *, to_send: bool = False) -> bool:
        """Wait until the socket has something to say, or takes something; False when the time is over.

        Raises:
            TransportError: it is closed.
        """
        try:
            if not hasattr(select, "poll"):
                to_read, to_write = [] if to_send else [self._sock], [self._sock] if to_send else []
                return any(select.select(to_read, to_write, [], seconds))
            poll = select.poll()
            poll.register(self._sock, select.POLLOUT if to_send else select.POLLIN)
            return bool(poll.poll(None if seconds is None else math.ceil(seconds * 1000)))
        except (OSError, ValueError) as error:
            raise broken(self._deadline.peer, error) from None

    def take(self, size: int) -> bytes | None:
        """Read what is there; `None` = nothing yet, `b""` at the end.

        Raises:
            TransportError: the connection broke.
        """
        with self._turn:
            try:
                self._sock.settimeout(0)
                data = self._sock.recv(size)
            except (OSError, ValueError) as error:
                if _is_early(error):
                    return None
                raise broken(self._deadline.peer, error) from None
        self.received += len(data)
        return data

    def put(self, data: memoryview) -> int:
        """Send what is taken at the moment, and return how much; raises as `take`."""
        with self._turn:
            try:
                # TLS inside TLS cannot take a part of what it was given
                self._sock.settimeout(_TUNNEL_SECONDS if isinstance(self._sock, InnerTLS) else 0)
                return self._sock.send(data)
            except (OSError, ValueError) as error:
                if _is_early(error):
                    return 0
                raise broken(self._deadline.peer, error) from None

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - as in connect_tcp
    ) -> Socket:
        """Shake hands."""
        import ssl  # noqa: PLC0415 - plain HTTP does without

        self._sock.settimeout(self._deadline.left(connecting=True))
        try:
            if isinstance(self._sock, ssl.SSLSocket):
                self._sock = InnerTLS(self._sock, ssl_context, server_hostname)
                self._tls = self._sock.tls
            elif isinstance(self._sock, socket.socket):
                self._sock = self._tls = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname)
        except (OSError, ValueError) as error:
            self.close()
            if ours(error):
                raise self._deadline.late(connecting=True) from None
            raise no_connection(self._deadline.peer, error) from None
        return self

    def shut(self) -> None:
        """End the connection at once; a thread that waits for it wakes up.

        That thread closes the socket: a number that it waits for must not become that of another one meanwhile.
        """
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close at once; a thread that reads wakes up."""
        self.shut()
        self._sock.close()

    @property
    def closed(self) -> bool:
        """Whether this side has closed it."""
        return self._sock.fileno() < 0

    def forget(self) -> None:
        """Close this process's copy only: after a fork the connection belongs to the parent."""
        with contextlib.suppress(OSError):
            socket.socket(fileno=self._sock.detach()).close()

    def get_extra_info(self, info: str) -> object:
        """Answer what the HTTP client asks."""
        match info:
            case "ssl_object":
                return self._tls
            case "is_readable":
                return _readable(self._sock)
            case "socket":
                return self._sock
            case _:
                return None


def _is_early(error: Exception) -> bool:
    """Tell whether an error says that there is nothing yet."""
    if isinstance(error, BlockingIOError | InterruptedError):
        return True
    import ssl  # noqa: PLC0415 - plain HTTP does without

    return isinstance(error, ssl.SSLWantReadError | ssl.SSLWantWriteError)


def _addresses(host: str, port: int, deadline: Deadline) -> Found:
    """Look a name up, in time: the system's own look-up cannot be told to hurry, so it is left behind in a thread."""
    if found := numeric(host, port):
        return found
    answer: SimpleQueue[Found | Exception] = SimpleQueue()

    def look_up() -> None:
        try:
            answer.put(socket.getaddrinfo(spelled(host), port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answer.put(error)

    seconds = deadline.left(connecting=True)
    threading.Thread(target=look_up, name="chat-look-up", daemon=True).start()
    try:
        outcome = answer.get(timeout=seconds)
    except Empty:
        raise deadline.late(connecting=True) from None
    if isinstance(outcome, Exception):
        raise no_connection(deadline.peer, outcome, f"{host}:{port}") from None
    return outcome


def _readable(sock: socket.socket | InnerTLS) -> bool:
    """Tell whether a resting connection has something to say: it can only be the end."""
    try:
        if not hasattr(select, "poll"):
            return bool(select.select([sock], [], [], 0)[0])
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError):
        return True
