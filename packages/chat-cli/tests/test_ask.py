from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat

DEMO = ("-m", "replay:demo")


def test_what_is_piped_in_is_the_question(chat: Chat) -> None:
    assert chat(*DEMO, stdin="Tell me a story\n").stdout.startswith("A bridge")


def test_what_is_piped_in_comes_before_the_question(chat: Chat) -> None:
    asked = chat(*DEMO, "about it", stdin="a story\n")
    assert asked.stdout.startswith("A bridge")


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        ((), b"", "there is no question"),
        (("-o", "temperature=1", "Hello"), b"", "a name and a value, with a space between: -o temperature 1"),
        (("-o", "tempreature", "1"), b"", "there is no option 'tempreature'. Did you mean 'temperature'?"),
        (("-o", "temperature", "Hello"), b"", "-o temperature takes a number, not 'Hello'"),
        (("--temperature", "1", "Hello"), b"", "there is no --temperature: write -o temperature VALUE"),
        (("--max-tokens", "1", "Hello"), b"", "there is no --max-tokens: write -o max_tokens VALUE"),
        (("--nothing", "1", "Hello"), b"", "No such option '--nothing'"),
        (("hi",), b"\xff\xfe", "standard input is no UTF-8 text: attach it with -a -"),
        (("hi", "--json", "-x"), b"", "--json and --extract"),
        (("hi", "--request-file", "r.json"), b"", "it goes with no question"),
        (("--request-file", "r.json", "-s", "x"), b"", "it goes with no --system"),
        (("--request-file", "r.json", "--no-reasoning"), b"", "it goes with no --reasoning"),
        (("hi", "--schema", "a", "--stream"), b"", "no --stream and no --extract"),
        (("hi", "--timeout", "0"), b"", "--timeout"),
        (("hi", "--approve"), b"", "name some with -T"),
        (("hi", "-c", "--cid", "1"), b"", "--continue and --cid"),
        (("hi", "-c", "-s", "x"), b"", "it goes with no --continue"),
        (("--request-file", "r.json", "-c"), b"", "it goes with no --continue"),
        (("--request-file", "r.json", "-T", "os"), b"", "it goes with no --tool"),
        (("hi", "-o", "temprature", "1"), b"", "Did you mean 'temperature'?"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(
    chat: Chat, arguments: tuple[str, ...], stdin: bytes, words: str
) -> None:
    done = chat(*DEMO, *arguments, stdin=stdin)
    assert done.returncode == 2
    assert words in done.stderr


def test_without_a_model_it_says_what_to_do(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_PLUGINS_BLOCK", "local")  # its model would answer
    done = chat("Hello")
    assert done.returncode == 3
    for words in ("-m provider:model", "CHAT_MODEL", "config.toml", "chat keys set", "replay:demo"):
        assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_model_comes_from_the_flag_then_the_environment_then_the_file(chat: Chat, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('model = "replay:demo"\n')
    assert chat("Hello").returncode == 0
    assert "nothing was recorded for the model 'other'" in chat("Hello", env={"CHAT_MODEL": "replay:other"}).stderr
    assert chat("Hello", *DEMO, env={"CHAT_MODEL": "replay:other"}).returncode == 0


def test_json_is_one_object(chat: Chat) -> None:
    found = json.loads(chat(*DEMO, "--json", "a story").stdout)
    assert found["text"].startswith("A bridge")
    assert found["reasoning"].startswith("The reader")
    assert found["finish_reason"] == "stop"
    assert found["usage"]["input_tokens"] == 12


def test_usage_and_reasoning_are_shown_when_asked_for(chat: Chat) -> None:
    done = chat(*DEMO, "-u", "--reasoning", "a story")
    assert done.stdout.startswith("The reader wants a story.")
    assert "\n\nA bridge" in done.stdout
    assert done.stderr == "tokens: 12 input, 58 output\n"


def test_whole_and_streamed_answers_are_the_same(chat: Chat) -> None:
    assert chat(*DEMO, "--no-stream", "a story").stdout == chat(*DEMO, "a story").stdout


def test_a_service_that_says_no_has_a_code_and_one_line(chat: Chat) -> None:
    done = chat(*DEMO, "--retries", "0", "are you busy?")
    assert done.returncode == 4
    assert done.stderr.startswith("Error: ")
    assert "HTTP 503" in done.stderr
    assert done.stdout == ""


def test_an_answer_that_breaks_off_is_shown_and_has_a_code(chat: Chat) -> None:
    done = chat(*DEMO, "a cut answer")
    assert done.returncode == 6
    assert done.stdout.startswith("This answer will break off")
    assert done.stdout.endswith("\n")


def test_an_error_is_json_too_where_json_was_asked_for(chat: Chat) -> None:
    done = chat(*DEMO, "--json", "--retries", "0", "are you busy?")
    assert json.loads(done.stdout)["exit_code"] == done.returncode == 4


def test_an_answer_that_does_not_fit_the_schema_is_no_answer(chat: Chat) -> None:
    done = chat(*DEMO, "--schema", "name, age int", "Hello")
    assert done.returncode == 6
    assert done.stdout == ""


def test_the_time_limit_is_one_of_the_whole_call(chat: Chat) -> None:
    done = chat(*DEMO, "--timeout", "0.01", "a story")
    assert done.returncode == 5
    assert "within 0.01 s" in done.stderr


def test_standard_input_can_be_an_attachment_or_nothing(chat: Chat) -> None:
    done = chat(*DEMO, "-a", "-", "a story", stdin=b"%PDF-1.7")
    assert done.returncode == 2  # it arrived: the demo takes words only
    assert "nothing was recorded with Media" in done.stderr
    closed = subprocess.run(
        [*chat.command, *DEMO, "a story"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    assert closed.stdout.startswith("A bridge")
