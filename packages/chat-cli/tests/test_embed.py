from __future__ import annotations

import json
import os
import struct
from typing import TYPE_CHECKING

import pytest
from running import DEMO
from terminals import CHAT, Session
from weighing import MODEL

from chat_cli.embed import embed

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    file = tmp_path / "texts.txt"
    file.write_text("".join(f"{'x' * (number % 7 + 1)}\n" for number in range(200)), encoding="utf-8")
    return file


def test_words_become_a_line_each(chat: Chat, weighing: dict[str, str]) -> None:
    done = chat("embed", "a", "bcd", "-m", MODEL, "--text", env=weighing)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"index": 0, "text": "a", "embedding": [1, 1]},
        {"index": 1, "text": "bcd", "embedding": [3, 3]},
    ]
    assert (done.returncode, done.stderr) == (0, "")


def test_the_recorded_service_takes_few_texts_at_once_and_that_is_said(chat: Chat) -> None:
    done = chat("embed", "-m", DEMO, stdin="a\nb\nc\nd\ne\n")
    assert len(done.stdout.splitlines()) == 5
    assert (
        done.stderr == "requests that were too large for the service, and were halved: 1; a smaller --batch has fewer\n"
    )


@pytest.mark.parametrize("piped", [True, False])
def test_a_file_becomes_a_numpy_file(
    chat: Chat, tmp_path: Path, texts: Path, weighing: dict[str, str], piped: bool
) -> None:
    target = tmp_path / "v.npy"
    given = ("--file", "-") if piped else ("--file", str(texts))
    stdin = texts.read_bytes() if piped else b""
    how = ("-o", str(target), "--dimensions", "3", "--batch", "9", "--concurrency", "2")
    done = chat("embed", *given, *how, "-m", MODEL, stdin=stdin, env=weighing)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"{target}: 200 vectors of 3 numbers, 200 tokens\n"
    data = target.read_bytes()
    assert b"'shape': (200, 3)" in data[:128]
    lengths = [number % 7 + 1 for number in range(200) for _ in range(3)]
    assert data[128:] == struct.pack("<600f", *lengths)


def test_raw_numbers_come_with_a_file_that_says_how_many(
    chat: Chat, tmp_path: Path, texts: Path, weighing: dict[str, str]
) -> None:
    target = tmp_path / "v"
    chat("embed", "--file", str(texts), "-o", str(target), "--format", "bin", "-m", MODEL, env=weighing)
    said = json.loads((tmp_path / "v.json").read_bytes())
    assert said == {"dtype": "<f4", "shape": [200, 2], "model": MODEL}
    assert target.stat().st_size == 200 * 2 * 4


def test_ids_go_with_their_vectors(chat: Chat, tmp_path: Path, weighing: dict[str, str]) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"t":"a","n":1}\n\n{"t":"b","n":"x"}\n', encoding="utf-8")
    given = ("--file", str(file), "--field", "t", "--id-field", "n", "--skip-blank")
    done = chat("embed", *given, "-m", MODEL, env=weighing)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, "x"]
    assert done.stderr == "1 blank lines were passed over: they have no vector\n"


def test_a_run_that_fails_says_that_the_same_command_goes_on_and_it_does(
    chat: Chat, tmp_path: Path, weighing: dict[str, str]
) -> None:
    target = tmp_path / "v.jsonl"
    command = ("embed", "-o", str(target), "--batch", "2", "--concurrency", "1", "-m", MODEL)
    lines = "a\nb\nc\nd\ne\nf\n"
    done = chat(*command, stdin=lines, env={**weighing, "WEIGHING": "f"})
    assert (done.returncode, done.stdout, target.exists()) == (3, "", False)
    assert done.stderr.startswith("What was written is kept; the same command goes on with it.\nError: no credit")
    done = chat(*command, stdin=lines.replace("a", "A"), env=weighing)
    assert (done.returncode, target.exists()) == (2, False)
    assert "the input was changed: its first 4 lines" in done.stderr
    assert "begin anew with --restart" in done.stderr
    done = chat(*command, stdin=lines, env=weighing)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"{target}: 6 vectors of 2 numbers, 4 of them by runs before, 6 tokens\n"
    assert [json.loads(line)["index"] for line in target.read_text(encoding="utf-8").splitlines()] == [*range(6)]


def test_what_was_not_sent_is_told_once(chat: Chat, weighing: dict[str, str]) -> None:
    done = chat("embed", "-f", "seed", "1", "-m", MODEL, "--batch", "2", stdin="a\nb\nc\n", env=weighing)
    assert done.stderr == "notice: seed 1: not sent; no (and so in 2 requests)\n"


def test_a_text_that_is_refused_is_named_by_its_line(chat: Chat, weighing: dict[str, str], texts: Path) -> None:
    with texts.open("a", encoding="utf-8") as file:
        file.write("refuse me\n")
    done = chat("embed", "--file", str(texts), "-m", MODEL, env=weighing)
    assert (done.returncode, len(done.stdout.splitlines())) == (4, 192)
    assert done.stderr.startswith(f"Error: {texts}, line 201: no")


@pytest.mark.parametrize("bar", ["--progress", "--no-progress"])
def test_people_see_how_far_it_is_unless_they_do_not_want_to(
    weighing: dict[str, str], texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bar: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", weighing["PYTHONPATH"])
    command = ("embed", "--file", str(texts), "-o", str(tmp_path / "v.npy"), "-m", MODEL, bar)
    shown = Session(*CHAT, *command).see("200 vectors of 2")
    assert ("200 texts" in shown, "━" in shown) == ((True, True) if bar == "--progress" else (False, False))


def test_a_run_that_is_interrupted_says_that_it_goes_on(tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("a text\n" * 100_000, encoding="utf-8")  # more than it gets through
    command = ("embed", "--file", str(texts), "-o", str(tmp_path / "v.npy"), "-m", DEMO, "--concurrency", "1")
    session = Session(*CHAT, *command, "--batch", "4")
    session.see("4 texts")
    session.interrupt()
    session.see("What was written is kept; the same command goes on with it.")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a", "--file", "b"), "texts are words or a file: give one of them"),
        (("a", "--format", "npy"), "npy needs a file that can be written twice: name one, or write JSON lines"),
        (("a", "-o", "v.npy", "--text"), "npy has no place for texts: write JSON lines, or leave the texts out"),
        (("a", "-o", "no/such/folder/v"), "-o no/such/folder/v: No such file or directory"),
        (("--file", "nothing.txt"), "nothing.txt: No such file or directory"),
        ((), "line 1: it is blank, and nothing has no vector: fill it, or pass it over, --skip-blank"),
        (("--batch", "0"), "Invalid value for '--batch'"),
    ],
)
def test_what_is_wrong_is_said_with_the_fix(chat: Chat, arguments: tuple[str, ...], words: str) -> None:
    done = chat("embed", *arguments, "-m", DEMO, stdin="\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_output_that_nobody_reads_or_that_is_full_is_no_fault_of_the_input(
    chat: Chat, weighing: dict[str, str], texts: Path
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as nobody:
        done = chat("embed", "--file", str(texts), "-m", MODEL, env=weighing, stdout=nobody)
    assert (done.returncode, done.stderr) == (141, "")
    with open("/dev/full", "w") as full:  # noqa: PTH123 - no file, but a device
        done = chat("embed", "--file", str(texts), "-m", MODEL, env=weighing, stdout=full)
    assert (done.returncode, done.stderr) == (1, "Error: No space left on device\n")


def test_a_file_that_is_there_is_made_anew_when_that_is_asked_for(
    chat: Chat, tmp_path: Path, weighing: dict[str, str]
) -> None:
    target = tmp_path / "v.jsonl"
    target.write_bytes(b"old")
    command = ("embed", "a", "-o", str(target), "-m", MODEL)
    done = chat(*command, env=weighing)
    assert done.returncode == 2
    assert f"{target} is there already: make it anew with --restart, or name another file" in done.stderr
    assert target.read_bytes() == b"old"
    assert chat(*command, "--restart", env=weighing).returncode == 0
    assert json.loads(target.read_bytes())["embedding"] == [1, 1]


def test_without_a_model_it_says_how_to_name_one_and_which_could_be(chat: Chat) -> None:
    done = chat("embed", "a")
    assert done.returncode == 3
    for words in (
        "pass -m provider:model",
        "`embed` under [models] in ",
        "config.toml",
        "chat local pull sentence-transformers/all-MiniLM-L6-v2",
    ):
        assert words in done.stderr


def test_nothing_to_read_on_a_terminal_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    with pytest.raises(Exception, match=r"there is no text: chat embed 'a text', or chat embed --file texts\.txt"):
        embed.main(["-m", DEMO], standalone_mode=False)


def test_an_ending_that_says_no_form_is_refused_with_the_option(chat: Chat, tmp_path: Path) -> None:
    done = chat("embed", "a", "-m", "replay:demo", "-o", str(tmp_path / "v.xyz"))
    assert done.returncode != 0
    assert ".xyz says no form: .bin, .f32, .jsonl, .ndjson, .npy do; or choose one with --format" in done.stderr
    assert [*tmp_path.iterdir()] == []
    assert chat("embed", "a", "-m", "replay:demo", "-o", str(tmp_path / "v.xyz"), "--format", "bin").returncode == 0
