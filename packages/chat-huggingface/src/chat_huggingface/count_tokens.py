"""Token counts: `/chat_tokenize` of Text Generation Inference, which renders a chat request and cuts it.

Law: the request counted is the request sent: the chat encoder's own body.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.capabilities import TokenCount
from chat_core.codec.leftovers import meta_of
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, rest
from chat_huggingface.sending import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.request import Request
    from chat_huggingface.provider import HuggingFace

PATH = "/chat_tokenize"

IGNORED: Mapping[str, str] = {"tokenize_response": "the prompt's tokens, as many as are counted"}


@dataclass(frozen=True, slots=True)
class ChatTokens:
    """Counts a request's input tokens; implements `chat_core.codec.capabilities.TokenCounter`."""

    provider: HuggingFace

    def encode(self, request: Request) -> WireRequest:
        """Spell the question.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
        """
        return replace(self.provider.encode(request), url=self.provider.url(PATH))

    def decode(self, request: Request, reply: WireResponse) -> TokenCount:
        """Count the tokens; the text that they were cut from is in `meta`.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = read(reply)
        said = data if isinstance(data, dict) else {}
        match said:
            case {"tokenize_response": list(tokens)}:
                meta = meta_of(self.provider.origin(request.model), rest(said, IGNORED))
                return TokenCount(input_tokens=len(tokens), meta=meta, raw=data)
            case _:
                raise DecodeError(f"a token count without `tokenize_response`: {excerpt(reply.body)}")
