"""A run: its sizes, who takes part, and the turns they take."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.environments import interpreter
from benchmarks.figures import Figures
from benchmarks.processes import Contender, SpoiltError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    from benchmarks.processes import Upstream
    from benchmarks.roster import Entry

Answers = dict[str, "list[dict[str, Any]]"]
"""By contender: its answers, one a round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is done.

    Attributes:
        rounds: turns that count; one before them does not.
        fresh: fresh processes of a kind.
        chunks: of a stream.
        requests: in a turn.
        streams: paced ones side by side, of so many `paced` chunks, one every `pace` milliseconds.
        long: chunks of the long stream.
        fragments: of a tool call.
        messages: of a history.
        vectors: embeddings.
    """

    rounds: int = 5
    fresh: int = 5
    chunks: int = 10_000
    requests: int = 200
    streams: int = 1_000
    paced: int = 50
    pace: int = 200
    long: int = 100_000
    fragments: int = 20_000
    messages: int = 10_000
    vectors: int = 2_048


QUICK = Sizes()
FULL = Sizes(rounds=7, fresh=7)
TINY = Sizes(
    rounds=1, fresh=1, chunks=20, requests=4, streams=3, paced=2, pace=20, long=100, fragments=40, messages=8, vectors=3
)
"""To see that everything works."""


@dataclass(slots=True)
class Bench:
    """One run."""

    upstream: Upstream
    entries: tuple[Entry, ...]
    sizes: Sizes
    figures: Figures = field(default_factory=Figures)

    def __post_init__(self) -> None:
        self.figures.sizes |= asdict(self.sizes)

    def installed(self) -> Iterator[tuple[Entry, str]]:
        """Yield who can take part, with its interpreter."""
        for entry in self.entries:
            python = interpreter(entry)
            if python is not None:
                yield entry, python

    @contextmanager
    def contenders(
        self, wanted: Callable[[Entry], bool] = lambda entry: not entry.socket
    ) -> Generator[list[Contender]]:
        """Start contenders in fresh processes, and end them."""
        started: list[Contender] = []
        try:
            for entry in filter(wanted, self.entries):
                try:
                    started.append(Contender(entry))
                except SpoiltError as error:
                    self.fail(entry.name, str(error))
            self.figures.versions |= {contender.entry.name: contender.versions for contender in started}
            yield started
        finally:
            for contender in started:
                contender.end()

    def turns(
        self, contenders: Iterable[Contender], order: Mapping[str, Any], rounds: int | None = None, *, warm: bool = True
    ) -> Answers:
        """Have all do the same in turns, and return what they answer; who fails is left out."""
        racing = list(contenders)
        answers: Answers = {}
        for number in range((self.sizes.rounds if rounds is None else rounds) + warm):
            for contender in list(racing):
                name = contender.entry.name
                try:
                    answer = contender.ask(order)
                except SpoiltError as error:
                    answer = {"failed": str(error)}
                if "failed" in answer:
                    self.fail(name, f"{order['job']} {order.get('wire', '')}: {answer['failed']}")
                    racing.remove(contender)
                    answers.pop(name, None)
                elif number >= warm:
                    answers.setdefault(name, []).append(answer)
        return answers

    def fail(self, name: str, why: str) -> None:
        """Keep and say why a contender is left out."""
        known = self.figures.failed.setdefault(name, [])
        if why not in known:
            known.append(why)
            say(f"  left out: {name}: {why}")


def say(words: str) -> None:
    """Tell how far the run is."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def speaking(contenders: Iterable[Contender], wire: str) -> list[Contender]:
    """Return those that speak a wire."""
    return [contender for contender in contenders if wire in contender.entry.wires]
