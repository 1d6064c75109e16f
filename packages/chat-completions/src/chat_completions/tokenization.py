"""Texts as tokens, where a server has an endpoint for it: one text a request, in the dialects of three servers.

Law: a token's text is what the server writes; a piece that is no whole character is in `meta`, as its bytes.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from chat_completions.errors import error_from
from chat_core.codec.leftovers import meta_of
from chat_core.codec.tokenization import Token, TokenizationRequest, TokenizationResponse
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest, same
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_completions.provider import Completions
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject

IGNORED: Mapping[str, str] = {"count": "as many as there are tokens"}

_TOKENS = "tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a server calls things.

    Attributes:
        path: the endpoint, below the base URL or, after `/..`, beside its last segment.
        text: the field for the text.
        special: the field for whether special tokens are added; `None` = they never are.
        asked: fields that ask for the tokens' texts.
        texts: the member of the reply that holds them; `None` = each is beside its id, as `piece`.
    """

    path: str
    text: str
    special: str | None = None
    asked: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"])
    texts: str | None = None


DIALECTS: Mapping[str, Dialect] = {
    "cohere": Dialect(path="/tokenize", text="text", texts="token_strings"),
    "llamacpp": Dialect(path="/../tokenize", text="content", special="add_special", asked={"with_pieces": True}),
    "vllm": Dialect(
        path="/../tokenize",
        text="prompt",
        special="add_special_tokens",
        asked={"return_token_strs": True},
        texts="token_strs",
    ),
}


@dataclass(frozen=True, slots=True)
class CompletionsTokenization:
    """Cuts texts into tokens; implements `chat_core.codec.tokenization.Tokenization`."""

    provider: Completions

    @property
    def dialect(self) -> Dialect:
        """What the server calls things."""
        return DIALECTS[self.provider.preset.tokenization]

    @property
    def most_inputs(self) -> int:
        """One."""
        return 1

    def encode(self, request: TokenizationRequest) -> WireRequest:
        """Spell the request; an empty `model` is not sent, for servers that have one.

        Raises:
            UnsupportedContent: there is not exactly one text.
        """
        dialect, notices = self.dialect, tuple[Notice, ...]()
        if len(request.inputs) != 1:
            raise UnsupportedContent(f"the endpoint takes one text at a time, and not {len(request.inputs)}")
        body: dict[str, JSON] = {"model": request.model} if request.model else {}
        body |= {dialect.text: request.inputs[0], **dialect.asked}
        if dialect.special is not None:
            body[dialect.special] = request.special
        elif request.special:
            notices = (Notice(feature="special", requested=True, reason="the service adds no special tokens"),)
        return WireRequest(
            url=self.provider.url(dialect.path),
            body={**body, **request.extra},
            headers={"content-type": "application/json", **self.provider.headers},
            notices=notices,
        )

    def parse(self, body: JSONObject) -> TokenizationRequest:
        """Read a request body: the inverse of `encode`.

        Raises:
            DecodeError: the body has no text.
        """
        dialect, text, model = self.dialect, body.get(self.dialect.text), body.get("model")
        if not isinstance(text, str):
            raise DecodeError(f"no request for tokens: it has no `{dialect.text}`")
        special = body.get(dialect.special) if dialect.special is not None else None
        known = {dialect.text, *(name for name, value in dialect.asked.items() if same(body.get(name), value))}
        known |= {"model"} if isinstance(model, str) else set[str]()
        known |= {dialect.special} if dialect.special is not None and isinstance(special, bool) else set[str]()
        return TokenizationRequest(
            model=model if isinstance(model, str) else "",
            inputs=(text,),
            special=special is True,
            extra=rest(body, known),
        )

    def decode(self, request: TokenizationRequest, reply: WireResponse) -> TokenizationResponse:
        """Read the tokens.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = parse_object(reply.body)
        match data:
            case {"tokens": list(items)} if len(request.inputs) == 1:
                texts = self._texts(data, len(items))
                told = [_token(item, text) for item, text in zip(items, texts, strict=True)]
            case {"error": error} if error is not None:
                raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
            case _:
                raise DecodeError(f"a reply without `tokens` of one text: {excerpt(reply.body)}")
        known = {_TOKENS, *IGNORED} | ({self.dialect.texts} if self.dialect.texts is not None else set[str]())
        meta, left = rest(data, known), [more for _, more in told]
        if any(left):
            meta[_TOKENS] = [*left]
        return TokenizationResponse(
            results=(tuple(token for token, _ in told),),
            meta=meta_of(self.provider.origin(request.model), meta),
            raw=data,
        )

    def _texts(self, data: JSONObject, count: int) -> list[JSON]:
        """Return the texts of the tokens, where they are in a list of their own; null for each where none were sent."""
        texts = data.get(self.dialect.texts) if self.dialect.texts is not None else None
        if texts is None:
            return [None] * count
        if not isinstance(texts, list) or len(texts) != count:
            raise DecodeError(f"the texts of {count} tokens do not fit: {excerpt(repr(texts), 100)}")
        return texts


def _token(item: JSON, text: JSON) -> tuple[Token, JSONObject]:
    """Read a token, and what is said of it beyond id and text."""
    said: JSONObject = item if isinstance(item, dict) else {"id": item, "piece": text}
    match said.get("id"), said.get("piece"):
        case int(number), (str() | None) as piece if not isinstance(number, bool):
            return Token(id=number, text=piece), rest(said, {"id", "piece"})
        case int(number), list() if not isinstance(number, bool):  # bytes that are a part of a character
            return Token(id=number), rest(said, {"id"})
        case _:
            raise DecodeError(f"no token: {excerpt(repr(item), 100)}")
