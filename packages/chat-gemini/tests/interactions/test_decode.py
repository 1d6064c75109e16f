from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from interacting import HELLO, MODEL, ORIGIN, SERVICE, decoded, output, said, text

from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import ContentBlocked, DecodeError, InvalidRequest, RateLimited, ServerError
from chat_core.response import FinishReason
from chat_gemini.interactions.usage import STATUSES

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("completed", FinishReason.STOP),
        ("requires_action", FinishReason.TOOL_CALLS),
        ("incomplete", FinishReason.LENGTH),
        ("budget_exceeded", FinishReason.LENGTH),
        ("requires_continuation", FinishReason.PAUSE),
        ("cancelled", FinishReason.CANCELLED),
        ("queued", FinishReason.OTHER),
        ("in_progress", FinishReason.OTHER),
        ("idle", FinishReason.OTHER),
        ("bored", FinishReason.OTHER),
    ],
)
def test_a_status_says_why_the_answer_ended(status: str, reason: FinishReason) -> None:
    response = decoded(said(status=status))
    assert (response.finish_reason, response.raw_finish_reason) == (reason, status)


def test_statuses_of_rest_are_those_that_mean_something() -> None:
    assert FinishReason.OTHER not in STATUSES.values()


def test_calls_that_wait_say_what_completed_means() -> None:
    call: JSONObject = {"type": "function_call", "id": "1", "name": "f", "arguments": {}}
    assert decoded(said(call)).finish_reason is FinishReason.TOOL_CALLS
    search: JSONObject = {"type": "google_search_call", "id": "1", "arguments": {}}
    assert decoded(said(search)).finish_reason is FinishReason.STOP


def test_an_interaction_that_has_no_steps_yet_is_an_answer_without_parts() -> None:
    response = SERVICE.decode(HELLO, WireResponse(body=b'{"id":"v1_1","status":"in_progress","agent":"deep"}'))
    assert (response.parts, response.id, response.model) == ((), "v1_1", "deep")


def test_an_interaction_that_is_not_stored_has_no_id() -> None:
    assert decoded(said(id="")).id is None


def test_what_has_no_field_is_in_meta() -> None:
    more: JSONObject = {"environment_id": "env_1", "errors": [{"code": "a"}], "agent": "deep", "object": "other"}
    response = decoded(said(**more, output_text="Hello.", created="2026"))
    assert response.meta == {ORIGIN: {**more, "created": "2026"}}
    assert response.model == MODEL


def test_an_interaction_that_failed_is_its_first_error() -> None:
    errors: list[JSON] = [
        {"code": "rate_limit_exceeded", "message": "Slow down."},
        {"code": "internal", "message": "Oh."},
    ]
    with pytest.raises(RateLimited, match=r"Slow down\.") as raised:
        decoded(said(output(text("Half")), status="failed", errors=errors))
    assert raised.value.partial is not None
    assert raised.value.partial.text == "Half"


def test_a_failed_interaction_without_errors_says_what_its_last_step_says() -> None:
    with pytest.raises(ContentBlocked, match="No"):
        decoded(said(output(text("a"), error={"code": "safety", "message": "No."}), status="failed"))
    with pytest.raises(ServerError, match="nothing says why"):
        decoded(said(status="failed"))


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(InvalidRequest, match="No"):
        decoded({"error": {"code": "invalid_request", "message": "No."}})


@pytest.mark.parametrize(
    "body", [{}, {"steps": []}, {"status": 7}, {"status": "completed", "steps": {}}, {"status": "completed", "id": 7}]
)
def test_what_is_no_interaction_is_an_error(body: dict[str, object]) -> None:
    with pytest.raises(DecodeError):
        SERVICE.decode(HELLO, WireResponse(body=dump(body)))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - JSON, typed too widely
