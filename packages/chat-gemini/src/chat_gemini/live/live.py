"""Live sessions as a capability of Gemini: implements `chat_core.codec.live.Live`.

Law: the address names the place, and the first message the model. Keys are added by `authorize`, as to a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import WireRequest
from chat_core.frozen import dataclass
from chat_gemini.live.codec import GeminiLiveCodec
from chat_gemini.live.options import GeminiLiveOptions
from chat_gemini.live.parse import parse_input, parse_setup
from chat_gemini.live.setup import encode_setup

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_core.live import LiveConfig, LiveInput
    from chat_gemini.places import Place
    from chat_gemini.provider import Gemini

EPHEMERAL_VERSION = "v1alpha"
"""The version that takes short-lived tokens."""


@dataclass(frozen=True, slots=True)
class GeminiLive:
    """Offers live sessions of one place."""

    provider: Gemini

    def connect(self, config: LiveConfig) -> WireRequest:
        """Return the handshake: the address of a WebSocket, and its headers but for credentials.

        Raises:
            UnsupportedContent: the wire cannot spell something of the configuration.
            UnansweredToolCall: a call of the conversation has no result.
        """
        ephemeral = config.options.native_of(GeminiLiveOptions).ephemeral is True
        return WireRequest(
            url=address(self.provider.place, ephemeral=ephemeral),
            method="GET",
            headers=self.provider.headers,
            notices=encode_setup(self.provider, config).notices,
        )

    def codec(self, config: LiveConfig) -> GeminiLiveCodec:
        """Begin to translate one session.

        Raises:
            UnsupportedContent: the wire cannot spell something of the configuration.
            UnansweredToolCall: a call of the conversation has no result.
        """
        return GeminiLiveCodec(self.provider, config)

    def parse_config(self, setup: JSONObject) -> LiveConfig:
        """Read a `setup`: the inverse of what is sent.

        Raises:
            DecodeError: it is malformed.
        """
        return parse_setup(self.provider, setup)

    def parse_input(self, message: JSONObject, config: LiveConfig) -> LiveInput:
        """Read a message of a client that speaks this wire, in a session of this configuration.

        Raises:
            DecodeError: it is malformed.
        """
        return parse_input(self.provider, message, config)


def address(place: Place, *, ephemeral: bool) -> str:
    """Return the address of a place's live sessions."""
    scheme, _, host = place.base_url.rstrip("/").partition("://")
    begin = f"{'ws' if scheme == 'http' else 'wss'}://{host}/ws"
    if place.vertex:
        return f"{begin}/google.cloud.aiplatform.{place.version}.LlmBidiService/BidiGenerateContent"
    method = "BidiGenerateContentConstrained" if ephemeral else "BidiGenerateContent"
    version = EPHEMERAL_VERSION if ephemeral else place.version
    return f"{begin}/google.ai.generativelanguage.{version}.GenerativeService.{method}"
