"""Effects: everything a flow can ask of the driver that runs it. A closed set of nine.

Law: a flow is a plain generator that yields effects and is sent their results; it decides, and does nothing itself.
Each helper below yields one effect and has the exact type of its result: flows `yield from` helpers only.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from chat_core.frozen import dataclass, maker

if TYPE_CHECKING:
    from chat_core.codec.wire import Frame, Outgoing, WireResponse
    from chat_core.events import Event

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Handle:
    """A stream or a job that the driver holds for a flow; flows own no resource."""

    number: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A stream whose head has come; of a status ≥ 400 `head` has the whole body, and the stream is closed."""

    stream: Handle
    head: WireResponse


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment.

    Attributes:
        monotonic: seconds on a clock that never goes back.
        wall: seconds since 1970, UTC.
    """

    monotonic: float
    wall: float


class Report(Protocol):
    """What a running job is given: call it to report progress."""

    @property
    def cancelled(self) -> bool:
        """Whether the job shall stop: nobody waits for it any more."""
        ...

    def __call__(self, event: object, /) -> None:
        """Report progress; goes nowhere once the job was cancelled."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """Work beside the flow: a tool, or anything else that blocks or awaits.

    Attributes:
        key: the flow's name for it.
        run: called with a `Report`; its result may be awaitable.
        timeout: seconds; `None` = no limit.
    """

    key: str
    run: Callable[[Report], object]
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A running job reports."""

    job: Handle
    event: object


@dataclass(frozen=True, slots=True)
class Done:
    """A job ended: with a value, or with the error that it raised."""

    job: Handle
    value: object = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request and read its whole reply. Result: `WireResponse`."""

    request: Outgoing
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """Send a request and read the head of its reply. Result: `Opened`."""

    request: Outgoing
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Receive:
    """Read on. Result: the frames of one network read, `()` for bytes without a frame, `None` at the end of input."""

    stream: Handle
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """End a stream; `reuse` says that its connection may serve again. Result: `None`."""

    stream: Handle
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait, in seconds. Result: `None`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Now:
    """Look at the clock. Result: `Instant`."""


@dataclass(frozen=True, slots=True)
class Start:
    """Start jobs side by side. Result: a `Handle` each, in order."""

    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """Wait for the next report of a job. Result: `Progress`, `Done`, or `None` when no job runs or time is up."""

    until: float | None = None


@dataclass(frozen=True, slots=True)
class Emit:
    """Hand events to whoever reads the stream. Result: `None`."""

    events: tuple[Event, ...]


NOW = Now()

receiving, emitting, instant_at = maker(Receive), maker(Emit), maker(Instant)
"""Make what passes between a flow and its driver for every piece of an answer."""

Effect: TypeAlias = Send | Open | Receive | Close | Sleep | Now | Start | Join | Emit
Flow: TypeAlias = Generator[Effect, Any, T]


def send(request: Outgoing, *, until: float | None = None) -> Flow[WireResponse]:
    """Send a request and return its whole reply; `until` is a monotonic moment.

    Raises:
        TransportError: the network failed.
    """
    reply: WireResponse = yield Send(request, until)
    return reply


def open_stream(request: Outgoing, *, until: float | None = None) -> Flow[Opened]:
    """Send a request and return the head of its reply.

    Raises:
        TransportError: the network failed.
    """
    opened: Opened = yield Open(request, until)
    return opened


def receive(stream: Handle, *, until: float | None = None) -> Flow[tuple[Frame, ...] | None]:
    """Return the frames of one network read; `None` at the end of input.

    Raises:
        TransportError: the network failed.
        DecodeError: the framing is broken.
    """
    frames: tuple[Frame, ...] | None = yield Receive(stream, until)
    return frames


def close(stream: Handle, *, reuse: bool = False) -> Flow[None]:
    """End a stream."""
    yield Close(stream, reuse)


def sleep(seconds: float) -> Flow[None]:
    """Wait."""
    yield Sleep(seconds)


def now() -> Flow[Instant]:
    """Return the moment."""
    instant: Instant = yield NOW
    return instant


def start(jobs: tuple[Job, ...]) -> Flow[tuple[Handle, ...]]:
    """Start jobs side by side."""
    handles: tuple[Handle, ...] = yield Start(jobs)
    return handles


def join(*, until: float | None = None) -> Flow[Progress | Done | None]:
    """Return the next report of a job."""
    report: Progress | Done | None = yield Join(until)
    return report


def emit(*events: Event) -> Flow[None]:
    """Hand events to whoever reads the stream."""
    if events:
        yield Emit(events)


def run(jobs: tuple[Job, ...], *, until: float | None = None) -> Flow[tuple[Done | None, ...]]:
    """Run jobs side by side and return their outcomes in the order of the jobs; `None` for one that ran out of time."""
    handles = yield from start(jobs)
    done: dict[Handle, Done] = {}
    while not all(handle in done for handle in handles):
        report = yield from join(until=until)
        if report is None:
            break
        if isinstance(report, Done):
            done[report.job] = report
    return tuple(done.get(handle) for handle in handles)
