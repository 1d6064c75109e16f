"""The channel that a call goes over, and the one to go on over when there is no way through.

Law: pure. A call moves once at most, and only as long as it may be tried again at all: nothing of the answer was seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import STREAMED
from chat_core.errors import ProviderError, SlowConsumer, TimedOut, TransportError
from chat_core.flow.retry import is_lost
from chat_core.transport.closings import ELSEWHERE_TOO

if TYPE_CHECKING:
    from chat_core.codec.wire import Channel
    from chat_core.errors import ChatError


class Channels:
    """Where a call is.

    Attributes:
        current: the channel to encode for.
    """

    __slots__ = ("_instead", "_refused", "current")

    def __init__(self, first: Channel, instead: Channel | None) -> None:
        """Begin with the first one."""
        self.current = first
        self._instead = instead
        self._refused = False

    @property
    def streamed(self) -> bool:
        """Whether every reply is a stream, whatever was asked for."""
        return self.current in STREAMED

    def refused(self, status: int) -> None:
        """Note that the service would not open a stream: it may be the channel that it declines."""
        self._refused = self.streamed and status not in ELSEWHERE_TOO

    def move(self, error: ChatError) -> bool | None:
        """Move on if an error says that there is no way through.

        Returns:
            `None` when there is no reason to move, or nowhere to go. Otherwise whether to try again at once: a request
            that may have been served is left to the policy.
        """
        if self._instead is None or not self._unreached(error):
            return None
        self.current, self._instead = self._instead, None
        return not is_lost(error) or not error.retryable

    def _unreached(self, error: ChatError) -> bool:
        match error:
            case TimedOut(phase=phase):
                return phase == "connect"
            case ProviderError():
                return self._refused
            case _:
                return isinstance(error, TransportError) and not isinstance(error, SlowConsumer)
