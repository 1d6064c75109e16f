"""What a service may offer beside chat: one protocol per capability, one exchange each.

A capability is an encode/decode pair, pure like the rest of the codec. Errors of status ≥ 400 go to
`Provider.decode_error`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from chat_core.frozen import dataclass
from chat_core.parts import Meta, no_meta

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON
    from chat_core.request import OutputFormat, Request, Strategy
    from chat_core.response import Notice, Usage


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class EmbeddingRequest:
    """Texts to be turned into vectors.

    Attributes:
        model: the service's name of the model.
        inputs: the texts, or token ids of texts.
        dimensions: length of the vectors; `None` = the model's own.
        purpose: what the vectors are for: `query` for what is looked for, `document` for what is looked through, or a
            word of the service's own; `None` = not said.
        encoding: the service's word for how the numbers travel: `float`, `base64` (a quarter of the size), …; `None` =
            not sent.
        user: an id of the end user that is safe to send.
        extra: further body fields, sent as they are.
    """

    model: str
    inputs: tuple[str | tuple[int, ...], ...]
    dimensions: int | None = None
    purpose: str | None = None
    encoding: str | None = None
    user: str | None = None
    extra: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"], hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class EmbeddingResponse:
    """Vectors, in the order of the inputs.

    Attributes:
        vectors: one `array` a text: 32-bit floats (`f`); 64-bit ones (`d`) or 8-bit integers (`b`, `B`) of services
            that send those.
        model: the model that answered.
        id: the service's id of the answer.
        usage: what it cost.
        notices: what was dropped or adapted.
        meta: what else the service said, by origin.
        raw: the reply as parsed.
    """

    vectors: tuple[array[float] | array[int], ...] = field(hash=False)
    model: str | None = None
    id: str | None = None
    usage: Usage | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


class Embeddings(Protocol):
    """Turns texts into vectors.

    One whose service takes a bounded number of inputs at once has an attribute `most_inputs`; more of them go in
    several exchanges, one after the other.
    """

    def encode(self, request: EmbeddingRequest) -> WireRequest:
        """Spell the request."""
        ...

    def decode(self, request: EmbeddingRequest, reply: WireResponse) -> EmbeddingResponse:
        """Read the vectors.

        Raises:
            DecodeError: the reply is malformed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Model:
    """A model as its service lists it.

    Attributes:
        id: what to put into `Request.model`.
        name: a name for people.
        created: when it appeared, in seconds since 1970.
        context_tokens: most tokens of prompt and answer together.
        max_output_tokens: most tokens of an answer.
        meta: what else the service says, by origin.
    """

    id: str
    name: str | None = None
    created: float | None = None
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ModelPage:
    """A page of a model list.

    Attributes:
        models: the models, in the service's order.
        next: what to pass as `after` for the next page; `None` on the last one.
        meta: what else the service says, by origin.
        raw: the reply as parsed.
    """

    models: tuple[Model, ...]
    next: str | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


class Models(Protocol):
    """Lists the models of a service."""

    def encode(self, *, after: str | None = None) -> WireRequest:
        """Ask for a page."""
        ...

    def decode(self, reply: WireResponse) -> ModelPage:
        """Read a page.

        Raises:
            DecodeError: the reply is malformed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class TokenCount:
    """How many tokens a request has as input.

    Attributes:
        input_tokens: the count; services call it an estimate.
        meta: what else the service says, by origin.
        raw: the reply as parsed.
    """

    input_tokens: int
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


class TokenCounter(Protocol):
    """Counts the input tokens of a request without answering it."""

    def encode(self, request: Request) -> WireRequest:
        """Spell the question."""
        ...

    def decode(self, request: Request, reply: WireResponse) -> TokenCount:
        """Read the count.

        Raises:
            DecodeError: the reply is malformed.
        """
        ...


class Unchain(Protocol):
    """Makes a request stand on its own, when the server-side state that it continues is gone."""

    def unchained(self, request: Request) -> Request | None:
        """Return the request with its whole history; `None` when it continues nothing, or holds no history."""
        ...


class StructuredOutput(Protocol):
    """Says how a service can be asked for structured output. A provider without it is asked by `native`.

    One that could hold its models to a form, if more was installed, may have an attribute `lacking`, which says so with
    the fix; `None` where nothing is missing.
    """

    @property
    def strategies(self) -> tuple[Strategy, ...]:
        """What it takes, the best first."""
        ...

    @property
    def json_mode(self) -> bool:
        """Whether `OutputFormat(kind="json")`, sent beside the words of `prompted`, keeps its models to JSON."""
        ...

    def strategies_for(self, output: OutputFormat) -> tuple[Strategy, ...]:
        """Return those of `strategies` that can carry this form, whole or weakened, the best first."""
        ...
