"""A cache of rows that grows: what all graphs have in common that write into the buffers which they are given.

Law: buffers double, so an answer of any length is copied a few times only, and never without asking whether there is
room.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from chat_local.engine.session import RunOptions
    from chat_local.engine.signature import Signature

    Floats = NDArray[np.float32]

FIRST_CAPACITY = 512
"""Places of a new buffer; it doubles when it is full."""

MASK_STEP = 256
"""The mask of a step is as long as a multiple of this, so that the next steps need no other: to bind one takes longer
than to skip a few zeros."""

MOST_FORMS = 64
"""How many forms of runs are kept bound: those of steps, and those of whole chunks of a prompt."""


class Growing(ABC):
    """Runs such a graph; implements what of `graph.Runner` has nothing to do with where the buffers are."""

    def __init__(
        self, shape: Signature, width: int, *, rows: int, longest: int, room: Callable[[int], None], ragged: bool
    ) -> None:
        """Begin with one short row; both grow when they are needed."""
        self.rows = rows
        self.width = width
        self.ragged = ragged
        self._shape = shape
        self._longest = longest
        self._room = room
        self._have, self._capacity = 1, min(FIRST_CAPACITY, longest)
        room(self._size(1, self._capacity))
        self._counting = np.arange(longest, dtype=np.int64)

    def hold(self, rows: int) -> None:
        """As `Runner.hold`."""
        self._grow(rows, 0)

    def read(self, row: int, ids: Sequence[int], past: int, options: RunOptions) -> Floats:
        """As `Runner.read`."""
        self._grow(row + 1, past + len(ids))
        pasts = np.asarray([past], np.int64)
        logits: Floats = self._run(row, np.asarray([ids], np.int64), pasts, pasts + len(ids), options)[0]
        return logits

    def read_together(self, row: int, prompts: Sequence[Sequence[int]], options: RunOptions) -> Floats:
        """As `Runner.read_together`; what pads a row lands in places that it does not know, and is written over."""
        known = np.asarray([len(prompt) for prompt in prompts], np.int64)
        longest = int(known.max())
        self._grow(row + len(prompts), longest)
        ids = np.zeros((len(prompts), longest), np.int64)
        for line, prompt in zip(ids, prompts, strict=True):
            line[: len(prompt)] = prompt
        return self._run(row, ids, np.zeros_like(known), known, options)

    def step(self, ids: Sequence[int], pasts: Sequence[int]) -> Floats:
        """As `Runner.step`."""
        self._grow(len(ids), max(pasts) + 1)
        before = np.asarray(pasts, np.int64)
        return self._run(0, np.asarray(ids, np.int64)[:, None], before, before + 1, None)

    @abstractmethod
    def swap(self, one: int, other: int, places: int) -> None:
        """As `Runner.swap`."""

    @abstractmethod
    def copy(self, source: int, target: int, first: int, last: int) -> None:
        """As `Runner.copy`."""

    @abstractmethod
    def _run(
        self,
        row: int,
        ids: NDArray[np.int64],
        pasts: NDArray[np.int64],
        known: NDArray[np.int64],
        options: RunOptions | None,
    ) -> Floats:
        """Run rows from one on over tokens, each after its own past; afterwards so many places of it are known.

        Args:
            row: the first row.
            ids: the tokens, `[rows, tokens]`.
            pasts: places that are known before.
            known: places that are known afterwards.
            options: settings of the run; `None` = it is a step.
        """

    @abstractmethod
    def _enlarge(self, rows: int, capacity: int) -> None:
        """Let the buffers have so many rows of so many places, with what is in them."""

    def _grow(self, rows: int, places: int) -> None:
        if rows <= self._have and places <= self._capacity:
            return
        wanted_rows = self._have if rows <= self._have else min(self.rows, max(rows, self._have * 2))
        wanted = self._capacity if places <= self._capacity else min(self._longest, max(places, self._capacity * 2))
        self._room(self._size(wanted_rows, wanted))
        self._enlarge(wanted_rows, wanted)
        self._have, self._capacity = wanted_rows, wanted

    def _size(self, rows: int, capacity: int) -> int:
        return rows * capacity * self._shape.token_bytes

    def _width_of_mask(self, total: int) -> int:
        """Return how long the mask of a step is."""
        return min(-(-total // MASK_STEP) * MASK_STEP, self._capacity)

    def _kept(self, length: int) -> int:
        """Return for how many places a run gives logits."""
        return 1 if self._shape.last or "num_logits_to_keep" in self._shape.inputs else length


def masked(counting: NDArray[np.int64], known: NDArray[np.int64], out: NDArray[np.int64]) -> NDArray[np.int64]:
    """Write a mask, `[rows, places]`: 1 where a row has something."""
    return np.less(counting[: out.shape[1]], known[:, None], out=out)


def ends(logits: NDArray[Any], lengths: NDArray[np.int64]) -> Floats:
    """Return the logits of each row's last token, to be drawn from; those that are counted in halves are copied."""
    found = logits[:, 0] if logits.shape[1] == 1 else logits[np.arange(len(lengths)), lengths - 1]
    floats: Floats = found.astype(np.float32, copy=False)
    return floats
