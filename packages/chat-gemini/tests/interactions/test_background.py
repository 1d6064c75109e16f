"""Interactions in the background, on a server over loopback, in both colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from interacting import COLOURS, blocking, end, event, output, said, stream, text, whole

from chat_core import Chat
from chat_core.errors import NotFound, RateLimited, StreamTruncated, TimedOut, UnsupportedCapability
from chat_core.events import ResponseEnd, TextDelta
from chat_core.response import FinishReason, Response
from chat_core.testing.loopback import Loopback
from chat_gemini.interactions.background import cancel, delete, resume, retrieve, wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject

DELTA: JSONObject = event("step.delta", index=0, delta=text("lo"), event_id="e8")


def waiting(status: str = "in_progress") -> JSONObject:
    return {"id": "v1_1", "object": "interaction", "agent": "deep", "status": status}


@pytest.mark.parametrize("run", COLOURS)
def test_an_interaction_is_waited_for(run: Callable[[str, object], tuple[object, list[Event]]]) -> None:
    with Loopback(whole(waiting("queued")), whole(waiting()), whole(said(output(text("Done."))))) as server:
        response, events = run(server.address, wait("v1_1", every=0.01))
    assert isinstance(response, Response)
    assert (response.text, response.finish_reason) == ("Done.", FinishReason.STOP)
    assert events == [ResponseEnd(response)]
    assert [(asked.method, asked.path) for asked in server.asked] == [("GET", "/v1/interactions/v1_1")] * 3
    assert server.asked[0].headers["x-goog-api-key"] == "k"
    assert server.asked[0].body == b""


def test_waiting_has_an_end() -> None:
    with (
        Loopback(whole(waiting()), whole(waiting())) as server,
        pytest.raises(TimedOut, match="v1_1 is in_progress") as raised,
    ):
        blocking(server.address, wait("v1_1", every=0.01, timeout=0.015))
    assert raised.value.partial is not None


def test_waiting_ends_where_somebody_has_to_act() -> None:
    call: JSONObject = {"type": "function_call", "id": "1", "name": "f", "arguments": {}}
    with Loopback(whole(said(call, status="requires_action"))) as server:
        response, _ = blocking(server.address, wait("v1_1"))
    assert [each.name for each in response.tool_calls] == ["f"]


def test_an_interaction_that_failed_is_its_error() -> None:
    failed: JSONObject = {**waiting("failed"), "errors": [{"code": "too_many_requests", "message": "Slow down."}]}
    with Loopback(whole(failed)) as server, pytest.raises(RateLimited, match=r"Slow down\."):
        blocking(server.address, wait("v1_1"))


def test_an_interaction_is_asked_for_with_what_was_said() -> None:
    with Loopback(whole({**waiting(), "input": "Hi"})) as server:
        response, _ = blocking(server.address, retrieve("v1/1", include_input=True))
    assert (response.raw_finish_reason, response.id, response.model) == ("in_progress", "v1_1", "deep")
    assert list(response.meta.values()) == [{"input": "Hi"}]
    assert server.asked[0].path == "/v1/interactions/v1%2F1?include_input=true"


def test_an_interaction_that_is_not_there_is_not_found() -> None:
    gone: JSONObject = {"error": {"code": "not_found", "message": "No such interaction."}}
    with Loopback(whole(gone, 404)) as server, pytest.raises(NotFound):
        blocking(server.address, retrieve("v1_1"))


@pytest.mark.parametrize("run", COLOURS)
def test_a_stream_is_taken_up_after_what_was_seen(run: Callable[[str, object], tuple[object, list[Event]]]) -> None:
    with Loopback(stream(DELTA, end())) as server:
        response, events = run(server.address, resume("v1_1", after="e/7"))
    assert isinstance(response, Response)
    assert response.text == "lo"
    assert TextDelta(0, "lo") in events
    assert server.asked[0].path == "/v1/interactions/v1_1?stream=true&last_event_id=e%2F7"


def test_a_stream_that_is_cut_again_says_so() -> None:
    with Loopback(stream(DELTA)) as server, pytest.raises(StreamTruncated) as raised:
        blocking(server.address, resume("v1_1"))
    assert server.asked[0].path == "/v1/interactions/v1_1?stream=true"
    assert raised.value.partial is not None
    assert [meta["last_event_id"] for meta in raised.value.partial.meta.values()] == ["e8"]


def test_work_is_stopped_and_interactions_are_deleted() -> None:
    with Loopback(whole(waiting("cancelled"))) as server:
        response, _ = blocking(server.address, cancel("v1_1"))
    assert response.finish_reason is FinishReason.CANCELLED
    assert (server.asked[0].method, server.asked[0].path) == ("POST", "/v1/interactions/v1_1/cancel")
    with Loopback(whole({})) as server:
        assert blocking(server.address, delete("v1_1"))[0] is None
    assert (server.asked[0].method, server.asked[0].path) == ("DELETE", "/v1/interactions/v1_1")


@pytest.mark.parametrize("operation", [wait("v1_1"), cancel("v1_1"), delete("v1_1"), resume("v1_1")])
def test_a_service_that_keeps_no_interactions_says_who_does(operation: Callable[..., object]) -> None:
    with pytest.raises(UnsupportedCapability, match="gemini-interactions"):
        Chat("replay:demo").drive(operation).finish()  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - operations of several results
