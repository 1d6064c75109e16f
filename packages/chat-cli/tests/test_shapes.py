from __future__ import annotations

import click
import pytest

from chat_cli.shapes import request_of, shape_of
from chat_core.errors import ConfigurationError
from chat_core.history import dump
from chat_core.messages import assistant, user
from chat_core.options import Options
from chat_core.request import Request

REQUEST = Request(model="demo", messages=(user("Hello"),), options=Options(temperature=0.5))


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"model": "m", "messages": [{"role": "user", "content": "Hi"}]}, "OpenAI"),
        ({"model": "m", "max_tokens": 9, "system": "s", "messages": []}, "Anthropic"),
        ({"model": "m", "messages": [{"role": "user", "content": [{"type": "tool_result"}]}]}, "Anthropic"),
        ({"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "OpenAI"),
        ({"model": "m", "input": "Hi"}, "OpenAI Responses"),
        ({"contents": []}, "Gemini"),
    ],
)
def test_a_body_is_recognised_by_its_members(body: dict[str, object], name: str) -> None:
    assert shape_of(body).name == name  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - JSON all the same


def test_a_saved_request_is_sent_as_it_is() -> None:
    assert request_of(dump(REQUEST), "replay:demo", None) == ("replay:demo", REQUEST)


def test_the_model_of_the_command_line_wins() -> None:
    model, request = request_of(dump(REQUEST), "replay:other", None)
    assert (model, request.model) == ("replay:other", "other")


def test_a_request_may_name_its_provider_itself() -> None:
    named = Request(model="replay:demo", messages=REQUEST.messages)
    assert request_of(dump(named), None, None)[1].model == "demo"


def test_a_request_without_a_provider_says_what_to_pass() -> None:
    with pytest.raises(ConfigurationError, match="pass -m PROVIDER:demo"):
        request_of(dump(REQUEST), None, None)


def test_a_history_is_a_request_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_MODEL", "replay:demo")
    model, request = request_of(dump([user("Hi"), assistant("Yes?"), user("Go on")]), None, None)
    assert (model, len(request.messages)) == ("replay:demo", 3)


@pytest.mark.parametrize(
    "body",
    [{"hello": 1}, {"version": 1}, {"version": 99, "type": "request"}, {"version": 1, "type": "text", "text": ""}],
)
def test_what_is_no_request_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(click.UsageError):
        request_of(body, "replay:demo", None)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
