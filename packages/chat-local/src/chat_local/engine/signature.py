"""The signature of a graph: what a decoder takes and gives, read from the graph itself.

Law: a graph that is no decoder with a cache, or that wants what this version does not know, is refused by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chat_core.errors import UnsupportedContent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_local.engine.session import Session, Value

_PAST = re.compile(r"^past(?:_key_values)?\.(\d+)\.(key|value)$")
_TYPES: Mapping[str, type[np.generic]] = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
_KNOWN = frozenset({"input_ids", "attention_mask", "position_ids", "num_logits_to_keep", "use_cache_branch"})
_LOGITS_RANK = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a graph takes and gives.

    Attributes:
        inputs: names of all inputs.
        past: names of the cache's inputs, keys and values of each layer in turn.
        present: names of the cache's outputs, in the same order.
        sizes: heads, and numbers in a head, of each of them.
        kind: the type of the cache's numbers.
        logits: the type of the logits.
        vocabulary: how many logits there are; `None` = the graph does not say.
        last: whether it gives the logits of the last place only.
    """

    inputs: frozenset[str]
    past: tuple[str, ...]
    present: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    kind: type[np.generic]
    logits: type[np.generic]
    vocabulary: int | None
    last: bool

    @property
    def token_bytes(self) -> int:
        """Bytes of the cache for one token."""
        return sum(heads * head for heads, head in self.sizes) * np.dtype(self.kind).itemsize


def signature(session: Session, head: int | None = None) -> Signature:
    """Read what a graph takes and gives.

    Args:
        session: the graph.
        head: numbers in a head, for a graph that leaves them open, as those of onnxruntime-genai 0.18 do.

    Raises:
        UnsupportedContent: it is no decoder with a cache.
    """
    inputs = {value.name: value for value in session.get_inputs()}
    outputs = {value.name: value for value in session.get_outputs()}
    past = sorted((name for name in inputs if _PAST.match(name)), key=_place)
    present = [_present(name, outputs) for name in past]
    if "input_ids" not in inputs or "logits" not in outputs or not past or None in present:
        raise UnsupportedContent(
            f"the graph is no decoder with a cache: it takes {', '.join(sorted(inputs))} "
            "and wants input_ids and past_key_values.N.key; convert it with `chat local convert`"
        )
    if strange := inputs.keys() - _KNOWN - set(past):
        raise UnsupportedContent(f"the graph takes what this version does not know: {', '.join(sorted(strange))}")
    if inputs["input_ids"].type != "tensor(int64)":
        raise UnsupportedContent(f"the graph takes tokens as {inputs['input_ids'].type}, and tensor(int64) is known")
    logits = outputs["logits"].shape
    if len(logits) != _LOGITS_RANK:
        raise UnsupportedContent(f"the graph gives logits of the shape {list(logits)}, and has to give three numbers")
    return Signature(
        inputs=frozenset(inputs),
        past=tuple(past),
        present=tuple(name for name in present if name is not None),
        sizes=tuple(_sizes(inputs[name], head) for name in past),
        kind=_type(inputs[past[0]].type),
        logits=_type(outputs["logits"].type),
        vocabulary=logits[-1] if isinstance(logits[-1], int) else None,
        last=logits[1] == 1,
    )


def _sizes(past: Value, known: int | None) -> tuple[int, int]:
    """Return heads, and numbers in a head: what a cache is made of must not be left open."""
    match list(past.shape):
        case [_, int(heads), _, int(head)] if heads > 0 and head > 0:
            return heads, head
        case [_, int(heads), _, str() | None] if heads > 0 and known is not None:
            return heads, known
        case shape:
            raise UnsupportedContent(f"the graph does not say how large its cache is: {past.name} is {shape}")


def _place(name: str) -> tuple[int, str]:
    found = _PAST.match(name)
    return (int(found[1]), found[2]) if found else (0, "")


def _present(past: str, outputs: Mapping[str, Value]) -> str | None:
    layer, kind = _place(past)
    names: Sequence[str] = (f"present.{layer}.{kind}", f"present_key_values.{layer}.{kind}")
    return next((name for name in names if name in outputs), None)


def _type(word: str) -> type[np.generic]:
    if word not in _TYPES:
        raise UnsupportedContent(f"the graph counts in {word}, which this version does not: convert it with --bits")
    return _TYPES[word]
