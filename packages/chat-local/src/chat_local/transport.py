"""The transport for the channel `local`: what is sent is answered by this process, over the same seam as a network.

Law: a stream that is closed stops its answer at once. Models are loaded in threads, so that an event loop never waits
for one. Nothing is kept in memory but models; they are unloaded when the transport is closed, when nobody has it any
more, at the latest at the process's exit. A process that was forked off has none of them: threads do not cross a fork.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING
from weakref import WeakSet, finalize

from chat_core.codec.wire import WireResponse
from chat_core.errors import ConfigurationError
from chat_local.answering import AsyncLocalStream, LocalStream, elsewhere, in_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.wire import Channel, Frame, Outgoing
    from chat_local.server import Begun, Server

CHANNEL: Channel = "local"


class LocalTransport:
    """Answers requests with the models of this machine; safe to share between threads and event loops."""

    channel = CHANNEL

    def __init__(self) -> None:
        """Set up; nothing is loaded before the first request."""
        self._server: Server | None = None
        self._gone: finalize[[Server], LocalTransport] | None = None
        self._lock = threading.Lock()
        _TRANSPORTS.add(self)

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        """Answer with the whole reply; as `protocol.Transport.send`."""
        if request.wire.url.endswith("/generate"):
            stream = self.open(request, until)
            frames: list[bytes] = []
            try:
                while (some := stream.receive(until)) is not None:
                    frames += map(_payload, some)
            finally:
                stream.close(reuse=False)
            return _whole(frames)
        stop = threading.Event()
        try:
            return WireResponse(body=in_time(lambda: self._answered(request, stop), until))
        except BaseException:
            stop.set()  # the answer may still be in the making
            raise

    def open(self, request: Outgoing, until: float | None) -> LocalStream:
        """Begin an answer; as `protocol.Transport.open`."""
        stream = LocalStream(self)
        try:
            in_time(lambda: stream.begun(self._begin(request, stream.tell)), until)
        except BaseException:
            stream.close(reuse=False)  # the model may still be loaded, and the answer shall not be made then
            raise
        return stream

    def close(self) -> None:
        """Unload all models; answers that are being made end as cancelled."""
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.close()

    async def asend(self, request: Outgoing, until: float | None) -> WireResponse:
        """As `send`."""
        if request.wire.url.endswith("/generate"):
            stream = await self.aopen(request, until)
            frames: list[bytes] = []
            try:
                while (some := await stream.areceive(until)) is not None:
                    frames += map(_payload, some)
            finally:
                await stream.aclose(reuse=False)
            return _whole(frames)
        stop = threading.Event()
        try:
            return WireResponse(body=await elsewhere(lambda: self._answered(request, stop), until))
        except BaseException:
            stop.set()  # as in `send`
            raise

    async def aopen(self, request: Outgoing, until: float | None) -> AsyncLocalStream:
        """As `open`."""
        stream = AsyncLocalStream(self)
        try:
            await elsewhere(lambda: stream.begun(self._begin(request, stream.tell)), until)
        except BaseException:
            await stream.aclose(reuse=False)
            raise
        return stream

    async def aclose(self) -> None:
        """As `close`; a thread waits for the models to stop."""
        await elsewhere(self.close, None)

    @property
    def server(self) -> Server:
        """The service, which is made when it is first needed."""
        with self._lock:
            if self._server is None:
                from chat_local.server import Server  # noqa: PLC0415 - importing this module loads nothing heavy

                self._server = Server()
                self._gone = finalize(self, _close_soon, self._server)
                self._gone.atexit = False  # `_close_all` does it then
            return self._server

    def _begin(self, request: Outgoing, tell: Callable[[bytes, bool], None]) -> Begun:
        if not request.wire.url.endswith("/pull"):
            return self.server.begin(request.body, tell)
        from chat_local.pulling import begin  # noqa: PLC0415 - for models that are fetched only

        return begin(request.body, tell)

    def _answered(self, request: Outgoing, stop: threading.Event) -> bytes:
        match request.wire.url.rpartition("/")[2]:
            case "count":
                return self.server.count(request.body)
            case "classify" | "embed" | "entail" | "rerank" | "tokenize" as service:
                return self.server.answer(service, request.body, stop)
            case "models":
                from chat_local.shelf import listing  # noqa: PLC0415 - for lists only

                return listing()
            case _:
                raise ConfigurationError(f"the local service has no {request.wire.url}")

    def forget(self) -> None:
        """Forget the models, in a process that was forked off: their threads, and who held the lock, are not in it."""
        self._server, self._lock = None, threading.Lock()
        if self._gone is not None:
            self._gone.detach()


_TRANSPORTS: WeakSet[LocalTransport] = WeakSet()


def _close_soon(server: Server) -> None:
    """Unload the models of a transport that nobody has any more, in a thread: who drops it does not wait for them."""
    threading.Thread(target=server.close, name="chat-local close", daemon=True).start()


def _close_all() -> None:
    """Stop all threads before the interpreter takes itself apart under them."""
    for transport in tuple(_TRANSPORTS):
        transport.close()


def _forget_all() -> None:
    for transport in tuple(_TRANSPORTS):
        transport.forget()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def _payload(frame: Frame) -> bytes:
    return frame.data.encode() if isinstance(frame.data, str) else frame.data


def _whole(events: list[bytes]) -> WireResponse:
    return WireResponse(body=b'{"events":[' + b",".join(events) + b"]}")
