"""Middleware: what stands around a call, written once for both colours; with retry, fallback and a cache as proofs.

Law: a middleware calls the inner call zero, one or several times, and passes on what it asks for. It never repeats or
moves a call of which the program has seen a piece.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from chat_core.codec.effects import Emit, Flow, emit, sleep
from chat_core.codec.unfold import unfold
from chat_core.errors import ChatError, QuotaExceeded
from chat_core.events import ResponseEnd
from chat_core.flow.attempts import cause_of
from chat_core.flow.call import Call
from chat_core.flow.retry import is_lost
from chat_core.response import FinishReason

if TYPE_CHECKING:
    from chat_core.codec.effects import Effect
    from chat_core.flow.retry import Retry
    from chat_core.request import Request
    from chat_core.response import Attempt, Response

T = TypeVar("T")

Middleware: TypeAlias = Callable[[Call], Call]
"""Makes a call out of a call."""


def compose(call: Call, *middleware: Middleware) -> Call:
    """Put middleware around a call; the first one is the outermost."""
    for wrap in reversed(middleware):
        call = wrap(call)
    return call


def on_model(call: Call, model: str) -> Call:
    """Make a call that asks another model, whatever the request names."""
    return lambda request: call(replace(request, model=model))


def passed(flow: Flow[T], change: Callable[[Effect], Effect]) -> Flow[T]:
    """Run a flow as `yield from` does, with its effects changed on the way to the driver."""
    reply: object = None
    failure: Exception | None = None
    try:
        while True:
            effect = flow.send(reply) if failure is None else flow.throw(failure)
            reply = failure = None
            try:
                reply = yield change(effect)
            except Exception as error:  # noqa: BLE001 - the inner flow decides about it
                failure = error
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        failure = None
        flow.close()


class Seen:
    """Looks at what passes from a call to the driver.

    Attributes:
        visible: whether events have passed: the program has seen a piece of the answer.
    """

    def __init__(self, amend: Callable[[Response], Response] | None = None) -> None:
        """Look only; or change the response too, where it ends the stream as well as where it is returned."""
        self.visible = False
        self._amend = amend

    def through(self, flow: Flow[Response]) -> Flow[Response]:
        """Run a flow as `yield from` does, and look."""
        return self._amended((yield from passed(flow, self._passed)))

    def _passed(self, effect: Effect) -> Effect:
        if not isinstance(effect, Emit):
            return effect
        self.visible = True
        if self._amend is None:
            return effect
        events = (
            ResponseEnd(self._amended(event.response)) if isinstance(event, ResponseEnd) else event
            for event in effect.events
        )
        return Emit(tuple(events))

    def _amended(self, response: Response) -> Response:
        return response if self._amend is None else self._amend(response)


class _Ledger:
    """The attempts of several calls, as one ledger."""

    def __init__(self) -> None:
        self._attempts: tuple[Attempt, ...] = ()
        self._cause: str | None = None
        self._delay = 0.0

    def failed(self, error: ChatError, delay: float = 0.0) -> None:
        """Add what a failed call has tried, to be followed by another call after a delay."""
        error.attempts = self._attempts = self._with(error.attempts)
        self._cause, self._delay = cause_of(error), delay

    def amend(self, response: Response) -> Response:
        """Put all attempts into a response."""
        return replace(response, attempts=self._with(response.attempts))

    def _with(self, attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
        first, rest = attempts[:1], attempts[1:]
        told = tuple(replace(attempt, cause=self._cause, delay=self._delay) for attempt in first)
        before = self._attempts
        numbered = enumerate((*told, *rest) if before else attempts, len(before) + 1)
        return (*before, *(replace(attempt, number=number) for number, attempt in numbered))


def retrying(retry: Retry) -> Middleware:
    """Repeat a whole call: for calls that do not retry by themselves, such as a fallback over several services."""

    def wrap(call: Call) -> Call:
        def again(request: Request) -> Flow[Response]:
            ledger, tried, lost = _Ledger(), 0, 0
            while True:
                seen = Seen(ledger.amend)
                try:
                    return (yield from seen.through(call(request)))
                except ChatError as error:
                    failure = error
                tried += 1
                delay = None if seen.visible else retry.delay(failure, tried, lost)
                lost += is_lost(failure)
                ledger.failed(failure, delay if delay is not None else 0.0)
                if delay is None:
                    raise failure
                yield from sleep(delay)

        return again

    return wrap


def movable(error: ChatError) -> bool:
    """Tell whether another service may succeed where one failed: it is busy, unreachable, or out of credit."""
    return error.retryable or isinstance(error, QuotaExceeded)


def fallback(*others: Call, when: Callable[[ChatError], bool] = movable) -> Middleware:
    """Move on to other calls, in order, when one fails before the program has seen a piece of its answer."""

    def wrap(call: Call) -> Call:
        def moved(request: Request) -> Flow[Response]:
            ledger = _Ledger()
            calls = (call, *others)
            for place, current in enumerate(calls, 1):
                seen = Seen(ledger.amend)
                try:
                    return (yield from seen.through(current(request)))
                except ChatError as error:
                    failure = error
                ledger.failed(failure)
                if seen.visible or place == len(calls) or not when(failure):
                    raise failure
            raise AssertionError  # the last call has returned or raised

        return moved

    return wrap


class Cache:
    """Answers equal requests from memory: middleware, bounded, safe to share between threads and tasks.

    A response from here has no attempts. It was complete when it was kept; failed and cut-off ones are not.
    """

    def __init__(self, limit: int = 1000) -> None:
        """Keep the responses of the last `limit` requests that were asked."""
        self._limit = limit
        self._kept: OrderedDict[Request, Response] = OrderedDict()

    def __call__(self, call: Call) -> Call:
        """Put the cache around a call."""

        def cached(request: Request) -> Flow[Response]:
            kept = self._kept.pop(request, None)
            if kept is not None:
                self._keep(request, kept)
                yield from emit(*unfold(kept))
                return kept
            response = yield from call(request)
            if response.finish_reason in _WHOLE:
                self._keep(request, replace(response, attempts=()))
            return response

        return cached

    def _keep(self, request: Request, response: Response) -> None:
        self._kept[request] = response
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)


_WHOLE = frozenset({FinishReason.STOP, FinishReason.TOOL_CALLS, FinishReason.REFUSAL, FinishReason.LENGTH})
"""Answers worth keeping."""
