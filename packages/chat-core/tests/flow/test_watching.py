"""Whoever asked is told what calls do, and nothing that was said in them."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from toy import HELLO, Toy, World, refused, said

from chat_core.codec.provider import Secret
from chat_core.errors import InvalidRequest
from chat_core.flow.call import CallSettings, provider_call
from chat_core.flow.credential import Static
from chat_core.flow.watching import logger, together

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON

CANARY = "canary-0ddba11"


def watched(*answers: WireResponse) -> list[Mapping[str, JSON]]:
    events: list[Mapping[str, JSON]] = []
    settings = CallSettings(credential=Static(Secret(CANARY)), watch=events.append)
    with suppress(InvalidRequest):
        World(*answers).run(provider_call(Toy(), settings)(HELLO))
    return events


def test_a_call_is_told_from_start_to_end() -> None:
    start, end = watched(said("hello"))
    assert start["type"] == "call.start"
    assert start["provider"] == Toy().name
    assert isinstance(start["bytes"], int)
    assert start["bytes"] > 0
    assert (end["type"], end["attempts"]) == ("call.end", 1)
    assert "error" not in end


def test_every_further_attempt_is_told_with_its_cause() -> None:
    events = watched(refused(503), said("hello"))
    assert [event["type"] for event in events] == ["call.start", "call.retry", "call.end"]
    assert (events[1]["attempt"], events[1]["status"]) == (2, 503)
    assert events[2]["attempts"] == 2


def test_a_failure_is_told_without_its_words() -> None:
    *_, end = watched(refused(400, f"your prompt {CANARY} is odd"))
    assert (end["type"], end["error"], end["status"]) == ("call.end", "InvalidRequest", 400)
    assert CANARY not in repr(end)


def test_nothing_that_was_said_and_no_secret_is_told() -> None:
    told = repr(watched(refused(500, "hello"), said("hello")))
    assert CANARY not in told
    assert "hello" not in told


def test_several_watchers_are_told_in_order_and_none_is_none() -> None:
    told: list[str] = []
    both = together(lambda _: told.append("first"), None, lambda _: told.append("second"))
    assert both is not None
    both({"type": "call.start"})
    assert told == ["first", "second"]
    assert together(None, None) is None


@pytest.fixture
def chat_log() -> Iterator[logging.Logger]:
    log = logging.getLogger("chat")
    before = list(log.handlers)
    yield log
    log.handlers[:] = before
    log.propagate = True
    log.setLevel(logging.NOTSET)


def test_the_log_is_silent_unless_asked_for(chat_log: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    assert logger(None) is None
    assert logger("") is None
    before = len(chat_log.handlers)
    watch = logger("debug")
    assert watch is not None
    watch({"type": "call.start", "provider": "toy"})
    assert logger("debug") is not None
    assert len(chat_log.handlers) == before + 1
    assert "chat.call type=call.start provider=toy" in capsys.readouterr().err
