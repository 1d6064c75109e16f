"""The long run, by hand and by `nox -s fuzz`: a hunt by time, over this repository's samples or the recorded corpus.

    python -m tests.fuzz --seconds 600 --seed 1
    CHAT_WIRE_CORPUS=FOLDER python -m tests.fuzz --corpus

Law: the exit status is 1 when something was found; finds are printed as lines for `cases/*.jsonl`.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tests.fuzz import seeds
from tests.fuzz.growth import MOST, TIMES, excess, fillers, repeated
from tests.fuzz.hunting import Hunt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.samples import Sample
    from tests.fuzz.targets import Target

TYPICAL = 300
"""How often a frame comes in the smaller of two samples."""


def main() -> int:
    """Hunt for some time, then look at growth."""
    asked = _parser().parse_args()
    targets = seeds.of_corpus() if asked.corpus else seeds.in_repository()
    if asked.only:
        targets = tuple(target for target in targets if asked.only in target.name)
    hunt, begun = Hunt(targets), time.process_time()
    hunt.lasting(asked.seconds, asked.seed)
    spent = time.process_time() - begun
    print(f"seed {asked.seed}: {hunt.tried} samples of {len(targets)} targets, {spent:.0f} s of CPU time")
    for line in hunt.lines():
        print(line)
    slow = [] if asked.corpus else list(_slow(targets))
    for line in slow:
        print(line)
    print(f"{len(hunt.finds)} finds, {len(slow)} costs that grow too fast")
    return int(bool(hunt.finds or slow))


def _slow(targets: tuple[Target, ...]) -> Iterator[str]:
    """Yield what costs more than its size, of one target for each set of samples: rows of a table share a decoder."""
    seen: set[tuple[object, ...]] = set()
    for target in targets:
        kind = (target.name.rpartition(" ")[2], *(sample.size for sample in target.seeds))
        for name, one, many in () if kind in seen else _pairs(target):
            if (beyond := excess(target, one, many)) > MOST:
                yield f"{target.name}: {name}: {TIMES} times as many cost {TIMES * beyond:.0f} times as much"
        seen.add(kind)


def _pairs(target: Target) -> Iterator[tuple[str, Sample, Sample]]:
    """Yield samples of two sizes, and what makes up their size."""
    if target.name.startswith("framer "):
        small, large = dict(fillers(10 * TYPICAL)), dict(fillers(10 * TYPICAL * TIMES))
        yield from ((repr(key), small[key], large[key]) for key in small)
    elif target.name.endswith((" stream", " live")):
        for sample in target.seeds:
            for at, frame in enumerate(sample.frames):
                yield f"frame {frame!r:.80}", repeated(sample, at, TYPICAL), repeated(sample, at, TYPICAL * TIMES)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fuzz", description=main.__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="how long to hunt (default 300)")
    parser.add_argument("--seed", type=int, default=1, help="seed of all that is drawn by lot (default 1)")
    parser.add_argument("--only", help="only targets whose name holds this text")
    parser.add_argument("--corpus", action="store_true", help="damage the recorded exchanges under CHAT_WIRE_CORPUS")
    return parser


if __name__ == "__main__":
    sys.exit(main())
