from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from running import DEMO
from terminals import CHAT, Session
from weighing import MODEL

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat

COUNTED = "the service does not tell which tokens these are: it counts them as a question that is asked\n"


def test_a_program_gets_the_tokens_of_each_text(chat: Chat, weighing: dict[str, str]) -> None:
    done = chat("tokens", "ab c", "d", "-m", MODEL, env=weighing)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    tokens = [
        {"id": 2, "text": "ab", "start": 0, "end": 2, "special": False},
        {"id": 1, "text": "c", "start": 3, "end": 4, "special": False},
    ]
    assert first == {"index": 0, "text": "ab c", "count": 2, "tokens": tokens}
    assert (second["index"], second["count"]) == (1, 1)


@pytest.mark.parametrize(
    ("form", "printed"),
    [
        ("--count", "2\n1\n"),
        ("--ids", "2 1\n1\n"),
        ("--offsets", "0\t2\t2\tab\n3\t4\t1\tc\n0\t1\t1\td\n"),
    ],
)
def test_other_forms_are_lines(chat: Chat, weighing: dict[str, str], form: str, printed: str) -> None:
    assert chat("tokens", "ab c", "d", form, "-m", MODEL, env=weighing).stdout == printed


def test_special_tokens_have_no_place_in_the_text(chat: Chat, weighing: dict[str, str]) -> None:
    done = chat("tokens", "a", "--special", "--offsets", "-m", MODEL, env=weighing)
    assert done.stdout == "\t\t0\t\n0\t1\t1\ta\n"


def test_what_is_piped_in_and_what_a_file_holds_is_one_text(
    chat: Chat, tmp_path: Path, weighing: dict[str, str]
) -> None:
    text = "ab c\nd e\n"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    for given, stdin in ((("--file", str(tmp_path / "a.txt")), ""), (("--file", "-"), text), ((), text)):
        done = chat("tokens", *given, "-m", MODEL, stdin=stdin, env=weighing)
        assert done.stderr == ""
        assert (json.loads(done.stdout)["text"], json.loads(done.stdout)["count"]) == (text, 3)


def test_a_service_that_only_counts_is_asked_for_that_and_it_is_said(chat: Chat) -> None:
    done = chat("tokens", "Hello", "-m", DEMO)
    assert json.loads(done.stdout) == {"index": 0, "text": "Hello", "count": 11, "tokens": None}
    assert done.stderr == COUNTED
    done = chat("tokens", "--count", "Hello", "-m", DEMO)
    assert (done.stdout, done.stderr) == ("11\n", COUNTED)


@pytest.mark.parametrize(
    ("model", "form"), [(DEMO, "--ids"), (DEMO, "--offsets"), (DEMO, "--special"), ("mute:demo", "--count")]
)
def test_a_service_that_cannot_tell_is_an_error_of_the_set_up(
    chat: Chat, weighing: dict[str, str], model: str, form: str
) -> None:
    done = chat("tokens", "Hello", form, "-m", model, env=weighing)
    assert (done.returncode, done.stdout) == (3, "")
    assert "has no tokenization; installed providers that have: " in done.stderr


def test_people_see_the_pieces(weighing: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", weighing["PYTHONPATH"])
    assert Session(*CHAT, "tokens", "ab c", "-m", MODEL, "--special").see("(3)") == "[0]│ab│c  "


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a", "--file", "b"), "texts are words or a file: give one of them"),
        (("a", "--json", "--ids"), "--json and --ids are two forms of one answer: choose one"),
        (("--file", "nothing"), "nothing: No such file or directory"),
        ((), "standard input is no UTF-8 text"),
    ],
)
def test_what_is_wrong_is_said_with_the_fix(chat: Chat, arguments: tuple[str, ...], words: str) -> None:
    done = chat("tokens", *arguments, "-m", DEMO, stdin=b"\xff")
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
