"""Content encodings: however bytes are cut, the text is the same, and what is cut short is no text."""

from __future__ import annotations

import gzip
import zlib

import pytest

from chat_core.errors import TransportError
from chat_core.transport.inflate import Inflater, inflater

TEXT = b"data: hello\n\n" * 9
GZIP = gzip.compress(TEXT, mtime=0)
PACKED = {
    "gzip": ("gzip", GZIP),
    "two in one": ("gzip", gzip.compress(TEXT[:50], mtime=0) + gzip.compress(TEXT[50:], mtime=0)),
    "zlib": ("deflate", zlib.compress(TEXT)),
    "bare deflate": ("deflate", zlib.compress(TEXT)[2:-4]),
}


def unfolded(encoding: str, packed: bytes, size: int) -> bytes:
    inflate = Inflater(encoding)
    text = b"".join([inflate(packed[at : at + size]) for at in range(0, len(packed), size)])
    inflate.finish()
    return text


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_how_bytes_are_cut_changes_nothing(name: str, size: int) -> None:
    assert unfolded(*PACKED[name], size) == TEXT


@pytest.mark.parametrize("name", PACKED)
def test_a_reply_that_is_cut_before_its_encoding_ends_is_an_error(name: str) -> None:
    encoding, packed = PACKED[name]
    whole = len(PACKED["two in one"][1]) - len(gzip.compress(TEXT[50:], mtime=0)) if name == "two in one" else 0
    for end in range(1, len(packed)):
        if end != whole:  # the first of two ends properly
            with pytest.raises(TransportError, match=f"ended before the {encoding}"):
                unfolded(encoding, packed[:end], 3)


def test_something_behind_the_end_is_an_error() -> None:
    with pytest.raises(TransportError, match="not the gzip"):
        unfolded("gzip", GZIP + b"more", 1000)


def test_a_reply_without_a_body_is_whole() -> None:
    inflate = inflater({"content-encoding": "gzip"})
    assert inflate is not None
    inflate.finish()
