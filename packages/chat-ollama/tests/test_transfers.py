"""Tasks that take a while: their progress, their ends, and leaving them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving import COLOURS, blocking, lines, whole

from chat_core import Chat
from chat_core.codec.framers import NDJSON
from chat_core.errors import DecodeError, NotFound, ServerError, StreamTruncated, TransportError
from chat_core.events import UnknownEvent
from chat_core.testing.loopback import PATIENCE, Answer, Loopback
from chat_ollama.transfers import Progress, ProgressReader, Transferred, create, pull

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
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


def test_a_line_says_what_is_done_and_how_far() -> None:
    layer, words = Progress("progress", LAYER), Progress("progress", {"status": "success"})
    assert (layer.status, layer.digest, layer.total, layer.completed) == ("pulling 7cd4", "sha256:7cd4", 800, 200)
    assert (words.status, words.digest, words.total, words.completed) == ("success", None, None, None)
    odd = Progress("progress", {"status": 3, "digest": 3, "total": True})
    assert (odd.status, odd.digest, odd.total) == ("", None, None)
    assert isinstance(layer, UnknownEvent)


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


def test_a_line_that_nobody_knows_is_surfaced_and_rubbish_is_an_error() -> None:
    with Loopback(lines({"x_new": 1}, {"status": "success"}), Answer(pieces=(b"rubbish\n",))) as server:
        assert blocking(server.address, pull())[1][0] == UnknownEvent("line", {"x_new": 1})
        with pytest.raises(DecodeError):
            blocking(server.address, pull())


def read(data: bytes, sizes: list[int]) -> tuple[list[Event], Transferred]:
    framer, reader = NDJSON(), ProgressReader("m")
    events: list[Event] = []
    for size in [*sizes, len(data)]:
        piece, data = data[:size], data[size:]
        events += reader.feed(framer.feed(piece))
    events += reader.feed(framer.finish())
    return events, reader.finish()


BYTES = b"".join(json.dumps(line).encode() + b"\n" for line in LINES)


@given(st.lists(st.integers(1, 40), max_size=60))
def test_how_the_bytes_are_cut_never_changes_the_events(sizes: list[int]) -> None:
    assert read(BYTES, sizes) == read(BYTES, [])


def test_the_end_is_never_invented() -> None:
    for at in range(len(BYTES) - 2):
        with pytest.raises(StreamTruncated):
            read(BYTES[:at], [])
    assert read(BYTES.rstrip(b"\n"), [])[1].model == "m"


@given(st.lists(st.sampled_from(["status", "digest", "total", "completed", "error"])), st.data())
def test_whatever_members_come_only_the_library_s_errors_come_out(members: list[str], data: st.DataObject) -> None:
    values: st.SearchStrategy[JSON] = st.sampled_from([None, True, 3, "success", [], {}])
    line: JSONObject = {member: data.draw(values) for member in members}
    reader = ProgressReader("m")
    try:
        list(reader.feed(NDJSON().feed(json.dumps(line).encode() + b"\n")))
    except ServerError:
        assert line["error"] is not None
