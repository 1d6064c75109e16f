"""Content encodings: a reply that is compressed although we asked for none.

Law: incremental and bounded; what cannot be undone is an error, never bytes that look like text, and a reply that was
cut before it was compressed to its end is never whole.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from chat_core.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_PIECE = 64 * 1024 * 1024
"""Most bytes that one network read may unfold into."""

ZLIB_HEADER = 2
"""Bytes that tell whether a header is there."""


class Inflater:
    """Undoes gzip or deflate."""

    def __init__(self, encoding: str) -> None:
        """Know the encoding; `deflate` is spelled with and without a zlib header."""
        self._encoding = encoding
        self._zlib = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        self._untried = encoding == "deflate"
        self._first = b""
        self._begun = False

    def __call__(self, data: bytes) -> bytes:
        """Return what the bytes unfold into; may be nothing yet.

        Raises:
            TransportError: they are not what the reply's head says, or unfold into too much.
        """
        self._begun = self._begun or bool(data)
        text = self._unfold(data)
        while self._zlib.eof and (behind := self._zlib.unused_data):  # several may stand one behind the other
            self._zlib = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
            text += self._unfold(behind)
        return text

    def finish(self) -> None:
        """Be told that the reply is over.

        Raises:
            TransportError: what was compressed is not.
        """
        if self._begun and not self._zlib.eof:
            raise TransportError(f"the reply ended before the {self._encoding} that it is encoded as")

    def _unfold(self, data: bytes) -> bytes:
        if self._untried:
            data = self._first = self._first + data
            if len(data) < ZLIB_HEADER:
                return b""
        try:
            try:
                text = self._zlib.decompress(data, MAX_PIECE)
            except zlib.error:
                if not self._untried:
                    raise
                self._zlib = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
                text = self._zlib.decompress(data, MAX_PIECE)
        except zlib.error:
            raise TransportError(f"the reply is not the {self._encoding} that its head says") from None
        self._untried = False
        if self._zlib.unconsumed_tail:
            raise TransportError(f"the reply unfolds into more than {MAX_PIECE} bytes at once")
        return text


def inflater(headers: Mapping[str, str]) -> Inflater | None:
    """Return what undoes a reply's encoding; `None` when it has none.

    Raises:
        TransportError: the encoding is unknown.
    """
    match headers.get("content-encoding", "identity").strip().lower():
        case "identity" | "":
            return None
        case "gzip" | "x-gzip" | "deflate" as encoding:
            return Inflater(encoding)
        case other:
            raise TransportError(f"the reply is encoded as {other[:40]!r} although none was asked for")
