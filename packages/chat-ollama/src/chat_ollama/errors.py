"""Errors of Ollama's wire: a text, with no code beside it.

Law: the status decides, and the message's words never do; inside a stream there is no status, and a failure is the
server's. An error of any shape is read, and nothing raises.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chat_core.codec.failure import Dialect, decode_failure, failure, kept_headers
from chat_core.errors import AuthenticationFailed, NotFound
from chat_ollama.addresses import CLOUD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON

DIALECT = Dialect()

KEPT = (*DIALECT.request_ids, "retry-after")

_MISSING = re.compile(r"""model ["']?([^"'\s]+)["']? not found""")


def decode_error(reply: WireResponse, *, host: str | None = None) -> ProviderError:
    """Read a reply whose status says that it failed; never raises.

    Args:
        reply: what came.
        host: the server's host; what helps depends on it.
    """
    error = decode_failure(reply, DIALECT)
    error.fix = _fix(error, is_cloud=host == CLOUD)
    return error


def error_from(
    data: JSON, *, status: int | None = None, headers: Mapping[str, str] | None = None, body: str = ""
) -> ProviderError:
    """Make the error of an object found beside a success: in a body, in a line of a stream.

    Args:
        data: the error, or the object that has it as its `error`.
        status: what HTTP said; `None` inside a stream.
        headers: the reply's headers, names in lower case.
        body: what came, as text.
    """
    return failure(data, DIALECT, status=status, headers=headers, body=body)


def headers_of(reply: WireResponse) -> dict[str, str]:
    """Pick the headers worth keeping in a response."""
    return kept_headers(reply.headers, names=KEPT)


def _fix(error: ProviderError, *, is_cloud: bool) -> str | None:
    """Say what helps: the words of the message give the model's name, and nothing else."""
    match error:
        case NotFound() if not is_cloud and (named := _MISSING.search(error.message)) is not None:
            return f"Fetch it: chat ollama pull {named[1]}"
        case AuthenticationFailed() if is_cloud:
            return "Set OLLAMA_API_KEY to a key of ollama.com"
        case _:
            return None
