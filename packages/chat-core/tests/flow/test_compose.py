"""Middleware around a call: retry, fallback, cache; and what they leave alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from toy import HELLO, Toy, World, refused, said, sse, streamed

from chat_core.codec.effects import Sleep, sleep
from chat_core.codec.fold import fold
from chat_core.errors import InvalidRequest, Overloaded, QuotaExceeded, ServerError
from chat_core.flow.call import CallSettings, provider_call
from chat_core.flow.compose import Cache, Seen, compose, fallback, on_model, retrying
from chat_core.flow.retry import NEVER, Retry
from chat_core.messages import assistant, user
from chat_core.response import Response

if TYPE_CHECKING:
    from chat_core.codec.effects import Flow
    from chat_core.flow.call import Call
    from chat_core.flow.compose import Middleware
    from chat_core.request import Request

ONCE = CallSettings(retry=NEVER)
WHOLE = provider_call(Toy(), ONCE)
STREAM = provider_call(Toy(), ONCE, stream=True)
OTHER = provider_call(Toy(base_url="http://other.example"), ONCE, stream=True)


def test_the_first_middleware_is_the_outermost() -> None:
    order: list[str] = []

    def noting(name: str) -> Middleware:
        def wrap(call: Call) -> Call:
            def noted(request: Request) -> Flow[Response]:
                order.append(name)
                return (yield from call(request))

            return noted

        return wrap

    call = compose(WHOLE, noting("a"), noting("b"))
    World(said("Hi")).run(call(HELLO))
    assert order == ["a", "b"]


def test_without_middleware_a_call_is_itself() -> None:
    assert compose(WHOLE) is WHOLE


# --- retry ------------------------------------------------------------------------------------------------------


def test_a_call_is_repeated_with_one_ledger() -> None:
    world = World(refused(503, "full"), refused(503, "full"), streamed(sse("Hi")))
    response = world.run(compose(STREAM, retrying(Retry(jitter=0.0)))(HELLO))
    assert [(attempt.number, attempt.delay) for attempt in response.attempts] == [(1, 0.0), (2, 0.5), (3, 1.0)]
    assert response.attempts[1].cause == "Overloaded: full (HTTP 503)"
    assert world.slept == [0.5, 1.0]
    assert fold(world.events) == response


def test_a_call_that_keeps_failing_fails_with_all_its_attempts() -> None:
    world = World(*(refused(503) for _ in range(9)))
    with pytest.raises(Overloaded) as caught:
        world.run(compose(WHOLE, retrying(Retry(jitter=0.0)))(HELLO))
    assert [attempt.number for attempt in caught.value.attempts] == [1, 2, 3]


def test_what_was_seen_is_not_repeated() -> None:
    broken = World(streamed(b'data: {"text":"Hel"}\n\ndata: {"error":{}}\n\n'), streamed(sse("Hello")))
    with pytest.raises(ServerError):
        broken.run(compose(STREAM, retrying(Retry()))(HELLO))
    assert len(broken.sent) == 1


# --- fallback ---------------------------------------------------------------------------------------------------


def test_another_service_answers_when_one_is_busy() -> None:
    world = World(refused(503, "full", x_request_id="r1"), streamed(sse("Hi")))
    response = world.run(compose(STREAM, fallback(OTHER))(HELLO))
    assert [sent.wire.url for sent in world.sent] == ["http://toy.example/chat", "http://other.example/chat"]
    assert [(attempt.number, attempt.cause) for attempt in response.attempts] == [
        (1, None),
        (2, "Overloaded: full (HTTP 503, request r1)"),
    ]
    assert fold(world.events) == response


def test_the_last_failure_counts() -> None:
    world = World(refused(503), refused(402))
    with pytest.raises(QuotaExceeded) as caught:
        world.run(compose(STREAM, fallback(OTHER))(HELLO))
    assert [attempt.number for attempt in caught.value.attempts] == [1, 2]


def test_a_bad_request_stays_where_it_is() -> None:
    world = World(refused(400), streamed(sse("Hi")))
    with pytest.raises(InvalidRequest):
        world.run(compose(STREAM, fallback(OTHER))(HELLO))
    assert len(world.sent) == 1


def test_what_moves_is_the_programs_choice() -> None:
    world = World(refused(400), streamed(sse("Hi")))
    assert world.run(compose(STREAM, fallback(OTHER, when=lambda _: True))(HELLO)).text == "Hi"


def test_what_was_seen_does_not_move() -> None:
    world = World(streamed(b'data: {"text":"Hel"}\n\ndata: {"error":{}}\n\n'), streamed(sse("Hello")))
    with pytest.raises(ServerError):
        world.run(compose(STREAM, fallback(OTHER))(HELLO))
    assert len(world.sent) == 1


def test_a_call_can_ask_another_model() -> None:
    world = World(refused(503), said("Hi"))
    world.run(compose(WHOLE, fallback(on_model(WHOLE, "toy-2")))(HELLO))
    assert [b"toy-2" in sent.body for sent in world.sent] == [False, True]


def test_middleware_goes_around_middleware() -> None:
    world = World(refused(503), refused(503), refused(503), streamed(sse("Hi")))
    response = world.run(compose(STREAM, retrying(Retry(jitter=0.0)), fallback(OTHER))(HELLO))
    assert [attempt.number for attempt in response.attempts] == [1, 2, 3, 4]
    assert world.slept == [0.5]


# --- cache ------------------------------------------------------------------------------------------------------


def test_an_equal_request_is_answered_from_memory() -> None:
    cached = compose(STREAM, Cache())
    world = World(streamed(sse("Hel", "lo")))
    first = world.run(cached(HELLO))
    again = World()
    second = again.run(cached(replace(HELLO)))
    assert again.sent == []
    assert fold(again.events) == second
    assert second == replace(first, attempts=())


def test_another_request_is_asked() -> None:
    cached = compose(WHOLE, Cache())
    world = World(said("A"), said("B"))
    assert world.run(cached(HELLO)).text == "A"
    assert world.run(cached(replace(HELLO, messages=(user("Ho"),)))).text == "B"


def test_a_failure_is_not_kept() -> None:
    cached = compose(WHOLE, Cache())
    world = World(refused(400), said("A"))
    with pytest.raises(InvalidRequest):
        world.run(cached(HELLO))
    assert world.run(cached(HELLO)).text == "A"


def test_the_oldest_answer_goes_when_the_cache_is_full() -> None:
    cached = compose(WHOLE, Cache(limit=2))
    one, two, three = (replace(HELLO, model=name) for name in ("1", "2", "3"))
    world = World(*(said(name) for name in ("1", "2", "3", "2 again")))
    for request in (one, two, one, three, one):
        world.run(cached(request))
    assert world.run(cached(two)).text == "2 again"
    assert len(world.sent) == 4


# --- looking ----------------------------------------------------------------------------------------------------


ANSWER = Response(message=assistant("slept"))


def test_a_look_passes_effects_replies_and_failures() -> None:
    def inner() -> Flow[Response]:
        try:
            yield from sleep(1.0)
        except ValueError as error:
            return Response(message=assistant(str(error)))
        return ANSWER

    slept = Seen().through(inner())
    assert next(slept) == Sleep(1.0)
    with pytest.raises(StopIteration) as stop:
        slept.send(None)
    assert stop.value.value is ANSWER
    woken = Seen().through(inner())
    next(woken)
    with pytest.raises(StopIteration) as stop:
        woken.throw(ValueError("woken"))
    assert stop.value.value.text == "woken"


def test_leaving_closes_the_inner_flow() -> None:
    closed: list[bool] = []

    def inner() -> Flow[Response]:
        try:
            yield from sleep(1.0)
        finally:
            closed.append(True)
        return ANSWER

    flow = Seen().through(inner())
    next(flow)
    flow.close()
    assert closed == [True]
