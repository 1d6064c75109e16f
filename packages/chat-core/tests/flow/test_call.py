"""A chat call as effects: whole and streamed, its endings, its failures, what it adds to the response."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from toy import HELLO, Streamed, Toy, ToyDecoder, Wait, World, refused, said, sse, streamed

from chat_core.codec.effects import Close, Emit, Handle, Instant, Now, Open, Opened, Receive, Send, Sleep
from chat_core.codec.fold import fold
from chat_core.codec.wire import Frame, WireRequest, WireResponse, dump
from chat_core.errors import (
    ChatError,
    DecodeError,
    GrammarError,
    ProviderError,
    ServerError,
    StreamTruncated,
    TransportError,
    UnsupportedContent,
)
from chat_core.events import PartStart, ResponseEnd, ResponseStart, TextDelta, UnknownEvent
from chat_core.flow.call import CallSettings, exchange, provider_call
from chat_core.flow.retry import NEVER, Retry
from chat_core.options import Options
from chat_core.response import Attempt, Response, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.events import Event
    from chat_core.request import Request

QUIET = Retry(jitter=0.0)
SETTINGS = CallSettings(retry=QUIET)
ONCE = CallSettings(retry=NEVER)
TOY = Toy()


def whole(world: World, settings: CallSettings = SETTINGS, provider: Toy = TOY) -> Response:
    return world.run(provider_call(provider, settings)(HELLO))


def stream(world: World, settings: CallSettings = SETTINGS, provider: Toy = TOY) -> Response:
    return world.run(provider_call(provider, settings, stream=True)(HELLO))


# --- by hand ----------------------------------------------------------------------------------------------------


def test_a_throttled_call_asks_for_sleep_and_sends_again() -> None:
    flow = provider_call(TOY, SETTINGS)(HELLO)
    assert next(flow) == Now()
    assert flow.send(Instant(0.0, 0.0)) == Now()
    assert isinstance(flow.send(Instant(0.0, 0.0)), Send)
    assert flow.send(refused(429, retry_after="2")) == Sleep(2.0)
    assert flow.send(None) == Now()
    assert isinstance(flow.send(Instant(2.0, 2.0)), Send)
    with pytest.raises(StopIteration) as stop:
        flow.send(said("Hello"))
    assert stop.value.value.text == "Hello"


def test_a_streamed_call_opens_receives_emits_and_gives_the_connection_back() -> None:
    world = World(streamed(sse("Hel", "lo")))
    stream(world)
    assert [type(effect) for effect in world.effects] == [Open, Receive, Emit, Emit, Close]
    assert world.closed == [True]


def test_the_first_piece_of_an_answer_is_shown_before_what_came_with_it_is_read() -> None:
    world = World(streamed(sse("Hel", "lo") + b"data: what is no JSON\n\n"))
    with pytest.raises(DecodeError):
        stream(world)
    first, second = (effect.events for effect in world.effects if isinstance(effect, Emit))
    assert [type(event) for event in first] == [ResponseStart, PartStart, TextDelta]
    assert second[0] == TextDelta(index=0, text="lo")


# --- successes --------------------------------------------------------------------------------------------------


def test_a_whole_call_gives_the_response() -> None:
    world = World(said("Hello"))
    response = whole(world)
    assert response.text == "Hello"
    assert response.usage == Usage(input_tokens=3, output_tokens=2)
    assert world.events == []


def test_a_stream_folds_to_the_same_response_as_it_returns() -> None:
    world = World(streamed(sse("Hel", "lo", usage=(3, 2)), x_request_id="r1"))
    response = stream(world)
    assert fold(world.events) == response
    assert response.text == "Hello"


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_how_the_bytes_are_cut_changes_nothing(size: int) -> None:
    data = sse("Hel", "lo", usage=(3, 2))
    cut = World(streamed(*(data[at : at + size] for at in range(0, len(data), size))))
    uncut = World(streamed(data))
    assert stream(cut) == stream(uncut)
    assert cut.events == uncut.events


def test_notices_are_in_the_start_and_in_the_response() -> None:
    request = replace(HELLO, options=Options(top_k=5))
    world = World(streamed(sse("Hi")), said("Hi"))
    response = world.run(provider_call(TOY, SETTINGS, stream=True)(request))
    start = world.events[0]
    assert isinstance(start, ResponseStart)
    assert [notice.feature for notice in start.notices] == ["top_k"]
    assert response.notices == start.notices
    assert world.run(provider_call(TOY, SETTINGS)(request)).notices == start.notices


def test_strict_turns_notices_into_an_error_before_any_effect() -> None:
    flow = provider_call(TOY, CallSettings(strict=True))(replace(HELLO, options=Options(top_k=5)))
    with pytest.raises(UnsupportedContent, match="top_k: the toy has none"):
        next(flow)


def test_strict_lets_a_request_without_notices_pass() -> None:
    assert whole(World(said("Hi")), CallSettings(strict=True)).text == "Hi"


@pytest.mark.parametrize("streaming", [False, True])
def test_request_ids_and_rate_limits_are_kept(streaming: bool) -> None:
    headers = {"x_request_id": "r1", "acme_ratelimit_remaining": "9", "date": "today", "set_cookie": "c"}
    world = World(streamed(sse("Hi"), **headers) if streaming else said("Hi", **headers))
    response = stream(world) if streaming else whole(world)
    assert response.headers == {"x-request-id": "r1", "acme-ratelimit-remaining": "9"}
    assert response.attempts[0].request_id == "r1"


def test_a_stream_keeps_its_last_object_as_raw_unless_asked_for_all() -> None:
    data = b'data: {"text":"Hi"}\n\ndata: {"finish":"stop"}\n\ndata: [DONE]\n\n'
    assert stream(World(streamed(data))).raw == {"finish": "stop"}
    kept = stream(World(streamed(data)), CallSettings(keep_raw=True))
    assert kept.raw == [{"text": "Hi"}, {"finish": "stop"}, "[DONE]"]


def test_what_comes_after_the_end_in_one_read_is_decoded_and_nothing_more_is_read() -> None:
    world = World(streamed(sse("Hi") + b'data: {"kind":"late"}\n\n', b"data: never\n\n"))
    stream(world)
    assert isinstance(world.events[-1], UnknownEvent)
    assert len([effect for effect in world.effects if isinstance(effect, Receive)]) == 1


# --- endings ----------------------------------------------------------------------------------------------------


def test_a_terminal_signal_without_a_last_event_is_a_clean_end() -> None:
    world = World(streamed(sse("Hi", done=False)))
    assert stream(world).text == "Hi"
    assert isinstance(world.events[-1], ResponseEnd)
    assert world.closed == [True]


def test_a_stream_that_ends_early_is_truncated_and_says_what_came() -> None:
    world = World(streamed(sse("Hel", finish=False, done=False), x_request_id="r9"))
    with pytest.raises(StreamTruncated) as caught:
        stream(world)
    partial = caught.value.partial
    assert partial is not None
    assert partial.text == "Hel"
    assert partial.finish_reason is None
    assert partial.headers == {"x-request-id": "r9"}
    assert world.closed == [False]
    assert [attempt.request_id for attempt in caught.value.attempts] == [None]


def test_a_lost_connection_after_the_terminal_signal_is_a_success() -> None:
    world = World(streamed(sse("Hi", done=False), TransportError("reset")))
    assert stream(world).text == "Hi"


def test_a_lost_connection_in_the_middle_keeps_what_came() -> None:
    world = World(streamed(sse("Hel", finish=False, done=False), TransportError("reset")))
    with pytest.raises(StreamTruncated, match="reset") as caught:
        stream(world)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hel"
    assert world.closed == [False]


def test_trailing_usage_is_waited_for_a_little() -> None:
    late = World(streamed(sse("Hi", done=False), Wait(4.9), b'data: {"usage":{"in":1,"out":2}}\n\n', Wait(9)))
    assert stream(late).usage == Usage(input_tokens=1, output_tokens=2)
    never = World(streamed(sse("Hi", done=False), Wait(600), b"data: [DONE]\n\n"))
    assert stream(never).usage is None
    assert never.time == 1005.0
    assert never.closed == [True]


def test_a_broken_frame_stops_the_stream_with_what_came() -> None:
    world = World(streamed(sse("Hel", finish=False, done=False), DecodeError("a frame is too long")))
    with pytest.raises(DecodeError) as caught:
        stream(world)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hel"


def test_events_before_a_malformed_one_are_delivered() -> None:
    world = World(streamed(b'data: {"text":"Hel"}\n\ndata: {"text":5}\n\n'))
    with pytest.raises(DecodeError) as caught:
        stream(world)
    assert [event.text for event in world.events if isinstance(event, TextDelta)] == ["Hel"]
    assert caught.value.partial is not None
    assert world.closed == [False]


def test_an_error_inside_a_stream_has_what_came_and_the_request_id() -> None:
    world = World(streamed(b'data: {"text":"Hel"}\n\ndata: {"error":{"message":"full"}}\n\n', x_request_id="r5"))
    with pytest.raises(ServerError, match="full") as caught:
        stream(world)
    assert caught.value.partial is not None
    assert caught.value.request_id == "r5"
    assert caught.value.attempts == (Attempt(number=1, request_id="r5"),)


class ForgetfulDecoder(ToyDecoder):
    def finish(self) -> Iterator[Event]:
        yield from ()


class Forgetful(Toy):
    """A provider whose decoder forgets the end."""

    def decoder(self, request: Request) -> ToyDecoder:
        return ForgetfulDecoder(self.origin(request.model))


def test_a_decoder_without_an_end_is_at_fault() -> None:
    with pytest.raises(GrammarError):
        stream(World(streamed(sse("Hi", done=False))), provider=Forgetful())


# --- other replies and other exchanges --------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"<html>", b"nope", b'{"text":5}'])
def test_a_reply_that_is_none_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(DecodeError):
        whole(World(WireResponse(body=body)))


@pytest.mark.parametrize("streaming", [False, True])
def test_a_redirect_is_not_followed_and_no_answer(streaming: bool) -> None:
    reply = WireResponse(status=302, headers={"location": "http://elsewhere.example"})
    world = World(Streamed((), reply) if streaming else reply)
    with pytest.raises(ProviderError, match="HTTP 302"):
        _ = stream(world) if streaming else whole(world)
    assert world.closed == ([False] if streaming else [])


def test_an_error_in_the_guise_of_a_success_has_its_request_id() -> None:
    reply = WireResponse(headers={"x-request-id": "r1"}, body=dump({"error": {"message": "oops"}}))
    with pytest.raises(ChatError) as caught:
        whole(World(reply), ONCE)
    assert caught.value.attempts == (Attempt(number=1, request_id="r1"),)


def test_another_exchange_is_retried_and_decoded() -> None:
    wire = WireRequest(url="http://toy.example/models", method="GET")
    world = World(refused(503), WireResponse(body=b"[1]"))
    assert world.run(exchange(TOY, SETTINGS, wire, lambda reply: reply.body)) == b"[1]"
    assert len(world.sent) == 2


def test_another_exchange_fails_with_its_attempts() -> None:
    world = World(refused(404))
    with pytest.raises(ChatError) as caught:
        world.run(exchange(TOY, SETTINGS, WireRequest(url="http://toy.example/x"), lambda reply: reply.body))
    assert len(caught.value.attempts) == 1


def test_leaving_a_call_asks_for_nothing_more() -> None:
    flow = provider_call(TOY, SETTINGS, stream=True)(HELLO)
    next(flow)
    flow.send(Instant(0, 0))
    assert isinstance(flow.send(Instant(0, 0)), Open)
    flow.send(Opened(Handle(1), WireResponse()))
    assert isinstance(flow.send((Frame(b'{"text":"Hi"}'),)), Emit)
    flow.close()
