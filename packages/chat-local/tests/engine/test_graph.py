"""Both kinds of graphs give the same logits as a computation from the beginning."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import onnx
import pytest
from tinygraphs import Tiny, greedy, reference, resident, write

from chat_core.errors import UnsupportedContent
from chat_local.engine import runtime
from chat_local.engine.concat import Concat
from chat_local.engine.graph import alike, runner
from chat_local.engine.runtime import Settings
from chat_local.engine.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chat_local.engine.graph import Runner

    Room = Callable[[int], None]

Kind: TypeAlias = Literal["shared", "resident", "recorded", "concat"]

TINY = Tiny()
PROMPT = [5, 9, 33, 2, 71]


KINDS: list[Kind] = ["shared", "resident", "recorded", "concat"]
SHARING = KINDS[:3]


def made(
    folder: Path, kind: Kind, *, tiny: Tiny = TINY, rows: int = 4, longest: int = 2048, room: Room = lambda _: None
) -> Runner:
    path = folder / "model.onnx"
    write(path, tiny, "concat" if kind == "concat" else "shared")
    loaded = runtime.load(path, Settings(device="cpu", threads=1))
    if kind in {"resident", "recorded"}:  # on the CPU nothing is recorded, but all steps have the form that could be
        return resident(replace(loaded, recorded=kind == "recorded"), rows=rows, longest=longest, room=room)
    return runner(loaded, rows=rows, longest=longest, room=room)


def test_the_kind_is_found_by_trying(tmp_path: Path) -> None:
    assert type(made(tmp_path, "shared")) is Shared
    assert type(made(tmp_path, "concat")) is Concat


def test_logits_that_were_rounded_are_alike_and_those_of_another_past_are_not() -> None:
    draw = np.random.default_rng(3)
    logits = draw.normal(0, 6, 32_000)
    rounded = (logits + draw.normal(0, 0.1, 32_000)).astype(np.float16)
    assert alike(rounded, logits.astype(np.float16))
    assert not alike((logits + draw.normal(0, 0.6, 32_000)).astype(np.float16), logits.astype(np.float16))
    assert not alike(np.full(8, np.nan, np.float16), np.full(8, np.nan, np.float16))


def test_a_cache_that_grows_is_never_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, given = made(tmp_path, "concat"), list[str]()
    session: Any = vars(run)["_session"]

    class Watched:
        def run(self, names: list[str], feed: dict[str, Any], options: Any) -> Any:
            given.append(options.get_run_config_entry("gpu_graph_id"))
            return session.run(names, feed, options)

    monkeypatch.setattr(run, "_session", Watched())
    run.read(0, PROMPT, 0, runtime.run_options())
    run.step([4], [5])
    assert given == ["-1", "-1"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_prompt_read_in_chunks_and_steps_equals_the_reference(tmp_path: Path, kind: Kind) -> None:
    run, options = made(tmp_path, kind), runtime.run_options()
    run.read(0, PROMPT[:3], 0, options)
    logits = run.read(0, PROMPT[3:], 3, options)
    known = [*PROMPT]
    for _ in range(8):
        assert np.abs(logits - reference(TINY, known)[-1]).max() < 1e-4
        known.append(int(logits.argmax()))
        logits = run.step([known[-1]], [len(known) - 1])[0]
    assert known[len(PROMPT) :] == greedy(TINY, PROMPT, 8)


@pytest.mark.parametrize("kind", SHARING)
def test_rows_of_different_lengths_step_together(tmp_path: Path, kind: Kind) -> None:
    run, options = made(tmp_path, kind), runtime.run_options()
    prompts = [PROMPT, PROMPT[:2], [1], [*PROMPT, 4, 4]]
    for row, prompt in enumerate(prompts):
        run.read(row, prompt, 0, options)
    together = run.step([7, 8, 9, 10], [len(prompt) for prompt in prompts])
    for row, (prompt, token) in enumerate(zip(prompts, [7, 8, 9, 10], strict=True)):
        assert np.abs(together[row] - reference(TINY, [*prompt, token])[-1]).max() < 1e-4


@pytest.mark.parametrize("kind", SHARING)
def test_prompts_of_different_lengths_are_read_together(tmp_path: Path, kind: Kind) -> None:
    run, options = made(tmp_path, kind), runtime.run_options()
    assert run.ragged
    prompts = [PROMPT, PROMPT[:2], [1], [*PROMPT, 4, 4]]
    run.read(0, [9, 9], 0, options)
    together = run.read_together(1, prompts[1:], options).copy()
    for row, prompt in enumerate(prompts[1:]):
        assert np.abs(together[row] - reference(TINY, prompt)[-1]).max() < 1e-4
    found = run.step([7, 7, 8, 9], [2, *(len(prompt) for prompt in prompts[1:])])
    for row, known in enumerate([[9, 9, 7], [*prompts[1], 7], [*prompts[2], 8], [*prompts[3], 9]]):
        assert np.abs(found[row] - reference(TINY, known)[-1]).max() < 1e-4


@pytest.mark.parametrize("kind", SHARING)
def test_swapped_rows_keep_their_past(tmp_path: Path, kind: Kind) -> None:
    run, options = made(tmp_path, kind), runtime.run_options()
    run.read(0, PROMPT, 0, options)
    run.read(2, [3, 4], 0, options)
    run.swap(0, 2, len(PROMPT))
    found = run.step([7, 7, 7], [2, 0, 5])
    assert np.abs(found[0] - reference(TINY, [3, 4, 7])[-1]).max() < 1e-4
    assert np.abs(found[2] - reference(TINY, [*PROMPT, 7])[-1]).max() < 1e-4


@pytest.mark.parametrize("kind", SHARING)
def test_a_buffer_grows_with_what_is_in_it(tmp_path: Path, kind: Kind) -> None:
    run, options = made(tmp_path, kind, rows=2, longest=1200), runtime.run_options()
    long = [int(token) for token in np.random.default_rng(1).integers(0, 96, 700)]
    run.read(0, long[:500], 0, options)
    run.read(1, PROMPT, 0, options)
    logits = run.read(0, long[500:], 500, options)
    assert np.abs(logits - reference(TINY, long)[-1]).max() < 1e-3
    assert np.abs(run.step([1, 7], [700, 5])[1] - reference(TINY, [*PROMPT, 7])[-1]).max() < 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_a_cache_is_rewound_by_reading_on_from_an_earlier_place(tmp_path: Path, kind: Kind) -> None:
    run, options = made(tmp_path, kind), runtime.run_options()
    run.read(0, [*PROMPT, 11, 12, 13], 0, options)
    logits = run.read(0, [44, 45], len(PROMPT), options)
    assert np.abs(logits - reference(TINY, [*PROMPT, 44, 45])[-1]).max() < 1e-4


@pytest.mark.parametrize("kind", SHARING)
def test_a_copied_beginning_is_as_good_as_one_that_was_read(tmp_path: Path, kind: Kind) -> None:
    run, options = made(tmp_path, kind), runtime.run_options()
    run.read(0, PROMPT, 0, options)
    run.read(1, PROMPT[:2], 0, options)
    run.copy(0, 1, 2, 4)
    assert np.abs(run.read(1, [7], 4, options) - reference(TINY, [*PROMPT[:4], 7])[-1]).max() < 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_a_cache_asks_for_room_before_it_grows(tmp_path: Path, kind: Kind) -> None:
    limit, told = 400_000, list[int]()

    def room(wanted: int) -> None:
        told.append(wanted)
        if wanted > limit:
            raise MemoryError("full")

    run = made(tmp_path, kind, room=room)
    options = runtime.run_options()
    logits = run.read(0, PROMPT, 0, options).copy()
    with pytest.raises(MemoryError, match="full"):
        run.read(0, [3] * 1900, 5, options)  # 256 bytes each: 2 layers, keys and values of 16 numbers
    assert max(told) > limit
    again = run.read(0, PROMPT[-1:], 4, options)  # and what is in the cache is still there
    assert np.abs(again - logits).max() < 1e-4


@pytest.mark.parametrize("kind", SHARING)
def test_a_cache_of_halves_gives_nearly_the_same_logits(tmp_path: Path, kind: Kind) -> None:
    run, options = made(tmp_path, kind, tiny=replace(TINY, half=True)), runtime.run_options()
    rows = [PROMPT, [*PROMPT, 4], PROMPT[:4]]
    found = run.read_together(0, rows, options)
    assert found.dtype == np.float32
    for row, known in zip(found, rows, strict=True):
        assert np.abs(row - reference(TINY, known)[-1]).max() < 0.2
    run.copy(1, 3, 0, 6)
    run.swap(0, 3, 6)
    for row, known in zip(run.step([7, 7], [6, 6]), [rows[1], rows[1]], strict=True):
        assert np.abs(row - reference(TINY, [*known, 7])[-1]).max() < 0.2


class _NeverRecords:
    """A session that refuses to record."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run_with_iobinding(self, binding: Any, options: Any) -> None:
        if options.get_run_config_entry("gpu_graph_id") != "-1":
            raise RuntimeError("this stream cannot be captured")
        self._session.run_with_iobinding(binding, options)


def test_steps_that_cannot_be_recorded_are_made_one_by_one_which_is_said_once(tmp_path: Path) -> None:
    write(tmp_path / "model.onnx", TINY, "shared")
    loaded = runtime.load(tmp_path / "model.onnx", Settings(device="cpu", threads=1))
    refuses: Any = _NeverRecords(loaded.session)
    run = resident(replace(loaded, session=refuses, recorded=True), rows=2, longest=64)
    run.read(0, PROMPT, 0, runtime.run_options())
    with pytest.warns(UserWarning, match="not recorded, and so are slower: this stream cannot be captured") as told:
        found = [run.step([token], [past])[0].copy() for token, past in ((7, 5), (8, 6))]
    assert len(told) == 1
    assert np.abs(found[0] - reference(TINY, [*PROMPT, 7])[-1]).max() < 1e-4
    assert np.abs(found[1] - reference(TINY, [*PROMPT, 7, 8])[-1]).max() < 1e-4


def test_a_head_size_that_the_graph_leaves_open_is_that_of_the_models_description(tmp_path: Path) -> None:
    write(tmp_path / "model.onnx", TINY, "shared")
    graph = onnx.ModelProto.FromString((tmp_path / "model.onnx").read_bytes())
    for value in (*graph.graph.input, *graph.graph.output):
        if len(value.type.tensor_type.shape.dim) == 4:
            value.type.tensor_type.shape.dim[3].dim_param = "kv_cache_dim"
    (tmp_path / "model.onnx").write_bytes(graph.SerializeToString())
    loaded = runtime.load(tmp_path / "model.onnx", Settings(device="cpu", threads=1))
    with pytest.raises(UnsupportedContent, match="does not say how large its cache is"):
        runner(loaded, rows=1, longest=64)
    logits = runner(loaded, rows=1, longest=64, head=16).read(0, PROMPT, 0, runtime.run_options())
    assert np.abs(logits - reference(TINY, PROMPT)[-1]).max() < 1e-4
