"""Heads of replies: which of their headers stay with a response, and what a service calls a request.

Law: pure. A header is told by its name, whatever the service puts around the word.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = (
    "request-id",
    "requestid",
    "ratelimit",
    "rate-limit",
    "retry-after",
    "processing-ms",
    "organization",
    "trace-id",
)
"""Headers with these words in their names are worth keeping."""


def kept(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that are worth keeping; names are in lower case."""
    return {name: value for name, value in headers.items() if _is_kept(name)}


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """Return the service's id of a request, whatever the service calls the header; names are in lower case."""
    return next((value for name, value in headers.items() if name.endswith("request-id")), None)


@lru_cache(maxsize=1024)
def _is_kept(name: str) -> bool:
    """Tell whether a header is kept; services send the same ones again and again."""
    return any(word in name for word in KEPT)
