"""Live sessions as a capability of a provider: implements `chat_core.codec.live.Live`.

Law: the address names the model, or the call that the session is about. Keys are added by `authorize`, as to a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from chat_core.codec.host import place_of
from chat_core.codec.wire import WireRequest
from chat_core.frozen import dataclass
from chat_responses.realtime.codec import RealtimeCodec
from chat_responses.realtime.options import RealtimeOptions
from chat_responses.realtime.parse import parse_config, parse_input
from chat_responses.realtime.saying import Saying
from chat_responses.sockets import socket_url

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_core.live import LiveConfig, LiveInput
    from chat_responses.provider import Responses

FAMILY = "realtime"
"""What the origins of this wire end with."""

PATH = "/realtime"


@dataclass(frozen=True, slots=True)
class RealtimeLive:
    """Offers live sessions of one service."""

    provider: Responses

    def origin(self) -> str:
        """Return the name of what only this service's sessions understand."""
        return f"{self.provider.name}@{place_of(self.provider.base_url)}/{FAMILY}"

    def connect(self, config: LiveConfig) -> WireRequest:
        """Return the handshake: the address of a WebSocket, and its headers but for credentials.

        Raises:
            UnsupportedContent: the wire cannot spell something of the configuration.
            UnansweredToolCall: a call of the conversation has no result.
        """
        notices = Saying(self.provider, self.origin(), config).notices
        url = socket_url(self.provider.url(PATH))
        asked = urlencode(self._query(config), quote_via=quote)
        return WireRequest(
            url=f"{url}?{asked}" if asked else url,
            method="GET",
            headers=self.provider.headers,
            notices=tuple(notices),
        )

    def codec(self, config: LiveConfig) -> RealtimeCodec:
        """Begin to translate one session.

        Raises:
            UnsupportedContent: the wire cannot spell something of the configuration.
            UnansweredToolCall: a call of the conversation has no result.
        """
        return RealtimeCodec(self.provider, self.origin(), config)

    def parse_config(self, session: JSONObject, *, model: str) -> LiveConfig:
        """Read the `session` of a `session.update`: the inverse of what is sent.

        Raises:
            DecodeError: it is malformed.
        """
        return parse_config(self.provider, session, model=model)

    def parse_input(self, event: JSONObject, config: LiveConfig) -> LiveInput:
        """Read an event of a client that speaks this wire, in a session of this configuration.

        Raises:
            DecodeError: it is malformed.
        """
        return parse_input(self.provider, event, config)

    def _query(self, config: LiveConfig) -> dict[str, str]:
        native = config.options.native_of(RealtimeOptions)
        query = dict(native.query or {})
        if native.call_id is not None:
            query["call_id"] = native.call_id
        if not query.keys() & {"model", "call_id", "deployment"} and config.model:
            query = {"model": config.model, **query}
        if config.resume is not None and self.provider.preset.realtime == "mixed":
            query["conversation_id"] = config.resume
        return query
