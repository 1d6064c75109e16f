"""What live sessions of both colours have in common: what they show, and when they go on over another connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import TimedOut, TransportError
from chat_core.livesessions.moving import IDLE, lost

if TYPE_CHECKING:
    from chat_core.codec.wire import WireRequest
    from chat_core.live import LiveConfig
    from chat_core.livesessions.beginning import Beginning
    from chat_core.livesessions.dialogue import LiveDialogue
    from chat_core.messages import Message
    from chat_core.response import Usage

SEND_PATIENCE = 30.0
"""Most seconds that one message may take to be sent, and that `send` waits for room."""


class LiveShown:
    """A live session, as far as both colours are alike."""

    _beginning: Beginning
    _dialogue: LiveDialogue | None

    @property
    def id(self) -> str | None:
        """The service's id of the session, once it has said it."""
        return None if self._dialogue is None else self._dialogue.id

    @property
    def resume_token(self) -> str | None:
        """With this, `chat.live(resume=…)` goes on from here; `None` = that is not possible now."""
        return None if self._dialogue is None else self._dialogue.resume_token

    @property
    def usage(self) -> Usage:
        """What all of the session has cost so far."""
        return self._begun.usage

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation so far, in words: see `chat_core.livesessions.history`."""
        return self._begun.history.messages

    @property
    def _begun(self) -> LiveDialogue:
        if self._dialogue is None:
            raise RuntimeError("the session has not begun: use it inside of `with`")
        return self._dialogue

    def _unusable(self) -> TransportError | None:
        """Return why nothing more can be said."""
        return closed() if self._begun.inbox.ended else None

    def _moving(self) -> bool:
        """Tell whether the session should go on over another connection now: the service is about to leave."""
        dialogue = self._begun
        return self._beginning.reconnect and dialogue.leaving and dialogue.quiet and dialogue.resume_token is not None

    def _again(self, error: Exception | None) -> tuple[LiveConfig, WireRequest] | None:
        """Return what to say on another connection when one has ended; `None` when the session ends with it."""
        dialogue, beginning = self._begun, self._beginning
        token = dialogue.resume_token
        if not beginning.reconnect or token is None or not dialogue.heard or not (error is None or lost(error)):
            return None
        if error is None and not dialogue.leaving:  # the service has closed in order
            return None
        config = beginning.resumed(dialogue.config, token)
        return config, beginning.wire(config)


def idled(seconds: float) -> TimedOut:
    """Return the error of a service that says nothing."""
    return TimedOut(f"the service said nothing within {seconds:g} s (idle=)", phase=IDLE, seconds=seconds)


def closed() -> TransportError:
    """Return the error for who speaks in a session that is over."""
    error = TransportError("the session is over: nothing more can be said")
    error.retryable = False
    return error
