"""The laws over a real server fail when the client's side breaks them: no provider can, so clients do here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tiny import SUBJECT

from chat_core.errors import StreamTruncated
from chat_core.events import ResponseEnd, TextDelta
from chat_core.flow.retry import NEVER
from chat_core.testing import stack
from chat_core.testing.colours import Blocking
from chat_core.testing.loopback import Answer, Loopback, Redirected

if TYPE_CHECKING:
    from chat_core.errors import ChatError
    from chat_core.events import Event
    from chat_core.flow.drive import Drive
    from chat_core.request import Request

CASES = {case.name: case for case in SUBJECT.cases}


class TakesCutsForEnds(Blocking):
    def events(self, request: Request) -> tuple[list[Event], ChatError | None]:
        events, error = super().events(request)
        return events, None if isinstance(error, StreamTruncated) else error


class LosesTheEnd(Blocking):
    def events(self, request: Request) -> tuple[list[Event], ChatError | None]:
        events, error = super().events(request)
        return [event for event in events if not isinstance(event, ResponseEnd)], error


class LosesADelta(Blocking):
    def events(self, request: Request) -> tuple[list[Event], ChatError | None]:
        events, error = super().events(request)
        return [event for event in events if not isinstance(event, TextDelta)], error


class Lingers(Blocking):
    kept: list[Drive[object]]

    def leave(self, request: Request) -> Event | None:
        stream = self.chat.stream(request)
        self.kept = [stream]  # type: ignore[list-item] # pyright: ignore[reportAttributeAccessIssue] - any result will do
        return next(stream, None)


class NamesNoPhase(Blocking):
    def events(self, request: Request) -> tuple[list[Event], ChatError | None]:
        events, error = super().events(request)
        return events, StreamTruncated("late") if error is not None else None


def test_a_client_that_hides_an_ending_is_found() -> None:
    assert list(stack.cut_anywhere(SUBJECT, CASES["text"], TakesCutsForEnds)) != []


@pytest.mark.parametrize(
    ("kind", "fault"),
    [(LosesTheEnd, "input ended: None or another answer"), (LosesADelta, "the stream has other events over HTTP")],
)
def test_a_client_that_loses_something_is_found(kind: type[Blocking], fault: str) -> None:
    assert [words[: len(fault)] for words in stack.as_decoded(SUBJECT, CASES["text"], kind)] == [fault]


def test_a_client_that_stays_when_it_leaves_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "PATIENCE", 0.3)
    faults = list(stack.leaving_closes(SUBJECT, CASES["text"], Lingers))
    assert faults == ["the connection stays open when a program leaves the stream"]


def test_a_client_whose_timeouts_have_no_name_is_found() -> None:
    faults = list(stack.timeouts_are_named(SUBJECT, CASES["text"], NamesNoPhase))
    assert [fault.partition(":")[0] for fault in faults] == ["first_byte", "between_content"]


def test_the_server_answers_in_order_and_keeps_what_it_was_asked() -> None:
    first = Answer(headers={"content-type": "text/plain"}, pieces=(b'{"events":[{"text":"1"},{"end":"stop"}]}',))
    with Loopback(first) as server, Blocking(SUBJECT, Redirected(server.address), retry=NEVER) as client:
        assert client.complete(SUBJECT.hello()).text == "1"
        (asked,) = server.asked
        assert (asked.path, asked.headers["authorization"]) == ("/chat", f"Bearer {SUBJECT.secret}")
        assert b'"Hi"' in asked.body


def test_what_was_asked_declares_the_tools_that_are_called() -> None:
    assert [getattr(tool, "name", "") for tool in stack.asking(SUBJECT, CASES["calls"]).tools] == ["fly"]


def test_a_stream_is_cut_where_some_content_has_come() -> None:
    case = CASES["text"]
    size = stack.visible(SUBJECT, case)
    assert case.stream is not None
    assert size is not None
    partial = SUBJECT.streamed(case, case.stream[:size]).response
    assert partial is not None
    assert "Grüße,\u2028 🦜 Polly\u0085!".startswith(partial.text)
    assert partial.text
