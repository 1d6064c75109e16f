"""A reply that says no, or none at all: the provider's error, and what to do where the service is not there.

Law: what the provider read stays as it is; the fix is added where the provider has none, and the source of a key that
was refused, never the key. Addresses are named without query, user and password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import AuthenticationFailed, ConnectFailed, DecodeError, StreamTruncated
from chat_core.transport.redaction import without_query

if TYPE_CHECKING:
    from chat_core.codec.provider import Provider, Secret
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.errors import ChatError, ProviderError

ELSEWHERE = frozenset({301, 302, 303, 307, 308, 404, 405})
"""What servers answer at an address where the service is not."""

PAGE = "text/html"
"""What a service never answers with, and a site of people does."""


def refusal(provider: Provider, wire: WireRequest, reply: WireResponse) -> ProviderError:
    """Return the error of a reply whose status says that it failed."""
    error = provider.decode_error(reply)
    if reply.status in ELSEWHERE and error.fix is None and not _is_the_services(error):
        error.fix = _asked(wire, reply.headers.get("location"))
    return error


def page(error: ChatError, wire: WireRequest, reply: WireResponse) -> None:
    """Say what to check where the reply that could not be read is a page for people."""
    if isinstance(error, DecodeError | StreamTruncated) and _is_page(reply):
        error.fix = f"The answer is a web page. {_asked(wire)}"


def advise(error: ChatError, provider: Provider, secret: Secret | None) -> None:
    """Say where a key is from that was refused, or how to start a server that is not there."""
    serve: str | None = getattr(provider, "serve", None)
    if isinstance(error, ConnectFailed) and serve is not None:
        error.fix = f"Is the server running? Start it: {serve}"
    if isinstance(error, AuthenticationFailed) and secret is not None and secret.source is not None:
        said = f"The key is from {secret.source}"
        error.fix = said if error.fix is None else f"{said}. {error.fix}"


def _asked(wire: WireRequest, location: str | None = None) -> str:
    """Name the address that was asked, and the one that the reply leads to."""
    asked = f"Asked: {without_query(wire.url)}"
    leads = "" if location is None else f", which leads to {_plain(location)}"
    return f"{asked}{leads}; if the service is not there, check base_url="


def _plain(location: str) -> str:
    try:
        return without_query(location)
    except ValueError:  # an unclosed bracket
        return "no address"


def _is_page(reply: WireResponse) -> bool:
    return reply.headers.get("content-type", "").partition(";")[0].strip().lower() == PAGE


def _is_the_services(error: ProviderError) -> bool:
    """Tell whether the body is an error as services spell it, and not a page or a router's word."""
    match error.details:
        case {"error": dict() | str()} | {"message": str()}:
            return True
        case _:
            return error.code is not None or error.type is not None
