"""Whole replies → `Response`, and the table of what is left out on purpose.

Law: a leaf of a reply is in a typed field, in `meta`, in `Opaque`, in `Usage.raw`, or in `IGNORED` with its reason.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_completions.errors import headers_of
from chat_core.jsonvalue import parse_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_completions.provider import Completions
    from chat_core.codec.wire import WireResponse
    from chat_core.request import Request
    from chat_core.response import Response

IGNORED: Mapping[str, str] = {
    "object": "names the kind of document, which the endpoint says already",
    "obfuscation": "padding against side channels, says nothing",
    "created": "kept in the response's meta; chunks repeat it, the last one counts",
    "usage.*": "kept whole in `Usage.raw`; running counts of a stream are replaced by the last ones",
    "id": "the last one of a stream counts",
    "model": "the last one of a stream counts",
    "choices[].index": "the place among the alternatives",
    "choices[].message.role": "always the assistant",
    "choices[].delta.role": "always the assistant",
    "choices[].message.tool_calls[].index": "the place among the calls",
    "choices[].delta.tool_calls[].index": "the place among the calls",
}
"""Paths of a reply that nothing keeps, with the reason."""


def decode(provider: Completions, request: Request, reply: WireResponse) -> Response:
    """Read a whole successful reply.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    data = parse_object(reply.body)
    response = provider.decoder(request).whole(data, status=reply.status, headers=reply.headers)
    return replace(response, headers=headers_of(reply))
