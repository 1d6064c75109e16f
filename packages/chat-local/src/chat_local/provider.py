"""The models of this machine as a provider: the codec between requests and the service in the process.

Law: a `Local` is a value. It loads no model and looks at no file: what it encodes, `LocalTransport` answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.codec.wire import WireRequest
from chat_core.errors import UnsupportedTransport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chat_core.codec.provider import Secret
    from chat_core.codec.wire import Channel, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSONObject
    from chat_core.request import Request
    from chat_core.response import Response
    from chat_local.stream import LocalDecoder

CHANNEL: Channel = "local"

FAMILY = "local"
"""What the origins of this wire end with."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Local:
    """Models of this machine; implements `chat_core.codec.provider.Provider`.

    Attributes:
        name: the name users type before the colon.
    """

    name: str = "local"

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that `encode` knows."""
        return frozenset({CHANNEL})

    @property
    def capabilities(self) -> Mapping[type, object]:
        """What is offered beside chat."""
        from chat_local.offers import offers  # noqa: PLC0415 - asked for seldom

        return offers(self)

    def encode(self, request: Request, *, channel: Channel = CHANNEL, stream: bool = False) -> WireRequest:
        """Spell a request as the service in the process has it.

        Raises:
            UnsupportedContent: a part is no text, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
            UnsupportedTransport: the channel is not `local`.
        """
        from chat_core.codec.framers import NDJSON  # noqa: PLC0415 - as below
        from chat_local.encode import encode_body  # noqa: PLC0415 - import chat_local.provider alone stays light

        if channel != CHANNEL:
            raise UnsupportedTransport(f"{self.name} runs models in this process, and speaks no {channel}")
        body, notices = encode_body(self, request, stream=stream)
        return WireRequest(
            url="local://service/generate", body=body, framer=NDJSON if stream else None, notices=notices
        )

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the protocol's parameters
        """Return no header: nobody asks for a key."""
        return {}

    def decode(self, request: Request, reply: WireResponse) -> Response:
        """Read a whole reply.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the model failed.
        """
        from chat_local.decode import decode_response  # noqa: PLC0415 - as in `encode`

        return decode_response(reply, self.decoder(request))

    def decoder(self, request: Request) -> LocalDecoder:
        """Begin to read a streamed reply."""
        from chat_local.stream import LocalDecoder  # noqa: PLC0415 - as in `encode`

        return LocalDecoder(request, self.origin(request.model))

    def decode_error(self, reply: WireResponse) -> ProviderError:
        """Read a reply whose status says that it failed; never raises."""
        from chat_local.errors import decode_error  # noqa: PLC0415 - as in `encode`

        return decode_error(reply)

    def parse(self, body: JSONObject) -> Request:
        """Read a request of this wire: the inverse of `encode`.

        Raises:
            DecodeError: the body is no request of this wire.
        """
        from chat_local.parse import parse_body  # noqa: PLC0415 - as in `encode`

        return parse_body(self, body)

    def origin(self, model: str) -> str:  # noqa: ARG002 - the protocol's parameter: thoughts of all local models are text
        """Return the name under which parts keep what only this service understands."""
        return f"{self.name}@/{FAMILY}"

    def accepts(self, origin: str) -> bool:
        """Tell whether private data of another origin may be sent here: that of any local model."""
        return origin.endswith(f"@/{FAMILY}")
