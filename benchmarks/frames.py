"""WebSocket frames, as much of them as a counterpart on loopback needs."""

from __future__ import annotations

import struct
from base64 import b64encode
from hashlib import sha1

FIN_TEXT = 0x81
"""The first byte of a whole text message."""

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_MASKED = 0x80
_SHORT = 126
_LONG = 127
_FITS = 1 << 16


def accepted(key: bytes) -> bytes:
    """Return the answer to a handshake."""
    proof = b64encode(sha1(key + _MAGIC, usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        b"sec-websocket-accept: " + proof + b"\r\n\r\n"
    )


def frame(payload: bytes) -> bytes:
    """Return a text message as a server sends it."""
    length = len(payload)
    if length < _SHORT:
        return struct.pack("!BB", FIN_TEXT, length) + payload
    if length < _FITS:
        return struct.pack("!BBH", FIN_TEXT, _SHORT, length) + payload
    return struct.pack("!BBQ", FIN_TEXT, _LONG, length) + payload


def unframed(received: bytes) -> tuple[int, bytes, bytes] | None:
    """Return the first byte and the payload of a client's message, and what follows; `None` = not yet whole."""
    if len(received) < 2:  # noqa: PLR2004 - the shortest head
        return None
    size, at = received[1] & ~_MASKED, 2
    if size == _SHORT:
        size, at = int.from_bytes(received[2:4], "big"), 4
    elif size == _LONG:
        size, at = int.from_bytes(received[2:10], "big"), 10
    end = at + 4 + size
    if len(received) < end:
        return None
    mask = received[at : at + 4] * (size // 4 + 1)
    payload = (int.from_bytes(received[at + 4 : end], "big") ^ int.from_bytes(mask[:size], "big")).to_bytes(size, "big")
    return received[0], payload, received[end:]
