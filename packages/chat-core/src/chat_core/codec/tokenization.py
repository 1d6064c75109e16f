"""Texts as the tokens that a model reads: the capability `Tokenization`.

How many tokens a whole request has is `codec.capabilities.TokenCounter`'s.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from chat_core.frozen import dataclass
from chat_core.parts import Meta, no_meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON
    from chat_core.response import Notice


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class TokenizationRequest:
    """Texts to be cut into tokens.

    Attributes:
        model: the service's name of the model.
        inputs: the texts, each cut by itself.
        special: whether to add the special tokens that the model sees around a text.
        extra: further body fields, sent as they are.
    """

    model: str
    inputs: tuple[str, ...]
    special: bool = False
    extra: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"], hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Token:
    """A token.

    Attributes:
        id: its number in the model's vocabulary.
        text: what it stands for, as the service writes it; `None` = not told. A token can hold a part of a character
            only.
        start: where it begins in the text, in characters from 0; `None` = not told, or it is no part of the text.
        end: where it ends.
        special: whether it stands for no text, such as the beginning of a sequence.
    """

    id: int
    text: str | None = None
    start: int | None = None
    end: int | None = None
    special: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class TokenizationResponse:
    """Tokens, in the order of the inputs.

    Attributes:
        results: the tokens of each text.
        model: the model whose tokens they are.
        notices: what was dropped or adapted.
        meta: what else the service said, by origin.
        raw: the reply as parsed; a list of them where it took several.
    """

    results: tuple[tuple[Token, ...], ...]
    model: str | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


class Tokenization(Protocol):
    """Cuts texts into tokens."""

    @property
    def most_inputs(self) -> int | None:
        """How many texts one exchange takes; `None` = any number."""
        ...

    def encode(self, request: TokenizationRequest) -> WireRequest:
        """Spell the request."""
        ...

    def decode(self, request: TokenizationRequest, reply: WireResponse) -> TokenizationResponse:
        """Read the tokens.

        Raises:
            DecodeError: the reply is malformed, or has not one result for each text.
            ProviderError: the reply is an error in the guise of a success.
        """
        ...
