"""Weights in safetensors files: read where they lie, one tensor at a time.

Law: nothing but safetensors is read: other formats can hold programs. Every offset is checked against the file.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from chat_core.errors import ConfigurationError, DecodeError
from chat_core.jsonvalue import parse_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from chat_core.jsonvalue import JSON

    Floats = NDArray[np.float32]

MAX_HEADER = 100_000_000
"""Most bytes of a file's table of contents (source: the format's own limit)."""

INDEX, USUAL = "model.safetensors.index.json", "model.safetensors"
"""What says where weights are, and where they are when there is one file."""

_TYPES: Mapping[str, str] = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8"}


@dataclass(frozen=True, slots=True)
class _Place:
    path: Path
    kind: str
    shape: tuple[int, ...]
    start: int
    end: int


class Weights:
    """The tensors of a model's folder, by name."""

    def __init__(self, folder: Path) -> None:
        """Read the tables of contents.

        Raises:
            ConfigurationError: there are no weights, or a file is damaged.
        """
        self._places: dict[str, _Place] = {}
        for path in _files(folder):
            for name, place in _contents(path):
                if name in self._places:
                    raise ConfigurationError(f"{name} is both in {self._places[name].path.name} and in {path.name}")
                self._places[name] = place
        self._taken: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor.

        Raises:
            ConfigurationError: there is none of that name.
        """
        return self._place(name).shape

    def take(self, name: str, *shape: int) -> Floats:
        """Return a tensor as 32-bit floats.

        Args:
            name: the tensor.
            shape: what it has to be.

        Raises:
            ConfigurationError: it is missing, or of another shape.
        """
        place = self._place(name)
        if shape and place.shape != shape:
            raise ConfigurationError(f"{name} is {list(place.shape)}, and the model's config wants {list(shape)}")
        self._taken.add(name)
        with place.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            found = np.frombuffer(view[place.start : place.end], np.dtype(_TYPES[place.kind]))
        if place.kind == "BF16":
            found = (found.astype(np.uint32) << 16).view(np.float32)
        return found.astype(np.float32, copy=False).reshape(place.shape)

    @property
    def left(self) -> tuple[str, ...]:
        """The tensors that nobody took."""
        return tuple(sorted(self._places.keys() - self._taken))

    def _place(self, name: str) -> _Place:
        if name not in self._places:
            raise ConfigurationError(
                f"the weights have no {name}: the files are incomplete, or of another kind of model"
            )
        return self._places[name]


def _files(folder: Path) -> list[Path]:
    """Return the files with the weights: those of the index, the usual one, or all that are there."""
    index = folder / INDEX
    if index.is_file():
        try:
            table = parse_object(index.read_bytes(), limit=MAX_HEADER)
        except DecodeError as error:
            raise ConfigurationError(f"{index} is damaged: {error}") from None
        match table:
            case {"weight_map": dict(found)}:
                return [_named(folder, name) for name in sorted({str(file) for file in found.values()})]
            case _:
                raise ConfigurationError(f"{index} is damaged: it does not say where the weights are")
    paths = [folder / USUAL] if (folder / USUAL).is_file() else sorted(folder.glob("*.safetensors"))
    if not paths:
        raise ConfigurationError(f"{folder} has no safetensors files, and others are not read: they can hold programs")
    return paths


def _named(folder: Path, name: str) -> Path:
    """Return a file that the index names, which is one of the folder itself."""
    path = folder / name
    if path.parent != folder or path.suffix != ".safetensors" or not path.is_file():
        raise ConfigurationError(f"{folder} has no file {name}, which {INDEX} names: fetch it as well")
    return path


def _contents(path: Path) -> Iterator[tuple[str, _Place]]:
    """Yield the tensors of one file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(size - 8, MAX_HEADER):  # noqa: PLR2004 - the length's own bytes
            raise ConfigurationError(f"{path.name} is incomplete or no safetensors file: fetch it again")
        try:
            table = parse_object(file.read(length), limit=MAX_HEADER)
        except DecodeError as error:
            raise ConfigurationError(f"{path.name} is damaged: {error}") from None
    for name, entry in table.items():
        if name != "__metadata__":
            yield name, _entry(path, name, entry, 8 + length, size)


def _entry(path: Path, name: str, entry: JSON, begin: int, size: int) -> _Place:
    match entry:
        case {"dtype": str(kind), "shape": list(shape), "data_offsets": [int(start), int(end)]}:
            sizes = tuple(number for number in shape if isinstance(number, int) and number >= 0)
        case _:
            raise ConfigurationError(f"{path.name} is damaged: {name} has no place in it")
    if kind not in _TYPES:
        raise ConfigurationError(
            f"{name} is of the type {kind}, which is not read: use the model's unquantised weights"
        )
    wide = np.dtype(_TYPES[kind]).itemsize
    if not 0 <= start <= end <= size - begin or end - start != prod(sizes) * wide or len(sizes) != len(shape):
        raise ConfigurationError(f"{path.name} is incomplete or damaged: {name} does not fit into it; fetch it again")
    return _Place(path, kind, sizes, begin + start, begin + end)
