"""The attempts at a call: which failures are repeated, how long each phase may take, whose secret is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from toy import HELLO, Toy, ToyUnchain, Wait, World, refused, said, sse, streamed

from chat_core.codec.effects import Open
from chat_core.codec.provider import Secret
from chat_core.errors import (
    AuthenticationFailed,
    ChainLost,
    ConnectFailed,
    InvalidRequest,
    Overloaded,
    RateLimited,
    ServerError,
    TimedOut,
    TransportError,
)
from chat_core.events import ResponseStart
from chat_core.flow.call import CallSettings, provider_call
from chat_core.flow.credential import Called, Static
from chat_core.flow.retry import NEVER, Retry
from chat_core.flow.timeouts import Timeouts
from chat_core.messages import user
from chat_core.response import Attempt, Response, Usage

QUIET = Retry(jitter=0.0)
SETTINGS = CallSettings(retry=QUIET)
ONCE = CallSettings(retry=NEVER)
TOY = Toy()


def whole(world: World, settings: CallSettings = SETTINGS, provider: Toy = TOY) -> Response:
    return world.run(provider_call(provider, settings)(HELLO))


def stream(world: World, settings: CallSettings = SETTINGS, provider: Toy = TOY) -> Response:
    return world.run(provider_call(provider, settings, stream=True)(HELLO))


# --- retries ----------------------------------------------------------------------------------------------------


def test_every_attempt_is_in_the_ledger_of_the_response() -> None:
    world = World(refused(503, "full", x_request_id="r1"), ConnectFailed("down"), said("Hi", x_request_id="r3"))
    response = whole(world)
    assert world.slept == [0.5, 1.0]
    assert response.attempts == (
        Attempt(number=1, request_id="r1"),
        Attempt(number=2, delay=0.5, cause="Overloaded: full (HTTP 503, request r1)"),
        Attempt(
            number=3,
            delay=1.0,
            cause="ConnectFailed: down",
            request_id="r3",
            usage=Usage(input_tokens=3, output_tokens=2),
        ),
    )


def test_every_attempt_is_in_the_ledger_of_the_error() -> None:
    world = World(*(refused(503, "full") for _ in range(5)))
    with pytest.raises(Overloaded) as caught:
        whole(world)
    assert [attempt.number for attempt in caught.value.attempts] == [1, 2, 3]
    assert len(world.sent) == 3


def test_a_refusal_is_not_tried_again() -> None:
    world = World(refused(400, "bad"))
    with pytest.raises(InvalidRequest):
        whole(world)
    assert len(world.sent) == 1


def test_the_service_decides_with_its_header() -> None:
    world = World(refused(503, x_should_retry="false"))
    with pytest.raises(Overloaded):
        whole(world)
    assert len(world.sent) == 1
    assert whole(World(refused(400, x_should_retry="true"), said("Hi"))).text == "Hi"


def test_a_stream_is_tried_again_before_its_first_content_only() -> None:
    unseen = World(
        streamed(b'data: {"id":"a"}\n\ndata: {"error":{"message":"full"}}\n\n'), streamed(sse("Hello", usage=(1, 2)))
    )
    response = stream(unseen)
    assert response.text == "Hello"
    assert [type(event) for event in unseen.events].count(ResponseStart) == 1
    assert len(response.attempts) == 2
    assert unseen.closed == [False, True]
    seen = World(streamed(b'data: {"text":"Hel"}\n\ndata: {"error":{"message":"full"}}\n\n'), streamed(sse("Hello")))
    with pytest.raises(ServerError):
        stream(seen)
    assert len(seen.sent) == 1


def test_a_stream_refused_at_its_head_is_tried_again() -> None:
    world = World(refused(529), streamed(sse("Hi")))
    assert stream(world).text == "Hi"
    assert world.closed == [False, True]


def test_a_request_whose_connection_was_lost_is_sent_once_more() -> None:
    world = World(TransportError("reset"), TransportError("reset"), said("Hi"))
    with pytest.raises(TransportError):
        whole(world)
    assert len(world.sent) == 2


def test_a_lost_request_is_sent_again_with_the_same_idempotency_key() -> None:
    world = World(TransportError("reset"), said("Hi"))
    whole(world, provider=Toy(idempotency="Idempotency-Key"))
    first, second = (sent.headers["Idempotency-Key"] for sent in world.sent)
    assert first == second


def test_time_for_the_whole_call_includes_the_waiting() -> None:
    world = World(refused(429, retry_after="30"), said("Hi"))
    with pytest.raises(RateLimited):
        whole(world, CallSettings(retry=QUIET, timeouts=Timeouts(total=20)))
    assert world.slept == []


# --- timeouts ---------------------------------------------------------------------------------------------------

LIMITS = Timeouts(connect=1, pool=2, first_byte=10, first_content=20, between_content=5, total=60)
TIMED = CallSettings(retry=NEVER, timeouts=LIMITS)


def phase(world: World, settings: CallSettings = TIMED, *, streaming: bool = True) -> tuple[str, float]:
    with pytest.raises(TimedOut) as caught:
        _ = stream(world, settings) if streaming else whole(world, settings)
    return caught.value.phase, caught.value.seconds


def test_the_transport_is_told_its_own_limits() -> None:
    world = World(said("Hi"))
    whole(world, TIMED)
    assert (world.sent[0].connect, world.sent[0].pool) == (1, 2)


@pytest.mark.parametrize("own", ["connect", "pool"])
def test_a_phase_of_the_transport_keeps_its_name(own: str) -> None:
    assert phase(World(TimedOut("late", phase=own, seconds=1))) == (own, 1)


@pytest.mark.parametrize("streaming", [False, True])
def test_no_first_byte(streaming: bool) -> None:
    world = World(Wait(11), streamed(sse("Hi")) if streaming else said("Hi"))
    assert phase(world, streaming=streaming) == ("first_byte", 10)


def test_no_first_content() -> None:
    assert phase(World(streamed(Wait(21), sse("Hi")))) == ("first_content", 20)


def test_pings_are_no_content() -> None:
    pings = [step for _ in range(30) for step in (Wait(1), b": ping\n\n")]
    assert phase(World(streamed(*pings, sse("Hi")))) == ("first_content", 20)
    started = sse("Hel", finish=False, done=False)
    world = World(streamed(started, *pings, sse("lo")))
    assert phase(world) == ("between_content", 5)


def test_unknown_events_are_no_content() -> None:
    unknown = [step for _ in range(30) for step in (Wait(1), b'data: {"kind":"beat"}\n\n')]
    assert phase(World(streamed(sse("Hel", finish=False, done=False), *unknown))) == ("between_content", 5)


def test_content_moves_the_limit() -> None:
    slow = [step for _ in range(9) for step in (Wait(4), b'data: {"text":"a"}\n\n')]
    assert stream(World(streamed(*slow, sse("b"))), TIMED).text == "aaaaaaaaab"


def test_no_further_content_leaves_what_came() -> None:
    world = World(streamed(sse("Hel", finish=False, done=False), Wait(6), sse("lo")))
    with pytest.raises(TimedOut) as caught:
        stream(world, TIMED)
    assert caught.value.phase == "between_content"
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hel"
    assert world.closed == [False]


def test_the_whole_call_has_a_limit_too() -> None:
    slow = [step for _ in range(90) for step in (Wait(4), b'data: {"text":"a"}\n\n')]
    assert phase(World(streamed(*slow))) == ("total", 60)


def test_the_total_counts_all_attempts() -> None:
    patient = CallSettings(retry=Retry(jitter=0.0, lost=9, attempts=9), timeouts=replace(LIMITS, total=25))
    world = World(Wait(11), said("Hi"))
    assert phase(world, patient, streaming=False) == ("total", 25)
    assert len(world.sent) == 3


def test_without_limits_nothing_is_timed() -> None:
    free = Timeouts(connect=None, pool=None, first_byte=None, first_content=None, between_content=None)
    world = World(Wait(1e6), streamed(Wait(1e6), sse("Hel", finish=False), Wait(1e6), sse("lo")))
    assert stream(world, CallSettings(timeouts=free)).text == "Hel"
    assert all(effect.until is None for effect in world.effects if isinstance(effect, Open))


# --- credentials ------------------------------------------------------------------------------------------------


def test_the_secret_goes_into_the_credentials_only() -> None:
    world = World(said("Hi"))
    whole(world, CallSettings(credential=Static(Secret("canary-1"))))
    assert world.sent[0].credentials["authorization"] == "Bearer canary-1"
    assert "canary-1" not in repr(world.sent[0])


def test_a_refused_credential_is_renewed_once_without_waiting() -> None:
    keys = iter(["old-key", "new-key", "newer-key"])
    settings = replace(ONCE, credential=Called(lambda: next(keys)))
    world = World(refused(401, "expired"), said("Hi"))
    response = whole(world, settings)
    assert [sent.credentials["authorization"] for sent in world.sent] == ["Bearer old-key", "Bearer new-key"]
    assert [attempt.cause for attempt in response.attempts] == [
        None,
        "AuthenticationFailed: expired (HTTP 401). The key is from the function given as api_key=",
    ]
    world = World(refused(401), refused(401), refused(401))
    with pytest.raises(AuthenticationFailed):
        whole(world, settings)
    assert len(world.sent) == 2


def test_a_static_credential_is_not_tried_twice() -> None:
    world = World(refused(401))
    with pytest.raises(AuthenticationFailed):
        whole(world, replace(SETTINGS, credential=Static(Secret("canary-1"))))
    assert len(world.sent) == 1


@pytest.mark.parametrize("streaming", [False, True])
def test_a_secret_that_the_service_repeats_is_in_no_error(streaming: bool) -> None:
    settings = replace(ONCE, credential=Static(Secret("canary-1")))
    world = World(refused(400, "your key canary-1 is odd"))
    with pytest.raises(InvalidRequest) as caught:
        _ = stream(world, settings) if streaming else whole(world, settings)
    error = caught.value
    assert "canary-1" not in f"{error} {error!r} {error.__dict__} {error.__cause__!r} {error.__context__!r}"


# --- lost chains ------------------------------------------------------------------------------------------------


def test_a_lost_chain_is_answered_with_the_whole_history_once() -> None:
    history = replace(HELLO, messages=(user("Once"), user("Hi")))
    provider = Toy(unchain=ToyUnchain(history))
    world = World(refused(400, code="chain_lost"), said("Hello"))
    response = whole(world, ONCE, provider)
    assert [b"Once" in sent.body for sent in world.sent] == [False, True]
    assert len(response.attempts) == 2
    world = World(refused(400, code="chain_lost"), refused(400, code="chain_lost"))
    with pytest.raises(ChainLost):
        whole(world, ONCE, provider)


@pytest.mark.parametrize("provider", [Toy(), Toy(unchain=ToyUnchain(None))])
def test_a_lost_chain_without_history_is_an_error(provider: Toy) -> None:
    with pytest.raises(ChainLost):
        whole(World(refused(400, code="chain_lost")), ONCE, provider)
