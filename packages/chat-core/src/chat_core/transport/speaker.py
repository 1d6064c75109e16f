"""The WebSocket protocol: the one file that knows `websockets`, of which neither sockets, tasks nor threads are used.

Law: nothing is loaded before the first connection. A message is a frame as it came: text is `str`, binary is `bytes`.
Every message has a bound; compression is off unless asked for.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from chat_core.codec.wire import Frame
from chat_core.errors import ConfigurationError, ConnectFailed, TransportError
from chat_core.transport.closings import ABNORMAL, Closing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from websockets.client import ClientProtocol
    from websockets.frames import Frame as WSFrame

MAX_MESSAGE = 64 * 1024 * 1024
"""Most bytes of one message, as of one event over HTTP."""

_ANSWERED = ("upgrade", "connection", "sec-websocket-accept", "sec-websocket-extensions")
"""The headers of the answer to a handshake that are the protocol's; a subprotocol is the codec's business."""

_TEXT, _LAST_DATA = 1, 2
"""Opcodes: those up to the second are data, 0 goes on with a message, higher ones are for the connection itself."""


class Speaker:
    """The protocol of one connection; as `talking.Speaker`."""

    def __init__(self, url: str, peer: str, *, max_message: int = MAX_MESSAGE, compression: bool = False) -> None:
        """Prepare the handshake for a URL.

        Raises:
            ConfigurationError: `websockets` is not installed, or too old.
        """
        client = _module("client")
        uri = _module("uri").parse_uri(url)
        deflate = _module("extensions.permessage_deflate").ClientPerMessageDeflateFactory
        extensions = [deflate(compress_settings={"memLevel": 5})] if compression else None
        self._peer = peer
        self._max = max_message
        self._ended = False
        self._malformed: Exception | None = None
        self._pieces: list[bytes] = []
        self._text = True
        self._ws = cast(
            "ClientProtocol", client.ClientProtocol(uri, extensions=extensions, max_size=max_message, logger=_silent())
        )

    @property
    def asking(self) -> Mapping[str, str]:
        """The headers of the handshake."""
        request = self._ws.connect()
        return {name: value for name, value in request.headers.raw_items() if name.lower() != "host"}

    @property
    def closing(self) -> Closing | None:
        """How the other side closed the connection, once it has."""
        if (close := self._ws.close_rcvd) is not None:
            return Closing(close.code, close.reason)
        return Closing(ABNORMAL) if self._ended else None

    @property
    def failure(self) -> TransportError | None:
        """What is wrong with what came."""
        found = self._malformed or self._ws.parser_exc
        if found is None or isinstance(found, EOFError):
            return None
        if isinstance(found, _module("exceptions").PayloadTooBig):
            failure = TransportError(f"{self._peer} sent a message of more than {self._max} bytes")
        else:
            failure = TransportError(f"what {self._peer} sent is not valid in the WebSocket protocol")
        failure.retryable = False
        return failure

    def accept(self, headers: Mapping[str, str]) -> None:
        """Take the answer to the handshake.

        Raises:
            ConnectFailed: it is none.
        """
        rows = "".join(f"{name}: {headers[name]}\r\n" for name in _ANSWERED if name in headers)
        self._ws.receive_data(f"HTTP/1.1 101 Switching Protocols\r\n{rows}\r\n".encode("latin-1"))
        self._ws.events_received()
        if self._ws.handshake_exc is not None:
            raise ConnectFailed(f"{self._peer} answered the handshake, but not as the WebSocket protocol wants it")

    def feed(self, data: bytes) -> list[Frame]:
        """Take what one read brought, `b""` for the end, and return the messages that it completes."""
        if self._ended:
            return []
        if data:
            self._ws.receive_data(data)
        else:
            self._ended = True
            self._ws.receive_eof()
        messages = [self._message(cast("WSFrame", event)) for event in self._ws.events_received()]
        return [message for message in messages if message is not None]

    def say(self, message: bytes, *, text: bool) -> None:
        """Send a message."""
        if text:
            self._ws.send_text(message)
        else:
            self._ws.send_binary(message)

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._ws.send_ping(b"")

    def close(self, code: int) -> None:
        """Say farewell, if nobody has yet."""
        if self._ws.state.name == "OPEN":
            self._ws.send_close(code)

    def to_send(self) -> bytes:
        """Return what must be sent, once."""
        return b"".join(self._ws.data_to_send())

    def _message(self, frame: WSFrame) -> Frame | None:
        """Return the message that a frame completes; control frames complete none."""
        if frame.opcode > _LAST_DATA or self._malformed is not None:
            return None
        if frame.opcode:
            self._text = frame.opcode == _TEXT
        data = bytes(frame.data)
        if self._pieces or not frame.fin:
            self._pieces.append(data)
            if not frame.fin:
                return None
            data = b"".join(self._pieces)
            self._pieces.clear()
        if not self._text:
            return Frame(data)
        try:
            return Frame(data.decode())
        except UnicodeDecodeError as error:
            self._malformed = error
            return None


@cache
def _module(name: str) -> ModuleType:
    try:
        return import_module(f"websockets.{name}")
    except ImportError:
        raise ConfigurationError(
            "WebSockets need a package that is not installed: pip install 'chat-core[websocket]'"
        ) from None


@cache
def _silent() -> logging.Logger:
    """Return a logger that says nothing: the library's own would log what is sent."""
    return logging.Logger("chat.websocket", logging.CRITICAL + 1)  # noqa: LOG001 - it shall have no parent
