"""What several threads send over one socket: whole, and in the order in which it was made.

Law: one thread sends at a time, and sends for all that come meanwhile. Nothing waits beyond `until`.
"""

from __future__ import annotations

import contextlib
import threading
from time import monotonic
from typing import TYPE_CHECKING

from chat_core.errors import TransportError
from chat_core.transport.deadline import late

if TYPE_CHECKING:
    from chat_core.transport.sockets import Socket


class Outbox:
    """Bytes on their way to a socket.

    Attributes:
        cut: whether something was sent in part, or not at all: what follows would not be understood.
    """

    def __init__(self, sock: Socket, peer: str) -> None:
        """Begin empty; `peer` names the other side in errors."""
        self.cut = False
        self._sock = sock
        self._peer = peer
        self._waiting = bytearray()
        self._lock = threading.Lock()
        self._sending = threading.Lock()

    def add(self, data: bytes) -> None:
        """Put bytes behind those that are not sent yet."""
        if data:
            with self._lock:
                self._waiting += data

    def flush(self, until: float | None, *, wait: bool = True) -> None:
        """Send everything; without `wait`, whoever is sending already sends this as well.

        Raises:
            TimedOut: `until` passed.
            TransportError: the connection broke.
        """
        began = monotonic()
        while self._waiting:
            seconds = 0.0 if not wait else -1 if until is None else max(until - began, 0.0)
            if not self._sending.acquire(timeout=seconds):
                if wait:
                    raise late("read", seconds, self._peer)
                return
            try:
                while data := self._next():
                    self._send(data, until, began)
            except BaseException:
                self.cut = True
                raise
            finally:
                self._sending.release()

    def send_now(self, data: bytes) -> None:
        """Send what can be sent at once, if nobody is sending and nothing waits."""
        if data and self._sending.acquire(blocking=False):
            try:
                with contextlib.suppress(TransportError):
                    if not self._waiting:
                        self._sock.put(memoryview(data))
            finally:
                self._sending.release()

    def _next(self) -> bytes:
        with self._lock:
            data = bytes(self._waiting)
            self._waiting.clear()
            return data

    def _send(self, data: bytes, until: float | None, began: float) -> None:
        view = memoryview(data)
        while view:
            if sent := self._sock.put(view):
                view = view[sent:]
                continue
            seconds = None if until is None else max(until - monotonic(), 0.0)
            if not self._sock.ready(seconds, to_send=True):
                raise late("read", max((until or began) - began, 0.0), self._peer)
