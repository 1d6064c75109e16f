"""The graph of an encoder: what it takes and gives, and one run of it over texts of different lengths.

Law: three kinds, read from the graph itself: one that gives what every token became, one that gives a vector for a
text, one that gives scores. A graph of another kind is refused by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import numpy as np

from chat_core.errors import UnsupportedContent
from chat_local.encoders.texts import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from chat_local.engine.session import Value

    Floats = NDArray[np.float32]

Gives: TypeAlias = Literal["tokens", "vectors", "scores"]

OUTPUTS: tuple[tuple[str, int, Gives], ...] = (
    ("sentence_embedding", 2, "vectors"),
    ("logits", 2, "scores"),
    ("last_hidden_state", 3, "tokens"),
    ("token_embeddings", 3, "tokens"),
)
"""Outputs that are known, with how many axes they have and what is in them; the first one that is there counts."""

_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids", "position_ids"})
_TYPES: Mapping[str, type[np.generic]] = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}


class Runs(Protocol):
    """A loaded graph, whoever runs it: `session.Session` as far as it is used here."""

    def get_inputs(self) -> Sequence[Value]:
        """Return what it takes."""
        ...

    def get_outputs(self) -> Sequence[Value]:
        """Return what it gives."""
        ...

    def run(self, names: Sequence[str], feed: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Run it once, and return outputs by their names; what it raises is its own."""
        ...


class Graph:
    """Runs the graph of one encoder.

    Attributes:
        gives: what it gives for a text.
        output: what the graph calls that.
    """

    def __init__(self, session: Runs, *, pad: int = 0) -> None:
        """Read what a graph takes and gives.

        Args:
            session: the graph.
            pad: the token that fills up short texts.

        Raises:
            UnsupportedContent: it is no encoder's.
        """
        self._session = session
        self._pad = pad
        inputs = {value.name: value.type for value in session.get_inputs()}
        ranks = {value.name: len(value.shape) for value in session.get_outputs()}
        found = [(name, gives) for name, rank, gives in OUTPUTS if ranks.get(name) == rank]
        if "input_ids" not in inputs or not found or (strange := inputs.keys() - _INPUTS):
            raise UnsupportedContent(_refusal([*inputs], [*ranks]))
        if strange := {kind for kind in inputs.values() if kind not in _TYPES}:
            raise UnsupportedContent(f"the graph takes tokens as {', '.join(sorted(strange))}, and integers are known")
        self.output, self.gives = found[0]
        self._types = {name: _TYPES[kind] for name, kind in inputs.items()}

    def run(self, readings: Sequence[Reading]) -> Floats:
        """Return what the graph gives: `[texts, longest, width]` for tokens, else `[texts, width]`.

        Raises:
            ValueError: it does not give one row for each text.
            Exception: as whoever runs it raises it.
        """
        longest = max(reading.length for reading in readings)
        made = {name: getattr(self, f"_{name}")(readings, longest) for name in self._types}
        feed = {name: value.astype(self._types[name], copy=False) for name, value in made.items()}
        (found,) = self._session.run([self.output], feed)
        if len(found) != len(readings):
            raise ValueError(f"the graph gives {len(found)} rows for {len(readings)} texts")
        return found.astype(np.float32, copy=False)

    def tried(self) -> int:
        """Run the graph over one token, and return how many numbers it gives."""
        token = np.array([self._pad], np.int64)
        return int(self.run([Reading(token, np.zeros(1, np.int64), cut=False)]).shape[-1])

    def _input_ids(self, readings: Sequence[Reading], longest: int) -> NDArray[Any]:
        ids = np.full((len(readings), longest), self._pad, np.int64)
        for row, reading in zip(ids, readings, strict=True):
            row[: reading.length] = reading.ids
        return ids

    def _attention_mask(self, readings: Sequence[Reading], longest: int) -> NDArray[Any]:
        lengths = np.array([reading.length for reading in readings])
        return (np.arange(longest) < lengths[:, None]).astype(np.int64)

    def _token_type_ids(self, readings: Sequence[Reading], longest: int) -> NDArray[Any]:
        kinds = np.zeros((len(readings), longest), np.int64)
        for row, reading in zip(kinds, readings, strict=True):
            row[: reading.length] = reading.kinds
        return kinds

    def _position_ids(self, readings: Sequence[Reading], longest: int) -> NDArray[Any]:
        return np.broadcast_to(np.arange(longest, dtype=np.int64), (len(readings), longest))


def _refusal(inputs: Sequence[str], outputs: Sequence[str]) -> str:
    return (
        f"the graph is no encoder's: it takes {', '.join(sorted(inputs)[:6])} and gives "
        f"{', '.join(sorted(outputs)[:6])}, and should give {', '.join(name for name, _, _ in OUTPUTS[1:])}"
    )
