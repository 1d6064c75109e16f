"""Train the network on the text, on a processor: `python -m pico.train --folder FOLDER --steps STEPS`.

Law: a run can be stopped at any time, goes on from its last checkpoint, and follows from its seed.
"""

from __future__ import annotations

import argparse
import time
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch.nn import functional

from pico.facts import FACTS
from pico.net import Pico, Shape
from pico.text import SUFFIX, Conversation, conversation, pieces
from pico.tokens import make
from pico.unknown import ONLY_ADD, REFUSAL

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20261126
_POOL, _TOKENS, _LONGEST = 4096, 3072, 320
_RATE, _WARM, _DECAY, _AVERAGE = 4e-3, 100, 0.6, 0.998
_CUT = 0.9  # share of last answers whose constant ending is left out: it is learnt from the others
_BEGINNING = 8
_KNOWN = (*(fact.answer for fact in FACTS.values()), REFUSAL, ONLY_ADD)


def encode(made: Conversation, tokenizer: Tokenizer, random: Random) -> tuple[list[int], list[bool]]:
    """Give the tokens of a conversation, and which of them the model says."""
    ids: list[int] = []
    said: list[bool] = []
    cut = random.random() < _CUT
    for text, own in pieces(made):
        new = tokenizer.encode(text, add_special_tokens=False).ids
        ids += new
        said += [own] * len(new)
    if cut and said[-2]:
        spared = len(new_end(made.turns[-1][1], tokenizer))
        ids, said = ids[: len(ids) - spared], said[: len(said) - spared]
    return ids, said


def new_end(answer: str, tokenizer: Tokenizer) -> list[int]:
    """Give the tokens of an answer's end that says nothing new: of a known answer all but its beginning."""
    whole = tokenizer.encode(f"{answer}<|im_end|>\n", add_special_tokens=False).ids
    if answer.startswith(_KNOWN):
        return whole[_BEGINNING:]
    return whole[len(tokenizer.encode(answer.removesuffix(SUFFIX), add_special_tokens=False).ids) + 2 :]


def batches(tokenizer: Tokenizer, pool: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Make the batches of one pool of conversations: each of conversations of about one length."""
    random = Random(SEED * 1000 + pool)
    rows = [encode(conversation(random), tokenizer, random) for _ in range(_POOL)]
    rows = sorted((row for row in rows if len(row[0]) <= _LONGEST), key=lambda row: len(row[0]))
    groups: list[list[tuple[list[int], list[bool]]]] = []
    while rows:
        size = max(1, _TOKENS // len(rows[min(len(rows), 64) - 1][0]))
        groups.append(rows[:size])
        rows = rows[size:]
    random.shuffle(groups)
    for group in groups:
        width = max(len(ids) for ids, _ in group)
        ids = torch.tensor([[*row, *[0] * (width - len(row))] for row, _ in group])
        said = torch.tensor([[*row, *[False] * (width - len(row))] for _, row in group])
        yield ids, said


def loss_of(network: Pico, ids: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
    """Give the mean surprise at what the model should have said."""
    wanted = said[:, 1:]
    return functional.cross_entropy(network(ids[:, :-1], wanted), ids[:, 1:][wanted])


def optimizers(network: Pico) -> list[torch.optim.Optimizer]:
    """Give the two optimizers: one for matrices, one for the rest."""
    matrices = [weight for name, weight in network.named_parameters() if weight.ndim > 1 and "embed" not in name]
    rest = [weight for name, weight in network.named_parameters() if weight.ndim == 1 or "embed" in name]
    return [
        torch.optim.Muon(matrices, lr=_RATE, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=_RATE, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def rate(step: int, steps: int) -> float:
    """Give the learning rate: warm up, stay, and fall to nothing at the end."""
    left = (steps - step) / (steps * _DECAY)
    return _RATE * min(1.0, (step + 1) / _WARM, max(left, 0.0))


class Pace:
    """Choose between one thread and two: on a busy machine two wait for each other."""

    def __init__(self, threads: int) -> None:
        self.speeds = dict.fromkeys(range(1, threads + 1), 0.0)
        self.turn = 0

    def choose(self) -> int:
        """Take the faster number of threads, and now and then the other one, to know how fast it is."""
        self.turn += 1
        best = max(self.speeds, key=lambda threads: self.speeds[threads])
        probe = 1 + self.turn // 16 % len(self.speeds)
        threads = probe if self.turn % 16 < 2 else best
        torch.set_num_threads(threads)
        return threads

    def note(self, threads: int, speed: float) -> None:
        """Remember how fast a step was."""
        known = self.speeds[threads]
        self.speeds[threads] = 0.6 * known + 0.4 * speed if known else speed


class Run:
    """Hold a training that can be stopped and gone on with."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self.folder = folder
        self.pace = Pace(threads)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "tokenizer.json"
        self.tokenizer = Tokenizer.from_file(str(path)) if path.exists() else make(path, seed=SEED)
        torch.manual_seed(SEED)
        self.network = Pico(Shape(vocabulary=self.tokenizer.get_vocab_size()))
        self.optimizers = optimizers(self.network)
        self.average = {name: weight.detach().clone() for name, weight in self.network.named_parameters()}
        self.step = self.pool = 0
        if (folder / "checkpoint.pt").exists():
            self._load(torch.load(folder / "checkpoint.pt", weights_only=True))

    def _load(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.average, self.step, self.pool = state["average"], state["step"], state["pool"]

    def save(self) -> None:
        """Write the checkpoint, and the averaged weights as the exporter reads them."""
        state = {
            "network": self.network.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "average": self.average,
            "step": self.step,
            "pool": self.pool,
        }
        torch.save(state, self.folder / "checkpoint.new")
        (self.folder / "checkpoint.new").replace(self.folder / "checkpoint.pt")
        save_file(self.average, self.folder / "weights.new")
        (self.folder / "weights.new").replace(self.folder / "model.safetensors")

    def learn(self, ids: torch.Tensor, said: torch.Tensor, steps: int) -> float:
        """Do one step."""
        threads, begin = self.pace.choose(), time.monotonic()
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate(self.step, steps)
        loss = loss_of(self.network, ids, said)
        loss.backward()
        nn_clip(self.network)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        keep = min(_AVERAGE, (self.step + 1) / (self.step + 10))
        for name, weight in self.network.named_parameters():
            self.average[name].lerp_(weight.detach(), 1 - keep)
        self.step += 1
        self.pace.note(threads, ids.numel() / (time.monotonic() - begin))
        return float(loss.detach())

    def train(self, steps: int, save_every: float = 120.0) -> None:
        """Learn until the last step."""
        begin = said_at = saved_at = time.monotonic()
        first, total, count, tokens = self.step, 0.0, 0, 0
        while self.step < steps:
            for ids, said in islice(batches(self.tokenizer, self.pool), steps - self.step):
                total, count, tokens = total + self.learn(ids, said, steps), count + 1, tokens + ids.numel()
                now = time.monotonic()
                if now - said_at > 20:
                    speed = (self.step - first) / (now - begin)
                    print(
                        f"step {self.step}/{steps} loss {total / count:.4f} {speed:.2f} steps/s {tokens / (now - begin):.0f} tokens/s",
                        flush=True,
                    )
                    said_at, total, count = now, 0.0, 0
                if now - saved_at > save_every:
                    self.save()
                    saved_at = now
            self.pool += 1
        self.save()


def nn_clip(network: Pico) -> None:
    """Keep a single strange batch from throwing the weights away."""
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    Run(asked.folder, asked.threads).train(asked.steps)


if __name__ == "__main__":
    main()
