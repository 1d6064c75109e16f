"""A small model of the golden files that is served, and answers that are compared with those of transformers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol

from tinytokens import write_tokens
from tinyweights import PROMPTS, write_model

from chat_local.convert.converting import convert
from chat_local.engine import runtime
from chat_local.engine.answer import End, Failed, Generation, Piece
from chat_local.engine.graph import runner
from chat_local.engine.runtime import Settings
from chat_local.engine.sampling import Sampling
from chat_local.engine.scheduler import Scheduler
from chat_local.engine.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_local.convert.graphs import Bits
    from chat_local.engine.answer import Said
    from chat_local.engine.graph import Runner
    from chat_local.engine.job import Ticket
    from chat_local.engine.runtime import Loaded

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text(encoding="utf-8"))["answers"]

CONTEXT = 256


class Maker(Protocol):
    """Makes what runs a graph."""

    def __call__(self, loaded: Loaded, *, rows: int, longest: int) -> Runner: ...


@dataclass(frozen=True)
class Asked:
    """An answer that was asked for, of which some tokens may be in the prompt already."""

    prompt: int
    given: int
    count: int
    ticket: Ticket
    said: SimpleQueue[Said]


class Service:
    """A scheduler, and what transformers answers."""

    def __init__(
        self,
        folder: Path,
        name: str,
        made: Maker = runner,
        *,
        chunk: int = 16,
        device: str = "cpu",
        bits: Bits = 32,
    ) -> None:
        write_model(folder / "source", name)
        write_tokens(folder / "source" / "tokenizer.json")
        graph = convert(folder / "source", folder / "made", bits=bits)
        loaded = runtime.load(graph, Settings(device=device, threads=1), steps=True)
        run = made(loaded, rows=4, longest=CONTEXT)
        assert run.ragged
        tokens = Tokens(folder / "source" / "tokenizer.json")
        self.scheduler = Scheduler(run, tokens, context=CONTEXT, chunk=chunk)
        self.golden: Sequence[Sequence[int]] = GOLDEN[name]

    def ask(self, prompt: int, *, given: int = 0, count: int = 64) -> Asked:
        """Ask on after a prompt and so many tokens of its golden answer."""
        ids = (*PROMPTS[prompt], *self.golden[prompt][:given])
        said: SimpleQueue[Said] = SimpleQueue()
        generation = Generation(prompt=ids, sampling=Sampling(top_logprobs=0), max_tokens=count)
        return Asked(prompt, given, count, self.scheduler.submit(generation, said.put), said)

    def judge(self, asked: Asked) -> End:
        """Compare an answer with the golden one, token for token, as far as it went."""
        tokens, end = self.said(asked)
        count = len(tokens) if end.reason == "cancelled" else asked.count
        assert tokens == self.golden[asked.prompt][asked.given : asked.given + count]
        return end

    def said(self, asked: Asked) -> tuple[list[int], End]:
        """Wait for an answer; return its tokens, and how it ended."""
        tokens: list[int] = []
        while isinstance(said := asked.said.get(timeout=30), Piece):
            tokens += [said.drawn.token] if said.drawn is not None else []
        if isinstance(said, Failed):
            raise said.error
        return tokens, said
