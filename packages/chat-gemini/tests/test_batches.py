from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hosting import COLOURS, blocking, gemini, on_vertex, whole

from chat_core.errors import ConfigurationError, DecodeError, RateLimited, TimedOut, UnsupportedCapability
from chat_core.messages import user
from chat_core.options import Options
from chat_core.request import Request
from chat_core.response import Response
from chat_core.testing.loopback import Loopback
from chat_gemini import batches
from chat_gemini.batches import Batch

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject

ASK = tuple(
    Request(model="gemini-3.8-flash", messages=(user(word),), options=Options(temperature=1)) for word in ("a", "b")
)
PENDING: JSONObject = {
    "name": "batches/x",
    "metadata": {
        "model": "models/gemini-3.8-flash", "state": "BATCH_STATE_PENDING", "createTime": "1970-01-02T00:00:00Z",
        "batchStats": {"requestCount": "2"},
    },
}  # fmt: skip
ANSWER: JSONObject = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "Hi."}]}, "finishReason": "STOP"}]
}
REFUSAL: JSONObject = {"error": {"code": 429, "message": "no more", "status": "RESOURCE_EXHAUSTED"}}
RESULTS: JSONObject = {"inlinedResponses": {"inlinedResponses": [
    {"response": ANSWER, "metadata": {"key": "k"}}, REFUSAL,
]}}  # fmt: skip
DONE: JSONObject = {**PENDING, "metadata": {"state": "JOB_STATE_SUCCEEDED"}, "done": True, "response": RESULTS}


@pytest.mark.parametrize("run", COLOURS)
def test_requests_are_asked_as_in_a_chat(run: Callable[..., tuple[object, object]]) -> None:
    with Loopback(whole(PENDING)) as server:
        batch, _ = run(gemini(server.address), batches.create(ASK, display_name="night"))
        sent = [gemini(server.address).encode(request).body for request in ASK]
    assert isinstance(batch, Batch)
    assert (batch.name, batch.state, batch.model, batch.created) == (
        "batches/x", "PENDING", "models/gemini-3.8-flash", 86400.0,
    )  # fmt: skip
    assert (batch.done, batch.results) == (False, ())
    (meta,) = batch.meta.values()
    assert isinstance(meta["metadata"], dict)
    assert meta["metadata"]["batchStats"] == {"requestCount": "2"}
    (asked,) = server.asked
    assert asked.path == "/v1/models/gemini-3.8-flash:batchGenerateContent"
    assert json.loads(asked.body) == {
        "batch": {
            "displayName": "night",
            "inputConfig": {
                "requests": {
                    "requests": [
                        {"request": sent[0], "metadata": {"key": "chat-0"}},
                        {"request": sent[1], "metadata": {"key": "chat-1"}},
                    ]
                }
            },
        }
    }


@pytest.mark.parametrize("place", ["response", "output"])
def test_results_are_answers_and_errors_in_the_order_of_the_requests(place: str) -> None:
    done: JSONObject = DONE
    if place == "output":
        done = {"name": "batches/x", "metadata": {"state": "BATCH_STATE_SUCCEEDED", "output": RESULTS}}
    with Loopback(whole(done)) as server:
        batch, _ = blocking(gemini(server.address), batches.get("batches/x"))
    first, second = batch.results
    assert batch.done
    assert isinstance(first, Response)
    assert first.text == "Hi."
    assert isinstance(second, RateLimited)
    assert second.message == "no more"
    (meta,) = batch.meta.values()
    assert meta["results"] == [{"metadata": {"key": "k"}}, {}]


def test_a_batch_is_waited_for() -> None:
    with Loopback(whole(PENDING), whole(DONE)) as server:
        batch, _ = blocking(gemini(server.address), batches.wait("batches/x", every=0.0))
    assert batch.state == "SUCCEEDED"
    with Loopback(whole(PENDING)) as server, pytest.raises(TimedOut, match="is PENDING after"):
        blocking(gemini(server.address), batches.wait("batches/x", every=0.01, timeout=0.02))


def test_a_batch_that_failed_is_its_error() -> None:
    with Loopback(whole({**PENDING, "done": True, **REFUSAL})) as server:
        batch, _ = blocking(gemini(server.address), batches.get("batches/x"))
        with pytest.raises(RateLimited, match="no more"):
            blocking(gemini(server.address), batches.wait("batches/x"))
    assert isinstance(batch.error, RateLimited)


def keyed(*keys: str | None) -> list[JSON]:
    """Return results whose words are their keys."""
    return [
        {
            "response": {"candidates": [{"content": {"parts": [{"text": str(key)}]}, "finishReason": "STOP"}]},
            **({} if key is None else {"metadata": {"key": key}}),
        }
        for key in keys
    ]


def ended(items: list[JSON], count: JSON) -> Batch:
    about: JSONObject = {"state": "JOB_STATE_SUCCEEDED", "batchStats": {"requestCount": count}}
    done: JSONObject = {**DONE, "metadata": about, "response": {"inlinedResponses": {"inlinedResponses": items}}}
    with Loopback(whole(done)) as server:
        return blocking(gemini(server.address), batches.get("batches/x"))[0]


def test_results_stand_at_the_places_of_their_requests_and_a_lost_one_is_an_error_there() -> None:
    batch = ended(keyed("chat-2", "chat-0"), "4")
    assert [one.text if isinstance(one, Response) else type(one) for one in batch.results] == [
        "chat-0", DecodeError, "chat-2", DecodeError,
    ]  # fmt: skip
    assert "request 1," in str(batch.results[1])
    assert batch.notices == ()


@pytest.mark.parametrize("count", [None, "99999999999999"])
def test_a_count_that_is_not_known_or_makes_no_sense_is_not_needed(count: JSON) -> None:
    assert len(ended(keyed("chat-1"), count).results) == 2


@pytest.mark.parametrize(
    "keys", [(None,), ("mine-7",), ("chat-0", None), ("chat-0", "chat-0"), ("chat-99999999",), ("chat-x",)]
)
def test_results_that_cannot_be_matched_stay_as_they_came_and_it_is_told(keys: tuple[str | None, ...]) -> None:
    batch = ended(keyed(*keys), "3")
    assert [one.text for one in batch.results if isinstance(one, Response)] == [str(key) for key in keys]
    assert [(notice.feature, notice.requested, notice.applied) for notice in batch.notices] == [
        ("results", 3, len(keys))
    ]


def test_results_of_another_program_are_whole_when_they_are_as_many_as_its_requests() -> None:
    assert ended(keyed("b", None), "2").notices == ()


def test_the_file_of_results_is_named() -> None:
    done: JSONObject = {**DONE, "response": {"responsesFile": "files/r"}}
    with Loopback(whole(done)) as server:
        batch, _ = blocking(gemini(server.address), batches.get("batches/x"))
    assert (batch.file, batch.results) == ("files/r", ())


def test_batches_are_listed_cancelled_and_deleted() -> None:
    with Loopback(whole({"operations": [PENDING]}), whole({})) as server:
        found, _ = blocking(gemini(server.address), batches.list_all())
        blocking(gemini(server.address), batches.cancel("batches/x"))
        blocking(gemini(server.address), batches.delete("batches/x"))
    assert [batch.name for batch in found] == ["batches/x"]
    assert [(asked.method, asked.path) for asked in server.asked] == [
        ("GET", "/v1/batches?pageSize=100"), ("POST", "/v1/batches/x:cancel"), ("DELETE", "/v1/batches/x"),
    ]  # fmt: skip


def test_a_batch_is_of_one_model_and_not_of_vertex_ai() -> None:
    other = Request(model="other", messages=(user("c"),))
    for requests in ((), (*ASK, other)):
        with pytest.raises(ConfigurationError, match="of one model"):
            batches.create(requests)
    with Loopback(whole(PENDING)) as server, pytest.raises(UnsupportedCapability, match="batchPredictionJobs"):
        blocking(on_vertex(server.address), batches.create(ASK))


@pytest.mark.parametrize("body", [3, {}, {"name": 3}, {"name": "b", "metadata": {"state": 3}}])
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with Loopback(whole(body)) as server, pytest.raises(DecodeError):
        blocking(gemini(server.address), batches.get("batches/x"))


@pytest.mark.parametrize("member", [{"response": RESULTS}, {"response": {"responsesFile": "files/r"}}, REFUSAL])
def test_a_batch_that_does_not_tell_its_state_is_done_when_something_came_of_it(member: JSONObject) -> None:
    with Loopback(whole({"name": "batches/x", "done": True, **member})) as server:
        batch, _ = blocking(gemini(server.address), batches.get("batches/x"))
    assert isinstance(batch, Batch)
    assert (batch.state, batch.done) == (None, True)
