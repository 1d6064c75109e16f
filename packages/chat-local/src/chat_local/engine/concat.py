"""Graphs that return their cache anew, ever longer: one answer at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chat_local.engine import runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from chat_local.engine.session import RunOptions, Session
    from chat_local.engine.signature import Signature

    Floats = NDArray[np.float32]


class Concat:
    """Runs such a graph; implements `graph.Runner`."""

    rows = 1
    ragged = False

    def __init__(self, session: Session, shape: Signature, width: int, *, room: Callable[[int], None]) -> None:
        """Begin with an empty cache."""
        self.width = width
        self._session = session
        self._shape = shape
        self._room = room
        self._cache = empty(shape)

    def hold(self, rows: int) -> None:
        """As `Runner.hold`: there is one row."""

    def read(self, row: int, ids: Sequence[int], past: int, options: RunOptions) -> Floats:  # noqa: ARG002 - there is one
        """As `Runner.read`."""
        return self._run(ids, past, options)

    def read_together(self, row: int, prompts: Sequence[Sequence[int]], options: RunOptions) -> Floats:
        """As `Runner.read_together`: there is one."""
        (prompt,) = prompts
        return self.read(row, prompt, 0, options)[None]

    def step(self, ids: Sequence[int], pasts: Sequence[int]) -> Floats:
        """As `Runner.step`."""
        return self._run(ids, pasts[0], None)[None]

    def swap(self, one: int, other: int, places: int) -> None:
        """As `Runner.swap`: there is one row."""

    def copy(self, source: int, target: int, first: int, last: int) -> None:
        """As `Runner.copy`: there is one row."""

    def _run(self, ids: Sequence[int], past: int, options: RunOptions | None) -> Floats:
        self._room((past + len(ids)) * self._shape.token_bytes)
        cache = [each[:, :, :past] for each in self._cache]
        how = runtime.run_options() if options is None else options  # never recorded: the cache is another each time
        logits, self._cache = whole(self._session, self._shape, cache, ids, past, how)
        last: Floats = logits[0, -1].astype(np.float32)
        return last


def whole(
    session: Session,
    shape: Signature,
    cache: Sequence[NDArray[Any]],
    ids: Sequence[int],
    past: int,
    options: RunOptions | None,
) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """Run a graph once, with arrays in and arrays out; return the logits and the longer cache."""
    length = len(ids)
    feed: dict[str, NDArray[Any]] = {
        "input_ids": np.asarray([ids], np.int64),
        "attention_mask": np.ones((1, past + length), np.int64),
        "position_ids": np.arange(past, past + length, dtype=np.int64)[None],
        "num_logits_to_keep": np.asarray(1, np.int64),
        "use_cache_branch": np.asarray([past > 0]),
    }
    feed = {name: value for name, value in feed.items() if name in shape.inputs}
    feed |= dict(zip(shape.past, cache, strict=True))
    logits, *present = session.run(["logits", *shape.present], feed, options)
    return logits, present


def empty(shape: Signature) -> list[NDArray[Any]]:
    """Return the cache before the first token."""
    return [np.zeros((1, heads, 0, head), shape.kind) for heads, head in shape.sizes]
