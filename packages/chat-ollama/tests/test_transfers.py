"""Tasks that take a while: their progress, their ends, and leaving them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from serving import COLOURS, blocking, lines, whole

from chat_core import Chat
from chat_core.errors import NotFound, ServerError, TransportError
from chat_core.testing.loopback import PATIENCE, Loopback
from chat_ollama.transfers import Progress, Transferred, create, pull

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject
    from chat_core.testing.loopback import Ending

LAYER: JSONObject = {"status": "pulling 7cd4", "digest": "sha256:7cd4", "total": 800, "completed": 200}
LINES: tuple[JSONObject, ...] = (
    {"status": "pulling manifest"},
    LAYER,
    {**LAYER, "completed": 800, "x_new": 1},
    {"status": "verifying sha256 digest"},
    {"status": "success"},
)


@pytest.mark.parametrize("run", COLOURS)
def test_a_pull_tells_its_progress_and_ends_with_what_is_there(
    run: Callable[[str, object], tuple[object, list[Event]]],
) -> None:
    with Loopback(lines(*LINES)) as server:
        result, events = run(server.address, pull("m"))
    assert result == Transferred(model="m", layers={"sha256:7cd4": 800})
    assert [event.data for event in events if isinstance(event, Progress)] == [*LINES]
    (asked,) = server.asked
    assert (asked.path, json.loads(asked.body)) == ("/api/pull", {"model": "m", "stream": True})
    assert asked.headers["accept"] == "application/x-ndjson"


def test_without_a_name_the_clients_model_is_fetched() -> None:
    with Loopback(lines({"status": "success"})) as server:
        result, _ = blocking(server.address, pull())
    assert result == Transferred(model="mine")


def test_a_model_is_made_of_another_one() -> None:
    with Loopback(lines({"status": "success"})) as server:
        result, _ = blocking(server.address, create("brief", from_="llama3.2", system="Be brief."))
    assert result == Transferred(model="brief")
    body = {"model": "brief", "from": "llama3.2", "system": "Be brief.", "stream": True}
    assert (server.asked[0].path, json.loads(server.asked[0].body)) == ("/api/create", body)


def test_an_error_in_the_middle_comes_after_the_progress() -> None:
    answer = lines(LINES[0], {"error": "no space left on device"})
    with Loopback(answer) as server, Chat("ollama:m", base_url=server.address).drive(pull()) as task:
        assert next(task) == Progress("progress", LINES[0])
        with pytest.raises(ServerError, match="no space left"):
            next(task)
    assert len(server.asked) == 1  # what was seen is not tried again


def test_a_model_that_the_registry_lacks_is_an_error() -> None:
    answer = whole({"error": "pull model manifest: file does not exist"}, 404)
    with Loopback(answer) as server, pytest.raises(NotFound, match="file does not exist"):
        blocking(server.address, pull())


@pytest.mark.parametrize("ending", ["complete", "lost"])
def test_a_reply_without_its_end_is_no_success(ending: Ending) -> None:
    answer = replace(lines(*LINES[:2]), ending=ending)
    with Loopback(answer) as server, pytest.raises(TransportError):
        blocking(server.address, pull())


def test_leaving_a_pull_closes_its_connection() -> None:
    with Loopback(replace(lines(*LINES[:1]), ending="silent")) as server:
        with Chat("ollama:m", base_url=server.address) as chat, chat.drive(pull()) as task:
            assert isinstance(next(task), Progress)
        assert server.left.wait(PATIENCE)
