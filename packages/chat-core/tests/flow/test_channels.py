"""Over which channel a call goes, what it does where every reply is a stream, and when it goes on over another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from toy import HELLO, Wait, World, refused, said, streamed
from wspeers import LANES, WSToy

from chat_core.codec.effects import Open, Send
from chat_core.codec.wire import Frame, dump
from chat_core.errors import (
    AuthenticationFailed,
    ChatError,
    ConnectFailed,
    ProviderError,
    RateLimited,
    SlowConsumer,
    StreamTruncated,
    TimedOut,
    TransportError,
)
from chat_core.flow.attempts import CallSettings
from chat_core.flow.call import provider_call
from chat_core.flow.channels import Channels
from chat_core.flow.retry import NEVER, Retry

if TYPE_CHECKING:
    from chat_core.codec.wire import WireJSON
    from chat_core.response import Response

TOY = WSToy(lane=LANES)
SETTINGS = CallSettings(retry=Retry(jitter=0.0))


def frames(*texts: str, done: bool = True) -> tuple[Frame, ...]:
    objects: list[WireJSON] = [{"text": text} for text in texts]
    return tuple(Frame(dump(each).decode()) for each in [*objects, *([{"done": True}] if done else [])])


def lost(*, retryable: bool = True) -> TransportError:
    error = TransportError("lost")
    error.retryable = retryable
    return error


def call(world: World, *, stream: bool, instead: str | None = "http", settings: CallSettings = SETTINGS) -> Response:
    made = provider_call(TOY, settings, channel="websocket", instead=instead, stream=stream)
    return world.run(made(HELLO))


def test_a_call_that_is_not_streamed_reads_a_stream_and_shows_no_event() -> None:
    world = World(streamed(frames("Hel", "lo")))
    assert call(world, stream=False).text == "Hello"
    assert world.events == []
    assert isinstance(world.effects[0], Open)
    assert world.closed == [True]


def test_a_streamed_call_shows_its_events() -> None:
    world = World(streamed(frames("Hel", "lo")))
    assert call(world, stream=True).text == "Hello"
    assert world.events


def test_the_lane_goes_along() -> None:
    world = World(streamed(frames("x")))
    call(world, stream=True)
    assert world.sent[0].wire.lane is LANES
    assert world.sent[0].wire.url == "ws://toy.example/chat"


def test_an_error_of_the_service_in_a_message_leaves_the_connection_in_service() -> None:
    world = World(streamed((Frame('{"error":{"message":"no"}}'),)))
    with pytest.raises(ProviderError):
        call(world, stream=True, instead=None, settings=CallSettings(retry=NEVER))
    assert world.closed == [True]


def test_a_lost_connection_does_not() -> None:
    world = World(streamed(frames("x", done=False), lost()))
    with pytest.raises(StreamTruncated):
        call(world, stream=True)
    assert world.closed == [False]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "failure",
    [ConnectFailed("no"), TimedOut("late", phase="connect", seconds=1), refused(404), refused(426), refused(503)],
)
def test_without_a_way_through_the_call_goes_on_over_the_other_channel_at_once(
    stream: bool, failure: Exception
) -> None:
    again = streamed(b'data: {"text":"Hi"}\n\ndata: {"finish":"stop"}\n\ndata: [DONE]\n\n') if stream else said("Hi")
    world = World(failure, again)
    response = call(world, stream=stream)
    assert response.text == "Hi"
    assert world.slept == []
    assert [each.wire.url for each in world.sent] == ["ws://toy.example/chat", "http://toy.example/chat"]
    assert len(response.attempts) == 2
    assert isinstance([e for e in world.effects if isinstance(e, Open | Send)][-1], Open if stream else Send)


def test_it_does_not_unless_asked() -> None:
    world = World(ConnectFailed("no"), ConnectFailed("no"), ConnectFailed("no"))
    with pytest.raises(ConnectFailed):
        call(world, stream=True, instead=None)
    assert {each.wire.url for each in world.sent} == {"ws://toy.example/chat"}


def test_it_does_not_once_an_event_was_seen() -> None:
    world = World(streamed(frames("x", done=False), lost()))
    with pytest.raises(StreamTruncated):
        call(world, stream=True)
    assert len(world.sent) == 1


def test_a_request_that_may_have_been_served_is_repeated_as_the_policy_says() -> None:
    world = World(lost(), said("Hi"))
    assert call(world, stream=False).text == "Hi"
    assert world.slept == [0.5]
    assert [each.wire.url[:4] for each in world.sent] == ["ws:/", "http"]
    never = World(lost())
    with pytest.raises(TransportError):
        call(never, stream=False, settings=CallSettings(retry=NEVER))


def test_it_moves_once() -> None:
    world = World(ConnectFailed("no"), ConnectFailed("no"), ConnectFailed("no"), ConnectFailed("no"))
    with pytest.raises(ConnectFailed):
        call(world, stream=False)
    assert [each.wire.url[:4] for each in world.sent] == ["ws:/", "http", "http", "http"]


@pytest.mark.parametrize(("status", "kind"), [(401, AuthenticationFailed), (429, RateLimited)])
def test_what_http_would_say_as_well_is_no_reason_to_move(status: int, kind: type[ProviderError]) -> None:
    world = World(refused(status))
    with pytest.raises(kind):
        call(world, stream=False, settings=CallSettings(retry=NEVER))
    assert len(world.sent) == 1


@pytest.mark.parametrize(
    ("error", "moved"),
    [
        (ConnectFailed("x"), True),
        (TimedOut("x", phase="connect", seconds=1), True),
        (TimedOut("x", phase="pool", seconds=1), None),
        (TimedOut("x", phase="first_byte", seconds=1), None),
        (lost(), False),
        (lost(retryable=False), True),
        (SlowConsumer("x"), None),
        (RateLimited("x"), None),
        (ChatError("x"), None),
    ],
)
def test_each_failure_is_a_reason_or_none(error: ChatError, moved: bool | None) -> None:
    channels = Channels("websocket", "http")
    assert channels.move(error) is moved
    assert channels.current == ("websocket" if moved is None else "http")


def test_a_refusal_over_http_is_none() -> None:
    channels = Channels("http", "websocket")
    channels.refused(404)
    assert channels.move(ProviderError("no", status=404)) is None


def test_pings_do_not_move_the_limit_of_the_first_content() -> None:
    world = World(streamed((), Wait(700), ()))
    with pytest.raises(TimedOut) as caught:
        call(world, stream=False, settings=CallSettings(retry=NEVER))
    assert caught.value.phase == "first_content"
