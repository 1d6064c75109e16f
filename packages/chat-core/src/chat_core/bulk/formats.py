"""How vectors are written: JSON lines, a NumPy file, or raw numbers; made without NumPy.

Law: 32-bit floats survive every form as they are: JSON has the nine digits that tell any two of them apart. A vector
that holds no number, or is not as long as the others, is refused.
"""

from __future__ import annotations

import sys
from array import array
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from chat_core.bulk.inputs import BulkRefused
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.text_exchanges import holds_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.bulk.inputs import Item
    from chat_core.jsonvalue import JSONObject

Vector: TypeAlias = "array[float] | array[int]"

Form: TypeAlias = Literal["jsonl", "npy", "bin"]
"""A JSON object a line; a matrix as `numpy.load` reads it; the numbers alone, with a JSON file that says how many."""

FORMS: tuple[Form, ...] = get_args(Form)

SUFFIXES: dict[str, Form] = {
    "": "jsonl", ".jsonl": "jsonl", ".ndjson": "jsonl", ".npy": "npy", ".bin": "bin", ".f32": "bin",
}  # fmt: skip
"""What the end of a file name says; a name without one says JSON lines."""

DTYPE = "<f4"
"""32-bit floats, the least significant byte first: what the two binary forms hold."""

_HEAD = 128
"""Bytes before the numbers of a NumPy file: the format wants a multiple of 64."""


def form_of(target: str | Path, form: Form | None) -> Form:
    """Return the form that was asked for, or that the end of a name says.

    Raises:
        BulkRefused: there is no such form, or the name ends in what says none.
    """
    if form is not None and form not in FORMS:
        raise BulkRefused(f"format={form!r:.80} is none: choose among {', '.join(FORMS)}")
    ending = Path(target).suffix.lower()
    if form is None and ending not in SUFFIXES:
        known = ", ".join(sorted(filter(None, SUFFIXES)))
        raise BulkRefused(f"{target}: {ending} says no form: {known} do; or choose one with format=")
    return form or SUFFIXES[ending]


def require_place(form: Form, *, ids: bool, texts: bool) -> None:
    """Refuse to drop what a form has no place for.

    Raises:
        BulkRefused: it has none.
    """
    if form != "jsonl" and (ids or texts):
        what = "ids" if ids else "texts"
        raise BulkRefused(f"{form} has no place for {what}: write JSON lines, or leave the {what} out")


def head(form: Form, rows: int = 0, dimensions: int = 0) -> bytes:
    """Return what goes before the vectors; of the same length, however many there are."""
    if form != "npy":
        return b""
    facts = f"{{'descr': '{DTYPE}', 'fortran_order': False, 'shape': ({rows}, {dimensions}), }}"
    magic = b"\x93NUMPY\x01\x00" + (_HEAD - 10).to_bytes(2, "little")
    return magic + facts.encode().ljust(_HEAD - len(magic) - 1) + b"\n"


def beside(form: Form, rows: int, dimensions: int, model: str) -> JSONObject | None:
    """Return what a second file has to say; `None` = there is none."""
    if form != "bin":
        return None
    return {"dtype": DTYPE, "shape": [rows, dimensions], "model": model}


def require_vectors(vectors: Iterable[Vector], dimensions: int | None) -> int | None:
    """Check vectors and return how long they are.

    Raises:
        DecodeError: one is empty, holds what is no number, or has not the length of the others.
    """
    for vector in vectors:
        if dimensions is None:
            dimensions = len(vector)
        if len(vector) != dimensions or not vector:
            raise DecodeError(f"the service sent a vector of {len(vector)} numbers after ones of {dimensions}")
        if not holds_numbers(vector):
            raise DecodeError("the service sent a vector with NaN or an infinity in it")
    return dimensions


def rows(form: Form, first: int, pairs: Iterable[tuple[Item, Vector]], *, texts: bool = False) -> bytes:
    """Spell vectors, the first of which has the number `first`."""
    if form != "jsonl":
        return b"".join(_floats(vector) for _, vector in pairs)
    return b"".join(_line(first + at, item, vector, texts=texts) for at, (item, vector) in enumerate(pairs))


def _line(index: int, item: Item, vector: Vector, *, texts: bool) -> bytes:
    facts: JSONObject = {"id": item.id} if item.named else {}
    facts["index"] = index
    if texts:
        facts["text"] = item.text
    return dump(facts)[:-1] + b',"embedding":' + numbers(vector) + b"}\n"


def numbers(vector: Vector) -> bytes:
    """Spell a vector as JSON: 32-bit floats with nine digits, which is shorter than the digits of 64-bit ones."""
    if vector.typecode != "f":
        return dump(vector.tolist())
    return (_pattern(len(vector)) % tuple(vector)).encode()


@lru_cache(maxsize=8)
def _pattern(length: int) -> str:
    return f"[{','.join(['%.9g'] * length)}]"


def _floats(vector: Vector) -> bytes:
    floats = vector if vector.typecode == "f" else array("f", vector)
    if sys.byteorder == "big":
        floats = floats[:]
        floats.byteswap()
    return floats.tobytes()
