"""Streams of texts in both colours, bounded memory, and runs that are killed."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from vectorising import REFUSED, Service, async_client, client, vector_of

from chat_core.bulk import embed_file, embed_file_async, embed_texts, embed_texts_async
from chat_core.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from chat_core.bulk.formats import Vector

TESTS = Path(__file__).parents[1]


def numbered(count: int, taken: list[int] | None = None) -> Iterator[str]:
    for number in range(count):
        if taken is not None:
            taken.append(number)
        yield f"this is the short text number {number}"


def test_vectors_come_in_the_order_of_the_texts() -> None:
    found = list(embed_texts(client(), numbered(300), batch_size=7, concurrency=3))
    assert found == [vector_of(text) for text in numbered(300)]


def test_vectors_come_in_order_to_a_loop_too() -> None:
    async def main() -> list[Vector]:
        return [vector async for vector in embed_texts_async(async_client(Service()), numbered(300), batch_size=7)]

    assert asyncio.run(main()) == [vector_of(text) for text in numbered(300)]


def test_one_text_is_no_row_of_letters() -> None:
    assert list(embed_texts(client(), "abc")) == [vector_of("abc")]


def test_of_an_open_file_each_line_is_a_text_as_the_file_gives_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\nbc")
    with path.open(encoding="utf-8") as file:
        assert [*embed_texts(client(), file)] == [vector_of("a\n"), vector_of("bc")]
    with path.open("rb") as file, pytest.raises(TypeError, match="texts are str, and bytes is none"):
        next(embed_texts(client(), cast("Iterator[str]", file)))


def test_texts_are_taken_as_their_vectors_are() -> None:
    taken: list[int] = []
    vectors = embed_texts(client(), numbered(1000, taken), batch_size=5, concurrency=2)
    assert taken == []
    assert next(vectors) == vector_of("this is the short text number 0")
    assert len(taken) == 5 * 2 * 2
    vectors.close()


def test_an_error_comes_in_its_place() -> None:
    vectors = embed_texts(client(), [*"abc", REFUSED, "d"], batch_size=2)
    assert [next(vectors), next(vectors)] == [vector_of("a"), vector_of("b")]
    with pytest.raises(InvalidRequest, match="text 4: no"):
        next(vectors)


def test_a_setting_that_there_is_not_is_a_mistake_of_the_program(tmp_path: Path) -> None:
    mistake: Any = {"batchsize": 3}
    of_files: Any = {"skip_blank": True}
    with pytest.raises(TypeError, match="there is no setting batchsize="):
        embed_file(client(), ["a"], tmp_path / "v", **mistake)
    with pytest.raises(TypeError, match="there is no setting batchsize="):
        next(embed_texts(client(), ["a"], **mistake))
    with pytest.raises(TypeError, match="there is no setting skip_blank="):
        next(embed_texts(client(), ["a"], **of_files))


def test_a_file_is_written_from_a_loop_as_from_a_thread(tmp_path: Path) -> None:
    whole = embed_file(client(), numbered(100), tmp_path / "a", batch_size=7)
    made = asyncio.run(embed_file_async(async_client(Service()), numbered(100), tmp_path / "b", batch_size=7))
    assert made == whole
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


MEASURED = """
import sys
sys.path[:] = {path!r}
from resource import RUSAGE_SELF, getrusage
from chat_core.bulk import embed_file
from vectorising import client
texts = (f"this is the short text number {{number}}" for number in range({count}))
embed_file(client(), texts, {target!r}, dimensions=64)
print(getrusage(RUSAGE_SELF).ru_maxrss)
"""


def most_memory(count: int, target: Path) -> int:
    """Return the most KiB that a process held which embeds so many texts."""
    program = MEASURED.format(path=[str(TESTS), *sys.path], count=count, target=str(target))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_a_hundred_thousand_texts_take_no_more_memory_than_ten_thousand(tmp_path: Path) -> None:
    few, many = (most_memory(count, tmp_path / f"{count}.jsonl") for count in (10_000, 100_000))
    assert (tmp_path / "100000.jsonl").stat().st_size > 64 * 1024 * 1024
    assert many < few + 8 * 1024


FULL = """
import sys
sys.path[:] = {path!r}
from resource import RLIMIT_FSIZE, setrlimit
from chat_core.bulk import embed_file, job
from vectorising import client
job.KEEP_SECONDS = 0.0
setrlimit(RLIMIT_FSIZE, (10_000, 10_000))  # a longer file is an error, as on a disk that is full
embed_file(client(), {source!r}, {target!r}, batch_size=4)
"""


def test_a_disk_that_is_full_ends_a_run_and_the_next_one_goes_on(tmp_path: Path) -> None:
    source, target = tmp_path / "texts.txt", tmp_path / "v.jsonl"
    source.write_text("".join(f"{text}\n" for text in numbered(500)), encoding="utf-8")
    program = FULL.format(path=[str(TESTS), *sys.path], source=str(source), target=str(target))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "File too large" in done.stderr
    assert target.with_name("v.jsonl.part").stat().st_size == 10_000
    result = embed_file(client(), source, target, batch_size=4)
    assert (result.rows, result.resumed > 50) == (500, True)
    embed_file(client(), source, tmp_path / "whole", batch_size=4)
    assert target.read_bytes() == (tmp_path / "whole").read_bytes()


RUN = """
import sys, time
sys.path[:] = {path!r}
from chat_core.bulk import embed_file, job
from vectorising import Service, client
job.KEEP_SECONDS = 0.002
class Slow(Service):
    def send(self, request, until):
        time.sleep(0.005)  # so that the whole takes longer than it is given before it is killed, a few times
        return super().send(request, until)
print("begun", flush=True)
embed_file(client(Slow()), {source!r}, {target!r}, batch_size=4, concurrency=3)
"""


@pytest.mark.parametrize("name", ["v.jsonl", "v.npy", "v.bin"])
def test_a_run_that_is_killed_at_any_moment_and_begun_again_makes_the_same_bytes(tmp_path: Path, name: str) -> None:
    source, target = tmp_path / "texts.txt", tmp_path / name
    source.write_text("".join(f"{text}\n" for text in numbered(3000)), encoding="utf-8")
    embed_file(client(), source, tmp_path / f"whole-{name}", batch_size=4)
    program = RUN.format(path=[str(TESTS), *sys.path], source=str(source), target=str(target))
    chance, kills, resumed = random.Random(name), 0, 0
    progress = target.with_name(f"{name}.progress")
    while not target.exists():
        resumed += progress.exists()
        running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert running.stdout is not None
        running.stdout.readline()
        while kills % 2 and not progress.exists() and running.poll() is None:
            time.sleep(0.001)
        try:
            running.wait(chance.uniform(0.0, 0.25) if kills < 8 else 60)
            assert running.returncode == 0
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            running.wait()
            kills += 1
        running.stdout.close()
    embedded = embed_file(client(), source, target, batch_size=4, restart=False) if _is_left(target) else None
    assert embedded is None or embedded.rows == 3000
    assert (kills > 2, resumed > 1) == (True, True)
    whole = {path.name.removeprefix("whole-"): path.read_bytes() for path in tmp_path.glob(f"whole-{name}*")}
    assert {path.name: path.read_bytes() for path in tmp_path.glob(f"{name}*")} == whole


def _is_left(target: Path) -> bool:
    """Tell whether the last run was killed after the file had its name, and before the state was taken away."""
    return target.with_name(f"{target.name}.progress").exists()
