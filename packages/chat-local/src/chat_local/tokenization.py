"""Tokenising: texts cut into the tokens that a model reads; the model itself is not loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.codec.tokenization import Token, TokenizationResponse
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_object
from chat_local.reply import results_of, said_in

if TYPE_CHECKING:
    from chat_core.codec.tokenization import TokenizationRequest
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.provider import Local

MOST_INPUTS = 2048
"""Texts of one exchange, so that their tokens never fill the memory."""


@dataclass(frozen=True, slots=True)
class LocalTokenization:
    """Cuts texts into tokens; implements `chat_core.codec.tokenization.Tokenization`."""

    provider: Local
    most_inputs: int | None = MOST_INPUTS

    def encode(self, request: TokenizationRequest) -> WireRequest:
        """Spell the request."""
        body: JSONObject = {"model": request.model, "inputs": [*request.inputs]}
        if request.special:
            body["special"] = True
        return WireRequest(url="local://service/tokenize", body={**body, **request.extra})

    def decode(self, request: TokenizationRequest, reply: WireResponse) -> TokenizationResponse:
        """Read the tokens.

        Raises:
            DecodeError: the reply is malformed, or has not one result for each text.
        """
        data = parse_object(reply.body)
        results = tuple(_tokens(item) for item in results_of(data, len(request.inputs)))
        said = said_in(data, self.provider.origin(request.model), {"results"})
        return TokenizationResponse(results=results, model=said.model, notices=said.notices, meta=said.meta, raw=data)


def _tokens(item: JSON) -> tuple[Token, ...]:
    match item:
        case {"ids": list(ids), "texts": list(texts), "places": list(places)} if len(ids) == len(texts) == len(places):
            return tuple(map(_token, ids, texts, places))
        case _:
            raise DecodeError(f"a text is not cut: {excerpt(repr(item))}")


def _token(number: JSON, text: JSON, place: JSON) -> Token:
    match number, text, place:
        case bool(), _, _:
            pass
        case int(), str(), None:
            return Token(id=number, text=text, special=True)
        case int(), str(), [int(start), int(end)]:
            return Token(id=number, text=text, start=start, end=end)
        case _:
            pass
    raise DecodeError(f"malformed token: {excerpt(repr((number, text, place)))}")
