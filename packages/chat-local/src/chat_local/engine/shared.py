"""Graphs that write into the cache which they are given, on the CPU: one buffer a layer, one row an answer.

Law: what a run is told is bound once for each form of a run and written in place afterwards; only the mask of a chunk
of a prompt, whose shape is another each time, is bound anew. A step writes no more than what differs from the one
before: a run reads all weights, after which Python finds nothing of its own in the processor's cache.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from chat_local.engine.growing import MOST_FORMS, Growing, ends, masked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from chat_local.engine.session import Binding, RunOptions, Session
    from chat_local.engine.signature import Signature

    Floats = NDArray[np.float32]

_ONE = np.asarray(1, np.int64)


@dataclass(slots=True)
class _Bound:
    """A form of a run, bound: rows from one on, so many tokens each.

    Attributes:
        known: how many places of each row the mask of a step shows; none = it is not known.
    """

    binding: Binding
    ids: NDArray[np.int64]
    places: NDArray[np.int64] | None
    mask: NDArray[np.int64] | None
    logits: NDArray[Any]
    known: Sequence[int] = field(default=(), init=False)


class Shared(Growing):
    """Runs such a graph; implements `graph.Runner`."""

    def __init__(  # noqa: PLR0913 - what a graph is, how large it may grow, and what it was found to do
        self,
        session: Session,
        shape: Signature,
        width: int,
        *,
        rows: int,
        longest: int,
        room: Callable[[int], None],
        ragged: bool = False,
    ) -> None:
        """Begin with one short row."""
        super().__init__(shape, width, rows=rows, longest=longest, room=room, ragged=ragged)
        self._session = session
        self._buffers = self._made(1, self._capacity)
        self._logits = np.empty(0, shape.logits)
        self._mask = np.empty(0, np.int64)
        self._bound: dict[tuple[int, int, int, int], _Bound] = {}

    def step(self, ids: Sequence[int], pasts: Sequence[int]) -> Floats:
        """As `Runner.step`."""
        count, total = len(ids), max(pasts) + 1
        self._grow(count, total)
        width = self._width_of_mask(total)
        bound = self._bound.get((0, count, 1, width)) or self._bind(0, count, 1, width)
        bound.ids[:, 0] = ids
        if bound.places is not None:
            bound.places[:, 0] = pasts
        if bound.mask is not None:
            self._show(bound, bound.mask, pasts)
        self._session.run_with_iobinding(bound.binding)
        floats: Floats = bound.logits[:, 0].astype(np.float32, copy=False)
        return floats

    def _show(self, bound: _Bound, mask: NDArray[np.int64], pasts: Sequence[int]) -> None:
        """Let the mask of a step show one place more of each row than is known."""
        known = [past + 1 for past in pasts]
        if bound.known == pasts:
            for row, past in enumerate(pasts):
                mask[row, past] = 1
        else:
            masked(self._counting, np.asarray(known, np.int64), mask)
        bound.known = known

    def swap(self, one: int, other: int, places: int) -> None:
        """As `Runner.swap`."""
        for buffer in self._buffers:
            left, right = buffer[one, :, :places], buffer[other, :, :places]
            kept = left.copy()
            left[:] = right
            right[:] = kept

    def copy(self, source: int, target: int, first: int, last: int) -> None:
        """As `Runner.copy`."""
        self._grow(target + 1, last)
        for buffer in self._buffers:
            buffer[target, :, first:last] = buffer[source, :, first:last]

    def _run(
        self,
        row: int,
        ids: NDArray[np.int64],
        pasts: NDArray[np.int64],
        known: NDArray[np.int64],
        options: RunOptions | None,
    ) -> Floats:
        count, length = ids.shape
        total = int(known.max())
        width = self._width_of_mask(total) if length == 1 else 0
        bound = self._bound.get((row, count, length, width)) or self._bind(row, count, length, width)
        bound.ids[:] = ids
        bound.known = ()
        mask = masked(self._counting, known, self._mask_of(count, total) if bound.mask is None else bound.mask)
        if bound.mask is None:
            _bind(bound.binding, "attention_mask", mask)
        if bound.places is not None:
            np.add(pasts[:, None], self._counting[:length], out=bound.places)
        self._session.run_with_iobinding(bound.binding, options)
        return ends(bound.logits, known - pasts)

    def _mask_of(self, count: int, total: int) -> NDArray[np.int64]:
        """Return room for the mask of a prompt's chunk, in memory that is kept."""
        if self._mask.size < count * total:
            self._mask = np.empty(count * self._capacity, np.int64)
        return self._mask[: count * total].reshape(count, total)

    def _bind(self, row: int, count: int, length: int, width: int) -> _Bound:
        """Bind all for all runs of a form, but a mask without a width: that takes longer than a small model's step."""
        shape = self._shape
        logits = self._room_for_logits(count, self._kept(length), self.width)  # it may forget all forms: it goes first
        binding = self._session.io_binding()
        ids = np.empty((count, length), np.int64)
        places = np.empty_like(ids) if "position_ids" in shape.inputs else None
        mask = np.empty((count, width), np.int64) if width else None
        _bind(binding, "input_ids", ids)
        _bind(binding, "logits", logits, out=True)
        if places is not None:
            _bind(binding, "position_ids", places)
        if mask is not None:
            _bind(binding, "attention_mask", mask)
        if "num_logits_to_keep" in shape.inputs:
            _bind(binding, "num_logits_to_keep", _ONE)
        for past, present, buffer in zip(shape.past, shape.present, self._buffers, strict=True):
            view = buffer[row : row + count]
            _bind(binding, past, view)
            _bind(binding, present, view, out=True)
        if len(self._bound) >= MOST_FORMS:
            self._bound.clear()
        bound = self._bound[row, count, length, width] = _Bound(binding, ids, places, mask, logits)
        return bound

    def _room_for_logits(self, *shape: int) -> NDArray[Any]:
        """Return room for logits, of which all forms share one: with a large vocabulary it is what takes most."""
        if self._logits.size < prod(shape):
            self._bound.clear()
            self._logits = np.empty(prod(shape), self._shape.logits)
        return self._logits[: prod(shape)].reshape(shape)

    def _enlarge(self, rows: int, capacity: int) -> None:
        grown = self._made(rows, capacity)  # nothing of it is in memory before it is written to
        self._bound.clear()
        for number, after in enumerate(grown):
            after[: self._have, :, : self._capacity] = self._buffers[number]
            self._buffers[number] = after

    def _made(self, rows: int, capacity: int) -> list[NDArray[Any]]:
        return [np.zeros((rows, heads, capacity, head), self._shape.kind) for heads, head in self._shape.sizes]


def _bind(binding: Binding, name: str, array: NDArray[Any], *, out: bool = False) -> None:
    bind = binding.bind_output if out else binding.bind_input
    bind(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)
