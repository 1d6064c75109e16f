"""The session: reads a corpus, runs the checks in some processes, prints the report.

Law: the exit status is 0 when nothing differs, 1 when anything does, 2 when there is no corpus to read.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.wire import report
from tests.wire.checks import Result, check_case
from tests.wire.corpus import CorpusMissing, entries, folder, load

from chat_core.codec.wire import dump

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.wire.corpus import Entry, Exchange

SEED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Decode the recorded exchanges of a corpus and print what differs."""
    asked = _parser().parse_args(arguments)
    try:
        found = entries(folder())
    except CorpusMissing as error:
        print(error, file=sys.stderr)
        return 2
    begun = time.perf_counter()
    cases = _cases(found, asked.api, asked.case)
    mutating = "" if asked.mutate is None else f", mutated with seed {asked.mutate}"
    print(f"seed {asked.seed}{mutating}, {sum(map(len, cases))} exchanges in {len(cases)} cases, {asked.j} processes")
    results = _run(cases, partial(_check, seed=asked.seed, mutate=asked.mutate), asked.j)
    for line in report.lines(results, verbose=asked.verbose):
        print(line)
    print(f"{time.perf_counter() - begun:.0f} s; {report.times(results)}")
    if asked.json is not None:
        asked.json.write_bytes(dump(report.as_json(results, {"seed": asked.seed, "mutate": asked.mutate})))
    return int(any(result.faults or result.lost for result in results))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wire", description=main.__doc__)
    parser.add_argument("--api", action="append", help="only this api (repeatable)")
    parser.add_argument("--case", help="only exchanges whose id holds this text")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every fault and the paths of lost leaves")
    parser.add_argument("-j", type=int, default=2, metavar="N", help="processes (default 2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON as well")
    parser.add_argument("--seed", type=int, default=SEED, help="seed of all that is drawn by lot (default 1)")
    parser.add_argument("--mutate", type=int, metavar="SEED", help="check mutated exchanges instead, made in memory")
    return parser


def _cases(found: Sequence[Entry], apis: Sequence[str] | None, part: str | None) -> list[list[Entry]]:
    """Group the files by case, the large ones first, so that no process ends long after the others."""
    cases: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in found:
        if (apis is None or entry.api in apis) and (part is None or part in entry.id):
            cases[entry.api, entry.case].append(entry)
    return sorted(cases.values(), key=lambda case: -sum(entry.size for entry in case))


def _run(cases: Sequence[list[Entry]], check: partial[list[Result]], processes: int) -> list[Result]:
    if processes <= 1 or len(cases) <= 1:
        found = [result for case in cases for result in check(case)]
    else:
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            found = [result for results in pool.imap_unordered(check, cases, chunksize=4) for result in results]
    return sorted(found, key=lambda result: result.id)


def _check(case: list[Entry], *, seed: int, mutate: int | None) -> list[Result]:
    """Read and check one case; a file that is no exchange is a fault."""
    exchanges: list[Exchange] = []
    results: list[Result] = []
    for entry in case:
        try:
            exchanges.append(load(entry))
        except ValueError as error:
            results.append(Result(entry.id, entry.api, "unreadable", faults=[("corpus", str(error))]))
    return results + check_case(exchanges, seed, mutate)
