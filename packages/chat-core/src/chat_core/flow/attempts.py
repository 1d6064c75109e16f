"""The attempts at one exchange: credential, time budget, ledger, and the verdict about each failure.

Law: nothing is tried again once the program has seen a piece of the answer. Every attempt is in the ledger, and the
ledger is in the response or in the error.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeVar

from chat_core.codec.effects import now, sleep
from chat_core.errors import AuthenticationFailed, ChatError, ProviderError, TimedOut
from chat_core.flow.outgoing import Sender
from chat_core.flow.refusals import advise
from chat_core.flow.retry import Retry, is_lost
from chat_core.flow.timeouts import Timeouts, earliest
from chat_core.flow.watching import ended, repeated, started
from chat_core.frozen import dataclass
from chat_core.response import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.codec.effects import Flow, Instant
    from chat_core.codec.provider import Provider, Secret
    from chat_core.codec.wire import Outgoing, WireRequest
    from chat_core.flow.credential import Credential
    from chat_core.flow.timeouts import Limit, Phase
    from chat_core.flow.watching import Watcher
    from chat_core.jsonvalue import JSONObject
    from chat_core.response import Usage

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettings:
    """How calls are made.

    Attributes:
        credential: where the secret comes from; `None` = no credential is sent.
        headers: further headers; they win over the provider's own.
        retry: when to try again.
        timeouts: how long each phase may take.
        strict: whether a setting that cannot be sent as asked is an error instead of a notice.
        keep_raw: whether a streamed response keeps the payload of every frame as its `raw`.
        watch: who is told what calls do; `None` = nobody.
    """

    credential: Credential | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, hash=False)
    retry: Retry = field(default_factory=Retry)
    timeouts: Timeouts = field(default_factory=Timeouts)
    strict: bool = False
    keep_raw: bool = False
    watch: Watcher | None = field(default=None, repr=False, hash=False)


FIRST = Attempt(number=1)


class Attempts:
    """Tries one exchange until it succeeds or the policy says no.

    Attributes:
        visible: whether the program has seen a piece of the answer; set by the exchange.
    """

    __slots__ = (
        "_attempt_began", "_began", "_ledger", "_lost", "_next", "_provider", "_renewed", "_secret", "_sender",
        "_settings", "_tried", "_usage", "visible",
    )  # fmt: skip

    def __init__(self, provider: Provider, settings: CallSettings, wire: WireRequest) -> None:
        """Get ready to send a request."""
        self.visible = False
        self._provider = provider
        self._settings = settings
        self._secret: Secret | None = None
        self._renewed = False
        self._began = 0.0
        self._attempt_began = 0.0
        self._tried = 0
        self._lost = 0
        self._ledger: tuple[Attempt, ...] = ()
        self._next = FIRST
        self._usage: Usage | None = None
        self.use(wire)

    @property
    def wire(self) -> WireRequest:
        """The request that is sent, before credentials."""
        return self._sender.wire

    def use(self, wire: WireRequest) -> None:
        """Send another request from now on."""
        self._sender = Sender(self._provider, wire, self._settings.headers, self._settings.retry.chance)

    def run(self, once: Callable[[Outgoing], Flow[T]], recover: Callable[[ChatError], bool] | None = None) -> Flow[T]:
        """Make attempts and return the result of the first that succeeds.

        Args:
            once: makes one attempt.
            recover: may answer a failure with `use`, and says whether it did; such a repair waits for nothing.
        """
        self._began = (yield from now()).monotonic
        if self._settings.watch is not None:
            self._tell(started(self._provider.name, self.wire, self._sender.size))
        try:
            result = yield from self._tried_until_it_works(once, recover)
        except ChatError as error:
            yield from self._told(error)
            raise
        yield from self._told(None)
        return result

    def _tried_until_it_works(
        self, once: Callable[[Outgoing], Flow[T]], recover: Callable[[ChatError], bool] | None
    ) -> Flow[T]:
        if self._settings.credential is not None:
            self._secret = yield from self._settings.credential.secret()
        while True:
            try:
                return (yield from once(self._outgoing((yield from now()))))
            except ChatError as error:
                failure = error
            yield from self._verdict(failure, recover)

    def _told(self, error: ChatError | None) -> Flow[None]:
        """Tell the watcher that the call is over; without one no clock is asked."""
        if self._settings.watch is not None:
            seconds = (yield from now()).monotonic - self._began
            self._tell(ended(self._provider.name, seconds, self._next.number, self._usage, error))

    def _tell(self, event: JSONObject) -> None:
        if self._settings.watch is not None:
            self._settings.watch(event)

    def limit(self, *phases: Phase) -> Limit | None:
        """Return which limit comes first: of phases that begin with the attempt, and of the whole call."""
        timeouts = self._settings.timeouts
        limits = [timeouts.limit(phase, self._attempt_began) for phase in phases]
        return earliest(timeouts.limit("total", self._began), *limits)

    def ledger(self, *, request_id: str | None, usage: Usage | None) -> tuple[Attempt, ...]:
        """Return all attempts; the last one is the one that just ended."""
        self._usage = usage
        last = self._next
        made = Attempt(number=last.number, delay=last.delay, cause=last.cause, request_id=request_id, usage=usage)
        return (*self._ledger, made)

    def _outgoing(self, moment: Instant) -> Outgoing:
        """Begin an attempt, and return what it sends."""
        self._attempt_began = moment.monotonic
        timeouts = self._settings.timeouts
        return self._sender.outgoing(self._secret, moment.wall, connect=timeouts.connect, pool=timeouts.pool)

    def _verdict(self, error: ChatError, recover: Callable[[ChatError], bool] | None) -> Flow[None]:
        """Wait for the next attempt, or raise the error."""
        self._note(error)
        if self.visible:
            raise error
        if (yield from self._repaired(error, recover)):
            self._await(error, 0.0)
            return
        self._tried += 1
        delay = self._settings.retry.delay(error, self._tried, self._lost)
        self._lost += is_lost(error)
        if delay is None or not (yield from self._affordable(error, delay)):
            raise error
        self._await(error, delay)
        if delay:
            yield from sleep(delay)

    def _repaired(self, error: ChatError, recover: Callable[[ChatError], bool] | None) -> Flow[bool]:
        """Take away the cause of a failure: a credential that is too old, or what `recover` knows about."""
        if recover is not None and recover(error):
            return True
        credential, refused = self._settings.credential, self._secret
        if not isinstance(error, AuthenticationFailed) or self._renewed or credential is None or refused is None:
            return False
        self._renewed = True
        fresh = yield from credential.renewed(refused)
        self._secret = refused if fresh is None else fresh
        return fresh is not None

    def _affordable(self, error: ChatError, delay: float) -> Flow[bool]:
        """Tell whether there is time left for another attempt."""
        if isinstance(error, TimedOut) and error.phase == "total":
            return False
        total = self._settings.timeouts.limit("total", self._began)
        return total is None or (yield from now()).monotonic + delay < total.at

    def _note(self, error: ChatError) -> None:
        """Put the failed attempt into the ledger, and the ledger into the error."""
        advise(error, self._provider, self._secret)
        self._sender.hide(error, self._secret)
        usage = error.partial.usage if error.partial is not None else None
        request_id = error.request_id if isinstance(error, ProviderError) else None
        error.attempts = self._ledger = self.ledger(request_id=request_id, usage=usage)

    def _await(self, error: ChatError, delay: float) -> None:
        self._next = Attempt(number=len(self._ledger) + 1, delay=delay, cause=cause_of(error))
        self._tell(repeated(self._provider.name, self._next, error))


def cause_of(error: ChatError) -> str:
    """Say in a few words why an attempt failed."""
    return f"{type(error).__name__}: {error}"[:200]
