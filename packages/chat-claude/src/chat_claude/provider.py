"""Where Claude is served: endpoint, headers, version, and the codec behind them.

Law: a `Claude` is a value. It holds no secret and no state; two equal ones encode the same bytes.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import quote, urlsplit

from chat_core.codec.framers import SSE
from chat_core.codec.host import masked
from chat_core.codec.wire import WireRequest
from chat_core.errors import UnsupportedTransport
from chat_core.frozen import SHOWN, dataclass
from chat_core.parts import Media, Text, ToolCall, ToolResult
from chat_core.tools import Tool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chat_core.codec.provider import Decoder, Secret
    from chat_core.codec.wire import Channel, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request
    from chat_core.response import Response

Marked = TypeVar("Marked", Text, Media, ToolCall, ToolResult, Tool)

CHANNELS: frozenset[Channel] = frozenset({"http"})

SURFACES = ("api.anthropic.com", "aiplatform.googleapis.com", "services.ai.azure.com", "amazonaws.com")
"""Hosts (or their parent domains) that serve Anthropic's own models: signatures of one are valid at the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """How one kind of host spells the endpoint.

    Attributes:
        path: the path of a request that is answered whole; `{model}` stands for the model.
        stream_path: the path of a streamed one.
        body_version: the `anthropic_version` in the body of hosts that take it there, and the model in the path.
        auth: the header that carries the credential.
    """

    path: str = "/v1/messages"
    stream_path: str = "/v1/messages"
    body_version: str | None = None
    auth: Literal["x-api-key", "bearer"] = "x-api-key"


ANTHROPIC = Surface()
"""Anthropic's own API, and hosts with the same paths: Microsoft Foundry, gateways, compatible services."""

VERTEX = Surface(
    path="/{model}:rawPredict",
    stream_path="/{model}:streamRawPredict",
    body_version="vertex-2023-10-16",
    auth="bearer",
)
"""Google's Agent Platform; `base_url` ends with `/publishers/anthropic/models`."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Claude:
    """Anthropic Messages at one host.

    Attributes:
        name: the name users type before the colon.
        base_url: the host, with the path before `/v1/messages`.
        version: the header `anthropic-version`; from 2026-10-21 on sampling parameters are not sent.
        headers: further headers for every request.
        surface: the kind of host.
        family: whose models answer; set it for compatible services that serve models of their own, so that their
            reasoning is not taken for Claude's.
    """

    name: str = "claude"
    base_url: str = field(default="https://api.anthropic.com", metadata={SHOWN: masked})
    version: str = "2023-06-01"
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False, repr=False)
    surface: Surface = ANTHROPIC
    family: str = "claude"

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that `encode` knows."""
        return CHANNELS

    @property
    def capabilities(self) -> Mapping[type, object]:
        """What is offered beside chat."""
        from chat_claude.count_tokens import ClaudeTokenCounter  # noqa: PLC0415 - as above
        from chat_claude.models import ClaudeModels  # noqa: PLC0415 - as above
        from chat_claude.output import ClaudeOutput  # noqa: PLC0415 - as above
        from chat_core.codec.capabilities import Models, StructuredOutput, TokenCounter  # noqa: PLC0415 - they import this module

        return {
            Models: ClaudeModels(self),
            StructuredOutput: ClaudeOutput(),
            TokenCounter: ClaudeTokenCounter(self),
        }

    def url(self, path: str) -> str:
        """Return the absolute address of a path."""
        return self.base_url.rstrip("/") + path

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        """Spell a request as this wire has it.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
            UnsupportedTransport: the channel is not `http`.
        """
        from chat_claude.encode import encode_body  # noqa: PLC0415 - import chat_claude.provider alone stays light

        if channel not in CHANNELS:
            raise UnsupportedTransport(f"{self.name} speaks http only, not {channel}")
        body, notices = encode_body(self, request, stream=stream)
        path = self.surface.stream_path if stream else self.surface.path
        return WireRequest(
            url=self.url(path.format(model=quote(request.model, safe="@"))),
            body=body,
            headers=self._headers(request, stream=stream),
            framer=SSE if stream else None,
            notices=notices,
        )

    def separable(self, request: Request) -> bool:  # noqa: ARG002 - the protocol's parameter
        """Tell whether a conversation can be spelled in two halves; as `chat_core.codec.prefix.Separable`."""
        return True

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's parameters
        """Return the header that proves who is asking."""
        if self.surface.auth == "bearer" or secret.bearer:
            return {"authorization": f"Bearer {secret.value}"}
        return {"x-api-key": secret.value}

    def decode(self, request: Request, reply: WireResponse) -> Response:
        """Read a whole successful reply.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        from chat_claude.decode import decode_response  # noqa: PLC0415 - as in `encode`

        return decode_response(reply, self.origin(request.model))

    def decoder(self, request: Request) -> Decoder:
        """Begin to read a streamed reply."""
        from chat_claude.stream import MessagesDecoder  # noqa: PLC0415 - as in `encode`

        return MessagesDecoder(self.origin(request.model))

    def decode_error(self, reply: WireResponse) -> ProviderError:
        """Read a reply whose status says that it failed; never raises."""
        from chat_claude.errors import decode_error  # noqa: PLC0415 - as in `encode`

        return decode_error(reply)

    def parse(self, body: JSONObject, *, model: str | None = None, headers: Mapping[str, str] | None = None) -> Request:
        """Read a request of this wire: the inverse of `encode`.

        Args:
            body: the request's JSON.
            model: the model, for hosts whose body has none.
            headers: the request's headers, of which `anthropic-beta` is read.

        Raises:
            DecodeError: the body is no request of this wire.
        """
        from chat_claude.parse import parse_body  # noqa: PLC0415 - as in `encode`

        return parse_body(self, body, model=model, headers=headers or {})

    def origin(self, model: str) -> str:  # noqa: ARG002 - the protocol's parameter: all models of a family are one origin
        """Return the name under which parts keep what only this service understands."""
        return f"{self.name}@{urlsplit(self.base_url).hostname}/{self.family}"

    def accepts(self, origin: str) -> bool:
        """Tell whether private data of another origin may be sent here: the same host, or sister surfaces."""
        host = urlsplit(self.base_url).hostname or ""
        _, _, place = origin.partition("@")
        if place == f"{host}/{self.family}":
            return True
        other, _, family = place.rpartition("/")
        return family == self.family and _serves_claude(host) and _serves_claude(other)

    def marked(self, item: Marked, model: str, **keys: JSON) -> Marked:
        """Return a part or tool with keys of this wire, such as `cache_control=cache()`."""
        origin = self.origin(model)
        old = item.meta.get(origin, {})
        return replace(item, meta={**item.meta, origin: {**old, **keys}})

    def _headers(self, request: Request, *, stream: bool) -> dict[str, str]:
        from chat_claude.options import ClaudeOptions  # noqa: PLC0415 - as in `encode`

        betas = request.options.native_of(ClaudeOptions).betas
        headers = {"content-type": "application/json", "accept": "text/event-stream" if stream else "application/json"}
        if self.surface.body_version is None:
            headers["anthropic-version"] = self.version
        if betas:
            headers["anthropic-beta"] = ",".join(betas)
        return {**headers, **self.headers}


def _serves_claude(host: str) -> bool:
    return any(host == surface or host.endswith((f".{surface}", f"-{surface}")) for surface in SURFACES)
