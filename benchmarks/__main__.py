"""The command line of the benchmarks.

Law: a run says who took part, who did not and why, and which promises hold. Where nothing else is said it is the quick
set, with the official libraries; `full` has more rounds, and all libraries in environments of their own:

    python -m benchmarks
    python -m benchmarks full
    python -m benchmarks full stream unary
    python -m benchmarks stream --only chat-core httpx --save mine
    python -m benchmarks compare before after
    python -m benchmarks tables one another --into docs/reference/performance.md
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks import environments, report
from benchmarks.bench import FULL, QUICK, TINY, Bench, Sizes, say
from benchmarks.figures import Figures, merged
from benchmarks.measures.table import MEASURES
from benchmarks.processes import Upstream
from benchmarks.roster import ENTRIES, ROSTER, Entry

SIZES = {"quick": QUICK, "full": FULL, "tiny": TINY}


def main(words: list[str]) -> int:
    """Run what is asked, and return the status: 2 where there is no such thing."""
    asked = arguments(words)
    match asked.what:
        case ["compare", before, after]:
            sys.stdout.write(report.compared(report.saved(before), report.saved(after)))
            return 0
        case ["tables", *names]:
            figures = merged([report.saved(name) for name in names])
            sys.stdout.write(report.tables(figures))
            if asked.save:
                report.save(figures, asked.save)
            if asked.into:
                report.put_into(Path(asked.into), figures)
            return 0
        case what:
            return measure(what, asked)


def arguments(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("benchmarks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", nargs="*", help="quick, full or tiny; " + ", ".join(MEASURES))
    parser.add_argument("--only", nargs="+", choices=ENTRIES, metavar="NAME", help="contenders: " + ", ".join(ENTRIES))
    parser.add_argument("--rounds", type=int, metavar="N", help="turns that count, and fresh processes of a kind")
    parser.add_argument("--into", metavar="PAGE", help="with `tables`: the page whose tables are written anew")
    parser.add_argument("--save", metavar="NAME", help="the name of the results")
    return parser.parse_args(words)


def measure(what: list[str], asked: argparse.Namespace) -> int:
    """Measure, print, save."""
    size = next((word for word in what if word in SIZES), "quick")
    subjects = [word for word in what if word not in SIZES] or list(MEASURES)
    unknown = [word for word in subjects if word not in MEASURES]
    if unknown:
        say(f"no such measure: {', '.join(unknown)}; there are {', '.join(MEASURES)}")
        return 2
    sizes = SIZES[size]
    if asked.rounds:
        sizes = replace(sizes, rounds=asked.rounds, fresh=asked.rounds)
    name = asked.save or "-".join([size, *(subjects if len(subjects) < len(MEASURES) else ())])
    figures = measured(sizes, subjects, ready(size, asked.only), name)
    say(report.tables(figures))
    say(f"saved as {report.save(figures, name)}")
    return 0


def ready(size: str, only: list[str] | None) -> tuple[Entry, ...]:
    """Return who takes part; a full run makes the environments that are missing."""
    chosen = [entry.name for entry in ROSTER if size == "full" or entry.kind != "peer" or entry.official]
    entries = tuple(entry for entry in ROSTER if entry.name in (chosen if only is None else only))
    for entry in entries:
        if size == "full" and entry.kind == "peer":
            try:
                environments.make(entry)
            except (OSError, subprocess.CalledProcessError) as error:
                say(f"left out: {entry.name}: no environment: {error}")
    return entries


def measured(sizes: Sizes, subjects: list[str], entries: tuple[Entry, ...], name: str) -> Figures:
    """Run the measures, and save after each, so that a run which is cut short has not been for nothing."""
    with Upstream() as upstream:
        bench = Bench(upstream, entries, sizes)
        for subject in subjects:
            say(subject)
            MEASURES[subject](bench)
            report.save(bench.figures, name)
    return bench.figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
