"""Token counts: `countTokens`, which takes a whole chat request on the developer API, and its input on Vertex AI.

Law: the request counted is the request sent: the chat encoder's own body, less what the endpoint does not take.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.capabilities import TokenCount
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, rest
from chat_gemini.sending import count_of, meta_of, object_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSONObject
    from chat_core.request import Request
    from chat_gemini.provider import Gemini

IGNORED: Mapping[str, str] = {}

VERTEX_TAKES = ("contents", "systemInstruction", "tools", "generationConfig")
"""What the endpoint of Vertex AI takes of a chat request; the rest says how to answer, and counts nothing."""


@dataclass(frozen=True, slots=True)
class GeminiTokenCounter:
    """Counts a request's input tokens; implements `chat_core.codec.capabilities.TokenCounter`."""

    provider: Gemini

    def encode(self, request: Request) -> WireRequest:
        """Spell the question.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
        """
        wire, place = self.provider.encode(request), self.provider.place
        if not isinstance(wire.body, dict):
            raise UnsupportedContent("the endpoint counts JSON requests only")
        if place.vertex:
            body = {key: wire.body[key] for key in VERTEX_TAKES if key in wire.body}
        else:
            body = {"generateContentRequest": {"model": place.model_name(request.model), **wire.body}}
        return replace(wire, url=place.model_url(request.model, "countTokens"), body=body)

    def parse(self, body: JSONObject, *, model: str | None = None) -> Request:
        """Read a request body of either shape: the inverse of `encode`.

        Args:
            body: the request's JSON.
            model: the model, for bodies that have none.

        Raises:
            DecodeError: the body is no request of this wire.
        """
        match body.get("generateContentRequest"):
            case dict(asked) if isinstance(named := asked.get("model"), str):
                name = model if model is not None else named.removeprefix("models/")
                return self.provider.parse(rest(asked, {"model"}), model=name)
            case _:
                return self.provider.parse(body, model=model)

    def decode(self, request: Request, reply: WireResponse) -> TokenCount:
        """Read the count.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = object_of(self.provider, reply)
        count = count_of(data, "totalTokens")
        if count is None:
            raise DecodeError(f"a token count without `totalTokens`: {excerpt(reply.body)}")
        meta = meta_of(self.provider, rest(data, {"totalTokens"}), request.model)
        return TokenCount(input_tokens=count, meta=meta, raw=data)
