from __future__ import annotations

from dataclasses import replace
from io import BytesIO, RawIOBase
from typing import TYPE_CHECKING, BinaryIO, cast

import pytest

from chat_core.bulk.formats import head
from chat_core.bulk.inputs import BulkRefused
from chat_core.bulk.output import FileOutput, StreamOutput

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Buffer

    from chat_core.bulk.journal import Kept
    from chat_core.jsonvalue import JSONObject

TOLD: JSONObject = {"model": "toy:m"}


def written(output: FileOutput, kept: Kept, data: bytes, rows: int = 1) -> Kept:
    output.write(data)
    return replace(kept, rows=kept.rows + rows, size=kept.size + len(data), dimensions=1)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    output = FileOutput(path, "jsonl", "toy:m")
    kept = written(output, output.begin(TOLD, restart=False), b"row\n")
    assert names(tmp_path) == ["a.jsonl.part", "a.jsonl.progress"]
    output.finish(replace(kept, finished=True))
    output.close()
    assert names(tmp_path) == ["a.jsonl"]
    assert path.read_bytes() == b"row\n"


def test_what_was_written_after_the_state_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    first = FileOutput(path, "jsonl", "toy:m")
    kept = written(first, first.begin(TOLD, restart=False), b"row\n")
    first.keep(kept)
    first.write(b"half a r")
    first.close()
    second = FileOutput(path, "jsonl", "toy:m")
    assert second.begin(TOLD, restart=False) == kept
    second.finish(written(second, kept, b"more\n"))
    second.close()
    assert path.read_bytes() == b"row\nmore\n"


def test_the_head_of_a_numpy_file_says_in_the_end_how_many_rows_there_are(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    output = FileOutput(path, "npy", "toy:m")
    kept = output.begin(TOLD, restart=False)
    assert kept.size == 128
    output.finish(written(output, kept, bytes(8), rows=2))
    output.close()
    assert b"'shape': (2, 1)" in path.read_bytes()[:128]
    assert path.stat().st_size == 136


def test_raw_numbers_come_with_a_file_that_says_how_many(tmp_path: Path) -> None:
    output = FileOutput(tmp_path / "a.bin", "bin", "toy:m")
    output.finish(written(output, output.begin(TOLD, restart=False), bytes(8), rows=2))
    output.close()
    assert names(tmp_path) == ["a.bin", "a.bin.json"]
    assert (tmp_path / "a.bin.json").read_bytes() == b'{"dtype":"<f4","shape":[2,1],"model":"toy:m"}\n'


def test_a_file_that_is_there_is_replaced_when_asked_for_and_then_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"old\n")
    output = FileOutput(path, "jsonl", "toy:m")
    with pytest.raises(BulkRefused, match=r"a\.jsonl is there already: make it anew with restart=True"):
        output.begin(TOLD, restart=False)
    assert names(tmp_path) == ["a.jsonl"]
    kept = output.begin(TOLD, restart=True)
    assert path.read_bytes() == b"old\n"
    output.finish(written(output, kept, b"new\n"))
    output.close()
    assert path.read_bytes() == b"new\n"


def test_a_restart_counts_nothing_of_what_was_left(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    first = FileOutput(path, "jsonl", "toy:m")
    first.keep(written(first, first.begin(TOLD, restart=False), b"row\n"))
    first.close()
    second = FileOutput(path, "jsonl", "toy:m")
    assert second.begin({"model": "toy:n"}, restart=True).rows == 0
    second.close()
    assert (tmp_path / "a.jsonl.part").read_bytes() == b""


def test_a_run_that_was_told_otherwise_changes_nothing(tmp_path: Path) -> None:
    first = FileOutput(tmp_path / "a", "jsonl", "toy:m")
    kept = written(first, first.begin(TOLD, restart=False), b"row\n")
    first.keep(kept)
    first.close()
    with pytest.raises(BulkRefused, match="told otherwise: model was 'toy:m', is 'toy:n'"):
        FileOutput(tmp_path / "a", "jsonl", "toy:n").begin({"model": "toy:n"}, restart=False)
    again = FileOutput(tmp_path / "a", "jsonl", "toy:m")
    assert again.begin(TOLD, restart=False) == kept
    again.close()


def test_one_run_writes_at_a_time(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    path = tmp_path / "a"
    first = FileOutput(path, "jsonl", "toy:m")
    first.keep(written(first, first.begin(TOLD, restart=False), b"row\n"))
    for restart in (False, True):
        with pytest.raises(BulkRefused, match=r"another run writes to .*a\.part: wait for it, or end it"):
            FileOutput(path, "jsonl", "toy:m").begin(TOLD, restart=restart)
    first.close()
    assert path.with_name("a.part").read_bytes() == b"row\n"
    second = FileOutput(path, "jsonl", "toy:m")
    assert second.begin(TOLD, restart=False).rows == 1
    second.close()


def test_a_part_that_lost_rows_is_refused(tmp_path: Path) -> None:
    first = FileOutput(tmp_path / "a", "jsonl", "toy:m")
    first.keep(written(first, first.begin(TOLD, restart=False), b"row\n"))
    first.close()
    (tmp_path / "a.part").write_bytes(b"ro")
    with pytest.raises(BulkRefused, match=r"a\.part is shorter than .*a\.progress says: begin anew"):
        FileOutput(tmp_path / "a", "jsonl", "toy:m").begin(TOLD, restart=False)


def test_a_run_that_was_killed_at_the_end_is_finished_by_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    first = FileOutput(path, "npy", "toy:m")
    kept = replace(written(first, first.begin(TOLD, restart=False), bytes(4)), finished=True)
    first.keep(kept)
    first.close()  # before the file had its name
    second = FileOutput(path, "npy", "toy:m")
    assert second.begin(TOLD, restart=False) == kept
    second.keep(kept)
    path.with_name("a.npy.part").replace(path)  # and this one after it
    second.close()
    third = FileOutput(path, "npy", "toy:m")
    assert third.begin(TOLD, restart=False) == kept
    third.finish(kept)
    third.close()
    assert names(tmp_path) == ["a.npy"]


def test_nothing_is_left_of_a_run_that_wrote_nothing(tmp_path: Path) -> None:
    output = FileOutput(tmp_path / "a", "jsonl", "toy:m")
    output.begin(TOLD, restart=False)
    output.close(discard=True)
    assert names(tmp_path) == []


def test_a_stream_gets_json_lines_only_and_nothing_is_kept() -> None:
    with pytest.raises(BulkRefused, match="npy needs a file that can be written twice: name one, or write JSON lines"):
        StreamOutput(BytesIO(), "npy")
    file = BytesIO()
    output = StreamOutput(file, "jsonl")
    assert output.begin(TOLD, restart=False).rows == 0
    output.write(b"row\n")
    assert file.getvalue() == b"row\n"


class Slow(RawIOBase):
    """Takes three bytes at once, as a file without a buffer may."""

    def __init__(self) -> None:
        self.taken = b""

    def write(self, data: Buffer) -> int:
        some = bytes(data)[:3]
        self.taken += some
        return len(some)


def test_a_stream_that_takes_a_part_gets_the_rest() -> None:
    file = Slow()
    StreamOutput(cast("BinaryIO", file), "jsonl").write(b"one row\n")
    assert file.taken == b"one row\n"


@pytest.mark.parametrize("restart", [False, True])
def test_a_part_of_no_run_is_left_alone(tmp_path: Path, restart: bool) -> None:
    (tmp_path / "v.jsonl.part").write_text("half of a film")
    output = FileOutput(tmp_path / "v.jsonl", "jsonl", "toy")
    with pytest.raises(BulkRefused, match=r"v\.jsonl\.part is there already, and of no run: move it away"):
        output.begin({}, restart=restart)
    assert (tmp_path / "v.jsonl.part").read_text() == "half of a film"


def test_a_run_that_was_killed_as_it_began_is_begun_again(tmp_path: Path) -> None:
    for left in (b"", head("npy"), head("npy")[:5]):
        (tmp_path / "v.npy.part").write_bytes(left)
        output = FileOutput(tmp_path / "v.npy", "npy", "toy")
        output.begin({}, restart=False)
        assert (tmp_path / "v.npy.part").read_bytes() == head("npy")
        output.close(discard=True)


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("end", ["progress", "json"])
def test_files_of_others_beside_it_are_left_alone(tmp_path: Path, end: str, restart: bool) -> None:
    there = tmp_path / f"v.bin.{end}"
    there.write_text("notes of mine")
    with pytest.raises(BulkRefused, match=rf"v\.bin\.{end} is there already, and of no run: move it away"):
        FileOutput(tmp_path / "v.bin", "bin", "toy").begin({}, restart=restart)
    assert names(tmp_path) == [there.name]
    assert there.read_text() == "notes of mine"


@pytest.mark.parametrize("restart", [False, True])
def test_a_file_that_others_have_written_meanwhile_is_left_alone(tmp_path: Path, restart: bool) -> None:
    path = tmp_path / "v.jsonl"
    first = FileOutput(path, "jsonl", "toy:m")
    kept = written(first, first.begin(TOLD, restart=restart), b"row\n")
    path.write_bytes(b"another's\n")
    with pytest.raises(BulkRefused, match=r"v\.jsonl is there already"):
        first.finish(replace(kept, finished=True))
    first.close()
    again = FileOutput(path, "jsonl", "toy:m")
    with pytest.raises(BulkRefused, match=r"v\.jsonl is there already"):
        again.begin(TOLD, restart=False)
    assert path.read_bytes() == b"another's\n"
    path.unlink()
    again.finish(again.begin(TOLD, restart=False))
    again.close()
    assert path.read_bytes() == b"row\n"


def test_a_run_that_was_asked_to_replace_a_file_does_so_after_it_was_ended(tmp_path: Path) -> None:
    path = tmp_path / "v.jsonl"
    path.write_bytes(b"old\n")
    first = FileOutput(path, "jsonl", "toy:m")
    first.keep(written(first, first.begin(TOLD, restart=True), b"row\n"))
    first.close()
    again = FileOutput(path, "jsonl", "toy:m")
    again.finish(again.begin(TOLD, restart=False))
    again.close()
    assert path.read_bytes() == b"row\n"
