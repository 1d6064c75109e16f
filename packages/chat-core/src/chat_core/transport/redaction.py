"""Redaction: what of an exchange may be written down.

Law: pure. Headers and query parameters whose names suggest a secret lose their values; a secret that was sent is
masked wherever the service repeats it, by as many stars, so that nothing else moves.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HIDDEN = "[secret]"

_SENSITIVE = re.compile(r"auth|conversation.?id|cookie|credential|key|passw|secret|session|sig|token", re.IGNORECASE)
_HARMLESS = re.compile(r"idempotency|ratelimit|max.tokens|page.?token|tokens-", re.IGNORECASE)
_TOLD = re.compile(
    rb'(?:"(?:(?:proxy-)?authorization(?:_token)?|(?:x-)?(?:goog-)?api[-_]?key|access_token|client_secret|cookie'
    rb'|new_?handle|resum(?:e|ption)_?(?:handle|token))"|"session_?resumption"\s*:\s*\{[^{}]*"handle")'
    rb'\s*:\s*"((?:[^"\\]|\\.)*)"',
    re.IGNORECASE,
)
"""Members of a JSON body whose names say that their texts are secrets, and the texts as they are written there."""
_RESUMED = re.compile(rb'"conversation"\s*:\s*\{[^{}]*"id"\s*:\s*"((?:[^"\\]|\\.)*)"')
"""What is such a secret in a live session only: who has it goes on with the conversation."""
SHORTEST = 6
"""Shorter secrets are not looked for: they would be found in ordinary words."""


def plain_headers(headers: Mapping[str, str], also: Iterable[str] = ()) -> dict[str, str]:
    """Return headers by lower-case name, without the values that nobody should see; `also` names more of them."""
    more = {name.lower() for name in also}
    return {
        name.lower(): HIDDEN if name.lower() in more or sensitive(name) else value for name, value in headers.items()
    }


def plain_url(url: str) -> str:
    """Return a URL without a user's name and password and without parameters that nobody should see."""
    from urllib.parse import urlsplit, urlunsplit  # noqa: PLC0415 - for those who watch or record

    parts = urlsplit(url)
    query = "&".join(
        f"{name}={HIDDEN}" if equals and sensitive(name) else pair
        for pair in parts.query.split("&")
        for name, equals, _ in (pair.partition("="),)
    )
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def without_query(url: str) -> str:
    """Return where a URL leads: without user, password and parameters, for a message to people."""
    from urllib.parse import urlsplit, urlunsplit  # noqa: PLC0415 - as above

    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def words(credentials: Mapping[str, str]) -> tuple[bytes, ...]:
    """Return what to look for: the values of the credentials, also without a word such as `Bearer` before them."""
    return _secrets(value.encode() for value in credentials.values())


def told_in(body: bytes) -> tuple[bytes, ...]:
    """Return the secrets that a JSON body tells a service to use elsewhere, such as the headers of an MCP server."""
    return _secrets(_TOLD.findall(body))


def told_live(message: bytes) -> tuple[bytes, ...]:
    """Return the secrets that a message of a service in a live session tells: with them, sessions are taken up."""
    return _secrets((*_TOLD.findall(message), *_RESUMED.findall(message)))


def _secrets(values: Iterable[bytes]) -> tuple[bytes, ...]:
    found = {part for value in values for part in (value, value.partition(b" ")[2])}
    return tuple(sorted((part for part in found if len(part) >= SHORTEST), key=len, reverse=True))


def masked(pieces: Sequence[bytes], secrets: Iterable[bytes]) -> list[bytes]:
    """Mask secrets in the pieces of a body, also where one is cut between two pieces."""
    whole = b"".join(pieces)
    for secret in secrets:
        whole = whole.replace(secret, b"*" * len(secret))
    ends = list(accumulate(len(piece) for piece in pieces))
    return [whole[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def sensitive(name: str) -> bool:
    """Tell whether a header or parameter of this name may hold a secret."""
    return _SENSITIVE.search(name) is not None and _HARMLESS.search(name) is None
