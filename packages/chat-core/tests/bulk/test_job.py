"""A run over a file: what it makes, what it leaves behind, and what the next one does with it."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from toy import Toy
from vectorising import REFUSED, Service, client, vector_of

from chat_core.bulk import BulkProgress, BulkRefused, embed_file, job
from chat_core.bulk.job import Bulk
from chat_core.chat import Chat
from chat_core.errors import DecodeError, InvalidRequest, ServerError, UnsupportedCapability

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.bulk.formats import Form

WORDS = [f"text number {number}" for number in range(10)]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.txt"
    path.write_text("".join(f"{word}\n" for word in WORDS), encoding="utf-8")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_of_texts_becomes_a_file_of_vectors(texts: Path, tmp_path: Path) -> None:
    service, told = Service(), list[BulkProgress]()
    target = tmp_path / "vectors.jsonl"
    result = embed_file(client(service), texts, target, batch_size=4, concurrency=1, progress=told.append)
    rows = [json.loads(line) for line in target.read_bytes().splitlines()]
    assert rows == [
        {"index": index, "embedding": [pytest.approx(x, rel=1e-8) for x in vector_of(word)]}
        for index, word in enumerate(WORDS)
    ]
    assert (result.rows, result.dimensions, result.resumed, result.input_tokens) == (10, 4, 0, 10)
    assert (result.model, result.notices, result.halved) == ("small-really", (), 0)
    assert service.asked == [4, 4, 2]
    size = texts.stat().st_size
    assert told == [BulkProgress(rows=rows, read=rows * 14, size=size) for rows in (4, 8, 10)]
    assert names(tmp_path) == ["texts.txt", "vectors.jsonl"]


def test_what_is_said_of_the_vectors_is_said_to_the_service(texts: Path, tmp_path: Path) -> None:
    service = Service()
    asking: Bulk = {"dimensions": 3, "purpose": "document", "model": "large", "format": "bin", "batch_size": 2}
    result = embed_file(client(service), texts, tmp_path / "v", **asking)
    assert [(notice.feature, count) for notice, count in result.notices] == [("purpose", 5)]
    assert (result.dimensions, result.model) == (3, "large-really")
    assert (tmp_path / "v").read_bytes() == b"".join(vector_of(word, 3).tobytes() for word in WORDS)
    assert json.loads((tmp_path / "v.json").read_bytes()) == {"dtype": "<f4", "shape": [10, 3], "model": "toy:large"}


def test_a_stream_becomes_a_stream(texts: Path) -> None:
    source, target = BytesIO(texts.read_bytes()), BytesIO()
    assert embed_file(client(), source, target, keep_text=True).rows == 10
    assert [json.loads(line)["text"] for line in target.getvalue().splitlines()] == WORDS


def test_ids_go_with_their_vectors(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text('{"n":"x","t":"a"}\n{"n":null,"t":"b"}\n', encoding="utf-8")
    target = BytesIO()
    embed_file(client(), source, target, text_field="t", id_field="n")
    assert [json.loads(line).get("id") for line in target.getvalue().splitlines()] == ["x", None]


@pytest.mark.parametrize(("form", "size"), [("jsonl", 0), ("npy", 128), ("bin", 0)])
def test_no_texts_are_no_vectors(tmp_path: Path, form: Form, size: int) -> None:
    result = embed_file(client(), [], tmp_path / "v", format=form)
    assert (result.rows, result.dimensions, result.input_tokens) == (0, None, 0)
    assert (tmp_path / "v").stat().st_size == size


def test_tokens_that_are_not_told_are_not_known(texts: Path, tmp_path: Path) -> None:
    assert embed_file(client(Service(tells_tokens=False)), texts, tmp_path / "v").input_tokens is None


# what goes wrong, and what goes on then


@pytest.mark.parametrize("target", ["v.jsonl", "v.npy", "v.bin"])
def test_a_failure_keeps_what_was_written_and_the_same_call_goes_on(texts: Path, tmp_path: Path, target: str) -> None:
    whole = tmp_path / f"whole-{target}"
    embed_file(client(), texts, whole, batch_size=2)
    broken, service = Service(fails_at=4), Service()
    with pytest.raises(ServerError, match="not now"):
        embed_file(client(broken), texts, tmp_path / target, batch_size=2, concurrency=1)
    assert not (tmp_path / target).exists()
    result = embed_file(client(service), texts, tmp_path / target, batch_size=2, concurrency=1)
    assert (result.rows, result.resumed, result.input_tokens) == (10, 6, 10)
    assert service.asked == [2, 2]
    assert (tmp_path / target).read_bytes() == whole.read_bytes()


def test_a_program_that_leaves_in_the_middle_keeps_what_was_written(texts: Path, tmp_path: Path) -> None:
    def leave(so_far: BulkProgress) -> None:
        if so_far.rows == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed_file(client(), texts, tmp_path / "v", batch_size=2, progress=leave)
    assert embed_file(client(), texts, tmp_path / "v", batch_size=2).resumed == 4


def test_a_failure_before_the_first_vector_leaves_nothing(texts: Path, tmp_path: Path) -> None:
    with pytest.raises(ServerError):
        embed_file(client(Service(fails_at=1)), texts, tmp_path / "v")
    assert names(tmp_path) == ["texts.txt"]


def test_a_text_that_is_refused_is_named_by_file_and_line(texts: Path, tmp_path: Path) -> None:
    with texts.open("a", encoding="utf-8") as file:
        file.write(f"fine\n{REFUSED}\nfine\n")
    with pytest.raises(InvalidRequest, match=r"texts\.txt, line 12: no"):
        embed_file(client(), texts, tmp_path / "v", batch_size=10, concurrency=1)
    assert (tmp_path / "v.part").read_bytes().count(b"\n") == 10


def test_a_blank_line_ends_it_and_may_be_passed_over_by_the_next_run(texts: Path, tmp_path: Path) -> None:
    with texts.open("a", encoding="utf-8") as file:
        file.write("\nlast\n\n")
    with pytest.raises(BulkRefused, match=r"texts\.txt, line 11: it is blank"):
        embed_file(client(), texts, tmp_path / "v", batch_size=5)
    result = embed_file(client(), texts, tmp_path / "v", batch_size=5, skip_blank=True)
    assert (result.rows, result.resumed, result.blank) == (11, 10, 2)


def test_a_vector_of_another_length_ends_it(texts: Path, tmp_path: Path) -> None:
    class Odd(Service):
        """Its second answer has longer vectors."""

        def dimensions(self, asked: int) -> int:
            return asked + (len(self.asked) > 1)

    with pytest.raises(DecodeError, match="a vector of 5 numbers after ones of 4"):
        embed_file(client(Odd()), texts, tmp_path / "v", batch_size=5, concurrency=1)


OTHERWISE: list[tuple[Bulk, str]] = [
    ({"dimensions": 3}, "dimensions was not said, is 3"),
    ({"purpose": "query"}, "purpose was not said, is 'query'"),
    ({"batch_size": 3}, "batch_size was 2, is 3"),
    ({"model": "large"}, "model was 'toy:small', is 'toy:large'"),
    ({"format": "npy"}, "format was 'jsonl', is 'npy'"),
    ({"keep_text": True}, "keep_text was False, is True"),
    ({"kind": "csv"}, "kind was 'lines', is 'csv'"),
    ({"extra": {"a": "secret"}}, "extra was not said, is '"),
]


@pytest.mark.parametrize(("asking", "words"), OTHERWISE)
def test_a_run_that_is_told_otherwise_does_not_go_on(texts: Path, tmp_path: Path, asking: Bulk, words: str) -> None:
    told: Bulk = {"batch_size": 2}
    told |= asking
    target = tmp_path / "v"
    with pytest.raises(ServerError):
        embed_file(client(Service(fails_at=3)), texts, target, batch_size=2, concurrency=1)
    with pytest.raises(BulkRefused) as caught:
        embed_file(client(), texts, target, **told)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value) + (tmp_path / "v.progress").read_text(encoding="utf-8")
    told["restart"] = True
    assert embed_file(client(), texts, target, **told).resumed == 0


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("".join(f"{word}\n" for word in WORDS).replace("r 1", "r X"), "the input was changed: its first 4 lines"),
        ("text", "the input was changed: its first 4 lines"),
    ],
)
def test_a_run_over_another_input_does_not_go_on(texts: Path, tmp_path: Path, other: str, words: str) -> None:
    target = tmp_path / "v"
    with pytest.raises(ServerError):
        embed_file(client(Service(fails_at=3)), texts, target, batch_size=2, concurrency=1)
    before = texts.read_text(encoding="utf-8")
    texts.write_text(other, encoding="utf-8")
    with pytest.raises(BulkRefused, match=words):
        embed_file(client(), texts, target, batch_size=2)
    texts.write_text(before, encoding="utf-8")
    assert embed_file(client(), texts, target, batch_size=2).resumed == 4


@pytest.mark.parametrize("bad", ["\n", "\xff\n"])
def test_a_line_that_is_mended_lets_the_run_go_on(texts: Path, tmp_path: Path, bad: str) -> None:
    lines = [f"{word}\n" for word in WORDS]
    texts.write_text("".join([*lines[:5], bad, *lines[5:]]), encoding="latin-1")
    with pytest.raises(BulkRefused, match="line 6: it is"):
        embed_file(client(), texts, tmp_path / "v", batch_size=2)
    texts.write_text("".join([*lines[:5], "mended and longer\n", *lines[5:]]), encoding="utf-8")
    assert embed_file(client(), texts, tmp_path / "v", batch_size=2).resumed == 4
    embed_file(client(), texts, tmp_path / "whole", batch_size=2)
    assert (tmp_path / "v").read_bytes() == (tmp_path / "whole").read_bytes()


def test_concurrency_makes_no_other_run(texts: Path, tmp_path: Path) -> None:
    with pytest.raises(ServerError):
        embed_file(client(Service(fails_at=3)), texts, tmp_path / "v", batch_size=2, concurrency=1)
    assert embed_file(client(), texts, tmp_path / "v", batch_size=2, concurrency=3).resumed == 4


def test_texts_of_a_program_go_on_when_they_are_given_again(tmp_path: Path) -> None:
    with pytest.raises(ServerError):
        embed_file(client(Service(fails_at=3)), iter(WORDS), tmp_path / "v", batch_size=2, concurrency=1)
    assert embed_file(client(), iter(WORDS), tmp_path / "v", batch_size=2).resumed == 4


def test_the_state_is_written_from_time_to_time(texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []

    def look(so_far: BulkProgress) -> None:
        kept.append(json.loads((tmp_path / "v.progress").read_bytes())["rows"])
        monkeypatch.setattr(job, "KEEP_SECONDS", 0.0 if so_far.rows == 4 else 1e9)

    monkeypatch.setattr(job, "KEEP_SECONDS", 1e9)
    embed_file(client(), texts, tmp_path / "v", batch_size=2, progress=look)
    assert kept == [0, 0, 6, 6, 6]


# what makes no sense


def test_nothing_is_opened_for_what_makes_no_sense(texts: Path, tmp_path: Path) -> None:
    target = tmp_path / "v"
    for asking in (Bulk(batch_size=0), Bulk(concurrency=0)):
        with pytest.raises(ValueError, match="= is at least 1"):
            embed_file(client(), texts, target, **asking)
    with pytest.raises(BulkRefused, match="bin has no place for texts"):
        embed_file(client(), texts, target, format="bin", keep_text=True)
    with pytest.raises(BulkRefused, match="name parts of JSON lines or CSV, and these are lines"):
        embed_file(client(), texts, target, kind="lines", id_field="id")
    with pytest.raises(UnsupportedCapability, match="has no embeddings"):
        embed_file(Chat("toy-1", provider=Toy(), transport=Service()), texts, target)
    assert names(tmp_path) == ["texts.txt"]


@pytest.mark.parametrize("end", ["part", "progress", "progress.new", "json", "json.new"])
def test_what_stands_beside_vectors_does_not_take_the_place_of_their_texts(tmp_path: Path, end: str) -> None:
    source = tmp_path / f"v.{end}"
    source.write_text("precious\n", encoding="utf-8")
    with pytest.raises(BulkRefused, match=f"v.{end} holds the texts: name another file for the vectors"):
        embed_file(client(), source, tmp_path / "v", restart=True)
    assert source.read_text(encoding="utf-8") == "precious\n"


def test_vectors_do_not_take_the_place_of_their_texts(texts: Path, tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(texts)
    for target in (texts, tmp_path / "link.txt"):
        with pytest.raises(BulkRefused, match=r"\.txt holds the texts: name another file for the vectors"):
            embed_file(client(), texts, target, restart=True)


def test_files_that_cannot_be_opened_are_errors_of_the_system(texts: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        embed_file(client(), tmp_path / "nothing", tmp_path / "v")
    with pytest.raises(FileNotFoundError):
        embed_file(client(), texts, tmp_path / "nowhere" / "v")
    assert names(tmp_path) == ["texts.txt"]
