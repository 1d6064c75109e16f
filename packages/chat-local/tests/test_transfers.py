"""Fetching a model through a client: its progress, its end, and what ends it."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from test_hub import FILES, server

from chat_core.achat import AsyncChat
from chat_core.chat import Chat
from chat_core.codec.wire import Frame
from chat_core.errors import ConfigurationError, ProviderError, StreamTruncated, UnsupportedCapability
from chat_core.events import UnknownEvent
from chat_local import hub, names
from chat_local.transfers import Progress, ProgressReader, Transferred, pull

__all__ = ["server"]


@pytest.mark.usefixtures("server")
def test_a_pull_tells_its_progress_and_what_is_there_then() -> None:
    with Chat("local:org/tiny").drive(pull()) as task:
        told = [event for event in task if isinstance(event, Progress)]
        done = task.finish()
    assert told[0].status == "fetching org/tiny"
    assert told[-1].status == "success"
    assert done.files["model_int8.onnx"] == len(FILES["model.onnx"])
    assert hub.kept(names.read("org/tiny")) is not None


@pytest.mark.usefixtures("server")
def test_a_pull_works_in_an_event_loop() -> None:
    async def pulled() -> Transferred:
        return await AsyncChat("local:pico").drive(pull("org/tiny")).finish()

    assert asyncio.run(pulled()).model == "org/tiny"


@pytest.mark.usefixtures("server")
def test_a_pull_that_is_left_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.client().constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    with Chat("local:pico").drive(pull("org/tiny")) as task:
        next(event for event in task if isinstance(event, Progress) and event.digest is not None)
    time.sleep(0.3)
    assert hub.kept(names.read("org/tiny")) is None


@pytest.mark.usefixtures("server")
def test_what_cannot_be_had_is_an_error_before_anything_is_told() -> None:
    for name, said in (("org/absent", "the hub has no model"), ("pico", "only models of the hub are fetched")):
        with pytest.raises(ConfigurationError, match=said):
            Chat("local:pico").drive(pull(name)).finish()


def test_another_provider_fetches_nothing() -> None:
    with pytest.raises(UnsupportedCapability, match="fetches no models"):
        Chat("replay:demo").drive(pull("org/tiny")).finish()


def test_an_end_that_was_not_said_is_no_success() -> None:
    reader = ProgressReader("m")
    first, second = reader.feed([Frame('{"status": "fetching m"}'), Frame('{"new": 1}')])
    assert (first, second) == (Progress("progress", {"status": "fetching m"}), UnknownEvent("line", {"new": 1}))
    with pytest.raises(StreamTruncated, match="run it again to go on"):
        reader.finish()


def test_an_error_on_the_way_is_raised() -> None:
    error = '{"error": {"type": "ConfigurationError", "message": "m was damaged on its way"}}'
    with pytest.raises(ProviderError, match="damaged on its way"):
        list(ProgressReader("m").feed([Frame(error)]))
