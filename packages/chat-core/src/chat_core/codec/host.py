"""Hosts as servers are told them, `host`, `host:port`, `:port` or a URL, and the address that a client means by them.

Law: what is left out is filled in by the caller's rules. An address to listen on means this machine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

PORTS: Mapping[str, int] = {"http": 80, "https": 443}
"""The port that a URL without one means, by its scheme."""

LISTENING: Mapping[str, str] = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - where a server listens, not where one calls
"""Where a client finds a server that listens everywhere."""

_LAST_PORT = 65535
_BARE = re.compile(
    r"(?:localhost|(?:\d{1,3}\.){3}\d{1,3}|(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}|[A-Za-z0-9-]{1,63}(?=:\d))"
    r"(?::\d{1,5})?(?=[/?#]|$)"
)
"""What begins like a host; a key that was taken for an address does not."""
_PLACE = re.compile(r"(?:[^:/?#]+:)?//([^/?#]*)")


def host_url(value: str, *, port: int, secure: Container[str] = ()) -> str:
    """Return the address that a host means, without a slash at its end.

    Args:
        value: the host; its scheme, port and path may be missing, blanks and quotes around it do not count.
        port: the port of a host without a scheme; of one with a scheme it is the scheme's. A port that is no number
            counts as missing.
        secure: hosts that speak https where no scheme is said.
    """
    scheme, colon, rest = value.strip(" \t\r\n\"'").partition("://")
    if not colon:
        scheme, rest = "", scheme
    place, slash, path = rest.partition("/")
    scheme = "https" if not scheme and place in secure else scheme.lower()
    host, said = _host_and_port(place)
    number = said if _is_port(said) else str(PORTS.get(scheme, port))
    return f"{scheme or 'http'}://{LISTENING.get(host, host)}:{number}{slash}{path}".rstrip("/")


def place_of(url: str) -> str:
    """Return the host of an address, with its port where it has one; never a name and a password."""
    found = _PLACE.match(url)
    return "" if found is None else found[1].rpartition("@")[2]


def schemeless(url: str) -> str:
    """Say what is wrong with an address that is a host without a scheme, and the fix; "" of another one."""
    found = None if "://" in url else _BARE.match(url)
    return "" if found is None else f"{found[0]!r} has no scheme: write http://{found[0]} or https://{found[0]}"


def masked(url: str | None) -> str:
    """Spell an address for `repr`, with nothing in the place of a name and a password."""
    if url is None or "@" not in url:
        return repr(url)
    scheme = url.partition("://")[0] + "://" if "://" in url else ""
    return repr(f"{scheme}***@{url.rpartition('@')[2]}")


def _host_and_port(place: str) -> tuple[str, str]:
    """Split a host from its port; one with a name and a password stays whole, for whoever refuses it."""
    if "@" in place or place.endswith("]"):
        return place, ""
    if place.count(":") > 1 and not place.startswith("["):
        return f"[{place}]", ""
    host, _, port = place.rpartition(":") if ":" in place else (place, "", "")
    return host, port


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text[:6]) <= _LAST_PORT
