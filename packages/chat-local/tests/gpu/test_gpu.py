"""What only a GPU can show: `pytest -s -m gpu packages/chat-local/tests/gpu`, which prints figures and takes minutes.

The environment variable `CHAT_LOCAL_TEST_DEVICE=cpu` tries the tests themselves where there is none.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from goldenservice import GOLDEN, Service
from tinygraphs import Tiny, greedy, resident, write
from tinymodel import asking, write_model
from tinyweights import CONFIGS, PROMPTS, write_safetensors
from tinyweights import write_model as write_weights

from chat_core import Chat
from chat_local import layout
from chat_local.convert.converting import convert
from chat_local.engine import cuda, runtime
from chat_local.engine.graph import runner
from chat_local.engine.loaded import Models
from chat_local.engine.resident import Resident
from chat_local.engine.rows import common
from chat_local.engine.runtime import Settings
from chat_local.transport import LocalTransport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_local.convert.graphs import Bits
    from chat_local.engine.graph import Runner
    from chat_local.engine.runtime import Loaded

DEVICE = os.environ.get("CHAT_LOCAL_TEST_DEVICE", "cuda")
ON_GPU = DEVICE != "cpu"


def missing() -> str | None:
    """Say why there is no GPU; without a driver, nothing has to be loaded to see that."""
    if not ON_GPU:
        return None
    return "no NVIDIA driver" if cuda.driver() is None else runtime.why_no_cuda() or runtime.unusable(0)


pytestmark = [pytest.mark.gpu, pytest.mark.skipif(missing() is not None, reason=f"no GPU that works: {missing()}")]
gpu_only = pytest.mark.skipif(not ON_GPU, reason="the CPU has none of this")

HALF = Tiny(half=True)

LARGE = Tiny(
    vocabulary=32_000, width=1024, layers=12, heads=16, kv_heads=4, head=64, inner=2816, longest=9216, half=True
)
"""About 200 million weights: enough for figures that mean something."""

SMALLER = replace(LARGE, vocabulary=1000, width=128, layers=2, heads=2, kv_heads=1, inner=256)


@pytest.fixture(autouse=True)
def asked_for(request: pytest.FixtureRequest) -> None:
    if "gpu" not in (request.config.option.markexpr or ""):
        pytest.skip("only on demand: pytest -m gpu")


def told(request: pytest.FixtureRequest, **figures: object) -> None:
    """Report figures."""
    reporter: Any = request.config.pluginmanager.get_plugin("terminalreporter")
    reporter.write_line(f"{request.node.name}: {json.dumps(figures)}")


def loaded(folder: Path, tiny: Tiny, *, steps: bool = True) -> Loaded:
    write(folder / "model.onnx", tiny, "shared")
    return runtime.load(folder / "model.onnx", Settings(device=DEVICE), steps=steps)


def converted(folder: Path, name: str, bits: Bits) -> Runner:
    write_weights(folder / "source", name)
    (folder / "source" / "tokenizer.json").write_text("{}", encoding="utf-8")
    graph = convert(folder / "source", folder / f"made{bits}", bits=bits)
    return runner(runtime.load(graph, Settings(device=DEVICE), steps=True), rows=4, longest=256)


# 1 The provider


@gpu_only
def test_a_graph_of_halves_runs_on_the_gpu_alone_and_copies_nothing(tmp_path: Path) -> None:
    write(tmp_path / "model.onnx", HALF, "shared")
    ort = runtime.module()
    how = ort.SessionOptions()
    how.enable_profiling, how.profile_file_prefix = True, str(tmp_path / "profile")
    providers = [("CUDAExecutionProvider", cuda.options(0)), "CPUExecutionProvider"]
    session = ort.InferenceSession(str(tmp_path / "model.onnx"), sess_options=how, providers=providers)
    assert session.get_providers()[0] == "CUDAExecutionProvider"
    run = resident(runtime.Loaded(session, runtime.Device("cuda")), rows=2, longest=64)
    run.read(0, [1, 2, 3], 0, runtime.run_options())
    run.step([4], [3])
    nodes = [event for event in json.loads(Path(session.end_profiling()).read_text()) if event.get("cat") == "Node"]
    assert not [node["name"] for node in nodes if "Memcpy" in node["name"]]
    attention = [node["args"] for node in nodes if node.get("args", {}).get("op_name") == "GroupQueryAttention"]
    assert attention
    assert {node["provider"] for node in attention} == {"CUDAExecutionProvider"}


@gpu_only
def test_steps_are_recorded(tmp_path: Path) -> None:
    made = loaded(tmp_path, HALF)
    assert made.recorded
    run = runner(made, rows=2, longest=64)
    assert isinstance(run, Resident)
    run.read(0, [1, 2, 3], 0, runtime.run_options())
    for past in range(3, 9):  # the first is recorded, the others are played
        run.step([past], [past])
    assert run._recorded  # pyright: ignore[reportPrivateUsage] - else a warning would have been an error, too


# 2 Libraries


@gpu_only
@pytest.mark.parametrize("first", ["", "import torch"])
def test_the_libraries_are_found_with_and_without_torch(tmp_path: Path, first: str) -> None:
    if first:
        pytest.importorskip("torch")
    write(tmp_path / "model.onnx", HALF, "shared")
    program = f"""
{first}
from pathlib import Path
from chat_local.engine import runtime
print(runtime.load(Path({str(tmp_path / "model.onnx")!r}), runtime.Settings(device="cuda")).device)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout == "cuda\n", done.stderr


# 3 The same tokens


@pytest.mark.parametrize("name", CONFIGS)
def test_whole_floats_give_the_tokens_of_transformers(tmp_path: Path, name: str) -> None:
    run = converted(tmp_path, name, 32)
    for prompt, expected in zip(PROMPTS, GOLDEN[name], strict=True):
        ids = list(prompt)
        logits = run.read(0, ids, 0, runtime.run_options())
        while len(ids) < len(prompt) + len(expected):
            ids.append(int(logits.argmax()))
            logits = run.step([ids[-1]], [len(ids) - 1])[0]
        assert ids[len(prompt) :] == expected


@pytest.mark.parametrize("name", CONFIGS)
def test_halves_give_nearly_all_of_them(tmp_path: Path, name: str) -> None:
    run, whole = converted(tmp_path, name, 16), converted(tmp_path, name, 32)
    alike: list[bool] = []
    for prompt, expected in zip(PROMPTS, GOLDEN[name], strict=True):
        logits, exact = (each.read(0, prompt, 0, runtime.run_options()).copy() for each in (run, whole))
        for past, token in enumerate(expected, len(prompt)):  # each is given the golden tokens before it
            alike.append(int(logits.argmax()) == token)
            assert np.corrcoef(logits, exact)[0, 1] > 0.999
            logits, exact = (each.step([token], [past])[0].copy() for each in (run, whole))
    assert np.mean(alike) >= 0.95


# 4 Rows of one buffer


@pytest.mark.parametrize("name", CONFIGS)
def test_answers_that_come_and_go_are_those_of_transformers(tmp_path: Path, name: str) -> None:
    service = Service(tmp_path, name, device=DEVICE, bits=16)
    waiting = [service.ask(number % 3, given=number, count=30) for number in range(12)]
    waiting[3].ticket.cancel()
    kept: list[float] = []
    for asked in waiting:
        tokens, end = service.said(asked)
        assert end.reason == ("cancelled" if asked is waiting[3] else "length")
        golden = service.golden[asked.prompt][asked.given : asked.given + len(tokens)]
        kept += [common(tokens, golden) / len(tokens)] if tokens else []
    service.scheduler.close()
    assert np.mean(kept) > 0.8  # halves may draw another token, and go on from there; a row that is mixed up keeps none


def test_rows_are_parts_of_one_buffer_that_grows(tmp_path: Path) -> None:
    run = resident(loaded(tmp_path, HALF), rows=4, longest=2048)
    options = runtime.run_options()
    prompts = [[5, 9, 33, 2, 71], [1, 2, 3], [7, 8, 8, 8]]
    first = [row.copy() for row in run.read_together(0, prompts, options)]
    run.copy(0, 3, 0, 5)
    run.swap(0, 2, 5)
    run.read(1, [3] * 700, 3, options)  # the buffer doubles
    found = run.step([4, 4, 4, 4], [4, 703, 5, 5])
    assert np.abs(found[2] - found[3]).max() < 0.1  # what was swapped, and what was copied
    again = run.read(0, prompts[2][-1:], 3, options)
    assert np.abs(again - first[2]).max() < 0.1


# 5 Figures


@pytest.mark.parametrize("steps", [True, False], ids=["recorded", "one by one"])
def test_figures_of_speed(tmp_path: Path, request: pytest.FixtureRequest, steps: bool) -> None:
    run = runner(loaded(tmp_path, LARGE if ON_GPU else SMALLER, steps=steps), rows=32, longest=9216)
    figures: dict[str, float] = {}
    for length in (1024, 8192):
        for _ in range(2):  # the first one is warmer afterwards
            began = time.perf_counter()
            for past in range(0, length, 128):
                run.read(0, [3 + past % 90] * 128, past, runtime.run_options())
            figures[f"first_token_at_{length}_ms"] = round(1000 * (time.perf_counter() - began), 1)
    for rows in (1, 8, 32):
        run.hold(rows)
        run.step([5] * rows, [100] * rows)
        began = time.perf_counter()
        for step in range(64):
            run.step([5 + step] * rows, [101 + step] * rows)
        figures[f"tokens_per_second_of_{rows}"] = round(64 * rows / (time.perf_counter() - began))
    told(request, **figures)
    assert min(figures.values()) > 0


# 6 Vectors


def write_encoder(folder: Path) -> None:
    draw = np.random.default_rng(3)
    config = {
        "model_type": "bert", "architectures": ["BertModel"], "vocab_size": 96, "hidden_size": 64,
        "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128, "hidden_act": "gelu",
        "max_position_embeddings": 512, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0,
    }  # fmt: skip
    write_model(folder)
    (folder / "model.onnx").unlink()
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    shapes: dict[str, tuple[int, ...]] = {
        **{f"embeddings.{name}_embeddings.weight": (rows, 64) for name, rows in
           (("word", 96), ("position", 512), ("token_type", 2))},
        "embeddings.LayerNorm.weight": (64,), "embeddings.LayerNorm.bias": (64,),
    }  # fmt: skip
    for layer in range(2):
        at = f"encoder.layer.{layer}"
        squares = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
        sizes = {**dict.fromkeys(squares, (64, 64)), "intermediate.dense": (128, 64), "output.dense": (64, 128)}
        norms = ("attention.output.LayerNorm", "output.LayerNorm")
        shapes |= {f"{at}.{name}.weight": shape for name, shape in sizes.items()}
        shapes |= {f"{at}.{name}.bias": shape[:1] for name, shape in sizes.items()}
        shapes |= {f"{at}.{name}.{what}": (64,) for name in norms for what in ("weight", "bias")}
    tensors = {name: draw.normal(0, 0.2, shape).astype(np.float32) for name, shape in shapes.items()}
    write_safetensors(folder / "model.safetensors", tensors)
    convert(folder, folder)


def test_vectors_are_those_of_the_cpu_at_every_budget(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    write_encoder(tmp_path)
    texts = [f"text {number} " * (1 + number % 20) for number in range(400)]
    figures: dict[str, float] = {}

    def vectors(device: str, budget: int) -> np.ndarray:
        began = time.perf_counter()
        found = Chat(f"local:{tmp_path}").embed(texts, extra={"options": {"device": device, "batch_tokens": budget}})
        figures[f"{device}_at_{budget}_texts_per_second"] = round(len(texts) / (time.perf_counter() - began))
        made = np.asarray(found.vectors, np.float32)
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        return made

    known = vectors("cpu", 1024)
    for budget in (4096, 16_384, 65_536):
        vectors(DEVICE, budget)
        assert (known * vectors(DEVICE, budget)).sum(1).min() > 0.9999
    told(request, **figures)


# 7 Ending


def test_reading_a_prompt_is_ended_from_another_thread(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    run = runner(loaded(tmp_path, LARGE if ON_GPU else SMALLER), rows=1, longest=9216)
    options = runtime.run_options()
    ended: list[float] = []

    def read() -> None:
        try:
            for _ in range(5000):
                run.read(0, [3] * 1024, 0, options)
        except Exception:  # noqa: BLE001 - onnxruntime's own
            ended.append(time.perf_counter())

    thread = threading.Thread(target=read)
    thread.start()
    time.sleep(0.5)
    began = time.perf_counter()
    options.terminate = True
    thread.join(timeout=30)
    told(request, ended_after_ms=round(1000 * (ended[0] - began), 1))
    assert ended[0] - began < 1
    assert np.isfinite(run.read(0, [1, 2, 3], 0, runtime.run_options())).all()


# 8 Memory


def test_a_cache_that_does_not_fit_is_an_error_and_what_is_there_goes_on(tmp_path: Path) -> None:
    run = resident(loaded(tmp_path, HALF), rows=1 << 40, longest=2048)
    first = run.read(0, [5, 9, 33], 0, runtime.run_options()).copy()
    with pytest.raises(MemoryError, match=f"{DEVICE} has no memory"):
        run.hold(1 << 36)
    assert np.abs(run.read(0, [33], 2, runtime.run_options()) - first).max() < 0.05


# 9 Falling back


@gpu_only
@pytest.mark.parametrize(("device", "said"), [("auto", "cpu"), ("cuda", "cuda cannot be used")])
def test_a_gpu_that_cannot_be_used_is_said(tmp_path: Path, device: str, said: str) -> None:
    write(tmp_path / "model.onnx", HALF, "shared")
    program = f"""
import warnings
from pathlib import Path
from chat_local.engine import runtime
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    try:
        for _ in range(3):
            made = runtime.load(Path({str(tmp_path / "model.onnx")!r}), runtime.Settings(device={device!r}))
        print(made.device, len(caught))
    except Exception as error:
        print(error, len(caught))
"""
    hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=hidden, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout.startswith(said), done.stderr
    assert done.stdout.split()[-1] == ("1" if device == "auto" else "0")


# 10 Unloading


@gpu_only
def test_a_model_that_is_unloaded_gives_its_memory_back(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = write_model(tmp_path, LARGE, context=9216)
    left: list[int | None] = []
    for _ in range(2):  # what the driver and the libraries take is taken by the first
        models = Models()
        model = models.get(layout.read(folder), Settings(device="cuda"), rows=8)
        left.append(cuda.free(0))
        models.close()
        del model, models
        gc.collect()
        left.append(cuda.free(0))
    told(request, free=left)
    assert None not in left
    loaded_, unloaded = left[2:]
    assert unloaded is not None
    assert loaded_ is not None
    assert unloaded - loaded_ > 300_000_000
    assert left[1] is not None
    assert abs(unloaded - left[1]) < 50_000_000


def test_an_answer_says_where_it_was_made(tmp_path: Path) -> None:
    folder, transport = write_model(tmp_path, HALF), LocalTransport()
    reply = json.loads(transport.send(asking(folder, device=DEVICE), None).body)
    transport.close()
    assert reply["events"][0]["start"]["device"] == DEVICE


def test_a_whole_answer_is_that_of_the_reference(tmp_path: Path) -> None:
    prompts: Sequence[Sequence[int]] = [[5, 9, 33, 2, 71], [1, 2, 3]]
    run = runner(loaded(tmp_path, HALF), rows=2, longest=64)
    logits = run.read_together(0, prompts, runtime.run_options())
    known = [list(prompt) for prompt in prompts]
    for _ in range(12):
        for ids, row in zip(known, logits, strict=True):
            ids.append(int(row.argmax()))
        logits = run.step([ids[-1] for ids in known], [len(ids) - 1 for ids in known])
    assert [ids[len(prompt) :] for ids, prompt in zip(known, prompts, strict=True)] == [
        greedy(Tiny(), prompt, 12) for prompt in prompts
    ]
