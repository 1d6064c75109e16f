"""Graphs that write into the cache which they are given, on a device: what a GPU works with stays in its memory.

Law: keys and values never leave the device, and of the logits only what is drawn from does. A step has one form for
each number of rows, so that a GPU can record it and play it again. The CPU is a device as well, on which all of this is
proved; there only the device's name differs, and nothing is recorded.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import count as counted
from typing import TYPE_CHECKING

import numpy as np

from chat_local.engine import runtime, tensor
from chat_local.engine.growing import MOST_FORMS, Growing, ends, masked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from chat_local.engine.runtime import Loaded
    from chat_local.engine.session import Binding, RunOptions
    from chat_local.engine.signature import Signature
    from chat_local.engine.tensor import Tensor

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of a run, bound: rows from one on, so many tokens each; the tensors live as long as it."""

    binding: Binding
    ids: Tensor
    places: Tensor | None
    mask: Tensor | None
    logits: Tensor
    options: RunOptions
    kept: Sequence[Tensor]


class Resident(Growing):
    """Runs such a graph; implements `graph.Runner`."""

    def __init__(  # noqa: PLR0913 - as `shared.Shared`
        self,
        loaded: Loaded,
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
        self._session = loaded.session
        self._device = loaded.device
        self._recorded = loaded.recorded
        self._numbers = counted(1)
        self._forms: dict[tuple[int, int, int, int], _Form] = {}
        self._spare: list[Tensor] = []
        self._padding = tensor.Padding(self._device, shape.kind)
        self._buffers = [
            self._padding.grown(
                tensor.of(self._device, np.zeros((1, heads, 1, head), shape.kind)), (1, heads, self._capacity, head)
            )
            for heads, head in shape.sizes
        ]

    def step(self, ids: Sequence[int], pasts: Sequence[int]) -> Floats:
        """As `Runner.step`; where steps cannot be recorded after all, that is said once."""
        try:
            return super().step(ids, pasts)
        except MemoryError:
            raise
        except Exception as error:
            if not self._recorded:
                raise
            self._recorded = False
            self._forms.clear()
            warnings.warn(f"steps on {self._device} are not recorded, and so are slower: {error}", stacklevel=2)
            return super().step(ids, pasts)

    def swap(self, one: int, other: int, places: int) -> None:  # noqa: ARG002 - whole rows are copied, which is one run
        """As `Runner.swap`."""
        if not self._spare:
            self._spare = [tensor.empty(self._device, (1, *each.shape[1:]), each.kind) for each in self._buffers]
        left, right = self._rows(one), self._rows(other)
        for sources, targets in ((left, self._spare), (right, left), (self._spare, right)):
            tensor.copy(sources, targets)

    def copy(self, source: int, target: int, first: int, last: int) -> None:  # noqa: ARG002 - as in `swap`
        """As `Runner.copy`."""
        self._grow(target + 1, last)
        tensor.copy(self._rows(source), self._rows(target))

    def _rows(self, row: int) -> list[Tensor]:
        return [buffer.rows(row, 1) for buffer in self._buffers]

    def _run(
        self,
        row: int,
        ids: NDArray[np.int64],
        pasts: NDArray[np.int64],
        known: NDArray[np.int64],
        options: RunOptions | None,
    ) -> Floats:
        (count, length), total = ids.shape, int(known.max())
        width = 0 if options is not None else self._capacity if self._recorded else self._width_of_mask(total)
        form = self._forms.get((row, count, length, width)) or self._form(row, count, length, width)
        form.ids.write(ids)
        mask = masked(self._counting, known, np.empty((count, width or total), np.int64))
        if form.mask is None:
            held = tensor.of(self._device, mask)
            held.bind(form.binding, "attention_mask")
        else:
            form.mask.write(mask)
        if form.places is not None:
            form.places.write(pasts[:, None] + self._counting[:length])
        self._session.run_with_iobinding(form.binding, form.options if options is None else options)
        return self._fetched(form.logits, known - pasts)

    def _fetched(self, logits: Tensor, lengths: NDArray[np.int64]) -> Floats:
        """Bring the logits of each row's last token to the host, and no others."""
        count, kept, width = logits.shape
        if kept == 1:
            return ends(logits.memory.numpy(), lengths)
        found = np.empty((count, 1, width), logits.kind)
        for row, length in enumerate(lengths.tolist()):
            tensor.fetch(logits.part(row).rows(length - 1, 1), found[row])
        return ends(found, np.ones_like(lengths))

    def _form(self, row: int, count: int, length: int, width: int) -> _Form:
        """Bind all for all runs of a form, but a mask without a width."""
        device, shape, binding = self._device, self._shape, self._session.io_binding()
        ids = tensor.empty(device, (count, length), np.int64)
        places = tensor.empty(device, ids.shape, np.int64) if "position_ids" in shape.inputs else None
        mask = tensor.empty(device, (count, width), np.int64) if width else None
        logits = tensor.empty(device, (count, self._kept(length), self.width), shape.logits)
        one = tensor.of(device, np.asarray(1, np.int64)) if "num_logits_to_keep" in shape.inputs else None
        inputs = {"input_ids": ids, "position_ids": places, "attention_mask": mask, "num_logits_to_keep": one}
        for name, found in inputs.items():
            if found is not None:
                found.bind(binding, name)
        logits.bind(binding, "logits", out=True)
        for past, present, buffer in zip(shape.past, shape.present, self._buffers, strict=True):
            rows = buffer.rows(row, count)
            rows.bind(binding, past)
            rows.bind(binding, present, out=True)
        if len(self._forms) >= MOST_FORMS:
            self._forms.clear()
        options = runtime.run_options(next(self._numbers) if width and self._recorded else -1)
        kept = [found for found in inputs.values() if found is not None]
        form = self._forms[row, count, length, width] = _Form(binding, ids, places, mask, logits, options, kept)
        return form

    def _enlarge(self, rows: int, capacity: int) -> None:
        self._forms.clear()
        self._spare.clear()
        for number, before in enumerate(self._buffers):  # one after another: each is let go before the next is made
            _, heads, _, head = before.shape
            self._buffers[number] = self._padding.grown(before, (rows, heads, capacity, head))
