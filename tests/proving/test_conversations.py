"""Conversations with aimock: tools, parallel calls, approval between processes, structured output, a sudden death."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.conversations.asking import STREAMS, WAYS
from tests.proving.asking import BASES

from chat_core import Ask, tool
from chat_core.events import ApprovalRequest, OutputDelta, ToolEnd
from chat_core.flow.retry import NEVER
from chat_core.parts import Text, ToolCall

if TYPE_CHECKING:
    from tests.conversations.asking import Taken, Way

    from chat_core.approval import Verdict

PROGRAM = Path(__file__).with_name("process.py")
PATIENCE = 60.0


@dataclass(frozen=True)
class Weather:
    """The weather of a city."""

    city: str
    degrees: int


@tool
def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"21 degrees in {city}"


@tool
async def get_time(zone: str) -> str:
    """Tell the time in a zone."""
    return f"noon in {zone}"


def _asking(_: ToolCall) -> Verdict:
    return Ask()


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


@pytest.fixture
def settings(provider: str, aimock: str) -> dict[str, Any]:
    return {"model": f"{provider}:m", "base_url": aimock + BASES[provider], "api_key": "k", "retry": NEVER}


def told(taken: Taken) -> list[str]:
    """Return the results of a turn's tools, in order."""
    parts = [part for message in taken[0].messages if message.role == "tool" for part in message.parts]
    return ["".join(item.text for item in getattr(part, "content", ()) if isinstance(item, Text)) for part in parts]


def test_a_tool_round_trip(way: Way, settings: dict[str, Any]) -> None:
    taken = way(settings, "weather in Paris", tools=[get_weather])
    assert (taken[0].status, taken[0].text) == ("complete", "It is 21 degrees in Paris.")
    assert told(taken) == ["21 degrees in Paris"]


def test_parallel_calls(way: Way, settings: dict[str, Any]) -> None:
    taken = way(settings, "two tools", tools=[get_weather, get_time])
    assert taken[0].text == "Both done."
    assert told(taken) == ["21 degrees in Rome", "noon in Europe/Rome"]
    assert sum(isinstance(event, ToolEnd) for event in taken[1]) == (2 if way.__name__ in STREAMS else 0)


def test_a_tool_before_the_text_that_waits_for_a_human(way: Way, settings: dict[str, Any]) -> None:
    turn, events = way(settings, "tool first", tools=[get_weather], policy=_asking)
    assert (turn.status, turn.text) == ("paused", "Looking that up.")
    assert [waits.call.name for waits in turn.pending] == ["get_weather"]
    assert sum(isinstance(event, ApprovalRequest) for event in events) == (1 if way.__name__ in STREAMS else 0)


def test_structured_output_with_tools(way: Way, settings: dict[str, Any]) -> None:
    turn, events = way(settings, "as json", tools=[get_weather], output=Weather)
    assert turn.output == Weather("Paris", 21)
    if way.__name__ in STREAMS:
        values = [event for event in events if isinstance(event, OutputDelta)]
        assert values[-1].value == Weather("Paris", 21)
        assert values[-2].value == {"city": "Paris", "degrees": 21}


# several processes


@dataclass(frozen=True)
class Elsewhere:
    """Starts processes that share a folder."""

    provider: str
    address: str
    folder: Path

    def run(self, *words: str) -> dict[str, Any]:
        """Run a process to its end; return what it says."""
        with self.start(*words) as process:
            said, faults = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, faults.decode()
        found: dict[str, Any] = json.loads(said)
        return found

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(PROGRAM), self.provider, self.address, str(self.folder), *words]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    @property
    def begun(self) -> list[str]:
        """The tools that began, in all processes."""
        file = self.folder / "begun.txt"
        return file.read_text(encoding="utf-8").split() if file.exists() else []


@pytest.fixture
def elsewhere(provider: str, aimock: str, tmp_path: Path) -> Elsewhere:
    return Elsewhere(provider, aimock + BASES[provider], tmp_path)


@pytest.mark.parametrize("provider", ["claude"])
def test_a_call_is_approved_in_another_process_once(elsewhere: Elsewhere) -> None:
    paused = elsewhere.run("ask", "weather in Paris")
    assert (paused["status"], len(paused["waiting"]), elsewhere.begun) == ("paused", 1, [])
    resumed = elsewhere.run("resume")
    assert resumed == {
        "status": "complete", "text": "It is 21 degrees in Paris.", "results": ["21 degrees in Paris"],
    }  # fmt: skip
    assert elsewhere.run("resume") == {"status": "already resumed"}
    assert elsewhere.run("resume", "takeover") == resumed
    assert elsewhere.begun == ["get_weather"]


@pytest.mark.parametrize("provider", ["openai-chat"])
def test_a_process_that_is_killed_in_the_middle_of_its_tools_is_taken_over(elsewhere: Elsewhere) -> None:
    assert elsewhere.run("ask", "two tools")["status"] == "paused"
    with elsewhere.start("resume", "slow") as process:
        end = time.monotonic() + PATIENCE
        while len(elsewhere.begun) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert elsewhere.run("resume") == {"status": "already resumed"}
    taken = elsewhere.run("resume", "takeover")
    assert (taken["status"], taken["text"]) == ("complete", "Both done.")
    interrupted, again = taken["results"]
    assert interrupted.startswith("interrupted")
    assert again == "noon in Europe/Rome"
    assert sorted(elsewhere.begun) == ["get_time", "get_time", "get_weather"]
