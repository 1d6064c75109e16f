"""What a server is asked and told about its models, over a real connection and in both colours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from serving import COLOURS, blocking, whole

from chat_core import Chat
from chat_core.errors import DecodeError, NotFound, ServerError, UnsupportedCapability
from chat_core.testing.loopback import Answer, Loopback
from chat_ollama.local_models import Running, Shown, copy, delete, running, show, version

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.flow.service import Operation
    from chat_core.jsonvalue import JSON, JSONObject

FACTS: JSONObject = {
    "capabilities": ["completion", "tools"],
    "details": {"family": "llama"},
    "model_info": {"general.architecture": "llama", "llama.context_length": 4096},
    "license": "L",
}
LOADED: JSONObject = {
    "model": "m", "name": "m", "size": 7, "size_vram": 3, "context_length": 4096,
    "expires_at": "1970-01-02T00:00:00Z", "digest": "d",
}  # fmt: skip


@pytest.mark.parametrize("run", COLOURS)
def test_a_model_is_shown_with_all_that_is_known(run: Callable[[str, object], tuple[object, object]]) -> None:
    with Loopback(whole(FACTS)) as server:
        shown, events = run(server.address, show())
    assert isinstance(shown, Shown)
    assert (shown.model, shown.capabilities, shown.context_tokens) == ("mine", ("completion", "tools"), 4096)
    assert (shown.details, shown.info) == (FACTS["details"], FACTS["model_info"])
    assert [*shown.meta.values()] == [{"license": "L"}]
    assert events == []
    (asked,) = server.asked
    assert (asked.path, json.loads(asked.body)) == ("/api/show", {"model": "mine"})


def test_a_model_can_be_named_and_shown_whole() -> None:
    with Loopback(whole({})) as server:
        shown, _ = blocking(server.address, show("other", verbose=True))
    assert shown == Shown(model="other")
    assert json.loads(server.asked[0].body) == {"model": "other", "verbose": True}


def test_models_that_are_loaded_are_listed() -> None:
    with Loopback(whole({"models": [LOADED]}), whole({"models": None})) as server:
        (loaded,), _ = blocking(server.address, running())
        none, _ = blocking(server.address, running())
    assert isinstance(loaded, Running)
    assert (loaded.model, loaded.size, loaded.size_vram, loaded.context_tokens) == ("m", 7, 3, 4096)
    assert loaded.expires == 86400.0
    assert [*loaded.meta.values()] == [{"name": "m", "expires_at": "1970-01-02T00:00:00Z", "digest": "d"}]
    assert none == ()


@pytest.mark.parametrize(
    ("operation", "path", "body"),
    [
        (copy("a", "b"), "/api/copy", {"source": "a", "destination": "b"}),
        (delete("a"), "/api/delete", {"model": "a"}),
    ],
)
def test_what_gives_nothing_back_is_done(operation: Operation[None], path: str, body: JSON) -> None:
    with Loopback(Answer()) as server:
        assert blocking(server.address, operation) == (None, [])
    assert (server.asked[0].path, json.loads(server.asked[0].body)) == (path, body)


def test_the_version_is_told() -> None:
    with Loopback(whole({"version": "0.13.1"})) as server:
        assert blocking(server.address, version()) == ("0.13.1", [])


def test_a_model_that_is_not_there_is_an_error_with_the_fix() -> None:
    answer = whole({"error": "model 'a' not found"}, 404)
    with Loopback(answer) as server, pytest.raises(NotFound, match="chat ollama pull a"):
        blocking(server.address, delete("a"))


BROKEN: list[tuple[Operation[object], JSON]] = [
    (show(), 3),
    (show(), {"details": 3}),
    (show(), {"capabilities": [3]}),
    (show(), {"model_info": {"general.architecture": "a", "a.context_length": "x"}}),
    (running(), {}),
    (running(), {"models": 3}),
    (running(), {"models": [3]}),
    (running(), {"models": [{}]}),
    (running(), {"models": [{**LOADED, "size": "7"}]}),
    (version(), {"version": 3}),
]


@pytest.mark.parametrize(("operation", "reply"), BROKEN)
def test_a_malformed_reply_is_an_error(operation: Operation[object], reply: JSON) -> None:
    with Loopback(whole(reply)) as server, pytest.raises(DecodeError):
        blocking(server.address, operation)


@pytest.mark.parametrize("operation", [show(), running(), version()])
def test_an_error_in_the_guise_of_a_success_is_raised(operation: Operation[object]) -> None:
    with Loopback(whole({"error": "no"})) as server, pytest.raises(ServerError):
        blocking(server.address, operation)


def test_another_provider_has_no_such_models() -> None:
    with pytest.raises(UnsupportedCapability, match="replay is no Ollama server: use a client of ollama:MODEL"):
        Chat("replay:demo").drive(version()).finish()
