"""Headers: what is sent with every request, and how those of a reply are kept.

Law: pure. A header that HTTP cannot carry is refused before it is sent, by its name: its value may be a secret.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.codec.wire import Outgoing

DEFAULTS = (("accept", "*/*"), ("accept-encoding", "identity"), ("user-agent", "chat-core"))
"""Sent unless the request says otherwise. Compression buys little on small events and delays them."""

_BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?")


def to_send(request: Outgoing, host: str) -> list[tuple[bytes, bytes]]:
    """Return the headers of a request; credentials come last and win.

    Raises:
        ConfigurationError: a header or the method cannot be sent.
    """
    if not _NAME.fullmatch(request.wire.method):
        raise ConfigurationError(f"no request can have the method {request.wire.method!r}")
    chosen = {"host": ("host", host)}
    for name, value in DEFAULTS:
        chosen[name] = (name, value)
    for source in (request.headers, request.credentials):
        for name, value in source.items():
            chosen[name.lower()] = (name, value)
    if request.body or request.wire.method not in _BODILESS:
        chosen["content-length"] = ("content-length", str(len(request.body)))
    return [(_named(name), _checked(name, value)) for name, value in chosen.values()]


def received(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return a reply's headers by lower-case name; those sent twice are joined as HTTP says."""
    kept: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        kept[name] = f"{kept[name]}, {value}" if name in kept else value
    return kept


@lru_cache(maxsize=1024)
def _named(name: str) -> bytes:
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"no request can carry a header named {name!r}")
    return name.encode("ascii")


def _checked(name: str, value: str) -> bytes:
    if value and not _VALUE.fullmatch(value):
        raise ConfigurationError(
            f"the value of the header {name!r} holds a line break, a space at an end, or a character that HTTP "
            "cannot carry; a key read from a file often ends in a line break"
        )
    return value.encode("latin-1")
