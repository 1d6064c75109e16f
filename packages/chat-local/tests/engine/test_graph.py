"""Both kinds of graphs give the same logits as a computation from the beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tinygraphs import Tiny, greedy, reference, write

from chat_local.engine import runtime
from chat_local.engine.concat import Concat
from chat_local.engine.graph import runner
from chat_local.engine.runtime import Settings
from chat_local.engine.shared import Shared

if TYPE_CHECKING:
    from pathlib import Path

    from tinygraphs import Flavour

    from chat_local.engine.graph import Runner

TINY = Tiny()
PROMPT = [5, 9, 33, 2, 71]


def made(folder: Path, flavour: Flavour, *, rows: int = 4, longest: int = 2048) -> Runner:
    path = folder / "model.onnx"
    write(path, TINY, flavour)
    return runner(runtime.load(path, Settings(device="cpu", threads=1)), rows=rows, longest=longest)


@pytest.mark.parametrize("flavour", ["shared", "concat"])
def test_the_kind_is_found_by_trying(tmp_path: Path, flavour: Flavour) -> None:
    kinds = {"shared": Shared, "concat": Concat}
    assert type(made(tmp_path, flavour)) is kinds[flavour]


@pytest.mark.parametrize("flavour", ["shared", "concat"])
def test_a_prompt_read_in_chunks_and_steps_equals_the_reference(tmp_path: Path, flavour: Flavour) -> None:
    run, options = made(tmp_path, flavour), runtime.run_options()
    run.read(0, PROMPT[:3], 0, options)
    logits = run.read(0, PROMPT[3:], 3, options)
    known = [*PROMPT]
    for _ in range(8):
        assert np.abs(logits - reference(TINY, known)[-1]).max() < 1e-4
        known.append(int(logits.argmax()))
        logits = run.step([known[-1]], [len(known) - 1])[0]
    assert known[len(PROMPT) :] == greedy(TINY, PROMPT, 8)


def test_rows_of_different_lengths_step_together(tmp_path: Path) -> None:
    run, options = made(tmp_path, "shared"), runtime.run_options()
    prompts = [PROMPT, PROMPT[:2], [1], [*PROMPT, 4, 4]]
    for row, prompt in enumerate(prompts):
        run.read(row, prompt, 0, options)
    together = run.step([7, 8, 9, 10], [len(prompt) for prompt in prompts])
    for row, (prompt, token) in enumerate(zip(prompts, [7, 8, 9, 10], strict=True)):
        assert np.abs(together[row] - reference(TINY, [*prompt, token])[-1]).max() < 1e-4


def test_swapped_rows_keep_their_past(tmp_path: Path) -> None:
    run, options = made(tmp_path, "shared"), runtime.run_options()
    run.read(0, PROMPT, 0, options)
    run.read(2, [3, 4], 0, options)
    run.swap(0, 2, len(PROMPT))
    found = run.step([7, 7, 7], [2, 0, 5])
    assert np.abs(found[0] - reference(TINY, [3, 4, 7])[-1]).max() < 1e-4
    assert np.abs(found[2] - reference(TINY, [*PROMPT, 7])[-1]).max() < 1e-4


def test_a_buffer_grows_with_what_is_in_it(tmp_path: Path) -> None:
    run, options = made(tmp_path, "shared", rows=2, longest=1200), runtime.run_options()
    long = [int(token) for token in np.random.default_rng(1).integers(0, 96, 700)]
    run.read(0, long[:500], 0, options)
    run.read(1, PROMPT, 0, options)
    logits = run.read(0, long[500:], 500, options)
    assert np.abs(logits - reference(TINY, long)[-1]).max() < 1e-3
    assert np.abs(run.step([1, 7], [700, 5])[1] - reference(TINY, [*PROMPT, 7])[-1]).max() < 1e-4


def test_a_cache_is_rewound_by_reading_on_from_an_earlier_place(tmp_path: Path) -> None:
    for flavour in ("shared", "concat"):
        run, options = made(tmp_path, flavour), runtime.run_options()
        run.read(0, [*PROMPT, 11, 12, 13], 0, options)
        logits = run.read(0, [44, 45], len(PROMPT), options)
        assert np.abs(logits - reference(TINY, [*PROMPT, 44, 45])[-1]).max() < 1e-4


def test_a_copied_beginning_is_as_good_as_one_that_was_read(tmp_path: Path) -> None:
    run, options = made(tmp_path, "shared"), runtime.run_options()
    run.read(0, PROMPT, 0, options)
    run.read(1, PROMPT[:2], 0, options)
    run.copy(0, 1, 2, 4)
    assert np.abs(run.read(1, [7], 4, options) - reference(TINY, [*PROMPT[:4], 7])[-1]).max() < 1e-4


@pytest.mark.parametrize("flavour", ["shared", "concat"])
def test_a_cache_asks_for_room_before_it_grows(tmp_path: Path, flavour: Flavour) -> None:
    path = tmp_path / "model.onnx"
    write(path, TINY, flavour)
    limit, told = 400_000, list[int]()

    def room(wanted: int) -> None:
        told.append(wanted)
        if wanted > limit:
            raise MemoryError("full")

    run = runner(runtime.load(path, Settings(device="cpu", threads=1)), rows=4, longest=2048, room=room)
    options = runtime.run_options()
    logits = run.read(0, PROMPT, 0, options).copy()
    with pytest.raises(MemoryError, match="full"):
        run.read(0, [3] * 1900, 5, options)  # 256 bytes each: 2 layers, keys and values of 16 numbers
    assert max(told) > limit
    again = run.read(0, PROMPT[-1:], 4, options)  # and what is in the cache is still there
    assert np.abs(again - logits).max() < 1e-4
