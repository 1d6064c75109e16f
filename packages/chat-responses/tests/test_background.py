"""Answers in the background, on a server over loopback, in both colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from responding import COLOURS, blocking, said, stream, waiting, whole

from chat_core import Chat
from chat_core.errors import NotFound, RateLimited, StreamTruncated, TimedOut, UnsupportedCapability
from chat_core.events import ResponseEnd, TextDelta
from chat_core.response import FinishReason, Response
from chat_core.testing.loopback import Loopback
from chat_responses.background import cancel, delete, resume, retrieve, wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject

DELTA: JSONObject = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "lo"}
END: JSONObject = {"type": "response.completed", "sequence_number": 9, "response": said("lo")}


@pytest.mark.parametrize("run", COLOURS)
def test_an_answer_is_waited_for(run: Callable[[str, object], tuple[object, list[Event]]]) -> None:
    with Loopback(whole(waiting("queued")), whole(waiting()), whole(said("Done."))) as server:
        response, events = run(server.address, wait("resp_1", every=0.01))
    assert isinstance(response, Response)
    assert (response.text, response.finish_reason) == ("Done.", FinishReason.STOP)
    assert events == [ResponseEnd(response)]
    assert [asked.path for asked in server.asked] == ["/responses/resp_1"] * 3
    assert server.asked[0].headers["authorization"] == "Bearer k"


def test_waiting_has_an_end() -> None:
    with (
        Loopback(whole(waiting()), whole(waiting())) as server,
        pytest.raises(TimedOut, match="resp_1 is in_progress") as raised,
    ):
        blocking(server.address, wait("resp_1", every=0.01, timeout=0.015))
    assert raised.value.partial is not None


def test_an_answer_that_failed_is_its_error() -> None:
    error: JSONObject = {"code": "rate_limit_exceeded", "message": "Slow down."}
    failed: JSONObject = {**waiting("failed"), "error": error}
    with Loopback(whole(failed)) as server, pytest.raises(RateLimited, match=r"Slow down\."):
        blocking(server.address, wait("resp_1"))


def test_an_answer_is_asked_for_with_what_it_shall_include() -> None:
    with Loopback(whole(waiting())) as server:
        response, _ = blocking(server.address, retrieve("resp/1", include=("reasoning.encrypted_content",)))
    assert (response.raw_finish_reason, response.id) == ("in_progress", "resp_1")
    assert server.asked[0].path == "/responses/resp%2F1?include[]=reasoning.encrypted_content"


def test_an_answer_that_is_not_there_is_not_found() -> None:
    gone: JSONObject = {"error": {"type": "invalid_request_error", "message": "No such response."}}
    with Loopback(whole(gone, 404)) as server, pytest.raises(NotFound):
        blocking(server.address, retrieve("resp_1"))


@pytest.mark.parametrize("run", COLOURS)
def test_a_stream_is_taken_up_after_what_was_seen(run: Callable[[str, object], tuple[object, list[Event]]]) -> None:
    with Loopback(stream(DELTA, END)) as server:
        response, events = run(server.address, resume("resp_1", after=7))
    assert isinstance(response, Response)
    assert response.text == "lo"
    assert TextDelta(0, "lo") in events
    assert server.asked[0].path == "/responses/resp_1?stream=true&starting_after=7"


def test_a_stream_that_is_cut_again_says_so() -> None:
    with Loopback(stream(DELTA)) as server, pytest.raises(StreamTruncated):
        blocking(server.address, resume("resp_1"))
    assert server.asked[0].path == "/responses/resp_1?stream=true"


def test_work_is_stopped_and_answers_are_deleted() -> None:
    with Loopback(whole(waiting("cancelled"))) as server:
        response, _ = blocking(server.address, cancel("resp_1"))
    assert response.finish_reason is FinishReason.CANCELLED
    assert server.asked[0].path == "/responses/resp_1/cancel"
    with Loopback(whole({"id": "resp_1", "deleted": True})) as server:
        assert blocking(server.address, delete("resp_1"))[0] is None
    assert server.asked[0].path == "/responses/resp_1"


@pytest.mark.parametrize("model", ["replay:demo", "responses:m"])
def test_a_service_that_keeps_no_answers_says_who_does(model: str) -> None:
    chat = Chat(model) if model == "replay:demo" else Chat(model, base_url="https://llm.example/v1")
    with pytest.raises(UnsupportedCapability, match="openai"):
        chat.drive(wait("resp_1")).finish()


def test_asking_for_an_answer_sends_nothing() -> None:
    with Loopback(whole(waiting())) as server:
        blocking(server.address, retrieve("resp_1"))
    assert server.asked[0].body == b""
