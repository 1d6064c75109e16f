"""Where Ollama is served: address, headers, and the codec behind them.

Law: an `Ollama` is a value. It holds no secret and no state; two equal ones encode the same bytes.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from chat_core.codec.framers import NDJSON
from chat_core.codec.host import masked, place_of
from chat_core.codec.wire import WireRequest
from chat_core.errors import UnsupportedTransport
from chat_core.frozen import SHOWN, dataclass
from chat_ollama.addresses import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chat_core.codec.provider import Secret
    from chat_core.codec.wire import Channel, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSONObject
    from chat_core.request import Request
    from chat_core.response import Notice, Response
    from chat_ollama.stream import ChatDecoder

CHANNELS: frozenset[Channel] = frozenset({"http"})

PATH = "/api/chat"


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Ollama:
    """Ollama's native API on one server; implements `chat_core.codec.provider.Provider`.

    Attributes:
        name: the name users type before the colon.
        base_url: the server, with the path before `/api`.
        headers: further headers for every request.
    """

    name: str = "ollama"
    base_url: str = field(default=DEFAULT, metadata={SHOWN: masked})
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False, repr=False)

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that `encode` knows."""
        return CHANNELS

    @property
    def capabilities(self) -> Mapping[type, object]:
        """What is offered beside chat."""
        from chat_core.codec.capabilities import Embeddings, Models, StructuredOutput  # noqa: PLC0415 - they import this module
        from chat_ollama.embeddings import OllamaEmbeddings  # noqa: PLC0415 - as above
        from chat_ollama.models import OllamaModels  # noqa: PLC0415 - as above
        from chat_ollama.output import OllamaOutput  # noqa: PLC0415 - as above

        return {
            Embeddings: OllamaEmbeddings(self),
            Models: OllamaModels(self),
            StructuredOutput: OllamaOutput(),
        }

    @property
    def serve(self) -> str | None:
        """The command that starts the server, where it is asked at its usual address."""
        return "ollama serve" if self.base_url == DEFAULT else None

    def url(self, path: str) -> str:
        """Return the absolute address of a path."""
        return self.base_url.rstrip("/") + path

    def wire(
        self,
        path: str,
        body: JSONObject | None = None,
        *,
        method: str = "POST",
        stream: bool = False,
        notices: tuple[Notice, ...] = (),
    ) -> WireRequest:
        """Make a request to an endpoint of this server."""
        headers = {"accept": "application/x-ndjson" if stream else "application/json"}
        if body is not None:
            headers["content-type"] = "application/json"
        return WireRequest(
            url=self.url(path),
            body=body,
            method=method,
            headers={**headers, **self.headers},
            framer=NDJSON if stream else None,
            notices=notices,
        )

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        """Spell a request as this wire has it.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
            UnsupportedTransport: the channel is not `http`.
        """
        from chat_ollama.encode import encode_body  # noqa: PLC0415 - import chat_ollama.provider alone stays light

        self.require(channel)
        body, notices = encode_body(self, request, stream=stream)
        return self.wire(PATH, body, stream=stream, notices=notices)

    def separable(self, request: Request) -> bool:  # noqa: ARG002 - the protocol's parameter
        """Tell whether a conversation can be spelled in two halves; as `chat_core.codec.prefix.Separable`."""
        return True

    def require(self, channel: Channel) -> None:
        """Refuse a channel that is not spoken.

        Raises:
            UnsupportedTransport: the channel is not `http`.
        """
        if channel not in CHANNELS:
            raise UnsupportedTransport(f"{self.name} speaks http only, not {channel}")

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's parameters
        """Return the header that proves who is asking: Ollama's own service and proxies want it, servers do not."""
        return {"authorization": f"Bearer {secret.value}"}

    def decode(self, request: Request, reply: WireResponse) -> Response:
        """Read a whole successful reply.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        from chat_ollama.decode import decode_response  # noqa: PLC0415 - as in `encode`

        return decode_response(reply, self.decoder(request))

    def decoder(self, request: Request) -> ChatDecoder:
        """Begin to read a streamed reply."""
        from chat_ollama.stream import ChatDecoder  # noqa: PLC0415 - as in `encode`

        return ChatDecoder(request, self.origin(request.model))

    def decode_error(self, reply: WireResponse) -> ProviderError:
        """Read a reply whose status says that it failed; never raises."""
        from urllib.parse import urlsplit  # noqa: PLC0415 - as in `encode`

        from chat_ollama.errors import decode_error  # noqa: PLC0415 - as in `encode`

        return decode_error(reply, host=urlsplit(self.base_url).hostname)

    def parse(self, body: JSONObject) -> Request:
        """Read a request of this wire: the inverse of `encode`.

        Args:
            body: the request's JSON; `stream` is no part of a request and is left out.

        Raises:
            DecodeError: the body is no request of this wire.
        """
        from chat_ollama.parse import parse_body  # noqa: PLC0415 - as in `encode`

        return parse_body(self, body)

    def origin(self, model: str) -> str:  # noqa: ARG002 - the protocol's parameter: models of a server are one origin
        """Return the name under which parts keep what only this service understands."""
        return f"{self.name}@{place_of(self.base_url)}/ollama"

    def accepts(self, origin: str) -> bool:
        """Tell whether private data of another origin may be sent here: that of every Ollama server.

        There are no seals on this wire, and a server has many names: `localhost`, an address, one in the network.
        """
        return origin.endswith("/ollama")
