"""Errors of Hugging Face's services: a text, several, the body of the host behind, or no JSON at all.

Law: the status and the tables decide, and the message's words never do. An error of any shape is read, and nothing
raises.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_completions.errors import CODES, DIALECT
from chat_core.codec.failure import decode_failure, failure
from chat_core.errors import InvalidRequest, Overloaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.failure import Kind
    from chat_core.codec.wire import WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON
    from chat_huggingface.presets import Server

ROUTER = "router.huggingface.co"
RETIRED = "api-inference.huggingface.co"
"""The host of the tasks in former times, which answers nothing but 410."""

TYPES: Mapping[str | tuple[int, str], Kind] = {
    "empty": InvalidRequest,
    "overloaded": Overloaded,
    "tokenizer": InvalidRequest,
    "unhealthy": Overloaded,
    "validation": InvalidRequest,
}
"""What the servers say in `error_type`; `backend` stands for faults of every kind, so that its status decides."""

SPELLING = replace(DIALECT, codes={**CODES, **TYPES})

FIXES: Mapping[tuple[Server, int], str] = {
    ("hf-inference", 401): "Set HF_TOKEN to a token that may call Inference Providers",
    (
        "hf-inference",
        402,
    ): "The included credits are used up: buy more, or set bill_to to an organisation that has some",
    ("tei", 413): "Send fewer texts at once, as many as --max-client-batch-size of the server says, or shorter ones: "
    "extra={'truncate': True} cuts them",
    ("tei", 424): "The server may run a model of another kind: /info says which one it is",
}
"""What helps, by server and status, where the address is the service's own or the user's server."""


def decode_error(reply: WireResponse, *, server: Server, host: str | None) -> ProviderError:
    """Read a reply whose status says that it failed; never raises.

    Args:
        reply: what came.
        server: what was asked.
        host: where it was asked; what helps depends on it.
    """
    error = decode_failure(reply, SPELLING)
    error.fix = _fix(reply.status, server, host)
    return error


def error_from(
    data: JSON, *, status: int | None = None, headers: Mapping[str, str] | None = None, body: str = ""
) -> ProviderError:
    """Make the error of an object found beside a success.

    Args:
        data: the object that has the error as its `error`.
        status: what HTTP said.
        headers: the reply's headers, names in lower case.
        body: what came, as text.
    """
    return failure(data, SPELLING, status=status, headers=headers, body=body)


def _fix(status: int, server: Server, host: str | None) -> str | None:
    if host == RETIRED:
        return f"This host is retired: use https://{ROUTER}"
    if server == "hf-inference" and host != ROUTER:
        missing = status == 404  # noqa: PLR2004 - HTTP's word for it
        return "For a server of your own, say what it is: server='tei', 'tgi' or 'endpoint'" if missing else None
    return FIXES.get((server, status))
