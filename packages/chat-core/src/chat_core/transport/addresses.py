"""Addresses that need no library to be taken apart: what services are served at, in lower case and without escapes.

Law: pure. It says what the HTTP client would say of the same URL, or nothing; loading the client costs more than a
program's first request.
"""

from __future__ import annotations

import re

from chat_core.transport.exchange import PORTS, Address

_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_NAME = r"(?=[0-9.-]*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)*"
_CHARACTER = r"[A-Za-z0-9_~!$&()*+,;=:@/-]"
_PLAIN = re.compile(
    rf"(https?)://({_NAME}|{_BYTE}(?:\.{_BYTE}){{3}})(?::([1-9][0-9]{{0,4}}))?"
    rf"((?:/(?!\.)(?:{_CHARACTER}|(?<!/)\.)*(?:\?(?:{_CHARACTER}|\.)+)?)?)"
)
_LAST_PORT = 65_535


def plain(url: str) -> Address | None:
    """Take a plain URL apart; `None` = it is none."""
    found = _PLAIN.fullmatch(url)
    if found is None:
        return None
    scheme, host, digits, target = found.groups()
    port = int(digits) if digits else PORTS[scheme]
    if port > _LAST_PORT:
        return None
    header = host if port == PORTS[scheme] else f"{host}:{port}"
    return Address(scheme, host, port, target.encode("ascii") or b"/", header)
