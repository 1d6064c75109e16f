"""Token counts: `POST /responses/input_tokens`, which takes what a Responses request holds as input.

Law: the request counted is the request sent: the chat encoder's own body, less what says how to answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.capabilities import TokenCount
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_responses.errors import error_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.request import Request
    from chat_responses.provider import Responses

PATH = "/input_tokens"
"""The endpoint, below that of answers."""

TAKES = frozenset(
    {
        "conversation",
        "input",
        "instructions",
        "model",
        "parallel_tool_calls",
        "personality",
        "previous_response_id",
        "reasoning",
        "text",
        "tool_choice",
        "tools",
        "truncation",
    }
)
"""What of a Responses request the endpoint takes; the rest says how to answer, and counts nothing."""

IGNORED: Mapping[str, str] = {"object": "always `response.input_tokens`"}


@dataclass(frozen=True, slots=True)
class ResponsesTokenCounter:
    """Counts a request's input tokens; implements `chat_core.codec.capabilities.TokenCounter`."""

    provider: Responses

    def encode(self, request: Request) -> WireRequest:
        """Spell the question.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
        """
        wire = self.provider.encode(request)
        if not isinstance(wire.body, dict):
            raise UnsupportedContent("the endpoint counts JSON requests only")
        body = {key: value for key, value in wire.body.items() if key in TAKES}
        return replace(wire, url=f"{wire.url}{PATH}", body=body)

    def decode(self, request: Request, reply: WireResponse) -> TokenCount:
        """Read the count.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = parse_object(reply.body)
        match data:
            case {"input_tokens": int(count)} if not isinstance(count, bool):
                meta = rest(data, {"input_tokens", *IGNORED})
                origin = self.provider.origin(request.model)
                return TokenCount(input_tokens=count, meta={origin: meta} if meta else {}, raw=data)
            case {"error": error} if error is not None:
                raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
            case _:
                raise DecodeError(f"a token count without `input_tokens`: {excerpt(reply.body)}")
