"""The long soak, by hand and by `nox -s soak`: an hour's worth of traffic at twenty times the speed, by default.

    python -m tests.endurance --seconds 180 --seed 1

Law: the exit status is 1 when something is wrong, or something is left.
"""

from __future__ import annotations

import argparse
import sys

from tests.endurance.soaking import faults, soak

SLICE = 30.0
"""Seconds between two looks at what is held."""


def main() -> int:
    """Soak, and print what came of it."""
    parser = argparse.ArgumentParser(prog="endurance", description=main.__doc__)
    parser.add_argument("--seconds", type=float, default=180, help="how long to ask (default 180)")
    parser.add_argument("--seed", type=int, default=1, help="seed of all that is drawn by lot (default 1)")
    parser.add_argument("--rate", type=float, default=0.4, help="share of replies that go wrong (default 0.4)")
    parser.add_argument("--transport", default="httpx", help="what carries HTTP: httpx (default), aiohttp, …")
    asked = parser.parse_args()
    slices = max(2, round(asked.seconds / SLICE))
    report = soak(asked.seconds, asked.seed, transport=asked.transport, rate=asked.rate, slices=slices)
    print(f"served: {dict(sorted(report.served.items()))}")
    print(f"outcomes: {dict(report.tally.outcomes.most_common())}")
    print(f"the longest request took {report.tally.longest:.1f} s")
    for held in (report.before, *report.between):
        print(f"held: {held.sockets} sockets, {len(held.threads)} threads, {held.blocks} blocks, {held.rss >> 20} MiB")
    found = list(faults(report))
    for fault in found:
        print(fault)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
