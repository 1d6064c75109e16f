"""Token counts, where a server has an endpoint for them: llama.cpp's takes the chat request, vLLM's what is rendered.

Law: the request counted is the request sent: the chat encoder's own body, less what the endpoint does not take.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_completions.errors import error_from
from chat_core.codec.capabilities import TokenCount
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_completions.provider import Completions
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.request import Request

IGNORED: Mapping[str, str] = {
    "object": "always `response.input_tokens`",
    "tokens": "the prompt's token ids, as many as `count` says",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a server calls things.

    Attributes:
        path: the endpoint, below the base URL or, after `/..`, beside its last segment.
        count: the field of the reply.
        takes: the fields of a chat request that it counts; `None` = it takes a chat request as it is.
    """

    path: str
    count: str
    takes: frozenset[str] | None = None


DIALECTS: Mapping[str, Dialect] = {
    "llamacpp": Dialect(path="/chat/completions/input_tokens", count="input_tokens"),
    "vllm": Dialect(
        path="/../tokenize",
        count="count",
        takes=frozenset(
            {
                "add_generation_prompt",
                "chat_template",
                "chat_template_kwargs",
                "continue_final_message",
                "media_io_kwargs",
                "messages",
                "mm_processor_kwargs",
                "model",
                "tools",
            }
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class CompletionsTokenCounter:
    """Counts a request's input tokens; implements `chat_core.codec.capabilities.TokenCounter`."""

    provider: Completions

    @property
    def dialect(self) -> Dialect:
        """What the server calls things."""
        return DIALECTS[self.provider.preset.counting]

    def encode(self, request: Request) -> WireRequest:
        """Spell the question.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
        """
        wire = self.provider.encode(request)
        if not isinstance(wire.body, dict):
            raise UnsupportedContent("the endpoint counts JSON requests only")
        takes = self.dialect.takes
        body = {key: value for key, value in wire.body.items() if takes is None or key in takes}
        return replace(wire, url=self.provider.url(self.dialect.path), body=body)

    def decode(self, request: Request, reply: WireResponse) -> TokenCount:
        """Read the count.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = parse_object(reply.body)
        match data.get(self.dialect.count):
            case int(count) if not isinstance(count, bool):
                meta = rest(data, {self.dialect.count, *IGNORED})
                origin = self.provider.origin(request.model)
                return TokenCount(input_tokens=count, meta={origin: meta} if meta else {}, raw=data)
            case _ if data.get("error") is not None:
                raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
            case _:
                raise DecodeError(f"a token count without `{self.dialect.count}`: {excerpt(reply.body)}")
