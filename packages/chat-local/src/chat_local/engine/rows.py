"""The rows of a cache: which tokens each holds, which answer it serves, and in what order they stand.

Law: answers being written come first, then prompts being read, then rows at rest, which keep what they hold. A prompt
that begins as what any row holds is read from where they part. What a row says that it holds is in the cache.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_local.engine.graph import Runner
    from chat_local.engine.job import Job

BORROWED = 8
"""Fewest tokens that are copied from another row: reading so few takes about as long as copying them."""

PADDING = 0.25
"""Most of a run that may be padding of shorter prompts: with more, reading them apart takes less time."""


class Row:
    """A row of the cache.

    Attributes:
        known: the tokens that it holds.
        job: the answer that it serves; `None` = it is at rest.
        left: when it came to rest.
    """

    __slots__ = ("job", "known", "left")

    def __init__(self) -> None:
        """Hold nothing."""
        self.known: list[int] = []
        self.job: Job | None = None
        self.left = 0.0


class Rows:
    """The rows of one model."""

    def __init__(self, runner: Runner) -> None:
        """Begin with none; they are made as they are needed."""
        self._runner = runner
        self._rows: list[Row] = []
        self._writing = 0
        self._active = 0

    @property
    def free(self) -> int:
        """How many answers more there may be."""
        return self._runner.rows - self._active

    @property
    def writing(self) -> list[Row]:
        """The rows whose answers are being written, in the order of the cache."""
        return self._rows[: self._writing]

    @property
    def reading(self) -> list[Row]:
        """The rows whose prompts are being read."""
        return self._rows[self._writing : self._active]

    @property
    def active(self) -> list[Row]:
        """Both."""
        return self._rows[: self._active]

    def place(self, row: Row) -> int:
        """Return where in the cache a row is."""
        return self._rows.index(row)

    def take(self, job: Job) -> Row:
        """Give an answer a row, which then has a prompt to be read.

        Raises:
            MemoryError: there is no room for one more, and none at rest.
        """
        prompt = job.generation.prompt
        row = self._chosen(prompt)
        self._move(row, self._active)
        self._active += 1
        shared = min(common(row.known, prompt), len(prompt) - 1)  # the last token is read for its logits
        del row.known[shared:]
        row.job = job
        return row

    def borrow(self, row: Row, prompt: Sequence[int]) -> None:
        """Copy what another row holds of a prompt, answers that are being written included."""
        best = max(self._rows, key=lambda other: common(other.known, prompt))
        shared, have = min(common(best.known, prompt), len(prompt) - 1), len(row.known)
        if shared - have >= BORROWED:
            self._runner.copy(self.place(best), self.place(row), have, shared)
            row.known += prompt[have:shared]

    def beside(self, row: Row, most: int) -> list[Row]:
        """Return a row whose prompt is to be read, and those whose prompts are best read in the same run.

        These are whole prompts of which nothing is known and nothing could be borrowed. They stand one after another
        in the cache then.

        Args:
            row: the row whose turn it is.
            most: tokens of a run, padding included.
        """
        found, prompts = [row], [_prompt(row)]
        if row.known or len(prompts[0]) * 2 > most:
            return found
        for other in sorted(self.reading, key=_asked):
            prompt = _prompt(other)
            if other is not row and self._joins(prompts, prompt, most) and self._is_fresh(other, prompt):
                found.append(other)
                prompts.append(prompt)
        if len(found) > 1:
            for place, each in enumerate(found, self._writing):
                self._move(each, place)
        return found

    def _joins(self, prompts: Sequence[Sequence[int]], prompt: Sequence[int], most: int) -> bool:
        """Tell whether a prompt may be read with others: in length, and as none begins like another."""
        lengths = [len(prompt), *map(len, prompts)]
        size = len(lengths) * max(lengths)
        fits = size <= most and (sum(lengths) >= size * (1 - PADDING) if self._runner.ragged else sum(lengths) == size)
        return fits and all(common(other, prompt) < BORROWED for other in prompts)

    def _is_fresh(self, row: Row, prompt: Sequence[int]) -> bool:
        """Tell whether nothing is known of a prompt, in its row or in any other."""
        return not row.known and all(common(other.known, prompt) < BORROWED for other in self._rows)

    def begin(self, row: Row) -> None:
        """Count a row, whose prompt was read, among those that are written."""
        self._move(row, self._writing)
        self._writing += 1

    def rest(self, row: Row) -> None:
        """Put a row to rest."""
        if self.place(row) < self._writing:
            self._writing -= 1
            self._move(row, self._writing)
        self._active -= 1
        self._move(row, self._active)
        row.job, row.left = None, monotonic()

    def _chosen(self, prompt: Sequence[int]) -> Row:
        """Return a row at rest that the prompt goes on with, else a new one, else the one that rested longest."""
        resting = self._rows[self._active :]
        best = max(resting, key=lambda row: (common(row.known, prompt), -row.left), default=None)
        if best is not None and common(best.known, prompt) * 2 >= len(best.known):
            return best
        if len(self._rows) < self._runner.rows:
            try:
                self._runner.hold(len(self._rows) + 1)
            except MemoryError:
                if best is None:
                    raise
            else:
                self._rows.append(Row())
                return self._rows[-1]
        return min(resting, key=lambda row: row.left)

    def _move(self, row: Row, to: int) -> None:
        """Exchange a row with the one at a place."""
        here, other = self.place(row), self._rows[to]
        if row is not other:
            self._runner.swap(here, to, max(len(row.known), len(other.known)))
            self._rows[here], self._rows[to] = other, row


def _prompt(row: Row) -> Sequence[int]:
    return () if row.job is None else row.job.generation.prompt


def _asked(row: Row) -> float:
    return 0.0 if row.job is None else row.job.ticket.asked


def common(known: Sequence[int], prompt: Sequence[int]) -> int:
    """Return how many tokens two sequences begin with alike."""
    return next(
        (place for place, (one, other) in enumerate(zip(known, prompt, strict=False)) if one != other),
        min(len(known), len(prompt)),
    )
