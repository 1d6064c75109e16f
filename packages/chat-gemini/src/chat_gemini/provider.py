"""Gemini at one place: addresses, headers, and the codec behind them.

Law: a `Gemini` is a value. It holds no secret and no state; two equal ones encode the same bytes.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, TypeVar

from chat_core.codec.framers import SSE
from chat_core.codec.wire import WireRequest
from chat_core.errors import UnsupportedTransport
from chat_core.frozen import dataclass
from chat_core.parts import Media, Reasoning, Text, ToolCall, ToolResult
from chat_core.tools import Tool
from chat_gemini.places import Place
from chat_gemini.signatures import family

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chat_core.codec.provider import Secret
    from chat_core.codec.wire import Channel, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request
    from chat_core.response import Notice, Response
    from chat_gemini.stream import GenerateDecoder

Marked = TypeVar("Marked", Text, Reasoning, Media, ToolCall, ToolResult, Tool)

CHANNELS: frozenset[Channel] = frozenset({"http"})

INTERACTIONS = "interactions."
"""What the families of the other wire begin with that the same host speaks: its private data is of another shape."""

METHOD = "generateContent"
STREAM_METHOD = "streamGenerateContent"
STREAM_QUERY = "alt=sse"
"""Without it a stream is one JSON array, which the decoder reads as well: `chat_core.codec.framers.JSONArray`."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Gemini:
    """Google's generateContent API at one place; implements `chat_core.codec.provider.Provider`.

    Attributes:
        name: the name users type before the colon.
        place: where it is served: the developer API, or Vertex AI.
        headers: further headers for every request.
    """

    name: str = "gemini"
    place: Place = field(default_factory=Place)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False, repr=False)

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that `encode` knows."""
        return CHANNELS

    @property
    def capabilities(self) -> Mapping[type, object]:
        """What is offered beside chat."""
        from chat_core.codec.capabilities import Embeddings, Models, StructuredOutput, TokenCounter  # noqa: PLC0415 - they import this module
        from chat_core.codec.images import Images  # noqa: PLC0415 - as above
        from chat_core.codec.live import Live  # noqa: PLC0415 - as above
        from chat_core.codec.speech import Speech  # noqa: PLC0415 - as above
        from chat_gemini.count_tokens import GeminiTokenCounter  # noqa: PLC0415 - as above
        from chat_gemini.embeddings import GeminiEmbeddings  # noqa: PLC0415 - as above
        from chat_gemini.images import GeminiImages  # noqa: PLC0415 - as above
        from chat_gemini.live.live import GeminiLive  # noqa: PLC0415 - as above
        from chat_gemini.models import GeminiModels  # noqa: PLC0415 - as above
        from chat_gemini.output import GeminiOutput  # noqa: PLC0415 - as above
        from chat_gemini.speech import GeminiSpeech  # noqa: PLC0415 - as above

        return {
            Embeddings: GeminiEmbeddings(self),
            Images: GeminiImages(self),
            Live: GeminiLive(self),
            Models: GeminiModels(self),
            Speech: GeminiSpeech(self),
            StructuredOutput: GeminiOutput(),
            TokenCounter: GeminiTokenCounter(self),
        }

    def wire(
        self,
        url: str,
        body: JSONObject | None = None,
        *,
        method: str = "POST",
        stream: bool = False,
        notices: tuple[Notice, ...] = (),
    ) -> WireRequest:
        """Make a request to an address of this place."""
        headers = {"accept": "text/event-stream" if stream else "application/json"}
        if body is not None:
            headers["content-type"] = "application/json"
        return WireRequest(
            url=url,
            body=body,
            method=method,
            headers={**headers, **self.headers},
            framer=SSE if stream else None,
            notices=notices,
        )

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        """Spell a request as this wire has it.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
            UnsupportedTransport: the channel is not `http`.
        """
        from chat_gemini.encode import encode_body  # noqa: PLC0415 - import chat_gemini.provider alone stays light

        self.require(channel)
        body, notices = encode_body(self, request)
        url = self.place.model_url(request.model, STREAM_METHOD if stream else METHOD)
        return self.wire(f"{url}?{STREAM_QUERY}" if stream else url, body, stream=stream, notices=notices)

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
        """Return the header that proves who is asking."""
        return self.place.authorization(secret)

    def decode(self, request: Request, reply: WireResponse) -> Response:
        """Read a whole successful reply.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        from chat_gemini.decode import decode_response  # noqa: PLC0415 - as in `encode`

        return decode_response(reply, self.decoder(request))

    def decoder(self, request: Request) -> GenerateDecoder:
        """Begin to read a streamed reply."""
        from chat_gemini.stream import GenerateDecoder  # noqa: PLC0415 - as in `encode`

        return GenerateDecoder(self, request)

    def decode_error(self, reply: WireResponse) -> ProviderError:
        """Read a reply whose status says that it failed; never raises."""
        from chat_gemini.errors import read_error  # noqa: PLC0415 - as in `encode`

        return read_error(reply, self)

    def parse(self, body: JSONObject, *, model: str | None = None) -> Request:
        """Read a request of this wire: the inverse of `encode`.

        Args:
            body: the request's JSON, in camel case or snake case.
            model: the model, which is in the address on this wire.

        Raises:
            DecodeError: the body is no request of this wire, or its model is not known.
        """
        from chat_gemini.parse import parse_body  # noqa: PLC0415 - as in `encode`

        return parse_body(self, body, model=model)

    def origin(self, model: str) -> str:
        """Return the name under which parts keep what only this service, for this family of models, understands."""
        return f"{self.name}@{self.place.surface}/{family(model)}"

    def accepts(self, origin: str) -> bool:
        """Tell whether private data of another origin may be sent here: that of this wire, the same place and project.

        Signatures go to the family of models that made them only; `encode` sees to that.
        """
        surface, _, made_by = origin.partition("@")[2].rpartition("/")
        return surface == self.place.surface and not made_by.startswith(INTERACTIONS)

    def marked(self, item: Marked, model: str, **keys: JSON) -> Marked:
        """Return a part or tool with members of this wire, such as `videoMetadata={"fps": 2}`."""
        origin = self.origin(model)
        old = item.meta.get(origin, {})
        return replace(item, meta={**item.meta, origin: {**old, **keys}})
