"""A client's service for operations of provider packages: whole replies, and progress line by line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from toy import MemoryTransport, Toy, Wait, World, refused, said, streamed

from chat_core import AsyncChat, Chat
from chat_core.codec.decoder import frame_object
from chat_core.codec.effects import Close, Emit, Open, Receive
from chat_core.codec.framers import NDJSON
from chat_core.codec.wire import WireRequest, WireResponse
from chat_core.errors import (
    DecodeError,
    Overloaded,
    ServerError,
    StreamTruncated,
    TimedOut,
    TransportError,
    UnsupportedContent,
)
from chat_core.events import UnknownEvent
from chat_core.flow.call import CallSettings
from chat_core.flow.retry import Retry
from chat_core.flow.service import Service
from chat_core.flow.timeouts import Timeouts
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import Frame
    from chat_core.events import Event

WIRE = WireRequest(url="http://toy.example/task", body={}, framer=NDJSON)
QUIET = CallSettings(retry=Retry(jitter=0.0))


@dataclass
class Steps:
    """Counts steps; `fail` is an error of the service, `done` its end."""

    seen: list[str] = field(default_factory=list[str])

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        for frame in frames:
            match frame_object(frame):
                case {"step": str(name)}:
                    self.seen.append(name)
                    yield UnknownEvent("step", name)
                case {"fail": str(words)}:
                    raise ServerError(words)
                case other:
                    raise DecodeError(f"no step: {other}")

    def finish(self) -> int:
        if self.seen[-1:] != ["done"]:
            raise StreamTruncated("not done")
        return len(self.seen)


def service(settings: CallSettings = QUIET) -> Service:
    return Service(Toy(), "toy-1", settings)


def follow(world: World, settings: CallSettings = QUIET, wire: WireRequest = WIRE) -> int:
    return world.run(service(settings).follow(wire, Steps))


def steps(*names: str) -> bytes:
    return b"".join(b'{"step":"%s"}\n' % name.encode() for name in names)


def test_progress_is_emitted_read_by_read_and_the_result_comes_at_the_end() -> None:
    world = World(streamed(steps("a", "b"), b'{"st', b'ep":"done"}\n'))
    assert follow(world) == 3
    assert [event.data for event in world.events if isinstance(event, UnknownEvent)] == ["a", "b", "done"]
    assert [type(effect) for effect in world.effects] == [
        Open, Receive, Emit, Receive, Receive, Emit, Receive, Close,
    ]  # fmt: skip
    assert world.closed == [True]


def test_a_last_line_without_a_line_end_counts() -> None:
    assert follow(World(streamed(steps("a", "done").rstrip()))) == 2


def test_what_comes_before_a_failure_is_seen_and_nothing_is_tried_again() -> None:
    world = World(streamed(steps("a") + b'{"fail":"no disk"}\n'), streamed(steps("done")))
    with pytest.raises(ServerError, match="no disk"):
        follow(world)
    assert world.events == [UnknownEvent("step", "a")]
    assert world.closed == [False]
    assert len(world.sent) == 1


def test_a_failure_before_anything_was_seen_is_tried_again() -> None:
    world = World(refused(503), streamed(b'{"fail":"not yet"}\n'), streamed(steps("done")))
    assert follow(world) == 1
    assert len(world.sent) == 3


def test_a_refusal_is_an_error_of_the_service() -> None:
    with pytest.raises(Overloaded) as caught:
        follow(World(*[refused(503)] * 9), CallSettings(retry=Retry(attempts=2, jitter=0.0)))
    assert [attempt.number for attempt in caught.value.attempts] == [1, 2]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (streamed(steps("a")), StreamTruncated),
        (streamed(steps("a"), TransportError("lost")), TransportError),
        (streamed(steps("a"), b"rubbish\n"), DecodeError),
    ],
)
def test_the_end_is_never_invented(answer: WireResponse, kind: type[Exception]) -> None:
    world = World(answer)
    with pytest.raises(kind):
        follow(world)
    assert world.closed == [False]


def test_silence_between_two_lines_has_a_limit_which_bytes_without_a_line_do_not_move() -> None:
    timeouts = Timeouts(between_content=10.0)
    world = World(streamed(steps("a"), Wait(6.0), b" ", Wait(6.0), steps("done")))
    with pytest.raises(TimedOut) as caught:
        follow(world, CallSettings(timeouts=timeouts))
    assert (caught.value.phase, caught.value.seconds) == ("between_content", 10.0)
    assert follow(World(streamed(steps("a"), Wait(9.0), steps("b"), Wait(9.0), steps("done"))), QUIET) == 3


def test_the_whole_has_a_limit_too() -> None:
    world = World(streamed(steps("a"), Wait(6.0), steps("b"), Wait(6.0), steps("done")))
    with pytest.raises(TimedOut) as caught:
        follow(world, CallSettings(timeouts=Timeouts(total=10.0)))
    assert caught.value.phase == "total"


def test_under_strict_nothing_may_be_left_out() -> None:
    wire = WireRequest(url=WIRE.url, framer=NDJSON, notices=(Notice(feature="mood", reason="unknown"),))
    with pytest.raises(UnsupportedContent, match="mood: unknown"):
        follow(World(), CallSettings(strict=True), wire)


def ask(toy: Service) -> Flow[str]:
    return toy.exchange(
        WireRequest(url="http://toy.example/model"), lambda reply: f"{toy.model}: {reply.body.decode()}"
    )


def task(toy: Service) -> Flow[int]:
    return toy.follow(WIRE, Steps)


def test_a_client_runs_an_operation_whole() -> None:
    transport = MemoryTransport(said("Hello"))
    chat = Chat("toy-1", provider=Toy(), transport=transport, headers={"x-mine": "1"})
    assert chat.drive(ask, model="toy-2").finish().startswith("toy-2: {")
    assert transport.sent[0].headers["x-mine"] == "1"


def test_both_clients_iterate_over_progress() -> None:
    with Chat("toy-1", provider=Toy(), transport=MemoryTransport(streamed(steps("a", "done")))).drive(task) as drive:
        assert [event.data for event in drive if isinstance(event, UnknownEvent)] == ["a", "done"]
    assert drive.result == 2

    async def main() -> tuple[list[Event], int]:
        chat = AsyncChat("toy-1", provider=Toy(), transport=MemoryTransport(streamed(steps("a", "done"))))
        async with chat.drive(task) as running:
            return [event async for event in running], running.result

    assert asyncio.run(main()) == ([UnknownEvent("step", "a"), UnknownEvent("step", "done")], 2)
