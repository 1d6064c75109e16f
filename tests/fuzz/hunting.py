"""The hunt: samples are damaged and read, again and again, and what is found is made small.

Law: the same seed, targets and number of tries give the same finds. A hunt by time ends in time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from tests.fuzz.samples import mutated
from tests.fuzz.shrinking import shrunk

from chat_core.codec.wire import dump

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.fuzz.documents import Chance
    from tests.fuzz.samples import Sample
    from tests.fuzz.targets import Target

SHRINKING = 400
"""How often a find is tried to be made smaller."""
STRANGE = 12
"""One in so many samples, or donors, is of another target: another wire's bytes."""


@dataclass(frozen=True, slots=True)
class Find:
    """What a target must not do, with a small sample that makes it do so."""

    target: str
    fault: str
    sample: Sample

    @property
    def line(self) -> str:
        """The find as a line for `cases/*.jsonl`."""
        return dump({"target": self.target, "found": self.fault, **self.sample.saved()}).decode("utf-8", "replace")

    @property
    def kind(self) -> str:
        """What makes two finds the same: the fault without numbers, and the kind of target."""
        words = self.target.rpartition(" ")[2] + self.fault[:200]
        return "".join(letter for letter in words if not letter.isdigit())


@dataclass(slots=True)
class Hunt:
    """A hunt over some targets.

    Attributes:
        tried: how many samples were read.
        finds: what was found, one of each kind.
    """

    targets: Sequence[Target]
    tried: int = 0
    finds: dict[str, Find] = field(default_factory=dict[str, Find])

    def tries(self, number: int, seed: int) -> None:
        """Damage every target's samples some times."""
        for target in self.targets:
            chance = Random(f"{seed}/{target.name}").randrange
            for _ in range(number):
                self.once(target, chance)

    def lasting(self, seconds: float, seed: int) -> None:
        """Damage samples of targets drawn by lot, for some time."""
        chance = Random(seed).randrange
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.once(self.targets[chance(len(self.targets))], chance)

    def once(self, target: Target, chance: Chance) -> None:
        """Damage one sample of a target and read it; a new find is made small and kept."""
        sample, donor = self._drawn(target, chance), self._drawn(target, chance)
        sample = mutated(sample, donor, chance)
        self.tried += 1
        fault = target.fault(sample)
        if fault is None:
            return
        find = Find(target.name, fault, sample)
        if find.kind not in self.finds:
            small = shrunk(sample, lambda other: self._same(find, target, other), SHRINKING)
            self.finds[find.kind] = Find(target.name, target.fault(small) or fault, small)

    def _same(self, find: Find, target: Target, other: Sample) -> bool:
        fault = target.fault(other)
        return fault is not None and Find(target.name, fault, other).kind == find.kind

    def _drawn(self, target: Target, chance: Chance) -> Sample:
        if chance(STRANGE) == 0:
            target = self.targets[chance(len(self.targets))]
        return target.seeds[chance(len(target.seeds))]

    def lines(self) -> Iterator[str]:
        """Yield the finds, as lines for `cases/*.jsonl`."""
        yield from (find.line for find in self.finds.values())
