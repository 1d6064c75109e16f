"""A reply that says no: the provider's error, and what to do where nothing of that service has answered.

Law: what the provider read stays as it is; only the fix is added, and only where the provider has none. The address is
named without query, user and password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.transport.redaction import without_query

if TYPE_CHECKING:
    from chat_core.codec.provider import Provider
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.errors import ProviderError

ELSEWHERE = frozenset({301, 302, 303, 307, 308, 404, 405})
"""What servers answer at an address where the service is not."""


def refusal(provider: Provider, wire: WireRequest, reply: WireResponse) -> ProviderError:
    """Return the error of a reply whose status says that it failed."""
    error = provider.decode_error(reply)
    if reply.status in ELSEWHERE and error.fix is None and not _is_the_services(error):
        error.fix = f"Asked: {without_query(wire.url)}; if the service is not there, check base_url="
    return error


def _is_the_services(error: ProviderError) -> bool:
    """Tell whether the body is an error as services spell it, and not a page or a router's word."""
    match error.details:
        case {"error": dict() | str()} | {"message": str()}:
            return True
        case _:
            return error.code is not None or error.type is not None
