"""Transfers, line by line: progress, ends, and what comes of lines that nobody knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.codec.framers import NDJSON
from chat_core.codec.transfers import Progress, TransferReader
from chat_core.codec.wire import Frame
from chat_core.errors import DecodeError, ServerError, StreamTruncated
from chat_core.events import UnknownEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject

LAYER: JSONObject = {"status": "pulling 7cd4", "digest": "sha256:7cd4", "total": 800, "completed": 200}
LINES: tuple[JSONObject, ...] = (
    {"status": "pulling manifest"},
    LAYER,
    {**LAYER, "completed": 800, "x_new": 1},
    {"status": "verifying"},
    {"status": "success"},
)
BYTES = b"".join(json.dumps(line).encode() + b"\n" for line in LINES)


def reader() -> TransferReader[Mapping[str, int]]:
    return TransferReader(dict, lambda data: ServerError(str(data["error"])), "it was cut: run it again")


def read(data: bytes, sizes: list[int]) -> tuple[list[Event], Mapping[str, int]]:
    framer, transfer = NDJSON(), reader()
    events: list[Event] = []
    for size in [*sizes, len(data)]:
        piece, data = data[:size], data[size:]
        events += transfer.feed(framer.feed(piece))
    events += transfer.feed(framer.finish())
    return events, transfer.finish()


def test_a_line_says_what_is_done_and_how_far() -> None:
    layer, words = Progress("progress", LAYER), Progress("progress", {"status": "success"})
    assert (layer.status, layer.digest, layer.total, layer.completed) == ("pulling 7cd4", "sha256:7cd4", 800, 200)
    assert (words.status, words.digest, words.total, words.completed) == ("success", None, None, None)
    odd = Progress("progress", {"status": 3, "digest": 3, "total": True})
    assert (odd.status, odd.digest, odd.total) == ("", None, None)
    assert isinstance(layer, UnknownEvent)


def test_the_result_is_made_of_the_sizes_of_what_was_fetched() -> None:
    events, made = read(BYTES, [])
    assert [event.data for event in events if isinstance(event, Progress)] == [*LINES]
    assert made == {"sha256:7cd4": 800}


@given(st.lists(st.integers(1, 40), max_size=60))
def test_how_the_bytes_are_cut_never_changes_the_events(sizes: list[int]) -> None:
    assert read(BYTES, sizes) == read(BYTES, [])


def test_the_end_is_never_invented() -> None:
    for at in range(len(BYTES) - 2):
        with pytest.raises(StreamTruncated, match="it was cut"):
            read(BYTES[:at], [])
    assert read(BYTES.rstrip(b"\n"), [])[1] == {"sha256:7cd4": 800}


def test_a_line_that_nobody_knows_is_surfaced_and_rubbish_is_an_error() -> None:
    transfer = reader()
    assert list(transfer.feed([Frame('{"x_new": 1}')])) == [UnknownEvent("line", {"x_new": 1})]
    with pytest.raises(DecodeError):
        list(transfer.feed([Frame("rubbish")]))


@given(st.lists(st.sampled_from(["status", "digest", "total", "completed", "error"])), st.data())
def test_whatever_members_come_only_the_library_s_errors_come_out(members: list[str], data: st.DataObject) -> None:
    values: st.SearchStrategy[JSON] = st.sampled_from([None, True, 3, "success", [], {}])
    line: JSONObject = {member: data.draw(values) for member in members}
    try:
        list(reader().feed([Frame(json.dumps(line))]))
    except ServerError:
        assert line["error"] is not None
