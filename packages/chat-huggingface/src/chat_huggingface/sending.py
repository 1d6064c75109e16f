"""What all tasks have in common: a JSON request, a JSON reply, and how many tokens the reply's headers say it took.

Law: a reply that says `error` is one, whatever its status is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import WireRequest
from chat_core.jsonvalue import excerpt, parse
from chat_core.response import Notice, Usage
from chat_huggingface.errors import error_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_huggingface.provider import HuggingFace

TOKENS = "x-compute-tokens"
"""The header in which Text Embeddings Inference says how many tokens it read."""


def post(
    provider: HuggingFace, url: str, body: JSONObject, extra: Mapping[str, JSON], *notices: Notice | None
) -> WireRequest:
    """Make the request of a task; members that are objects on both sides become one."""
    return WireRequest(
        url=url,
        body={**body, **{name: _joined(body.get(name), value) for name, value in extra.items()}},
        headers={"content-type": "application/json", **provider.headers},
        notices=tuple(notice for notice in notices if notice is not None),
    )


def _joined(own: JSON, more: JSON) -> JSON:
    return {**own, **more} if isinstance(own, dict) and isinstance(more, dict) else more


def read(reply: WireResponse) -> JSON:
    """Read a reply.

    Raises:
        DecodeError: it is no JSON.
        ProviderError: it is an error in the guise of a success.
    """
    data = parse(reply.body)
    match data:
        case {"error": error} if error is not None:
            raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
        case _:
            return data


def usage_of(reply: WireResponse) -> Usage | None:
    """Read how many tokens a server says it read; `None` = it does not say."""
    said = reply.headers.get(TOKENS, "")
    count = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None  # noqa: PLR2004 - 64 bits
    return None if count is None else Usage(input_tokens=count, raw={TOKENS: count})


def best_kept(top_n: int | None) -> Notice | None:
    """Say that all come back and the best are kept here; `None` where all are wanted."""
    if top_n is None:
        return None
    return Notice(feature="top_n", requested=top_n, applied=top_n, reason="the server returns all; the best are kept")
