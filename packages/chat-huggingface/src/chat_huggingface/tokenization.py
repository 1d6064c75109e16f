"""Tokens with their places: `/tokenize` of Text Embeddings Inference, and of Text Generation Inference.

Law: places are counted in characters, as both servers do it. Where `extra` names a prompt of the model, they count from
where that begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.leftovers import meta_of
from chat_core.codec.tokenization import Token, TokenizationResponse
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, rest
from chat_core.response import Notice
from chat_huggingface.predictions import rows_of
from chat_huggingface.sending import post, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.tokenization import TokenizationRequest
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_huggingface.provider import HuggingFace

PATH = "/tokenize"

IGNORED: Mapping[str, str] = {}

ALWAYS = "the server always adds the special tokens"

KNOWN = frozenset({"id", "text", "special", "start", "stop"})


@dataclass(frozen=True, slots=True)
class HuggingFaceTokenization:
    """Cuts texts into tokens; implements `chat_core.codec.tokenization.Tokenization`."""

    provider: HuggingFace

    @property
    def _several(self) -> bool:
        return self.provider.server == "tei"

    @property
    def most_inputs(self) -> int:
        """What the server takes at once: Text Generation Inference takes one text."""
        return self.provider.batch if self._several else 1

    def encode(self, request: TokenizationRequest) -> WireRequest:
        """Spell the request.

        Raises:
            UnsupportedContent: there are several texts, and the server takes one.
        """
        url = self.provider.url(PATH)
        if self._several:
            several: JSONObject = {"inputs": [*request.inputs], "add_special_tokens": request.special}
            return post(self.provider, url, several, request.extra)
        if len(request.inputs) != 1:
            raise UnsupportedContent(f"the server takes one text at a time, and not {len(request.inputs)}")
        added = None if request.special else Notice(feature="special", requested=False, applied=True, reason=ALWAYS)
        return post(self.provider, url, {"inputs": request.inputs[0]}, request.extra, added)

    def decode(self, request: TokenizationRequest, reply: WireResponse) -> TokenizationResponse:
        """Read the tokens.

        Raises:
            DecodeError: the reply is malformed, or has not one result for each text.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = read(reply)
        rows = rows_of(data if self._several else [data], len(request.inputs))
        told = [_tokens(row) for row in rows]
        left: list[JSON] = [[*more] for _, more in told]
        meta: JSONObject = {"tokens": left} if any(map(any, (more for _, more in told))) else {}
        results = tuple(tokens for tokens, _ in told)
        return TokenizationResponse(results=results, meta=meta_of(self.provider.origin(request.model), meta), raw=data)


def _tokens(row: JSON) -> tuple[tuple[Token, ...], list[JSONObject]]:
    """Read the tokens of a text, and what else is said of each."""
    if not isinstance(row, list):
        raise DecodeError(f"the tokens of a text are no list: {excerpt(repr(row), 100)}")
    told = [_token(item) for item in row]
    return tuple(token for token, _ in told), [more for _, more in told]


def _token(item: JSON) -> tuple[Token, JSONObject]:
    said = item if isinstance(item, dict) else {}
    match said:
        case {"id": int(number), "text": str(text)} if not isinstance(number, bool):
            special = said.get("special") is True
            start, end = _place(said.get("start")), _place(said.get("stop"))
            return Token(id=number, text=text, start=start, end=end, special=special), rest(said, KNOWN)
        case _:
            raise DecodeError(f"no token: {excerpt(repr(item), 100)}")


def _place(value: JSON) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise DecodeError(f"a place in a text is no whole number but {type(value).__name__}")
