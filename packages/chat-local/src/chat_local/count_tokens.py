"""Counting the tokens of a prompt: with the model's own tokenizer and template, without the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.codec.capabilities import TokenCount
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_object
from chat_local.encode import encode_body

if TYPE_CHECKING:
    from chat_core.codec.wire import WireResponse
    from chat_core.request import Request
    from chat_local.provider import Local


@dataclass(frozen=True, slots=True)
class LocalTokenCounter:
    """Implements `chat_core.codec.capabilities.TokenCounter`."""

    provider: Local

    def encode(self, request: Request) -> WireRequest:
        """Spell the question; raises as `Local.encode`."""
        body, notices = encode_body(self.provider, request, stream=False)
        return WireRequest(url="local://service/count", body=body, notices=notices)

    def decode(self, request: Request, reply: WireResponse) -> TokenCount:  # noqa: ARG002 - the protocol's parameter
        """Read the count.

        Raises:
            DecodeError: the reply is malformed.
        """
        data = parse_object(reply.body)
        match data:
            case {"input_tokens": int(count)} if not isinstance(count, bool):
                return TokenCount(input_tokens=count, raw=data)
            case _:
                raise DecodeError(f"the reply has no count: {excerpt(reply.body)}")
