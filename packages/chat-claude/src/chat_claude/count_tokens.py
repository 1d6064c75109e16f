"""Token counts: `POST /v1/messages/count_tokens`, which takes what a Messages request holds as input.

Law: the request counted is the request sent: the chat encoder's own body, less what says how to answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_claude.errors import error_from
from chat_core.codec.capabilities import TokenCount
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_claude.provider import Claude
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSONObject
    from chat_core.request import Request

PATH = "/v1/messages/count_tokens"
VERTEX_PATH = "/count-tokens:rawPredict"
"""The endpoint of hosts that take a chat's model in the address: here it is in the body after all."""

IGNORED: Mapping[str, str] = {}

ANSWER_ONLY = frozenset(
    {
        "container",
        "diagnostics",
        "fallback_credit_token",
        "fallbacks",
        "inference_geo",
        "max_tokens",
        "metadata",
        "service_tier",
        "stop_sequences",
        "stream",
        "temperature",
        "top_k",
        "top_p",
    }
)
"""What a Messages request has and the endpoint does not take: it says how to answer, and counts nothing."""


@dataclass(frozen=True, slots=True)
class ClaudeTokenCounter:
    """Counts a request's input tokens; implements `chat_core.codec.capabilities.TokenCounter`."""

    provider: Claude

    def encode(self, request: Request) -> WireRequest:
        """Spell the question.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
        """
        wire = self.provider.encode(request)
        if not isinstance(wire.body, dict):
            raise UnsupportedContent("the endpoint counts JSON requests only")
        body = {key: value for key, value in wire.body.items() if key not in ANSWER_ONLY}
        path = PATH
        if "model" not in body:
            path, body = VERTEX_PATH, {"model": request.model, **body}
        return replace(wire, url=self.provider.url(path), body=body)

    def parse(self, body: JSONObject, *, headers: Mapping[str, str] | None = None) -> Request:
        """Read a request body: the inverse of `encode`.

        Raises:
            DecodeError: the body is no request of this wire.
        """
        return self.provider.parse(body, headers=headers)

    def decode(self, request: Request, reply: WireResponse) -> TokenCount:
        """Read the count.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = parse_object(reply.body)
        match data:
            case {"input_tokens": int(count)} if not isinstance(count, bool):
                meta = rest(data, {"input_tokens"})
                origin = self.provider.origin(request.model)
                return TokenCount(input_tokens=count, meta={origin: meta} if meta else {}, raw=data)
            case {"error": error} if error is not None:
                raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
            case _:
                raise DecodeError(f"a token count without `input_tokens`: {excerpt(reply.body)}")
