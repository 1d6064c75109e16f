from __future__ import annotations

import json
import struct
from array import array
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.bulk import formats
from chat_core.bulk.inputs import BulkRefused, Item
from chat_core.errors import DecodeError

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.bulk.formats import Form, Vector

ITEMS = (Item("a", 1), Item("b\u2028", 2, {"n": 1}, named=True))
VECTORS: tuple[Vector, ...] = (array("f", [0.5, -2]), array("f", [0.1, 1e-30]))


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=9))
def test_every_float_survives_json(numbers: list[float]) -> None:
    vector = array("f", numbers)
    assert array("f", json.loads(formats.numbers(vector))) == vector


def test_numbers_of_other_kinds_survive_json_too() -> None:
    assert json.loads(formats.numbers(array("d", [0.1, 1 / 3]))) == [0.1, 1 / 3]
    assert formats.numbers(array("b", [-128, 7])) == b"[-128,7]"


def test_json_lines_hold_what_is_known_of_each_text() -> None:
    data = formats.rows("jsonl", 7, zip(ITEMS, VECTORS, strict=True), texts=True)
    first, second = (json.loads(line) for line in data.split(b"\n")[:2])
    assert first == {"index": 7, "text": "a", "embedding": [0.5, -2]}
    assert list(second) == ["id", "index", "text", "embedding"]
    assert (second["id"], second["text"]) == ({"n": 1}, "b\u2028")
    assert b"text" not in formats.rows("jsonl", 0, zip(ITEMS, VECTORS, strict=True))


def test_an_id_that_is_null_is_an_id() -> None:
    (line,) = formats.rows("jsonl", 0, [(Item("a", 1, None, named=True), VECTORS[0])]).splitlines()
    assert json.loads(line)["id"] is None


def test_numbers_are_little_endian() -> None:
    data = formats.rows("bin", 0, zip(ITEMS, VECTORS, strict=True))
    assert data == struct.pack("<4f", 0.5, -2, 0.1, 1e-30)


def test_bytes_become_floats() -> None:
    assert formats.rows("npy", 0, [(ITEMS[0], array("b", [-1, 2]))]) == struct.pack("<2f", -1, 2)


@pytest.mark.parametrize(("rows", "dimensions"), [(0, 0), (1, 384), (10**12, 10**6)])
def test_the_head_of_a_numpy_file_is_as_the_format_wants_it(rows: int, dimensions: int) -> None:
    head = formats.head("npy", rows, dimensions)
    assert head[:8] == b"\x93NUMPY\x01\x00"
    assert len(head) == 128 == 10 + int.from_bytes(head[8:10], "little")
    assert head.endswith(b" \n")
    assert eval(head[10:]) == {"descr": "<f4", "fortran_order": False, "shape": (rows, dimensions)}


def test_numpy_reads_it(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    path = tmp_path / "a.npy"
    path.write_bytes(formats.head("npy", 2, 2) + formats.rows("npy", 0, zip(ITEMS, VECTORS, strict=True)))
    assert numpy.load(path).tolist() == [list(vector) for vector in VECTORS]


def test_raw_numbers_have_a_file_beside_them_that_says_how_many() -> None:
    assert formats.beside("bin", 3, 2, "toy:m") == {"dtype": "<f4", "shape": [3, 2], "model": "toy:m"}
    assert formats.beside("npy", 3, 2, "toy:m") is formats.beside("jsonl", 3, 2, "toy:m") is None


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.npy", "npy"), ("a.BIN", "bin"), ("a.f32", "bin"), ("a.jsonl", "jsonl"), ("a.ndjson", "jsonl"), ("a", "jsonl")],
)
def test_the_name_of_a_file_says_its_form(name: str, form: str) -> None:
    assert formats.form_of(name, None) == form
    assert formats.form_of(name, "npy") == "npy"


def test_an_ending_that_says_no_form_is_refused_with_those_that_do() -> None:
    with pytest.raises(BulkRefused) as caught:
        formats.form_of("a.xyz", None)
    assert str(caught.value) == (
        "a.xyz: .xyz says no form: .bin, .f32, .jsonl, .ndjson, .npy do; or choose one with format="
    )
    assert formats.form_of("a.xyz", "bin") == "bin"


def test_a_form_without_a_place_for_ids_or_texts_is_refused() -> None:
    formats.require_place("jsonl", ids=True, texts=True)
    formats.require_place("bin", ids=False, texts=False)
    with pytest.raises(BulkRefused, match="npy has no place for ids: write JSON lines, or leave the ids out"):
        formats.require_place("npy", ids=True, texts=False)
    with pytest.raises(BulkRefused, match="bin has no place for texts"):
        formats.require_place("bin", ids=False, texts=True)


def test_vectors_have_one_length() -> None:
    assert formats.require_vectors((), None) is None
    assert formats.require_vectors(VECTORS, None) == formats.require_vectors(VECTORS, 2) == 2
    with pytest.raises(DecodeError, match="a vector of 2 numbers after ones of 3"):
        formats.require_vectors(VECTORS, 3)
    with pytest.raises(DecodeError, match="a vector of 0 numbers"):
        formats.require_vectors([array("f")], None)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_vector_holds_numbers(number: float) -> None:
    with pytest.raises(DecodeError, match="a vector with NaN or an infinity in it"):
        formats.require_vectors([array("f", [1, number])], None)
    with pytest.raises(DecodeError, match="a vector with NaN or an infinity in it"):
        formats.require_vectors([array("f", [number, -number])], None)


def test_a_form_that_there_is_not_is_refused() -> None:
    with pytest.raises(BulkRefused, match="format='xml' is none: choose among jsonl, npy, bin"):
        formats.form_of("a", cast("Form", "xml"))
