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


def test_a_program_gets_a_line_for_each_text(chat: Chat, weighing: dict[str, str]) -> None:
    done = chat("classify", "a", "bc", "--labels", "food, travel", "-m", MODEL, env=weighing)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    labels = [{"label": "food", "score": 0.5}, {"label": "travel", "score": 0.49}]
    assert rows == [
        {"index": index, "text": text, "label": "food", "score": 0.5, "labels": labels}
        for index, text in enumerate(["a", "bc"])
    ]
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_said_of_the_classes_is_sent(chat: Chat, weighing: dict[str, str]) -> None:
    how = ("--label", "a, b", "--multi", "--top", "1", "--hypothesis", "It is {}.", "--json")
    done = chat("classify", "abc", *how, "-f", "top_k", "3", "-m", MODEL, env=weighing)
    assert json.loads(done.stdout)["labels"] == [{"label": "a, b", "score": 0.25}]
    assert done.stderr == "notice: top_k 3: not sent; no\n"


def test_without_labels_the_classes_are_the_models_own(chat: Chat, weighing: dict[str, str]) -> None:
    assert json.loads(chat("classify", "abc", "-m", MODEL, env=weighing).stdout)["label"] == "short"
    done = chat("classify", "abc", "-m", DEMO)
    assert (done.returncode, done.stdout) == (2, "")
    assert "give labels" in done.stderr


def test_texts_are_read_from_a_file_with_their_ids(chat: Chat, tmp_path: Path, weighing: dict[str, str]) -> None:
    file = tmp_path / "a.csv"
    file.write_text("n,words\n7,one\n8,two\n", encoding="utf-8")
    given = ("--file", str(file), "--field", "words", "--id-field", "n")
    rows = [json.loads(line) for line in chat("classify", *given, "-m", MODEL, env=weighing).stdout.splitlines()]
    assert [(row["id"], row["index"], row["text"]) for row in rows] == [("7", 0, "one"), ("8", 1, "two")]


def test_what_is_piped_in_is_a_text_a_line_and_is_told_once_what_was_not_sent(
    chat: Chat, weighing: dict[str, str]
) -> None:
    lines = "".join(f"{number}\n" for number in range(100))
    done = chat("classify", "-f", "seed", "1", "-m", MODEL, stdin=lines, env=weighing)
    assert [json.loads(line)["index"] for line in done.stdout.splitlines()] == [*range(100)]
    assert done.stderr == "notice: seed 1: not sent; no\n"


def test_a_line_that_is_no_text_comes_after_those_before_it(chat: Chat, weighing: dict[str, str]) -> None:
    done = chat("classify", "-m", MODEL, stdin=b"a\nb\n\xff\nc\n", env=weighing)
    assert done.returncode == 2
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["a", "b"]
    assert "line 3: it is not UTF-8: save the file as UTF-8" in done.stderr


def test_people_see_every_score(weighing: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", weighing["PYTHONPATH"])
    shown = Session(*CHAT, "classify", "abc", "--labels", "food,travel", "-m", MODEL).see("49%")
    assert shown == "abc\n  food     50%\n  travel   "


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a", "--file", "b"), "texts are words or a file: give one of them"),
        (("a", "--hypothesis", "It is."), "--hypothesis has no {} for the class"),
        (("--file", "nothing.txt"), "nothing.txt: No such file or directory"),
        (("--field", "t"), "line 1: not valid JSON"),
        (("--file", "-", "--id-field", "n"), "line 1: not valid JSON"),
        (("a", "--field", "t"), "--field and --id-field name parts of JSON lines or CSV"),
    ],
)
def test_what_is_wrong_is_said_with_the_fix(chat: Chat, arguments: tuple[str, ...], words: str) -> None:
    done = chat("classify", *arguments, "-m", DEMO, "--labels", "a,b", stdin="line\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (("--labels", " , "), "--labels names no class: --labels travel,food, or leave it out"),
        (("--labels", "a,b", "--label", "a"), "a class is named twice: a"),
    ],
)
def test_classes_that_are_none_are_not_those_of_the_model(chat: Chat, labels: tuple[str, ...], words: str) -> None:
    done = chat("classify", "a", *labels, "-m", DEMO)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_without_a_model_it_says_how_to_name_one_and_which_could_be(chat: Chat) -> None:
    done = chat("classify", "a", "--labels", "b,c")
    assert done.returncode == 3
    for words in (
        "pass -m provider:model",
        "CHAT_MODEL",
        "`classify` under [models] in ",
        "config.toml",
        "chat local pull cross-encoder/nli",
    ):
        assert words in done.stderr


def test_a_provider_that_cannot_is_an_error_of_the_set_up(chat: Chat, weighing: dict[str, str]) -> None:
    done = chat("classify", "a", "--labels", "b,c", "-m", "mute:demo", env=weighing)
    assert done.returncode == 3
    assert "mute has no classification; installed providers that have: " in done.stderr
    assert "weighing" in done.stderr
