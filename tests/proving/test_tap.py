"""Through mitmproxy, told to break things: delays, kills, cuts, garbage, and a status of its own."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest
from tests.proving.asking import BASES, STREAMS

from chat_core.errors import DecodeError, Overloaded, StreamTruncated, TimedOut, TransportError
from chat_core.flow.retry import NEVER, Retry
from chat_core.flow.timeouts import Timeouts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proving.asking import Answer, Way

SAID = "long answer"
TEXT = " ".join(["0123456789"] * 20)


@pytest.fixture
def ask(way: Way, provider: str, tap: str) -> Callable[..., Answer]:
    """Tell the proxy how to break the next exchange, then ask."""
    _control(tap, "DELETE")

    def asked(fault: str | None = None, more: dict[str, object] | None = None, **settings: object) -> Answer:
        if fault is not None:
            _control(tap, "PUT", {"fault": fault, **(more or {})})
        made: dict[str, object] = {"retry": NEVER, **settings}
        return way(f"{provider}:m", SAID, (), base_url=tap + BASES[provider], **made)

    return asked


@pytest.fixture
def streams(way: Way) -> bool:
    return way.__name__ in STREAMS


def _control(tap: str, method: str, what: dict[str, object] | None = None) -> None:
    body = None if what is None else json.dumps(what).encode()
    asked = urllib.request.Request(f"{tap}/__tap", body, {"content-type": "application/json"}, method=method)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=10) as reply:
        assert reply.status == 200


def test_what_the_proxy_leaves_alone_arrives(ask: Callable[..., Answer]) -> None:
    assert ask()[0].text == TEXT


def test_a_delay_within_the_limits_only_takes_time(ask: Callable[..., Answer]) -> None:
    began = time.monotonic()
    assert ask("delay", {"seconds": 0.3})[0].text == TEXT
    assert time.monotonic() - began >= 0.3


def test_a_delay_beyond_them_names_its_phase(ask: Callable[..., Answer]) -> None:
    with pytest.raises(TimedOut) as caught:
        ask("delay", {"seconds": 1}, timeouts=Timeouts(first_byte=0.2))
    assert (caught.value.phase, caught.value.seconds) == ("first_byte", 0.2)


@pytest.mark.parametrize("fault", ["kill", "kill-reply"])
def test_a_killed_exchange_is_the_networks_fault(ask: Callable[..., Answer], fault: str) -> None:
    with pytest.raises(TransportError) as caught:
        ask(fault)
    assert caught.value.partial is None


def test_a_killed_exchange_is_asked_again_once(ask: Callable[..., Answer]) -> None:
    quick = Retry(attempts=5, first=0.01)
    turn, _ = ask("kill", retry=quick)
    assert turn.text == TEXT
    assert len(turn.response.attempts) == 2
    with pytest.raises(TransportError) as caught:
        ask("kill", {"times": 5}, retry=quick)
    assert len(caught.value.attempts) == 2


def test_a_status_of_the_proxy_is_retried_when_it_says(ask: Callable[..., Answer]) -> None:
    more: dict[str, object] = {"status": 503, "headers": {"Retry-After": "1"}}
    with pytest.raises(Overloaded) as caught:
        ask("status", more)
    assert caught.value.retry_after == 1.0
    began = time.monotonic()
    assert ask("status", more, retry=Retry(first=0.01))[0].text == TEXT
    assert time.monotonic() - began >= 1.0


@pytest.mark.parametrize("length", [1, 100, 300])
def test_a_cut_reply_is_never_a_short_success(ask: Callable[..., Answer], streams: bool, length: int) -> None:
    with pytest.raises(StreamTruncated if streams else TransportError) as caught:
        ask("cut", {"bytes": length})
    partial = caught.value.partial
    if partial is not None:
        assert partial.finish_reason is None
        assert TEXT.startswith(partial.text)
        assert partial.text != TEXT


def test_garbage_is_never_an_answer(ask: Callable[..., Answer], provider: str, streams: bool) -> None:
    if streams and provider in {"claude", "openai"}:  # the proxy hits the names of events, which the payload says again
        assert ask("garbage")[0].text == TEXT
        return
    with pytest.raises((DecodeError, StreamTruncated) if streams else DecodeError):
        ask("garbage")


def test_nothing_lingers_after_all_that(ask: Callable[..., Answer]) -> None:
    assert ask()[0].text == TEXT
