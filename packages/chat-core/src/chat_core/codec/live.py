"""The seam of live sessions: one value per session that translates both ways, without a socket.

Law: pure, as all of the codec. Time is not its business: nothing is sent because time has passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.wire import Frame, WireJSON, WireRequest
    from chat_core.live import LiveConfig, LiveEvent, LiveInput

LiveMessage: TypeAlias = "Mapping[str, WireJSON] | bytes"
"""One message to be sent: JSON, as text, or bytes, as a binary message."""


class LiveCodec(Protocol):
    """Translates one session. It begins with messages to be sent, if its wire wants that."""

    @property
    def ready(self) -> bool:
        """Whether the service has said that it listens; what is said before that is kept back where it has to be."""
        ...

    @property
    def resume_token(self) -> str | None:
        """What a later session can go on with, as of now."""
        ...

    def send(self, said: LiveInput) -> None:
        """Say something: `to_send` then has it.

        Raises:
            UnsupportedContent: the wire cannot spell it; nothing will be sent.
        """
        ...

    def feed(self, frame: Frame) -> Iterator[LiveEvent]:
        """Read one message of the service; events that precede a failure come before it is raised.

        Raises:
            DecodeError: a known event is malformed.
            ProviderError: the service ended the session with an error.
        """
        ...

    def to_send(self) -> tuple[LiveMessage, ...]:
        """Return what is to be sent now, in order, once: after `send`, and after `feed`, which may cause it."""
        ...

    def finish(self) -> Iterator[LiveEvent]:
        """End the session at the end of the connection: a response that was on ends as cancelled."""
        ...


class Live(Protocol):
    """Offers live sessions: a capability of a provider."""

    def connect(self, config: LiveConfig) -> WireRequest:
        """Return the handshake: the address of a WebSocket, and its headers but for credentials.

        Raises:
            UnsupportedContent: the wire cannot spell something of the configuration.
        """
        ...

    def codec(self, config: LiveConfig) -> LiveCodec:
        """Begin to translate one session."""
        ...
