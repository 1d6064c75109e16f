"""The graph of a decoder: one run of it over tokens whose past is in a cache.

Law: two kinds of graphs, decided by trying: one that writes into a buffer which it is given (`Shared`: many answers at
once), and one that returns an ever longer cache (`Concat`: one answer at a time). Above this module they are alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from chat_core.errors import UnsupportedContent
from chat_local.engine import runtime
from chat_local.engine.concat import Concat, empty, whole
from chat_local.engine.shared import Shared
from chat_local.engine.signature import signature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from chat_local.engine.runtime import Loaded, RunOptions, Session
    from chat_local.engine.signature import Signature

    Floats = NDArray[np.float32]

_TRIAL = (1, 0)
"""Two tokens that every vocabulary has."""


class Runner(Protocol):
    """Runs a graph for answers that each have a row in its cache.

    Logits that it returns are its own: they may be written to, and are good until the next run.
    """

    @property
    def rows(self) -> int:
        """How many answers there may be at once."""
        ...

    @property
    def width(self) -> int:
        """How many logits there are: at least as many as tokens, often a few more."""
        ...

    def hold(self, rows: int) -> None:
        """Make room for so many rows.

        Raises:
            MemoryError: there is none.
        """
        ...

    def read(self, row: int, ids: Sequence[int], past: int, options: RunOptions) -> Floats:
        """Read on in one row's prompt, whose first `past` tokens are in the cache; return the last place's logits.

        Raises:
            MemoryError: there is no room for more tokens.
        """
        ...

    def step(self, ids: Sequence[int], pasts: Sequence[int]) -> Floats:
        """Let the first rows each take one token; return the logits, `[rows, width]`; raises as `read`."""
        ...

    def swap(self, one: int, other: int, places: int) -> None:
        """Exchange the first places of two rows."""
        ...

    def copy(self, source: int, target: int, first: int, last: int) -> None:
        """Copy the places from `first` on and before `last` from one row to another."""
        ...


def runner(loaded: Loaded, *, rows: int, longest: int, room: Callable[[int], None] = lambda _: None) -> Runner:
    """Make what runs a graph, of the kind that it proves to be.

    Args:
        loaded: the graph.
        rows: most answers at once.
        longest: most tokens of one answer with its prompt.
        room: is told how many bytes the cache is about to take, and raises `MemoryError` when that is too much.

    Raises:
        UnsupportedContent: the graph is none that can be run.
        Exception: as onnxruntime raises it, of a graph whose parts do not fit together.
    """
    shape = signature(loaded.session)
    together, _ = whole(loaded.session, shape, empty(shape), _TRIAL, 0, None)
    width = int(together.shape[-1])
    if shape.vocabulary not in {None, width}:
        raise UnsupportedContent(f"the graph says that it gives {shape.vocabulary} logits, and gives {width}")
    if loaded.device.kind == "cpu" and _shares(loaded.session, shape, together[0, -1]):
        return Shared(loaded.session, shape, width, rows=rows, longest=longest, room=room)
    return Concat(loaded.session, shape, width, room=room)


def _shares(session: Session, shape: Signature, together: NDArray[np.generic]) -> bool:
    """Tell whether a graph writes into its buffer: read apart, the second token has to see the first one."""
    trial = Shared(session, shape, len(together), rows=1, longest=8, room=lambda _: None)
    first, second = _TRIAL
    try:
        trial.read(0, [first], 0, runtime.run_options())
        apart = trial.read(0, [second], 1, runtime.run_options())
    except Exception:  # noqa: BLE001 - onnxruntime's own: a graph of the other kind refuses buffers of a fixed length
        return False
    return bool(np.allclose(apart, together.astype(np.float32), rtol=1e-2, atol=1e-2))
