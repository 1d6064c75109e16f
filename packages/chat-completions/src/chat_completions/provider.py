"""The provider: one service of the chat completions wire, as configuration and as the four translations.

Law: everything here is pure. Addresses and headers come from the preset and the arguments; the key is seen in
`authorize` only.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from chat_core.codec.host import masked, place_of
from chat_core.errors import ConfigurationError
from chat_core.frozen import SHOWN, dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chat_completions.preset import Preset
    from chat_completions.stream import CompletionsDecoder
    from chat_core.codec.provider import Secret
    from chat_core.codec.wire import Channel, WireRequest, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSONObject
    from chat_core.request import Request
    from chat_core.response import Response


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Completions:
    """A service that speaks the chat completions wire; implements `chat_core.codec.provider.Provider`.

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
        return frozenset({"http"})

    @property
    def capabilities(self) -> Mapping[type, object]:
        """What the service offers beside chat, by protocol."""
        from chat_completions.count_tokens import CompletionsTokenCounter  # noqa: PLC0415 - it imports this module's type
        from chat_completions.embeddings import CompletionsEmbeddings  # noqa: PLC0415 - as above
        from chat_completions.models import CompletionsModels  # noqa: PLC0415 - as above
        from chat_completions.output import CompletionsOutput  # noqa: PLC0415 - as above
        from chat_core.codec.capabilities import (  # noqa: PLC0415 - asked for seldom
            Embeddings,
            Models,
            StructuredOutput,
            TokenCounter,
        )

        offered: dict[type, object] = {StructuredOutput: CompletionsOutput(self.preset)}
        if "embeddings" in self.preset.capabilities:
            offered[Embeddings] = CompletionsEmbeddings(self)
        if "models" in self.preset.capabilities:
            offered[Models] = CompletionsModels(self)
        if "token_count" in self.preset.capabilities:
            offered[TokenCounter] = CompletionsTokenCounter(self)
        return {**offered, **self._media()}

    def _media(self) -> Mapping[type, object]:
        """Return what the service offers for pictures and sound, and to judge, order and cut texts."""
        if self.preset.capabilities <= {"embeddings", "models", "token_count", "completions"}:
            return {}
        from chat_completions.offered import media  # noqa: PLC0415 - it imports this module's type

        return media(self)

    @property
    def serve(self) -> str | None:
        """The command that starts the server, where it is asked at its usual address."""
        return self.preset.serve if self.base_url == self.preset.base_url else None

    def url(self, path: str) -> str:
        """Return the address of an endpoint; each `/..` before a path takes the last segment of `base_url` away."""
        base = self.base_url
        while path.startswith("/../"):
            above, _, last = base.rpartition("/")
            path, base = path[3:], base if above.endswith("/") or not last else above
        return f"{base}{path}"

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        """Spell a request as this service has it.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
            UnsupportedTransport: the channel is none of `channels`.
        """
        from chat_completions.encode import encode  # noqa: PLC0415 - the codec is loaded by whoever calls

        return encode(self, request, channel=channel, stream=stream)

    def separable(self, request: Request) -> bool:  # noqa: ARG002 - the protocol's parameter
        """Tell whether a conversation can be spelled in two halves; as `chat_core.codec.prefix.Separable`."""
        return True

    def parse(self, body: JSONObject, *, model: str | None = None) -> Request:
        """Read a request body: the inverse of `encode`.

        Args:
            body: what was or would be sent; `stream` is no part of a request and is left out.
            model: the model, where the address names it and the body does not.

        Raises:
            DecodeError: the body is no chat completions request.
        """
        from chat_completions.parse import parse  # noqa: PLC0415 - as in `encode`

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
            ProviderError: the reply is an error in the guise of a success.
        """
        from chat_completions.decode import decode  # noqa: PLC0415 - as in `encode`

        return decode(self, request, reply)

    def decoder(self, request: Request) -> CompletionsDecoder:
        """Begin to read a streamed reply."""
        from chat_completions.stream import CompletionsDecoder  # noqa: PLC0415 - as in `encode`

        return CompletionsDecoder(request, self.origin(request.model))

    def decode_error(self, reply: WireResponse) -> ProviderError:
        """Read a reply whose status says that it failed; never raises."""
        from chat_completions.errors import decode_error  # noqa: PLC0415 - as in `encode`

        return decode_error(reply)

    def origin(self, model: str) -> str:
        """Return the name of what only this service, for models of this vendor, understands."""
        vendor, slash, _ = model.partition("/")
        return f"{self._place}/{vendor if slash and self.preset.routed else 'chat'}"

    def accepts(self, origin: str) -> bool:
        """Tell whether private data of another origin may be sent to this service.

        Of a router's own origins, `encode` sends those of the request's vendor only.
        """
        place, _, _ = origin.rpartition("/")
        _, _, host = place.rpartition("@")
        return place == self._place or host in self.preset.sisters

    @property
    def _place(self) -> str:
        return f"{self.name}@{place_of(self.base_url)}"


def _without_address(preset: Preset) -> ConfigurationError:
    from chat_completions.addresses import variables  # noqa: PLC0415 - for this error only

    names = " or ".join(variables(preset))
    return ConfigurationError(
        f"{preset.name} has an address of its own for every account: pass base_url=, or set the variable {names}"
    )
