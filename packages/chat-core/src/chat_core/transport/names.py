"""Names: hosts as the system looks them up, and those that need no looking up.

Law: nothing here waits: what would, is left to a thread of the caller's.
"""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Found: TypeAlias = "Sequence[tuple[int, int, int, str, tuple[Any, ...]]]"
"""Addresses, as `socket.getaddrinfo` gives them."""

_KINDS: tuple[tuple[int, tuple[int, ...]], ...] = ((socket.AF_INET, ()), (socket.AF_INET6, (0, 0)))
"""Kinds of addresses, and what such an address has behind its port."""


def spelled(host: str) -> str | bytes:
    """Return a name as the system looks it up; text would load the tables of international names first."""
    return host.encode("ascii") if host.isascii() else host


def numeric(host: str, port: int) -> Found:
    """Return the address that a host is itself; nothing for a name, which has to be looked up."""
    for family, more in _KINDS:
        with contextlib.suppress(OSError, ValueError):
            socket.inet_pton(family, host)
            return ((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port, *more)),)
    return ()
