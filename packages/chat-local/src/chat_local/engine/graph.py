"""The graph of a decoder: one run of it over tokens whose past is in a cache.

Law: two kinds of graphs, decided by trying: one that writes into a buffer which it is given (many answers at once:
`Shared` on the CPU, `Resident` on a GPU), and one that returns an ever longer cache (`Concat`: one answer at a time).
Above this module they are alike.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from chat_core.errors import UnsupportedContent
from chat_local.engine import runtime
from chat_local.engine.concat import Concat, empty, whole
from chat_local.engine.resident import Resident
from chat_local.engine.shared import Shared
from chat_local.engine.signature import signature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from chat_local.engine.runtime import Loaded
    from chat_local.engine.session import RunOptions
    from chat_local.engine.signature import Signature

    Floats = NDArray[np.float32]

_TRIAL = (1, 0)
"""Two tokens that every vocabulary has."""

FARTHEST = 0.05
"""How far apart logits may be that are the same, as a share of their length: a token that is not seen changes more."""


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

    @property
    def ragged(self) -> bool:
        """Whether prompts that are read together may differ in length."""
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

    def read_together(self, row: int, prompts: Sequence[Sequence[int]], options: RunOptions) -> Floats:
        """Read whole prompts into the rows from one on, from their beginning; return the logits, `[prompts, width]`.

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
        """Copy the places from `first` on and before `last` from one row to another, with the same before `first`.

        What the other row holds after `last` is not defined afterwards.
        """
        ...


def runner(
    loaded: Loaded,
    *,
    rows: int,
    longest: int,
    room: Callable[[int], None] = lambda _: None,
    head: int | None = None,
) -> Runner:
    """Make what runs a graph, of the kind that it proves to be.

    Args:
        loaded: the graph.
        rows: most answers at once.
        longest: most tokens of one answer with its prompt.
        room: is told how many bytes the cache is about to take, and raises `MemoryError` when that is too much.
        head: numbers in a head, for graphs that leave them open.

    Raises:
        UnsupportedContent: the graph is none that can be run.
        Exception: as onnxruntime raises it, of a graph whose parts do not fit together.
    """
    shape = signature(loaded.session, head)
    together, _ = whole(loaded.session, shape, empty(shape), _TRIAL, 0, runtime.run_options())
    width = int(together.shape[-1])
    if shape.vocabulary not in {None, width}:
        raise UnsupportedContent(f"the graph says that it gives {shape.vocabulary} logits, and gives {width}")
    made = partial(_growing, loaded, shape, width)
    if not _shares(made, together[0, -1]):
        return Concat(loaded.session, shape, width, room=room)
    return made(rows=rows, longest=longest, room=room, ragged=_is_ragged(made))


def _growing(  # noqa: PLR0913 - as those that it makes
    loaded: Loaded,
    shape: Signature,
    width: int,
    *,
    rows: int = 2,
    longest: int = 8,
    room: Callable[[int], None] = lambda _: None,
    ragged: bool = False,
) -> Shared | Resident:
    """Make what runs a graph that writes into its buffer, by default for a trial."""
    if loaded.device.kind == "cpu":
        return Shared(loaded.session, shape, width, rows=rows, longest=longest, room=room, ragged=ragged)
    return Resident(loaded, shape, width, rows=rows, longest=longest, room=room, ragged=ragged)


def _shares(made: Callable[[], Runner], together: NDArray[np.generic]) -> bool:
    """Tell whether a graph writes into its buffer: read apart, the second token has to see the first one."""
    trial = made()
    first, second = _TRIAL
    try:
        trial.read(0, [first], 0, runtime.run_options())
        apart = trial.read(0, [second], 1, runtime.run_options())
    except Exception:  # noqa: BLE001 - onnxruntime's own: a graph of the other kind refuses buffers of a fixed length
        return False
    return alike(apart, together)


def _is_ragged(made: Callable[[], Runner]) -> bool:
    """Tell whether a graph reads prompts of different lengths at once: the end of the short one must be as if alone."""
    trial = made()
    try:
        alone = trial.read(0, _TRIAL[:1], 0, runtime.run_options()).copy()
        beside = trial.read_together(0, [_TRIAL, _TRIAL[:1]], runtime.run_options())
    except Exception:  # noqa: BLE001 - as above: one that takes no padding
        return False
    return alike(beside[1], alone)


def alike(some: NDArray[np.generic], others: NDArray[np.generic]) -> bool:
    """Tell whether logits are the same but for rounding, which in halves is felt by the whole and not by each."""
    one, other = some.astype(np.float32), others.astype(np.float32)
    return bool(np.linalg.norm(one - other) <= FARTHEST * np.linalg.norm(other))
