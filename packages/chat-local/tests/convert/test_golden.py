"""Converted models answer as transformers does, token for token."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tinyweights import CONFIGS, PROMPTS, write_model

from chat_local.convert.converting import convert
from chat_local.engine import runtime
from chat_local.engine.graph import runner
from chat_local.engine.runtime import Settings
from chat_local.engine.shared import Shared

if TYPE_CHECKING:
    from chat_local.convert.graphs import Bits
    from chat_local.engine.graph import Runner

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text(encoding="utf-8"))["answers"]


def converted(folder: Path, name: str, bits: Bits, kind: str = "F32", *, half: bool = False) -> Runner:
    write_model(folder / "source", name, kind=kind)
    (folder / "source" / "tokenizer.json").write_text("{}", encoding="utf-8")
    graph = convert(folder / "source", folder / "made", bits=bits, half=half)
    loaded = runtime.load(graph, Settings(device="cpu", threads=1))
    made = runner(loaded, rows=4, longest=256)
    assert isinstance(made, Shared)
    return made


@pytest.mark.parametrize("name", CONFIGS)
def test_a_converted_model_answers_as_transformers_does(tmp_path: Path, name: str) -> None:
    run = converted(tmp_path, name, 32)
    for prompt, expected in zip(PROMPTS, GOLDEN[name], strict=True):
        ids = list(prompt)
        logits = run.read(0, ids, 0, runtime.run_options())
        while len(ids) < len(prompt) + len(expected):
            ids.append(int(logits.argmax()))
            logits = run.step([ids[-1]], [len(ids) - 1])[0]
        assert ids[len(prompt) :] == expected


@pytest.mark.parametrize("kind", ["BF16", "F16"])
def test_half_floats_are_read(tmp_path: Path, kind: str) -> None:
    whole = converted(tmp_path / "whole", "llama", 32).read(0, PROMPTS[0], 0, runtime.run_options())
    half = converted(tmp_path / "half", "llama", 32, kind).read(0, PROMPTS[0], 0, runtime.run_options())
    assert np.corrcoef(whole, half)[0, 1] > 0.999


@pytest.mark.parametrize(
    ("bits", "half", "alike"), [(16, False, 0.9999), (8, False, 0.998), (4, False, 0.9), (4, True, 0.9)]
)
def test_few_bits_give_nearly_the_same_logits(tmp_path: Path, bits: Bits, half: bool, alike: float) -> None:
    for name in ("llama", "qwen2", "qwen3"):
        whole = converted(tmp_path / f"{name}-whole", name, 32).read(0, PROMPTS[0], 0, runtime.run_options())
        few = converted(tmp_path / name, name, bits, half=half).read(0, PROMPTS[0], 0, runtime.run_options())
        assert np.corrcoef(whole, few)[0, 1] > alike


@pytest.mark.parametrize("name", ["llama", "mistral-window", "qwen2", "qwen3"])
def test_answers_that_come_and_go_are_those_of_transformers(tmp_path: Path, name: str) -> None:
    run = converted(tmp_path, name, 32)
    wanted = {number: 20 + 16 * number for number in range(len(PROMPTS))}  # the first leaves early
    made: dict[int, list[int]] = {}
    rows: list[int] = []
    waiting = list(wanted)
    while rows or waiting:
        if waiting and (not rows or len(made[rows[0]]) % 4 == 0):  # one more joins while the others write
            number = waiting.pop(0)
            run.hold(len(rows) + 1)
            made[number] = [int(run.read(len(rows), PROMPTS[number], 0, runtime.run_options()).argmax())]
            rows.append(number)
        pasts = [len(PROMPTS[number]) + len(made[number]) - 1 for number in rows]
        for number, logits in zip(rows, run.step([made[number][-1] for number in rows], pasts), strict=True):
            made[number].append(int(logits.argmax()))
        for row in reversed(range(len(rows))):
            if len(made[rows[row]]) >= wanted[rows[row]]:
                last = len(rows) - 1
                run.swap(row, last, 256)
                rows[row], rows[last] = rows[last], rows[row]
                rows.pop()
    assert made == {number: GOLDEN[name][number][: wanted[number]] for number in wanted}


@pytest.mark.parametrize("name", CONFIGS)
def test_prompts_of_different_lengths_that_are_read_in_one_run_go_on_as_transformers_does(
    tmp_path: Path, name: str
) -> None:
    run = converted(tmp_path, name, 32)
    assert run.ragged
    given = (0, 9, 3)
    known = [[*prompt, *GOLDEN[name][number][: given[number]]] for number, prompt in enumerate(PROMPTS)]
    pasts = [len(ids) for ids in known]
    logits = run.read_together(0, known, runtime.run_options())
    for _ in range(40):
        for ids, row in zip(known, logits, strict=True):
            ids.append(int(row.argmax()))
        logits = run.step([ids[-1] for ids in known], [len(ids) - 1 for ids in known])
    for number, (ids, past) in enumerate(zip(known, pasts, strict=True)):
        assert ids[past:] == GOLDEN[name][number][given[number] :][:40]
