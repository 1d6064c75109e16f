"""Errors of the local wire: what the service says when an answer cannot be made, or fails on its way.

Law: an error of any shape is read, and nothing raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.failure import Dialect, decode_failure, failure
from chat_core.errors import InvalidRequest, ServerError

if TYPE_CHECKING:
    from chat_core.codec.wire import WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON

DIALECT = Dialect(
    codes={
        "ConfigurationError": InvalidRequest,
        "UnsupportedContent": InvalidRequest,  # a grammar that leads nowhere does so again
        "MemoryError": ServerError,
    }
)


def decode_error(reply: WireResponse) -> ProviderError:
    """Read a reply whose status says that it failed; never raises."""
    return decode_failure(reply, DIALECT)


def error_from(data: JSON) -> ProviderError:
    """Make the error of an event."""
    return failure(data, DIALECT)
