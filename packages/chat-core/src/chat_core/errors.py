"""Every error that comes out of the library: whose fault it is, what to do, whether a retry can help.

    ChatError
    ├── ConfigurationError                 the program: fix the set-up
    │   ├── MissingCredential · UnknownProvider · BrokenPlugin
    │   ├── UnsupportedTransport
    │   └── UnsupportedCapability
    ├── UnsupportedContent                 the request: this provider cannot spell it
    ├── UnansweredToolCall                 the request: a call without its result
    ├── TransportError                     the network
    │   ├── ConnectFailed · TimedOut · StreamTruncated · SlowConsumer
    ├── ProviderError                      the service said no
    │   ├── AuthenticationFailed · PermissionDenied · NotFound · InvalidRequest · ContextTooLong
    │   ├── RateLimited · QuotaExceeded · Overloaded · ServerError · ContentBlocked · ChainLost
    ├── DecodeError                        the service broke its own wire format
    ├── GrammarError                       a decoder broke the stream grammar
    ├── StepsExceeded · OutputInvalid · ToolFailed
    ├── DecisionRefused · AlreadyResumed   a paused turn: the decision does not fit, or somebody else took the turn up
    ├── StoreError                         the store of conversations: its file, its server, or what was asked of it
    │   ├── StoreConflict · StoreMissing · StoreBusy · StoreFull · StoreDamaged · StoreOutdated
    └── Cancelled                          the program did not want the answer any more

Law: classified from the status and the provider's own code, never by searching message text. `partial` holds what
had arrived, `messages` the conversation so far. No error text holds a secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON
    from chat_core.messages import Message
    from chat_core.response import Attempt, Response

MAX_BODY = 16 * 1024
"""Longest part of a reply's body that an error keeps, in characters."""


class ChatError(Exception):
    """The root of all errors of this library.

    Attributes:
        partial: what had been received before the failure, with its usage; `None` when nothing was.
        retryable: whether sending the same request again can succeed.
        attempts: every try at the call, in order, the failed one last; empty when nothing was sent.
        messages: the history as far as a conversation had come, to carry on with: calls that have no result yet are
            answered by `resume`. Empty when the error has nothing to do with one.
        responses: what the model had answered before in the same turn, with what it cost.
        finished: what was found for the first of many texts, of a call that asks about them in several exchanges: a
            response of the kind that the call returns, with so many results; `None` = nothing.
        fix: what to do about it, where that is known beside the message; `None` = it is not.
    """

    retryable: bool = False
    fix: str | None = None
    attempts: tuple[Attempt, ...] = ()
    messages: tuple[Message, ...] = ()
    responses: tuple[Response, ...] = ()
    finished: object = None

    def __init__(self, message: str, *, partial: Response | None = None) -> None:
        """Keep the message and what had been received."""
        super().__init__(message)
        self.message = message
        self.partial = partial

    def __str__(self) -> str:
        """Say what happened, and what to do."""
        return self.message if self.fix is None else f"{self.message}. {self.fix}"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by state: keyword arguments of subclasses are attributes of the same name."""
        return _restore, (type(self), self.message, self.__dict__)


def _restore(kind: type[ChatError], message: str, state: dict[str, object]) -> ChatError:
    error = kind.__new__(kind, message)
    error.__dict__.update(state)
    return error


class ConfigurationError(ChatError):
    """The set-up is wrong; the message names the fix."""


class MissingCredential(ConfigurationError):
    """No credential was found; the message names the variable to set."""


class UnknownProvider(ConfigurationError):
    """No installed package offers this provider; the message says what to do."""


class BrokenPlugin(ConfigurationError):
    """A plugin could not be loaded; the message names its distribution and version."""


class UnsupportedTransport(ConfigurationError):
    """The provider does not speak over this transport."""


class UnsupportedCapability(ConfigurationError):
    """The provider lacks what was asked for; the message says who has it."""


class UnsupportedContent(ChatError):
    """The request holds content that this provider's wire cannot spell. Raised before any I/O."""


class UnansweredToolCall(ChatError):
    """The history holds a tool call without its result. Raised before any I/O."""


class TransportError(ChatError):
    """The network failed."""

    retryable = True


class ConnectFailed(TransportError):
    """No connection could be made; the fix may be the command that starts the server."""


class TimedOut(TransportError):
    """A phase of the call took too long.

    Attributes:
        phase: connect, pool, first_byte, first_content, between_content, total or tool.
        seconds: the limit that was reached.
    """

    def __init__(self, message: str, *, phase: str, seconds: float, partial: Response | None = None) -> None:
        """Keep the phase and its limit."""
        super().__init__(message, partial=partial)
        self.phase = phase
        self.seconds = seconds


class StreamTruncated(TransportError):
    """The stream ended without any of its wire's terminal signals."""


class SlowConsumer(TransportError):
    """The program took events more slowly than they came, and a bounded queue was full."""

    retryable = False


class ProviderError(ChatError):
    """The service answered with an error.

    Attributes:
        status: HTTP status; `None` when the error came inside a stream or socket without one.
        type: the service's name for the class of error.
        code: the service's machine-readable code, as text.
        param: the request field that the service blames.
        request_id: the service's id of the request.
        retry_after: seconds to wait, as the service asks.
        body: the beginning of the reply, as text.
        details: the error as the service sent it.
    """

    def __init__(  # noqa: PLR0913 - one keyword per fact that services send
        self,
        message: str,
        *,
        status: int | None = None,
        type: str | None = None,
        code: str | None = None,
        param: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        body: str = "",
        details: JSON = None,
        partial: Response | None = None,
    ) -> None:
        """Keep what the service said; `body` is cut to `MAX_BODY` characters."""
        super().__init__(message, partial=partial)
        self.status = status
        self.type = type
        self.code = code
        self.param = param
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body[:MAX_BODY]
        self.details = details

    def __str__(self) -> str:
        """Say what happened with the status, code and request id that a support desk asks for."""
        facts = [
            f"{name} {value}"
            for name, value in (
                ("HTTP", self.status),
                ("type", self.type),
                ("code", self.code),
                ("request", self.request_id),
            )
            if value is not None
        ]
        said = f"{self.message} ({', '.join(facts)})" if facts else self.message
        return said if self.fix is None else f"{said}. {self.fix}"


class AuthenticationFailed(ProviderError):
    """The service does not accept the credential."""


class PermissionDenied(ProviderError):
    """The credential may not do this."""


class NotFound(ProviderError):
    """The service does not know the model, file or endpoint."""


class InvalidRequest(ProviderError):
    """The service does not accept the request."""


class ContextTooLong(InvalidRequest):
    """The request is longer than the model's context."""


class RateLimited(ProviderError):
    """Too many requests; `retry_after` says when to come back."""

    retryable = True


class QuotaExceeded(ProviderError):
    """The account's credit or spending limit is used up; waiting does not help."""


class Overloaded(ProviderError):
    """The service has no capacity at the moment."""

    retryable = True


class ServerError(ProviderError):
    """The service failed."""

    retryable = True


class ContentBlocked(ProviderError):
    """A filter of the service refused the prompt or the answer."""


class ChainLost(ProviderError):
    """The server-side state that the request continues is gone; send the whole history."""


class DecodeError(ChatError):
    """The service broke its own wire format: what came is malformed."""


class GrammarError(ChatError):
    """A decoder broke the stream grammar; a fault of the provider package."""


class StepsExceeded(ChatError):
    """The tool loop reached its step limit; `messages` is the history, whose last calls are answered."""


class OutputInvalid(ChatError):
    """The model's answer does not fit the asked type, after every try that was allowed.

    Attributes:
        text: the answer, as text.
        faults: what is wrong with it, one line each.
    """

    def __init__(
        self, message: str, *, text: str = "", faults: tuple[str, ...] = (), partial: Response | None = None
    ) -> None:
        """Keep the answer and its faults."""
        super().__init__(message, partial=partial)
        self.text = text
        self.faults = faults


class ToolFailed(ChatError):
    """A tool raised, and errors of tools were asked to be raised; the cause is the tool's own error."""


class DecisionRefused(ChatError):
    """A decision does not fit the paused turn: no such call, a token that is stale or of another call."""


class AlreadyResumed(ChatError):
    """Another process has taken up this paused turn."""


class Cancelled(ChatError):
    """The program left: thrown into a flow that is closed, so that it can say how far it had come."""


class StoreError(ChatError):
    """A store of conversations could not do what was asked; the message names the fix."""


class StoreConflict(StoreError):
    """Another writer was first; nothing was written.

    Attributes:
        head: the conversation's head as it is; `None` when nothing was said, or when no conversation is concerned.
    """

    def __init__(self, message: str, *, head: str | None = None, partial: Response | None = None) -> None:
        """Keep the winner's head."""
        super().__init__(message, partial=partial)
        self.head = head


class StoreMissing(StoreError):
    """The store holds no such conversation, node or mark."""


class StoreBusy(StoreError):
    """Another program holds the store; nothing was written."""

    retryable = True


class StoreFull(StoreError):
    """There is no room left; nothing was written, and what was written before is there."""


class StoreDamaged(StoreError):
    """The file is no store, or its content is not what was written. Nothing is deleted."""


class StoreOutdated(StoreError):
    """A newer version of this software has made the store; nothing was written.

    Attributes:
        found: the version of its schema.
        known: the newest version that this software knows.
    """

    def __init__(self, message: str, *, found: int = 0, known: int = 0, partial: Response | None = None) -> None:
        """Keep both versions."""
        super().__init__(message, partial=partial)
        self.found = found
        self.known = known
