"""Trimming: what is left out of a history that has grown too long, by which strategy, and what is said about it.

Law: as `windows`. A window that was cut stays where it is until the limit is reached again, so that requests go on
extending each other. Each turn that is not sent whole says so by a notice. Nothing is left out in another way than was
asked for: a strategy that fails is an error.
"""

from __future__ import annotations

from dataclasses import KW_ONLY  # noqa: TC003 - dataclass looks for it
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, cast

from chat_core.errors import ConfigurationError
from chat_core.frozen import dataclass
from chat_core.response import Notice
from chat_core.sessions.windows import WHOLE, Window, cuts, estimate, last_unit, require_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chat_core.codec.effects import Flow
    from chat_core.flow.call import Call
    from chat_core.jsonvalue import JSON
    from chat_core.messages import Message
    from chat_core.request import Request
    from chat_core.response import Response
    from chat_core.sessions.windows import Cuts

FEATURE = "history"
"""What the notices of trimming are about."""

Counter: TypeAlias = "Literal['provider'] | Callable[[tuple[Message, ...]], int] | None"
"""Who counts tokens: the service, by a network call; a function, such as a local tokenizer; `None` = `estimate`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a strategy can ask for.

    Attributes:
        request: what is about to be asked, but for its messages.
        call: asks the session's own model.
        count: counts the tokens of the request with other messages, by the service.
    """

    request: Request
    call: Call
    count: Callable[[tuple[Message, ...]], Flow[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """What a strategy says.

    Attributes:
        window: what is sent.
        notices: what the next response says about it.
        responses: what models were asked on the way, for their usage.
    """

    window: Window
    notices: tuple[Notice, ...] = ()
    responses: tuple[Response, ...] = ()


class Trim(Protocol):
    """A strategy. It is asked before each request of a session, and keeps nothing: one may serve many sessions."""

    def trimmed(self, messages: tuple[Message, ...], window: Window, means: Means) -> Flow[Trimmed]:
        """Say what is sent of a history, of which so far `window` was sent."""
        ...


Trimming: TypeAlias = "Trim | Callable[[tuple[Message, ...]], Sequence[Message]] | None"
"""What can be given as `trim=`: a strategy, a function of the whole history, or nothing: then all is sent."""


@dataclass(frozen=True, slots=True)
class DropOldest:
    """Leave out the oldest exchanges: a user's words, and all that was said about them.

    Where the last exchange is too long alone, the oldest calls in it go, with their results. If even the last message
    is too long, it is sent as it is: the service knows best.

    Attributes:
        max_tokens: most tokens that are sent.
        to: how much of them is kept when something is left out, so that the window can stay for a while.
        counter: who counts.
    """

    max_tokens: int
    _: KW_ONLY
    to: float = 0.75
    counter: Counter = None

    def __post_init__(self) -> None:
        """Require limits that make sense.

        Raises:
            ConfigurationError: they make none.
        """
        if self.max_tokens < 1 or not 0 < self.to <= 1:
            raise ConfigurationError("max_tokens= is at least 1, and to= a part of it, above 0 and at most 1")

    def trimmed(self, messages: tuple[Message, ...], window: Window, means: Means) -> Flow[Trimmed]:
        """As `Trim.trimmed`."""
        found, before, after = yield from self.cut(messages, window, means)
        return Trimmed(window=found, notices=self.notices(messages, found, before, after))

    def cut(self, messages: tuple[Message, ...], window: Window, means: Means) -> Flow[tuple[Window, int, int]]:
        """Return the window to send, and the tokens of what would have been sent and of what is."""
        before = yield from self.count(window.of(messages), means)
        if before <= self.max_tokens:
            return window, before, before
        places = cuts(messages, window.at)
        found = yield from self._shortest(places, places.exchanges, means)
        if found is None or found[1] > self.max_tokens:
            found = (yield from self._shortest(places, places.steps, means)) or found
        return (window, before, before) if found is None else (found[0], before, found[1])

    def _shortest(self, places: Cuts, starts: tuple[int, ...], means: Means) -> Flow[tuple[Window, int] | None]:
        """Return the window that keeps the most of those that are short enough, else the one that keeps the least."""
        counted: dict[int, int] = {}
        if not starts:
            return None

        def fits(candidate: int) -> Flow[bool]:
            sent = places.window(starts[candidate]).of(places.messages)
            counted[candidate] = yield from self.count(sent, means)
            return counted[candidate] <= self.max_tokens * self.to

        found = yield from _first(len(starts), fits)
        return places.window(starts[found]), counted[found]

    def count(self, messages: tuple[Message, ...], means: Means) -> Flow[int]:
        """Count tokens.

        Raises:
            UnsupportedCapability: the provider shall count, and cannot.
        """
        if self.counter == "provider":
            return (yield from means.count(messages))
        return estimate(messages) if self.counter is None else self.counter(messages)

    def notices(self, messages: tuple[Message, ...], window: Window, before: int, after: int) -> tuple[Notice, ...]:
        """Say what is left out."""
        over = after > self.max_tokens
        if not over and window == WHOLE:
            return ()
        reason = f"max_tokens={self.max_tokens} of the session's trim; the oldest messages are left out"
        if over:
            reason = (
                f"no more can be left out, and it is still above max_tokens={self.max_tokens} of the session's trim"
            )
        requested: dict[str, JSON] = {"messages": len(messages)}
        if before != after or window == WHOLE:
            requested["tokens"] = before
        applied: dict[str, JSON] = {"messages": len(window.of(messages)), "tokens": after}
        return (Notice(feature=FEATURE, requested=requested, applied=applied, reason=reason),)


def _first(count: int, fits: Callable[[int], Flow[bool]]) -> Flow[int]:
    """Return the first candidate that fits, or the last one; those after one that fits do too.

    Looks from the end, so that the work grows with what is kept.
    """
    found, missed, reach = count - 1, -1, 1
    if not (yield from fits(found)):
        return found
    while found > 0:
        probe = max(0, found - reach)
        if not (yield from fits(probe)):
            missed = probe
            break
        found, reach = probe, reach * 2
    while found - missed > 1:
        middle = (found + missed) // 2
        if (yield from fits(middle)):
            found = middle
        else:
            missed = middle
    return found


@dataclass(frozen=True, slots=True)
class Custom:
    """Send what a function makes of the whole history; it is asked each time.

    Attributes:
        function: gets the history, with what is said now at its end, and returns what is sent.
    """

    function: Callable[[tuple[Message, ...]], Sequence[Message]]

    def trimmed(self, messages: tuple[Message, ...], window: Window, means: Means) -> Flow[Trimmed]:  # noqa: ARG002 - the protocol's parameters
        """As `Trim.trimmed`.

        Raises:
            ConfigurationError: the function has parted calls from results, or lost a system message or the end.
        """
        kept = tuple(self.function(messages))
        require_whole(messages, kept)
        if kept == messages:
            return Trimmed(window=WHOLE)
        yield from ()
        end = len(messages) - last_unit(messages)
        reason = "left out or rewritten by the session's trim"
        notice = Notice(
            feature=FEATURE, requested={"messages": len(messages)}, applied={"messages": len(kept)}, reason=reason
        )
        return Trimmed(window=Window(at=len(messages) - end, head=kept[: len(kept) - end]), notices=(notice,))


def strategy(trim: Trimming) -> Trim | None:
    """Return the strategy that was given.

    Raises:
        ConfigurationError: it is none.
    """
    if trim is None or hasattr(trim, "trimmed"):
        return cast("Trim | None", trim)
    if callable(trim):
        return Custom(trim)
    raise ConfigurationError(
        f"trim= takes DropOldest(…), Summarise(…), or a function of the history, not {type(trim).__name__}"
    )
