"""A small wire and what it takes to play with it: a provider, a world without clock, a transport in memory.

A reply is `{"text": …, "finish": …, "usage": {…}}`; a stream has such objects as events, and ends with `[DONE]`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from chat_core.codec.capabilities import Unchain
from chat_core.codec.decoder import FrameDecoder, frame_object
from chat_core.codec.effects import (
    Close,
    Done,
    Effect,
    Emit,
    Handle,
    Instant,
    Join,
    Now,
    Open,
    Opened,
    Progress,
    Receive,
    Send,
    Sleep,
    Start,
)
from chat_core.codec.failure import Dialect, decode_failure, failure
from chat_core.codec.framers import SSE
from chat_core.codec.wire import WireRequest, WireResponse, dump
from chat_core.errors import ChainLost, DecodeError, TimedOut
from chat_core.events import ResponseEnd
from chat_core.jsonvalue import parse_object
from chat_core.messages import user
from chat_core.request import Request
from chat_core.response import FinishReason, Notice, Usage
from chat_core.transport.framing import Framing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from chat_core.codec.effects import Flow, Job
    from chat_core.codec.provider import Secret
    from chat_core.codec.wire import Channel, Frame, Framer, Outgoing
    from chat_core.errors import ProviderError
    from chat_core.events import Event
    from chat_core.response import Response
    from chat_core.transport.protocol import Read

T = TypeVar("T")

DIALECT = Dialect(codes={"chain_lost": ChainLost})


class ToyDecoder(FrameDecoder):
    def on_frame(self, frame: Frame) -> None:
        if frame.data == b"[DONE]":
            self.build.end()
            return
        data = frame_object(frame)
        match data:
            case None:
                return
            case {"error": _}:
                raise failure(data, DIALECT)
            case {"text": str(text)}:
                self.build.text(0, text)
            case {"kind": str(kind)}:
                self.build.unknown(kind, data)
            case {"id": str(id)}:
                self.build.id = id
            case {"finish": _} | {"usage": _}:
                pass
            case _:
                raise DecodeError("malformed toy event")
        self.build.raw = data
        match data:
            case {"usage": {"in": int(given), "out": int(made)}}:
                self.build.usage = Usage(input_tokens=given, output_tokens=made)
            case _:
                pass
        if "finish" in data:
            self.terminal = True
            self.build.finish(FinishReason.STOP, "stop")


@dataclass(frozen=True)
class ToyUnchain:
    whole: Request | None

    def unchained(self, request: Request) -> Request | None:  # noqa: ARG002 - the protocol's parameter
        return self.whole


@dataclass(frozen=True)
class Toy:
    """A provider that notices `top_k`, which its service does not know."""

    name: str = "toy"
    base_url: str = "http://toy.example"
    idempotency: str | None = None
    unchain: ToyUnchain | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def channels(self) -> frozenset[Channel]:
        return frozenset({"http"})

    @property
    def capabilities(self) -> Mapping[type, object]:
        return {} if self.unchain is None else {Unchain: self.unchain}

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:  # noqa: ARG002 - one channel
        texts = [message.text for message in request.messages]
        top_k = request.options.top_k
        notices = () if top_k is None else (Notice(feature="top_k", requested=top_k, reason="the toy has none"),)
        return WireRequest(
            url=f"{self.base_url}/chat",
            body={"model": request.model, "texts": texts, "stream": stream},
            headers={"Accept": "application/json", **self.headers},
            framer=SSE if stream else None,
            notices=notices,
            idempotency_header=self.idempotency,
        )

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the seam's signature
        return {"authorization": f"Bearer {secret.value}", "x-date": now.isoformat()}

    def decode(self, request: Request, reply: WireResponse) -> Response:
        data = parse_object(reply.body)
        decoder = self.decoder(request)
        build = decoder.build
        match data:
            case {"error": _}:
                raise failure(data, DIALECT, status=reply.status)
            case {"text": str(text)}:
                build.text(0, text)
            case _:
                raise DecodeError("no toy reply")
        match data:
            case {"usage": {"in": int(given), "out": int(made)}}:
                build.usage = Usage(input_tokens=given, output_tokens=made)
            case _:
                pass
        build.raw = data
        build.finish(FinishReason.STOP, "stop")
        build.end()
        (response,) = [event.response for event in build.take() if isinstance(event, ResponseEnd)]
        return response

    def decoder(self, request: Request) -> ToyDecoder:
        return ToyDecoder(self.origin(request.model))

    def decode_error(self, reply: WireResponse) -> ProviderError:
        return decode_failure(reply, DIALECT)

    def origin(self, model: str) -> str:  # noqa: ARG002 - one family
        return f"{self.name}@toy.example/toy"

    def accepts(self, origin: str) -> bool:
        return origin == self.origin("")


HELLO = Request(model="toy-1", messages=(user("Hi"),))


def sse(*texts: str, finish: bool = True, done: bool = True, usage: tuple[int, int] | None = None) -> bytes:
    """Spell a whole stream: one event per text, then the ending."""
    events: list[str] = [dump({"text": text}).decode() for text in texts]
    if finish:
        events.append('{"finish":"stop"}')
    if usage is not None:
        events.append(dump({"usage": {"in": usage[0], "out": usage[1]}}).decode())
    if done:
        events.append("[DONE]")
    return b"".join(f"data: {event}\n\n".encode() for event in events)


def named(headers: Mapping[str, str]) -> dict[str, str]:
    """Spell keyword arguments as header names."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def said(text: str, **headers: str) -> WireResponse:
    """Make a whole reply."""
    return WireResponse(headers=named(headers), body=dump({"text": text, "usage": {"in": 3, "out": 2}}))


def refused(status: int, message: str = "no", *, code: str | None = None, **headers: str) -> WireResponse:
    """Make a reply that says no."""
    body = dump({"error": {"message": message, **({"code": code} if code is not None else {})}})
    return WireResponse(status=status, headers=named(headers), body=body)


@dataclass(frozen=True)
class Wait:
    """Time passes before the next read."""

    seconds: float


@dataclass(frozen=True)
class Streamed:
    """A streamed reply: its reads in order, then the end of input."""

    reads: tuple[Read | Wait | Exception, ...] = ()
    head: WireResponse = field(default_factory=WireResponse)


def streamed(*reads: Read | Wait | Exception, **headers: str) -> Streamed:
    """Make a streamed reply."""
    return Streamed(reads, WireResponse(headers=named(headers)))


Answer: TypeAlias = WireResponse | Streamed | Wait | Exception


class World:
    """Runs a flow with fed answers and a clock of its own.

    Attributes:
        effects: what the flow asked for, in order, but for looks at the clock.
        events: what it emitted.
    """

    def __init__(self, *answers: Answer, time: float = 1000.0) -> None:
        self.effects: list[Effect] = []
        self.events: list[Event] = []
        self.time = time
        self._answers = deque(answers)
        self._reads: dict[Handle, tuple[deque[Read | Wait | Exception], Framing]] = {}
        self._done: deque[Done | Progress] = deque()
        self._jobs = 0

    @property
    def sent(self) -> list[Outgoing]:
        return [effect.request for effect in self.effects if isinstance(effect, Send | Open)]

    @property
    def slept(self) -> list[float]:
        return [effect.seconds for effect in self.effects if isinstance(effect, Sleep)]

    @property
    def closed(self) -> list[bool]:
        return [effect.reuse for effect in self.effects if isinstance(effect, Close)]

    def run(self, flow: Flow[T]) -> T:
        reply: object = None
        failed: Exception | None = None
        try:
            while True:
                effect = flow.send(reply) if failed is None else flow.throw(failed)
                reply = failed = None
                if not isinstance(effect, Now):
                    self.effects.append(effect)
                try:
                    reply = self._perform(effect)
                except Exception as error:  # noqa: BLE001 - whatever happened, the flow decides about it
                    failed = error
        except StopIteration as stop:
            result: T = stop.value
            return result

    def _perform(self, effect: Effect) -> object:
        match effect:
            case Now():
                return Instant(self.time, self.time)
            case Sleep(seconds):
                self.time += seconds
            case Emit(events):
                self.events += events
            case Send(_, until):
                answer = self._answer(until)
                assert isinstance(answer, WireResponse)
                return answer
            case Open(request, until):
                return self._open(self._answer(until), request.wire.framer)
            case Receive(stream, until):
                reads, framing = self._reads[stream]
                return framing.frames(self._read(reads, until))
            case Close(stream):
                self._reads.pop(stream, None)
            case Start(jobs):
                return tuple(map(self._work, jobs))
            case Join():
                return self._done.popleft() if self._done else None
        return None

    def _answer(self, until: float | None) -> WireResponse | Streamed:
        self._pass(self._answers, until)
        answer = self._answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        assert not isinstance(answer, Wait)
        return answer

    def _read(self, reads: deque[Read | Wait | Exception], until: float | None) -> Read:
        self._pass(reads, until)
        read = reads.popleft() if reads else None
        if isinstance(read, Exception):
            raise read
        assert not isinstance(read, Wait)
        return read

    def _pass(self, queue: deque[Any], until: float | None) -> None:
        """Let the time pass that is written at the head of a queue."""
        while queue and isinstance(queue[0], Wait):
            self.time += queue[0].seconds
            if until is not None and self.time > until:
                self.time = until
                raise TimedOut("too late", phase="read", seconds=0)
            queue.popleft()

    def _open(self, answer: WireResponse | Streamed, framer: Callable[[], Framer] | None) -> Opened:
        if isinstance(answer, WireResponse):
            return Opened(Handle(0), answer)
        handle = Handle(len(self.sent))
        self._reads[handle] = deque(answer.reads), Framing(framer)
        return Opened(handle, answer.head)

    def _work(self, job: Job) -> Handle:
        self._jobs += 1
        handle = Handle(self._jobs)
        try:
            self._done.append(Done(handle, job.run(_Reports(handle, self._done))))
        except Exception as error:  # noqa: BLE001 - the flow is told
            self._done.append(Done(handle, error=error))
        return handle


class _Reports:
    cancelled = False

    def __init__(self, handle: Handle, reports: deque[Done | Progress]) -> None:
        self._handle = handle
        self._reports = reports

    def __call__(self, event: object, /) -> None:
        self._reports.append(Progress(self._handle, event))


class MemoryTransport:
    """Both colours of a transport whose answers are given.

    Attributes:
        sent: the requests.
        closed: how each stream was closed; True where its connection may serve again.
    """

    channel = "http"

    def __init__(self, *answers: Answer) -> None:
        self.sent: list[Outgoing] = []
        self.closed: list[bool] = []
        self._answers = deque(answers)

    def _next(self, request: Outgoing) -> WireResponse | Streamed:
        self.sent.append(request)
        answer = self._answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        assert not isinstance(answer, Wait)
        return answer

    def send(self, request: Outgoing, until: float | None) -> WireResponse:  # noqa: ARG002 - nothing takes time
        answer = self._next(request)
        assert isinstance(answer, WireResponse)
        return answer

    def open(self, request: Outgoing, until: float | None) -> MemoryStream:  # noqa: ARG002 - nothing takes time
        answer = self._next(request)
        if isinstance(answer, WireResponse):
            return MemoryStream(self, answer, ())
        return MemoryStream(self, answer.head, answer.reads)

    def close(self) -> None:
        """Nothing is open."""

    async def asend(self, request: Outgoing, until: float | None) -> WireResponse:
        return self.send(request, until)

    async def aopen(self, request: Outgoing, until: float | None) -> MemoryStream:
        return self.open(request, until)

    async def aclose(self) -> None:
        """Nothing is open."""


class MemoryStream:
    """A stream whose reads are given."""

    def __init__(
        self, transport: MemoryTransport, head: WireResponse, reads: Iterable[Read | Wait | Exception]
    ) -> None:
        self.head = head
        self._transport = transport
        self._reads = deque(reads)

    def receive(self, until: float | None) -> Read:  # noqa: ARG002 - nothing takes time
        read = self._reads.popleft() if self._reads else None
        if isinstance(read, Exception):
            raise read
        assert not isinstance(read, Wait)
        return read

    def close(self, *, reuse: bool) -> None:
        self._transport.closed.append(reuse)

    async def areceive(self, until: float | None) -> Read:
        return self.receive(until)

    async def aclose(self, *, reuse: bool) -> None:
        self.close(reuse=reuse)


def bare(response: Response) -> Response:
    """Take out of a response what a call adds to it."""
    return replace(response, attempts=(), headers={}, notices=())
