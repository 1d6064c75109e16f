from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from chat_cli.resuming import Given, decisions
from chat_core.approval import Approve, Reject
from chat_core.parts import ToolCall

if TYPE_CHECKING:
    from running import Chat

    from chat_core.approval import Decision

TOOLS = str(Path(__file__).with_name("tools_here.py"))
ASK = ("-m", "replay:demo", "-T", TOOLS, "--approve", "--json", "How is the weather?")
CALL = "call_demo_1"


@pytest.fixture(params=["kept", "not kept"])
def waiting(chat: Chat, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Give the file that a paused turn was printed to; the log has it or not."""
    done = chat(*ASK, *(["-n"] if request.param == "not kept" else []))
    assert done.returncode == 7
    file = tmp_path / "paused.json"
    file.write_text(done.stdout)
    assert [waits["id"] for waits in json.loads(done.stdout)["pending"]] == [CALL]
    return file


@pytest.fixture
def ran(tmp_path: Path) -> dict[str, str]:
    """Have the tool say what it ran with."""
    return {"CHAT_TEST_RAN": str(tmp_path / "ran")}


@pytest.mark.parametrize(
    ("decision", "told", "city"),
    [
        (("--approve", CALL), "21 degrees in Oslo", "Oslo\n"),
        (("--edit", f'{CALL}={{"city":"Rome"}}'), "21 degrees in Rome", "Rome\n"),
        (("--edit", f'{CALL}={{"city":"Atlantis"}}'), "error: LookupError: sunk", "Atlantis\n"),
        (("--reject", f"{CALL}=not today"), "error: not today", ""),
        (("--reject", CALL), "error: The user does not allow this call.", ""),
        (("--result", f'{CALL}={{"sky":"blue"}}'), '{"sky":"blue"}', ""),
        (("--result", f"{CALL}=blue"), "blue", ""),
    ],
)
def test_a_turn_goes_on_as_it_was_decided(
    chat: Chat, waiting: Path, ran: dict[str, str], decision: tuple[str, ...], told: str, city: str
) -> None:
    done = chat("resume", str(waiting), "-T", TOOLS, *decision, env=ran)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Take an umbrella")
    assert f"← {told}" in done.stderr
    file = Path(ran["CHAT_TEST_RAN"])
    assert (file.read_text() if file.exists() else "") == city


def test_the_log_and_standard_input_have_the_turn_too(chat: Chat) -> None:
    printed = chat(*ASK).stdout
    assert chat("resume", "-", "-T", TOOLS, "--approve", CALL, stdin=printed).returncode == 0
    chat(*ASK)
    done = chat("resume", "-c", "-T", TOOLS, "--approve", CALL, "--json")
    assert json.loads(done.stdout)["status"] == "complete"
    assert chat("resume", "-T", TOOLS, "--approve", CALL).returncode == 2


def test_a_turn_of_the_log_goes_on_once_whoever_has_copies(chat: Chat, tmp_path: Path, ran: dict[str, str]) -> None:
    file = tmp_path / "paused.json"
    file.write_text(chat(*ASK).stdout)
    assert chat("resume", str(file), "-T", TOOLS, "--approve", CALL, env=ran).returncode == 0
    again = chat("resume", str(file), "-T", TOOLS, "--approve", CALL, env=ran)
    assert again.returncode == 2
    assert "no such call waits; waiting: none" in again.stderr
    assert Path(ran["CHAT_TEST_RAN"]).read_text() == "Oslo\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--approve", "call_9"), f"no such call waits; waiting: get_weather ({CALL})"),
        (("--approve", f"{CALL}=1"), "--edit CALL=JSON changes arguments"),
        (("--edit", f"{CALL}=[1]"), f"--edit {CALL}: "),
        (("--edit", f"{CALL}={{}}"), "city: Field required"),
        (("--approve", CALL, "--reject", CALL), "there is a decision about this call already"),
    ],
)
def test_a_decision_that_makes_no_sense_runs_nothing(
    chat: Chat, waiting: Path, ran: dict[str, str], arguments: tuple[str, ...], words: str
) -> None:
    done = chat("resume", str(waiting), "-T", TOOLS, *arguments, env=ran)
    assert done.returncode == 2
    assert words in done.stderr
    assert not Path(ran["CHAT_TEST_RAN"]).exists()


def test_a_rejection_needs_no_tools_and_all_else_does(chat: Chat, waiting: Path) -> None:
    assert "name the tools again, with -T" in chat("resume", str(waiting), "--approve", CALL).stderr
    assert chat("resume", str(waiting), "--reject", CALL).returncode == 0


def test_without_a_decision_it_waits_on(chat: Chat, waiting: Path) -> None:
    done = chat("resume", str(waiting), "-T", TOOLS, "--json")
    assert done.returncode == 7
    again = json.loads(done.stdout)
    assert again["pending"][0]["id"] == CALL
    waiting.write_text(done.stdout)
    assert chat("resume", str(waiting), "-T", TOOLS, "--approve", CALL).returncode == 0


@pytest.mark.parametrize(
    ("text", "words"), [("{", "p.json: "), ("{}", "FILE holds no paused turn"), ("[]", "p.json: ")]
)
def test_a_file_of_something_else_is_refused(chat: Chat, tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "p.json"
    file.write_text(text)
    done = chat("resume", str(file))
    assert done.returncode == 2
    assert words in done.stderr


def test_a_state_of_a_newer_version_and_a_missing_file_say_so(chat: Chat, waiting: Path, tmp_path: Path) -> None:
    printed = json.loads(waiting.read_text())
    printed["state"] |= {"version": 99, "id": "elsewhere"}
    waiting.write_text(json.dumps(printed))
    assert "update chat-core" in chat("resume", str(waiting), "-T", TOOLS, "--approve", CALL).stderr
    assert chat("resume", str(tmp_path / "none")).returncode == 2
    assert chat("resume", str(waiting), "-c").returncode == 2


SIGNED = {"CHAT_SIGNING_KEY": "sixteen bytes or more of it"}


def test_a_signed_call_that_was_changed_does_not_run(chat: Chat, tmp_path: Path, ran: dict[str, str]) -> None:
    printed = json.loads(chat(*ASK, "-n", env=SIGNED).stdout)
    assert printed["pending"][0]["token"]
    (answer,) = (message for message in printed["state"]["history"]["messages"] if message["role"] == "assistant")
    file = tmp_path / "paused.json"
    file.write_text(json.dumps(printed))
    good = file.read_text()
    answer["parts"][0]["arguments"]["city"] = "Rome"
    file.write_text(json.dumps(printed))
    done = chat("resume", str(file), "-T", TOOLS, "--approve", CALL, env=ran | SIGNED)
    assert done.returncode == 2
    assert "another call" in done.stderr
    assert not Path(ran["CHAT_TEST_RAN"]).exists()
    file.write_text(good)
    assert chat("resume", str(file), "-T", TOOLS, "--approve", CALL, env=ran | SIGNED).returncode == 0


def test_the_key_to_sign_with_may_be_in_the_key_file(chat: Chat) -> None:
    assert chat("keys", "set", "signing", stdin="sixteen bytes or more of it").returncode == 0
    printed = json.loads(chat(*ASK).stdout)
    assert printed["pending"][0]["token"]
    done = chat("resume", "-c", "-T", TOOLS, "--approve", CALL)  # it is the user's own log: signed when it is shown
    assert done.returncode == 0, done.stderr
    assert "sixteen" not in done.stderr
    assert "signing key has at least 16" in chat(*ASK, env={"CHAT_SIGNING_KEY": "short"}).stderr


@dataclass
class Waits:
    """A conversation whose calls have ids with an equals sign in them."""

    waiting: tuple[ToolCall, ...] = (ToolCall(id="c", name="f"), ToolCall(id="c=1", name="f"))

    @property
    def session(self) -> Waits:
        return self


def decided(**given: tuple[str, ...]) -> dict[str, Decision]:
    talk: Any = Waits()
    return dict(decisions(talk, Given(**given), {}))


def test_the_id_of_a_call_may_begin_with_that_of_another_one() -> None:
    assert decided(approved=("c=1", "c")) == {"c=1": Approve(), "c": Approve()}
    assert decided(edited=('c=1={"a":1}', 'c={"a":2}')) == {
        "c=1": Approve(arguments={"a": 1}),
        "c": Approve(arguments={"a": 2}),
    }
    assert decided(rejected=("c=no",)) == {"c": Reject("no")}


@pytest.mark.parametrize("option", ["rejected", "results"])
def test_what_could_be_about_two_calls_is_refused(option: str) -> None:
    with pytest.raises(click.UsageError, match="may be of c or of c=1: decide in the terminal"):
        decided(**{option: ("c=1",)})
