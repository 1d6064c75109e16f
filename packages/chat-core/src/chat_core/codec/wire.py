"""Wire values: what a codec hands to a transport and gets back. No vendor, no socket, no secret.

Law: `dump` is the only serialiser: UTF-8, no spaces, insertion order, no NaN. Equal bodies give equal bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from chat_core.errors import UnsupportedContent
from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chat_core.response import Notice

Channel: TypeAlias = str
"""How bytes travel; core names `http`, `websocket` and `local`."""

STREAMED: frozenset[Channel] = frozenset({"websocket"})
"""The channels on which every reply is a stream of messages: there is no reply that could be read whole."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Encoded:
    """JSON that is bytes already; `dump` splices it as it is."""

    data: bytes


WireJSON: TypeAlias = "bool | int | float | str | Encoded | Sequence[WireJSON] | Mapping[str, WireJSON] | None"
"""JSON in a request, parts of which may be encoded already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field of a multipart form."""

    name: str
    data: bytes = field(repr=False)
    filename: str | None = None
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class Multipart:
    """A multipart form: file uploads."""

    fields: tuple[FormField, ...]


Body: TypeAlias = "Mapping[str, WireJSON] | bytes | Multipart | None"


@dataclass(frozen=True, slots=True)
class Frame:
    """One piece of a stream.

    Attributes:
        data: the payload.
        event: the name that the framing gives it; meaning lives in the payload where the wire puts it there too.
        id: the SSE id.
        cut: the input ended inside this frame; its payload may be incomplete.
    """

    data: bytes | str
    _: KW_ONLY
    event: str | None = None
    id: str | None = None
    cut: bool = False


class Framer(Protocol):
    """Cuts the bytes of a stream into frames; one per stream."""

    def feed(self, data: bytes) -> list[Frame]:
        """Take what one network read held and return the frames it completes.

        Raises:
            DecodeError: a frame is longer than the bound, or the framing is broken.
        """
        ...

    def finish(self) -> list[Frame]:
        """Return what is left at the end of input, marked as `cut` if it had no end."""
        ...


@dataclass(frozen=True, slots=True)
class Lane:
    """How several requests share one connection; requests with equal values do, so a codec makes it once.

    Attributes:
        assign: puts a request's id into its body.
        of: reads the id that a frame belongs to; `None` = the connection as a whole.
        limit: most requests at once on one connection.
        names: most different ids in the life of one connection; `None` = no limit.
        cancel: makes the message that ends a request early; without it, the connection of a request that was left in
            the middle serves those that it carries, and no further ones.
    """

    assign: Callable[[Mapping[str, WireJSON], str], Mapping[str, WireJSON]]
    of: Callable[[Frame], str | None]
    limit: int
    names: int | None = None
    cancel: Callable[[str], Mapping[str, WireJSON]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """A request as bytes-to-be. Credentials are added later, by `Provider.authorize`.

    Attributes:
        url: the absolute address.
        body: a JSON object, bytes, or a form; JSON is serialised by `dump`.
        method: the HTTP method.
        headers: headers other than credentials; a user's own may hold a secret, so no `repr` shows them.
        framer: makes the framer that a stream is expected to need; `None` for a reply that is read whole.
        notices: what could not be sent as asked.
        idempotency_header: the header in which the service takes an idempotency key, when it has one.
        lane: how the request shares a connection.
        affinity: requests of one conversation name the same value and are sent over the same connection if possible.
    """

    url: str
    body: Body = field(default=None, hash=False)
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False, repr=False)
    framer: Callable[[], Framer] | None = None
    notices: tuple[Notice, ...] = ()
    idempotency_header: str | None = None
    lane: Lane | None = None
    affinity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request as it leaves: what a transport sends. Only this value and `Provider.authorize` ever hold a secret.

    Attributes:
        wire: the request before credentials; what `repr`, recordings and errors may show.
        body: the serialised body.
        headers: the headers without credentials.
        credentials: the headers that prove who is asking, sent last.
        connect: most seconds to wait for a connection to be made; `None` = no limit of its own.
        pool: most seconds to wait for a place among the transport's connections; `None` = no limit of its own.
    """

    wire: WireRequest
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False, repr=False)
    credentials: Mapping[str, str] = field(default_factory=dict[str, str], hash=False, repr=False)
    connect: float | None = None
    pool: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WireResponse:
    """A reply: its status, its headers with lower-case names, its whole body (empty for the head of a stream)."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    body: bytes = b""


def dump(value: WireJSON) -> bytes:
    """Serialise a request's JSON, splicing what is `Encoded`.

    Lone surrogates, which JSON can spell and UTF-8 cannot, are written as escapes.

    Raises:
        UnsupportedContent: the value holds NaN, an infinity, or something that is not JSON.
    """
    if isinstance(value, Encoded):
        return value.data
    try:
        return _plain(value)
    except _HoldsEncoded:
        pass
    try:
        return b"".join(_spliced(value))
    except RecursionError:
        raise UnsupportedContent("the request cannot be written as JSON: it is nested too deeply") from None


class _HoldsEncoded(Exception):
    """Plain serialisation met an `Encoded` value."""


def _plain(value: WireJSON) -> bytes:
    import json  # noqa: PLC0415 - `import chat_core` stays light

    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_default)
    except (ValueError, TypeError, RecursionError) as error:
        raise UnsupportedContent(f"the request cannot be written as JSON: {error}") from None
    return text.encode("utf-8", "backslashreplace")


def _default(value: object) -> object:
    if isinstance(value, Encoded):
        raise _HoldsEncoded
    if isinstance(value, Mapping):
        return dict(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    raise TypeError(f"{type(value).__name__} is not JSON")


def _spliced(value: WireJSON) -> list[bytes]:
    match value:
        case Encoded(data):
            return [data]
        case Mapping():
            pieces: list[bytes] = []
            for key, item in value.items():
                pieces += [b"," if pieces else b"{", _plain(key), b":", dump(item)]
            return [*pieces, b"}"] if pieces else [b"{}"]
        case list() | tuple():
            pieces = []
            for item in value:
                pieces += [b"," if pieces else b"[", dump(item)]
            return [*pieces, b"]"] if pieces else [b"[]"]
        case _:
            return [_plain(value)]
