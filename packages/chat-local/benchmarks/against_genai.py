"""Measures the engine against onnxruntime-genai on the same graphs, the two taking turns.

Run it in an environment with chat-local[cpu,convert] and onnxruntime-genai:

    python packages/chat-local/benchmarks/against_genai.py --rounds 5

On a GPU, with chat-local[cuda,convert] and onnxruntime-genai-cuda, `--device cuda`: a larger model, in halves.

Law: both run the same graph on one thread, greedily, in processes of their own that live as long as the run and take
turns, so that whatever else the machine does is shared. What counts is the processor's time, on a GPU the time by the
clock, and of that the middle one of the rounds; both have to give the same tokens, which is said where they do not. A
ratio above 1 says that the engine is faster.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CONFIG: dict[str, Any] = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 32000, "hidden_size": 512,
    "intermediate_size": 1408, "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 4,
    "head_dim": 64, "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu",
    "tie_word_embeddings": False, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
"""The model that is measured: 56 million weights of chance, of the shape of a Llama."""

LARGER: dict[str, Any] = {
    **CONFIG, "hidden_size": 1024, "intermediate_size": 2816, "num_hidden_layers": 12, "num_attention_heads": 16,
}  # fmt: skip
"""The one for a GPU: 200 million weights."""

CONFIGS = {"cpu": CONFIG, "cuda": LARGER}
CLOCKS = {"cpu": time.process_time, "cuda": time.perf_counter}
BITS = {"cpu": (32, 4), "cuda": (16, 4)}

Measured = tuple[list[list[int]], float, float]
"""The tokens of each answer, seconds until the first ones, seconds for the others."""


@dataclass(frozen=True)
class Case:
    """What is measured: a prompt of so many tokens, an answer of so many, so many at once."""

    name: str
    prompt: int
    answer: int
    batch: int

    @property
    def prompts(self) -> list[list[int]]:
        """The prompts: one another for each answer, the same every time."""
        found: list[list[int]] = np.random.default_rng(7).integers(3, 32000, (self.batch, self.prompt)).tolist()
        return found


CASES = (Case("short", 16, 64, 1), Case("1k context", 1024, 48, 1), Case("batch of 8", 16, 32, 8))


def write_models(folder: Path, device: str) -> None:
    """Write the model as fp32 and int4, for a GPU in halves; with what onnxruntime-genai wants to know about it."""
    from chat_local.convert.converting import convert  # noqa: PLC0415 - by the process that measures only

    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "convert"))
    from tinyweights import tensors, write_safetensors  # noqa: PLC0415 - as above

    source, config = folder / "source", CONFIGS[device]
    source.mkdir(parents=True)
    (source / "config.json").write_text(json.dumps(config))
    (source / "tokenizer.json").write_text("{}")
    write_safetensors(source / "model.safetensors", tensors(config))
    for bits in BITS[device]:
        graph = convert(source, folder / f"int{bits}", bits=bits, half=device == "cuda" and bits == 4)  # noqa: PLR2004 - of a weight
        (graph.parent / "genai_config.json").write_text(json.dumps(_described(graph.name, config, device)))


def _described(graph: str, config: dict[str, Any], device: str) -> dict[str, Any]:
    providers = [] if device == "cpu" else [{"cuda": {"enable_cuda_graph": "0"}}]  # as its own builder writes it
    decoder = {
        "session_options": {"log_id": "genai", "provider_options": providers, "intra_op_num_threads": 1},
        "filename": graph,
        "head_size": config["head_dim"],
        "hidden_size": config["hidden_size"],
        "num_attention_heads": config["num_attention_heads"],
        "num_key_value_heads": config["num_key_value_heads"],
        "num_hidden_layers": config["num_hidden_layers"],
        "inputs": {
            "input_ids": "input_ids",
            "attention_mask": "attention_mask",
            "past_key_names": "past_key_values.%d.key",
            "past_value_names": "past_key_values.%d.value",
        },
        "outputs": {
            "logits": "logits",
            "present_key_names": "present.%d.key",
            "present_value_names": "present.%d.value",
        },
    }
    model = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2, "context_length": 2048, "vocab_size": 32000}
    search = {"do_sample": False, "max_length": 2048, "past_present_share_buffer": True}
    return {"model": {**model, "type": "llama", "decoder": decoder}, "search": search}


def engine(folder: Path, device: str) -> Callable[[Case], Measured]:
    """Return what measures this package's engine, sampling included."""
    from chat_local.engine import runtime  # noqa: PLC0415 - only one of the two is loaded in a process
    from chat_local.engine.graph import runner  # noqa: PLC0415 - as above
    from chat_local.engine.sampling import Sampler, Sampling  # noqa: PLC0415 - as above
    from chat_local.engine.scheduler import CHUNKS  # noqa: PLC0415 - as above

    (graph,) = folder.glob("*.onnx")
    loaded = runtime.load(graph, runtime.Settings(device=device, threads=1), steps=True)
    clock = CLOCKS[device]
    run = runner(loaded, rows=8, longest=2048)

    def measure(case: Case) -> Measured:
        began, samplers = clock(), [Sampler(Sampling(), ()) for _ in range(case.batch)]
        answers = [[sampler.draw(logits).token] for sampler, logits in zip(samplers, read(case), strict=True)]
        first = clock()
        for step in range(case.answer - 1):
            found = run.step([answer[-1] for answer in answers], [case.prompt + step] * case.batch)
            for answer, sampler, logits in zip(answers, samplers, found, strict=True):
                answer.append(sampler.draw(logits).token)
        return answers, first - began, clock() - first

    def read(case: Case) -> Sequence[Any]:
        """Read the prompts as the scheduler does: short ones together, a long one in chunks."""
        if case.batch * case.prompt <= CHUNKS[device]:
            return run.read_together(0, case.prompts, runtime.run_options())
        found = []
        for row, prompt in enumerate(case.prompts):
            logits = np.empty(0, np.float32)
            for past in range(0, case.prompt, CHUNKS[device]):
                logits = run.read(row, prompt[past : past + CHUNKS[device]], past, runtime.run_options())
            found.append(logits.copy())
        return found

    return measure


def genai(folder: Path, device: str) -> Callable[[Case], Measured]:
    """Return what measures onnxruntime-genai."""
    import onnxruntime_genai as og  # noqa: PLC0415 - as above

    model, clock = og.Model(str(folder)), CLOCKS[device]

    def measure(case: Case) -> Measured:
        began, params = clock(), og.GeneratorParams(model)
        params.set_search_options(max_length=case.prompt + case.answer + 1, do_sample=False, batch_size=case.batch)
        generator = og.Generator(model, params)
        generator.append_tokens(np.array(case.prompts, np.int32))
        generator.generate_next_token()
        first, said = clock(), [generator.get_next_tokens().tolist()]
        for _ in range(case.answer - 1):
            generator.generate_next_token()
            said.append(generator.get_next_tokens().tolist())
        answers = [list(answer) for answer in zip(*said, strict=True)]
        return answers, first - began, clock() - first

    return measure


def serve(which: str, folder: Path, device: str) -> None:
    """Measure the cases that are asked for on standard input, one a line."""
    measure = {"engine": engine, "genai": genai}[which](folder, device)
    for line in sys.stdin:
        print(json.dumps(measure(CASES[int(line)])), flush=True)


class Measurer:
    """A process that measures one of the two."""

    def __init__(self, which: str, folder: Path, device: str) -> None:
        """Start it."""
        self._process = subprocess.Popen(  # noqa: S603 - this file again
            [sys.executable, __file__, "--serve", which, "--folder", str(folder), "--device", device],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "ORT_DISABLE_TELEMETRY": "1"},
        )

    def measure(self, case: int) -> Measured:
        """Measure one case once."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process has no pipes")
        self._process.stdin.write(f"{case}\n")
        self._process.stdin.flush()
        tokens, first, others = json.loads(self._process.stdout.readline())
        return tokens, first, others

    def end(self) -> None:
        """Let it end."""
        self._process.communicate()


def compare(folder: Path, rounds: int, device: str) -> None:
    """Print what both take for each case, and the ratios."""
    for bits in BITS[device]:
        both = [Measurer(which, folder / f"int{bits}", device) for which in ("engine", "genai")]
        for number, case in enumerate(CASES):
            for each in both:
                each.measure(number)  # the first one is warmer afterwards
            found = [[each.measure(number) for each in both] for _ in range(rounds)]
            same = all(mine[0] == other[0] for mine, other in found)
            print(f"{bits:2} bits, {case.name:10}: {_line(found, case)}{'' if same else '; TOKENS DIFFER'}", flush=True)
        for each in both:
            each.end()


def _line(found: Sequence[Sequence[Measured]], case: Case) -> str:
    firsts, others = ([median(pair[side][what] for pair in found) for side in (0, 1)] for what in (1, 2))
    speeds = [case.batch * (case.answer - 1) / seconds for seconds in others]
    ratio = median(pair[1][2] / pair[0][2] for pair in found)
    first = median(pair[0][1] / pair[1][1] for pair in found)
    return (
        f"{speeds[0]:6.0f} and {speeds[1]:6.0f} tokens/s, {ratio:.2f} x; "
        f"first token {firsts[0] * 1000:5.0f} and {firsts[1] * 1000:5.0f} ms, {first:.2f} x the time"
    )


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--folder", type=Path, help="where the models are, or are to be written")
    parser.add_argument("--serve", choices=("engine", "genai"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve is not None:
        serve(asked.serve, asked.folder, asked.device)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary) / "models"
        if not folder.is_dir():
            write_models(folder, asked.device)
        compare(folder, asked.rounds, asked.device)


if __name__ == "__main__":
    main()
