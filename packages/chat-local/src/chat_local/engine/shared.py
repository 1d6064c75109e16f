"""Graphs that write into the cache which they are given: one buffer a layer, one row an answer.

Law: what a run is told is bound once for each form of a run and written in place afterwards; only the mask, whose shape
changes with every token, is bound anew. Buffers double, so an answer of any length is copied a few times only, and
never without asking whether there is room.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from chat_local.engine import runtime
    from chat_local.engine.runtime import RunOptions, Session
    from chat_local.engine.signature import Signature

    Floats = NDArray[np.float32]

FIRST_CAPACITY = 512
"""Places of a new buffer; it doubles when it is full."""

_MOST_FORMS = 64
"""How many forms are kept: those of steps, and those of whole chunks of a prompt."""

_ONE = np.asarray(1, np.int64)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A form of a run, bound: rows from one on, so many tokens each."""

    binding: runtime.Binding
    ids: NDArray[np.int64]
    places: NDArray[np.int64] | None
    logits: NDArray[Any]


class Shared:
    """Runs such a graph; implements `graph.Runner`."""

    def __init__(
        self, session: Session, shape: Signature, width: int, *, rows: int, longest: int, room: Callable[[int], None]
    ) -> None:
        """Begin with one short row; both grow when they are needed."""
        self.rows = rows
        self.width = width
        self._session = session
        self._shape = shape
        self._longest = longest
        self._room = room
        self._have, self._capacity = 1, min(FIRST_CAPACITY, longest)
        room(self._size(1, self._capacity))
        self._buffers = self._made(1, self._capacity)
        self._logits = np.empty(0, shape.logits)
        self._counting = np.arange(longest, dtype=np.int64)
        self._mask = np.empty(0, np.int64)
        self._bound: dict[tuple[int, int, int], _Bound] = {}

    def hold(self, rows: int) -> None:
        """As `Runner.hold`."""
        self._grow(rows, 0)

    def read(self, row: int, ids: Sequence[int], past: int, options: RunOptions) -> Floats:
        """As `Runner.read`."""
        self._grow(row + 1, past + len(ids))
        logits = self._run(row, np.asarray([ids], np.int64), np.asarray([past], np.int64), options)
        return _floats(logits[0, -1])

    def step(self, ids: Sequence[int], pasts: Sequence[int]) -> Floats:
        """As `Runner.step`."""
        self._grow(len(ids), max(pasts) + 1)
        logits = self._run(0, np.asarray(ids, np.int64)[:, None], np.asarray(pasts, np.int64), None)
        return _floats(logits[:, -1])

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
        self, row: int, ids: NDArray[np.int64], pasts: NDArray[np.int64], options: RunOptions | None
    ) -> NDArray[Any]:
        count, length = ids.shape
        bound = self._bound.get((row, count, length)) or self._bind(row, count, length)
        bound.ids[:] = ids
        _bind(bound.binding, "attention_mask", self._masked(pasts + length))
        if bound.places is not None:
            np.add(pasts[:, None], self._counting[:length], out=bound.places)
        self._session.run_with_iobinding(bound.binding, options)
        return bound.logits

    def _masked(self, known: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the mask, `[rows, the longest row's places]`: 1 where a row has something, in memory that is kept."""
        total = int(known.max())
        if self._mask.size < len(known) * total:
            self._mask = np.empty(len(known) * self._capacity, np.int64)
        mask = self._mask[: len(known) * total].reshape(len(known), total)
        np.less(self._counting[:total], known[:, None], out=mask)
        return mask

    def _bind(self, row: int, count: int, length: int) -> _Bound:
        """Bind all but the mask for all runs of a form: that takes longer than a small model's step."""
        shape = self._shape
        kept = 1 if shape.last or "num_logits_to_keep" in shape.inputs else length
        logits = self._room_for_logits(count, kept, self.width)  # it may forget all forms: before the new one is made
        binding = self._session.io_binding()
        ids = np.empty((count, length), np.int64)
        places = np.empty_like(ids) if "position_ids" in shape.inputs else None
        _bind(binding, "input_ids", ids)
        _bind(binding, "logits", logits, out=True)
        if places is not None:
            _bind(binding, "position_ids", places)
        if "num_logits_to_keep" in shape.inputs:
            _bind(binding, "num_logits_to_keep", _ONE)
        for past, present, buffer in zip(shape.past, shape.present, self._buffers, strict=True):
            view = buffer[row : row + count]
            _bind(binding, past, view)
            _bind(binding, present, view, out=True)
        if len(self._bound) >= _MOST_FORMS:
            self._bound.clear()
        bound = self._bound[row, count, length] = _Bound(binding, ids, places, logits)
        return bound

    def _room_for_logits(self, *shape: int) -> NDArray[Any]:
        """Return room for logits, of which all forms share one: with a large vocabulary it is what takes most."""
        if self._logits.size < prod(shape):
            self._bound.clear()
            self._logits = np.empty(prod(shape), self._shape.logits)
        return self._logits[: prod(shape)].reshape(shape)

    def _grow(self, rows: int, places: int) -> None:
        if rows <= self._have and places <= self._capacity:
            return
        have, capacity = self._have, self._capacity
        wanted_rows = have if rows <= have else min(self.rows, max(rows, have * 2))
        wanted = capacity if places <= capacity else min(self._longest, max(places, capacity * 2))
        self._room(self._size(wanted_rows, wanted))
        grown = self._made(wanted_rows, wanted)  # nothing of it is in memory before it is written to
        self._bound.clear()
        for number, after in enumerate(grown):
            after[:have, :, :capacity] = self._buffers[number]
            self._buffers[number] = after
        self._have, self._capacity = wanted_rows, wanted

    def _size(self, rows: int, capacity: int) -> int:
        return rows * capacity * self._shape.token_bytes

    def _made(self, rows: int, capacity: int) -> list[NDArray[Any]]:
        return [np.zeros((rows, heads, capacity, head), self._shape.kind) for heads, head in self._shape.sizes]


def _floats(logits: NDArray[Any]) -> Floats:
    """Return logits to be drawn from; those that are counted in halves are copied."""
    found: Floats = logits.astype(np.float32, copy=False)
    return found


def _bind(binding: runtime.Binding, name: str, array: NDArray[Any], *, out: bool = False) -> None:
    bind = binding.bind_output if out else binding.bind_input
    bind(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)
