"""The provider: one service of the Responses wire, as configuration and as the four translations.

Law: everything here is pure. Addresses and headers come from the preset and the arguments; the key is seen in
`authorize` only.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, TypeVar

from chat_core.codec.host import masked, place_of
from chat_core.errors import ConfigurationError
from chat_core.frozen import SHOWN, dataclass
from chat_core.parts import Media, Text, ToolCall, ToolResult
from chat_core.tools import Tool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chat_core.codec.provider import Secret
    from chat_core.codec.wire import Channel, WireRequest, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request
    from chat_core.response import Response
    from chat_responses.preset import Preset
    from chat_responses.stream import ResponsesDecoder

Marked = TypeVar("Marked", Text, Media, ToolCall, ToolResult, Tool)

FAMILY = "responses"
"""What the origins of this wire end with; a router adds the vendor."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Responses:
    """A service that speaks the Responses wire; implements `chat_core.codec.provider.Provider`.

    Attributes:
        preset: the row that says how this service differs from others.
        base_url: where its API begins; taken from the preset when not given.
        name: the name users type before the colon; taken from the preset when not given.
        headers: further headers of every request.

    Raises:
        ConfigurationError: neither the preset nor the arguments have an address.
    """

    preset: Preset
    base_url: str = field(default="", metadata={SHOWN: masked})
    name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False, repr=False)

    def __init__(
        self,
        preset: Preset,
        *,
        base_url: str | None = None,
        name: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Fill in from the preset what is not given."""
        address = base_url if base_url is not None else preset.base_url
        if address is None:
            raise _without_address(preset)
        object.__setattr__(self, "preset", preset)
        object.__setattr__(self, "base_url", address.rstrip("/"))
        object.__setattr__(self, "name", name if name is not None else preset.name)
        object.__setattr__(self, "headers", {**preset.headers, **(headers if headers is not None else {})})

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that `encode` knows."""
        return frozenset({"http"} if self.preset.websocket is None else {"http", "websocket"})

    @property
    def capabilities(self) -> Mapping[type, object]:
        """What the service offers beside chat, by protocol."""
        from chat_core.codec.capabilities import (  # noqa: PLC0415 - asked for seldom
            StructuredOutput,
            TokenCounter,
            Unchain,
        )
        from chat_core.codec.live import Live  # noqa: PLC0415 - as above
        from chat_responses.chain import ResponsesUnchain  # noqa: PLC0415 - it imports this module's type
        from chat_responses.count_tokens import ResponsesTokenCounter  # noqa: PLC0415 - as above
        from chat_responses.output import ResponsesOutput  # noqa: PLC0415 - as above

        offered: dict[type, object] = {StructuredOutput: ResponsesOutput(self.preset)}
        if "token_count" in self.preset.capabilities:
            offered[TokenCounter] = ResponsesTokenCounter(self)
        if "state" in self.preset.capabilities:
            offered[Unchain] = ResponsesUnchain()
        if self.preset.realtime is not None:
            from chat_responses.realtime.live import RealtimeLive  # noqa: PLC0415 - as above

            offered[Live] = RealtimeLive(self)
        return offered

    @property
    def serve(self) -> str | None:
        """The command that starts the server, where it is asked at its usual address."""
        return self.preset.serve if self.base_url == self.preset.base_url else None

    def url(self, path: str) -> str:
        """Return the address of an endpoint."""
        return f"{self.base_url}{path}"

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        """Spell a request as this service has it.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
            UnsupportedTransport: the channel is none of `channels`.
        """
        from chat_responses.encode import encode  # noqa: PLC0415 - the codec is loaded by whoever calls

        return encode(self, request, channel=channel, stream=stream)

    def separable(self, request: Request) -> bool:
        """Tell whether a conversation can be spelled in two halves; as `chat_core.codec.prefix.Separable`."""
        from chat_responses.options import ResponsesOptions  # noqa: PLC0415 - as in `encode`

        return not request.options.native_of(ResponsesOptions).chain  # a chain is proved by the whole history

    def parse(self, body: JSONObject, *, model: str | None = None) -> Request:
        """Read a request body: the inverse of `encode`.

        Args:
            body: what was or would be sent; `stream` is no part of a request and is left out.
            model: the model, where the address names it and the body does not.

        Raises:
            DecodeError: the body is no Responses request.
        """
        from chat_responses.parse import parse  # noqa: PLC0415 - as in `encode`

        return parse(self, body, model=model)

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the seam's signature
        """Return the header that holds the key, or the access token."""
        if secret.bearer:
            return {"authorization": f"Bearer {secret.value}"}
        return {self.preset.auth_header: f"{self.preset.auth_scheme} {secret.value}".lstrip()}

    def decode(self, request: Request, reply: WireResponse) -> Response:
        """Read a whole successful reply.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the answer failed, or the reply is an error in the guise of a success.
        """
        from chat_responses.decode import decode  # noqa: PLC0415 - as in `encode`

        return decode(self, request, reply)

    def decoder(self, request: Request) -> ResponsesDecoder:
        """Begin to read a streamed reply."""
        from chat_responses.stream import ResponsesDecoder  # noqa: PLC0415 - as in `encode`

        return ResponsesDecoder(self, request)

    def decode_error(self, reply: WireResponse) -> ProviderError:
        """Read a reply whose status says that it failed; never raises."""
        from chat_responses.errors import decode_error  # noqa: PLC0415 - as in `encode`

        return decode_error(reply)

    def origin(self, model: str) -> str:
        """Return the name of what only this service, for models of this vendor, understands."""
        vendor, slash, _ = model.partition("/")
        place = f"{self.name}@{place_of(self.base_url)}/{FAMILY}"
        return f"{place}.{vendor}" if slash and self.preset.routed else place

    def accepts(self, origin: str) -> bool:
        """Tell whether private data of another origin may be sent to this service, under whatever name it came.

        Of a router's own origins, `encode` sends those of the request's vendor only.
        """
        ours = self.origin("").partition("@")[2]
        place = origin.partition("@")[2]
        return place == ours or (self.preset.routed and place.startswith(f"{ours}."))

    def marked(self, item: Marked, model: str, **keys: JSON) -> Marked:
        """Return a part or tool with members of this wire, such as `prompt_cache_breakpoint={"mode": "explicit"}`."""
        origin = self.origin(model)
        old = item.meta.get(origin, {})
        return replace(item, meta={**item.meta, origin: {**old, **keys}})


def _without_address(preset: Preset) -> ConfigurationError:
    from chat_responses.addresses import variables  # noqa: PLC0415 - for this error only

    names = " or ".join(variables(preset))
    return ConfigurationError(
        f"{preset.name} has an address of its own for every account: pass base_url=, or set the variable {names}"
    )
