"""Every helper yields one effect and returns what the driver sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, get_args

import pytest

from chat_core.codec.effects import (
    Close,
    Done,
    Effect,
    Emit,
    Flow,
    Handle,
    Instant,
    Job,
    Join,
    Now,
    Open,
    Opened,
    Progress,
    Receive,
    Send,
    Sleep,
    Start,
    close,
    emit,
    join,
    now,
    open_stream,
    receive,
    run,
    send,
    sleep,
    start,
)
from chat_core.codec.wire import Frame, Outgoing, WireRequest, WireResponse
from chat_core.events import TextDelta

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")
OUTGOING = Outgoing(wire=WireRequest(url="https://host.example"))
STREAM = Handle(7)


def drive(flow: Flow[T], answers: Iterable[object]) -> tuple[list[Effect], T]:
    """Run a flow with the driver's answers written out."""
    effects = [next(flow)]
    for answer in answers:
        try:
            effects.append(flow.send(answer))
        except StopIteration as stop:
            result: T = stop.value
            return effects, result
    raise AssertionError("the flow asks for more")


CASES: tuple[tuple[Flow[object], Effect, object], ...] = (
    (send(OUTGOING, until=2.0), Send(OUTGOING, 2.0), WireResponse(status=204)),
    (open_stream(OUTGOING), Open(OUTGOING), Opened(STREAM, WireResponse())),
    (receive(STREAM, until=1.0), Receive(STREAM, 1.0), (Frame(b"{}"),)),
    (receive(STREAM), Receive(STREAM), ()),
    (receive(STREAM), Receive(STREAM), None),
    (close(STREAM, reuse=True), Close(STREAM, reuse=True), None),
    (sleep(0.5), Sleep(0.5), None),
    (now(), Now(), Instant(1.0, 2.0)),
    (start(()), Start(()), ()),
    (join(), Join(), None),
    (emit(TextDelta(0, "a")), Emit((TextDelta(0, "a"),)), None),
)


@pytest.mark.parametrize(("flow", "effect", "answer"), CASES)
def test_a_helper_is_one_effect(flow: Flow[object], effect: Effect, answer: object) -> None:
    assert drive(flow, [answer]) == ([effect], answer)


def test_the_set_of_effects_is_closed() -> None:
    assert len(get_args(Effect)) == 9


def test_no_events_are_no_effect() -> None:
    assert list(emit()) == []


def outcome(number: int) -> Done:
    return Done(Handle(number), value=number)


JOBS = tuple(Job(key=str(number), run=print) for number in range(2))
HANDLES = (Handle(0), Handle(1))


def test_jobs_give_their_outcomes_in_the_order_of_the_jobs() -> None:
    effects, done = drive(run(JOBS), [HANDLES, outcome(1), Progress(HANDLES[0], "half"), outcome(0)])
    assert effects == [Start(JOBS), Join(), Join(), Join()]
    assert done == (outcome(0), outcome(1))


def test_a_job_that_ran_out_of_time_has_no_outcome() -> None:
    effects, done = drive(run(JOBS, until=3.0), [HANDLES, outcome(1), None])
    assert effects == [Start(JOBS), Join(3.0), Join(3.0)]
    assert done == (None, outcome(1))
