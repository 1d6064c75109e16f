"""Models are loaded once, leave when memory is short, and never while they are at work."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest
from tinymodel import write_model

from chat_core.errors import ConfigurationError
from chat_local import layout
from chat_local.engine import cuda, memory
from chat_local.engine.answer import End, Failed, Generation
from chat_local.engine.loaded import Models
from chat_local.engine.runtime import CPU as CPU_ITSELF
from chat_local.engine.runtime import Device, Settings
from chat_local.engine.scheduler import Unloaded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chat_local.engine.answer import Said
    from chat_local.engine.loaded import Model
    from chat_local.layout import ModelFiles

CPU = Settings(device="cpu", threads=1)


@pytest.fixture
def models() -> Iterator[Models]:
    made = Models()
    yield made
    made.close()


@pytest.fixture
def folders(tmp_path: Path) -> list[ModelFiles]:
    return [layout.read(write_model(tmp_path / name, context=2048)) for name in ("one", "two", "three")]


def fits(monkeypatch: pytest.MonkeyPatch, files: ModelFiles, count: float) -> None:
    """Let so many models fit."""
    monkeypatch.setenv(memory.VARIABLE, str(int(count * memory.estimate(files.files, cache=300_000))))


def start(model: Model, count: int | None = 1, prompt: tuple[int, ...] = (1, 2)) -> SimpleQueue[Said]:
    said: SimpleQueue[Said] = SimpleQueue()
    model.scheduler.submit(Generation(prompt=prompt, max_tokens=count), said.put)
    return said


def last(said: SimpleQueue[Said]) -> Said:
    while not isinstance(found := said.get(timeout=20), End | Failed):
        pass
    return found


def test_a_model_that_is_asked_for_twice_at_once_is_loaded_once(models: Models, folders: list[ModelFiles]) -> None:
    found: list[Model] = []
    threads = [threading.Thread(target=lambda: found.append(models.get(folders[0], CPU))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({id(model) for model in found}) == 1


def test_the_one_that_rested_longest_leaves(
    models: Models, folders: list[ModelFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = folders
    fits(monkeypatch, one, 2.5)
    models.get(one, CPU)
    models.get(two, CPU)
    models.get(one, CPU)
    models.get(three, CPU)
    assert {model.files.folder.name for model in models.loaded} == {"one", "three"}


def test_one_that_is_at_work_never_leaves(
    models: Models, folders: list[ModelFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    fits(monkeypatch, folders[0], 1.5)
    model = models.get(folders[0], CPU)
    said = start(model, None)
    with pytest.raises(MemoryError, match=memory.VARIABLE):
        models.get(folders[1], CPU)
    assert models.size < 2 * memory.FIXED  # what was refused counts no more
    model.scheduler.close()
    assert isinstance(last(said), End)


def test_an_unloaded_model_takes_no_memory_and_no_question(
    models: Models, folders: list[ModelFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    fits(monkeypatch, folders[0], 1.5)
    model = models.get(folders[0], CPU)
    assert isinstance(last(start(model)), End)
    runner = weakref.ref(model.scheduler._runner)  # pyright: ignore[reportPrivateUsage] - whether it is let go of
    models.get(folders[1], CPU)
    with pytest.raises(Unloaded):
        start(model)
    del model
    gc.collect()
    assert runner() is None


def test_a_cache_that_grows_beyond_the_limit_ends_its_own_answer_only(
    models: Models, folders: list[ModelFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = folders[0]
    graph, per_token = memory.estimate(files.files, cache=0), 2 * 2 * 16 * 4
    monkeypatch.setenv(memory.VARIABLE, str(graph + 2 * 512 * per_token + 1000))  # two rows as they begin
    model = models.get(files, CPU)
    long, short = start(model, None, tuple([3] * 500)), start(model, 400, (5, 6))
    failed, ended = last(long), last(short)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, MemoryError)
    assert isinstance(ended, End)
    assert (ended.reason, ended.answer_tokens) == ("length", 400)


class _Idle:
    """A model of any kind that has nothing to do."""

    used = 0.0

    def __init__(self) -> None:
        self.ended = False

    def retire(self) -> bool:
        self.ended = True
        return True

    def close(self) -> None:
        self.ended = True


def test_a_gpus_memory_is_that_which_its_driver_says_and_only_models_there_leave_for_it(
    models: Models, folders: list[ModelFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = folders
    size = memory.estimate(one.files, cache=0)
    left = {1: size, 2: size // 2}
    monkeypatch.delenv(memory.VARIABLE, raising=False)
    monkeypatch.setattr(cuda, "free", left.get)
    here = models.hold("here", one, _Idle)
    there = models.hold("there", two, _Idle, Device("cuda", 1))
    with pytest.raises(MemoryError, match="three on cuda:2 takes about"):
        models.hold("full", three, _Idle, Device("cuda", 2))
    assert (here.ended, there.ended) == (False, False)
    models.hold("unknown", three, _Idle, Device("cuda", 3))  # a driver that does not say refuses nothing

    def freed(_: int) -> int:
        return size if there.ended else size // 2

    monkeypatch.setattr(cuda, "free", freed)
    models.hold("again", three, _Idle, Device("cuda", 1))
    assert (here.ended, there.ended) == (False, True)


def test_the_limit_counts_each_device_for_itself(
    models: Models, folders: list[ModelFiles], monkeypatch: pytest.MonkeyPatch
) -> None:
    fits(monkeypatch, folders[0], 1.5)
    monkeypatch.setattr(cuda, "free", dict.fromkeys(range(8), 2**40).get)
    held = [models.hold(device, folders[0], _Idle, device) for device in (CPU_ITSELF, Device("cuda"))]
    assert [each.ended for each in held] == [False, False]
    models.hold("more", folders[1], _Idle, Device("cuda"))
    assert [each.ended for each in held] == [False, True]


def test_closing_waits_for_a_model_that_is_just_being_loaded(folders: list[ModelFiles]) -> None:
    models = Models()
    failed: list[Exception] = []

    def load() -> None:
        try:
            models.get(folders[0], CPU)
        except ConfigurationError as error:
            failed.append(error)

    thread = threading.Thread(target=load)
    thread.start()
    while not models._loading and thread.is_alive():  # pyright: ignore[reportPrivateUsage] - the moment in between
        time.sleep(0)
    models.close()
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert models.loaded == ()
    with pytest.raises(ConfigurationError, match="closed"):
        models.get(folders[1], CPU)
