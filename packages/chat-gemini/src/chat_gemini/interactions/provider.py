"""The provider: where interactions are served, as configuration and as the four translations.

Law: everything here is pure. Addresses come from the place; the key is seen in `authorize` only.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, TypeVar

from chat_core.errors import UnsupportedTransport
from chat_core.frozen import dataclass
from chat_core.parts import Media, Text, ToolCall, ToolResult
from chat_core.tools import Tool
from chat_gemini.interactions.overlay import is_of, origin_of
from chat_gemini.places import Place
from chat_gemini.signatures import family

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chat_core.codec.provider import Secret
    from chat_core.codec.wire import Channel, WireRequest, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request
    from chat_core.response import Response
    from chat_gemini.interactions.stream import InteractionsDecoder

Marked = TypeVar("Marked", Text, Media, ToolCall, ToolResult, Tool)

CHANNELS: frozenset[Channel] = frozenset({"http"})


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Interactions:
    """Gemini's Interactions API at one place; implements `chat_core.codec.provider.Provider`.

    Attributes:
        name: the name users type before the colon.
        place: where it is served.
        headers: further headers of every request.
    """

    name: str = "gemini-interactions"
    place: Place = field(default_factory=Place)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False, repr=False)

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that `encode` knows."""
        return CHANNELS

    @property
    def capabilities(self) -> Mapping[type, object]:
        """What the service offers beside chat, by protocol."""
        from chat_core.codec.capabilities import StructuredOutput, Unchain  # noqa: PLC0415 - asked for seldom
        from chat_gemini.interactions.chain import InteractionsUnchain  # noqa: PLC0415 - as above
        from chat_gemini.interactions.output import InteractionsOutput  # noqa: PLC0415 - as above

        return {StructuredOutput: InteractionsOutput(), Unchain: InteractionsUnchain()}

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        """Spell a request as this wire has it.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
            UnsupportedTransport: the channel is not `http`.
        """
        from chat_gemini.interactions.encode import encode  # noqa: PLC0415 - the codec is loaded by whoever calls

        if channel not in CHANNELS:
            raise UnsupportedTransport(f"{self.name} speaks http only, not {channel}")
        return encode(self, request, stream=stream)

    def parse(self, body: JSONObject, *, model: str | None = None) -> Request:
        """Read a request body: the inverse of `encode`.

        Args:
            body: what was or would be sent; `stream` is no part of a request and is left out.
            model: the model, where the body does not name one.

        Raises:
            DecodeError: the body is no request of this wire.
        """
        from chat_gemini.interactions.parse import parse  # noqa: PLC0415 - as in `encode`

        return parse(self, body, model=model)

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's parameters
        """Return the header that proves who is asking."""
        return self.place.authorization(secret)

    def decode(self, request: Request, reply: WireResponse) -> Response:
        """Read a whole successful reply.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the interaction failed, or the reply is an error in the guise of a success.
        """
        from chat_gemini.interactions.decode import decode  # noqa: PLC0415 - as in `encode`

        return decode(self, request, reply)

    def decoder(self, request: Request) -> InteractionsDecoder:
        """Begin to read a streamed reply."""
        from chat_gemini.interactions.stream import InteractionsDecoder  # noqa: PLC0415 - as in `encode`

        return InteractionsDecoder(self, request)

    def decode_error(self, reply: WireResponse) -> ProviderError:
        """Read a reply whose status says that it failed; never raises."""
        from chat_gemini.interactions.errors import decode_error  # noqa: PLC0415 - as in `encode`

        return decode_error(reply, self)

    def origin(self, model: str) -> str:
        """Return the name of what only this place, for this family of models, understands."""
        return origin_of(self.name, self.place.surface, family(model))

    def accepts(self, origin: str) -> bool:
        """Tell whether private data of another origin may be sent here, under whatever name it came.

        That of the same place and project may; `encode` sends what the request's family of models said only.
        """
        return is_of(origin, self.place.surface)

    def marked(self, item: Marked, model: str, **keys: JSON) -> Marked:
        """Return a part or tool with members of this wire, such as `resolution="high"` or `defer_loading=True`."""
        origin = self.origin(model)
        return replace(item, meta={**item.meta, origin: {**item.meta.get(origin, {}), **keys}})
