"""Parts: what a message is made of.

Law: parts are values. What a service needs back (signatures, item ids, cache marks) lives in `meta` under the origin
that sent it; what this version has no name for is `Opaque`. Nothing in `meta` means anything to another origin.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject

Meta: TypeAlias = "Mapping[str, JSONObject]"
"""Provider-private data by origin: `{origin: JSON object}`. Plain dicts, never mutated."""

MediaKind: TypeAlias = Literal["image", "audio", "video", "document"]
SpanUnit: TypeAlias = Literal["char", "page", "block"]


def no_meta() -> dict[str, JSONObject]:
    """Return the empty `meta`: the default of every `meta` field."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class SourceSpan:
    """A place in a cited source: half-open `[start, end)`, counted in `unit`."""

    unit: SpanUnit
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Citation:
    """The source of a span of text.

    Attributes:
        url: address of the source, when it has one.
        title: title of the source.
        quote: the words of the source that are cited.
        document: which of the request's documents is cited, counted from 0.
        source: the cited place inside the source.
        start, end: the citing span inside the answer's text, in characters; `None` when the whole part is cited.
    """

    url: str | None = None
    title: str | None = None
    quote: str | None = None
    document: int | None = None
    source: SourceSpan | None = None
    start: int | None = None
    end: int | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class TokenLogprob:
    """One token with the natural logarithm of its probability.

    Attributes:
        token: the token's text.
        logprob: natural logarithm of its probability.
        data: the token's bytes, when the service sends them; a token can be part of a character.
        top: the likeliest tokens at this place, likeliest first.
    """

    token: str
    logprob: float
    data: bytes | None = None
    top: tuple[TokenLogprob, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Text:
    """Text, with the sources it cites and the probabilities of its tokens."""

    text: str
    _: KW_ONLY
    citations: tuple[Citation, ...] = ()
    logprobs: tuple[TokenLogprob, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Reasoning:
    """What the model thought.

    Empty text with `meta` is reasoning that the service withheld or encrypted: it has to be sent back all the same.

    Attributes:
        text: the thoughts, or their summary.
        signature: the service's seal on them, to be sent back unchanged.
    """

    text: str
    _: KW_ONLY
    signature: str | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Inline:
    """Media whose bytes travel in the message."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class URL:
    """Media that the service fetches from an address."""

    url: str


@dataclass(frozen=True, slots=True, weakref_slot=True)
class FileID:
    """Media that was uploaded to the service before."""

    id: str


Source: TypeAlias = Inline | URL | FileID


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Media:
    """An image, a sound, a video or a document.

    Attributes:
        kind: what it is to a model.
        source: its bytes, its address, or a service's file id.
        mime: media type, such as `image/png`; `None` when not known.
        name: file name or title.
        transcript: the words in it, when the service says them.
    """

    kind: MediaKind
    source: Source
    mime: str | None = None
    name: str | None = None
    transcript: str | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ToolCall:
    """The model's wish to have a tool run.

    Attributes:
        id: the service's id of the call; one of `local_id` when the service sent none.
        name: the tool's name.
        arguments: the arguments; `None` when what came is no JSON object.
        raw: the arguments as sent, when they are not the text of a JSON object: cut off by the token limit, the input
            of a free-form tool, or an empty text that stands for no arguments (then `arguments` is `{}`).
        executed: the service ran the tool itself.
    """

    id: str
    name: str
    arguments: JSONObject | None = field(default=None, hash=False)
    raw: str | None = None
    executed: bool = False
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Refusal:
    """The model's words for not answering."""

    text: str
    _: KW_ONLY
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Json:
    """A JSON value as content: a tool's result, or an answer that the service sends as an object."""

    value: JSON = field(hash=False)
    _: KW_ONLY
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Opaque:
    """A block that this version has no name for; given back to its origin untouched.

    Attributes:
        origin: who sent it.
        kind: the service's name for it.
        data: the block as sent.
    """

    origin: str
    kind: str
    data: JSONObject = field(hash=False)


ResultPart: TypeAlias = Text | Media | Json | Opaque
"""What a tool's result can hold."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ToolResult:
    """What a tool gave.

    Attributes:
        call_id: the `id` of the call it answers.
        content: the result, in order.
        name: the tool's name, when known.
        is_error: the tool failed, and `content` says how.
        executed: the service ran the tool itself.
    """

    call_id: str
    content: tuple[ResultPart, ...] = ()
    name: str | None = None
    is_error: bool = False
    executed: bool = False
    meta: Meta = field(default_factory=no_meta, hash=False)


Part: TypeAlias = Text | Reasoning | Media | ToolCall | ToolResult | Refusal | Json | Opaque
"""What messages are made of."""

LOCAL_ID = "local_"


def local_id(number: int) -> str:
    """Return the id of a call that came without one; `number` counts the conversation's calls from 0."""
    return f"{LOCAL_ID}{number}"


def is_local(call_id: str) -> bool:
    """Tell whether an id was given here, not by a service."""
    return call_id.startswith(LOCAL_ID)
