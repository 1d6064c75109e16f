"""The seam: what a provider is to the rest of the library.

Law: a provider translates. It never awaits, opens a socket, sleeps or reads a clock, and sees a secret only in
`authorize`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from chat_core.codec.wire import Channel, Frame, WireRequest, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.events import Event
    from chat_core.request import Request
    from chat_core.response import Response

C = TypeVar("C")


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Secret:
    """A credential; its value shows in no `repr`.

    Attributes:
        value: what proves who is asking.
        bearer: whether it is an access token, which goes as a bearer even where keys have a header of their own.
        source: where it was found, in words, for the error of a service that refuses it; `None` = nobody says.
    """

    value: str = field(repr=False)
    bearer: bool = False
    source: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """Hide the value."""
        return "Secret(…)"


class Decoder(Protocol):
    """Turns the frames of one stream into events.

    One whose wire says that an answer is complete before it ends has an attribute `terminal`, True from then on: what
    may still follow, such as usage, is waited for a few seconds only.
    """

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Decode frames in order; events that precede a failure come before it is raised.

        Raises:
            DecodeError: a known event is malformed.
            ProviderError: the service reported an error inside the stream.
        """
        ...

    def finish(self) -> Iterator[Event]:
        """End the stream at the end of input.

        Raises:
            StreamTruncated: no terminal signal had come.
        """
        ...


class Provider(Protocol):
    """What a provider package offers for chat; further capabilities are in `capabilities`.

    One that asks a server on the user's machine may have an attribute `serve`: the command that starts that server, for
    the error of a connection that is refused; `None` where the address is another one.
    """

    @property
    def name(self) -> str:
        """The name users type before the colon."""
        ...

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that `encode` knows."""
        ...

    @property
    def capabilities(self) -> Mapping[type, object]:
        """Implementations by protocol, such as `codec.capabilities.Embeddings`."""
        ...

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        """Spell a request as this wire has it.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
        """
        ...

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:
        """Return the headers that prove who is asking; `body` is what will be sent."""
        ...

    def decode(self, request: Request, reply: WireResponse) -> Response:
        """Read a whole successful reply.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        ...

    def decoder(self, request: Request) -> Decoder:
        """Begin to read a streamed reply."""
        ...

    def decode_error(self, reply: WireResponse) -> ProviderError:
        """Read a reply whose status says that it failed; never raises."""
        ...

    def origin(self, model: str) -> str:
        """Return the name under which parts keep what only this service, for this model, understands."""
        ...

    def accepts(self, origin: str) -> bool:
        """Tell whether private data of another origin may be sent to this service."""
        ...


def capability(provider: Provider, kind: Callable[..., C]) -> C | None:
    """Return a provider's implementation of a capability; `None` when it lacks it.

    `kind` is the capability's class, typed as what makes one: mypy takes no protocol for a `type[C]`.
    """
    return cast("C | None", provider.capabilities.get(cast("type", kind)))
