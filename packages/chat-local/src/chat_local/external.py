"""The files beside a graph that hold its weights, read off the graph itself without the package `onnx`.

The format is protobuf (source: onnx's `onnx.proto`, of which only the messages on the way to a weight are known here).
Law: nothing is loaded but the words that say where weights are. A file that breaks off is said to be incomplete.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_DEPTH = 40
"""Graphs within graphs that are followed: those of loops and branches are two or three deep."""

MAX_WORD = 4096
"""Most bytes of a location."""

_WAYS: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
}
"""Which fields of a message lead to weights, and what message is in them."""

_FIXED: Mapping[int, int] = {1: 8, 5: 4}
"""Bytes of numbers that have a fixed size, by how they are written."""


class _Broken(Exception):
    """The file is none, or breaks off."""


@dataclass(frozen=True, slots=True)
class External:
    """Where weights are.

    Attributes:
        location: the file, as the graph names it.
        end: how many bytes of it are needed at least; 0 where the graph does not say.
    """

    location: str
    end: int


def external(graph: Path) -> tuple[External, ...]:
    """Return the files that hold weights of a graph, each once, sorted.

    Raises:
        ConfigurationError: the graph is damaged or incomplete.
    """
    ends: dict[str, int] = {}
    try:
        with graph.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            for place in _tensors(view, "model", 0, len(view), 0):
                ends[place.location] = max(ends.get(place.location, 0), place.end)
    except (_Broken, ValueError) as error:
        raise ConfigurationError(f"{graph} is no ONNX graph, damaged or incomplete ({error}): fetch it again") from None
    except OSError as error:
        raise ConfigurationError(f"{graph} cannot be read: {error.strerror}") from None
    return tuple(External(location, ends[location]) for location in sorted(ends))


def _tensors(view: mmap.mmap, message: str, start: int, stop: int, depth: int) -> Iterator[External]:
    """Yield where the weights within a message are, those of them that are in other files."""
    if depth > MAX_DEPTH:
        raise _Broken("graphs within graphs without an end")
    ways, words = _WAYS[message], dict[str, str]()
    for number, begin, end in _fields(view, start, stop):
        inner = ways.get(number)
        if inner == "entry":
            key, value = _entry(view, begin, end)
            words[key] = value
        elif inner is not None:
            yield from _tensors(view, inner, begin, end, depth + 1)
    if "location" in words:
        yield External(words["location"], _number(words, "offset") + _number(words, "length"))


def _fields(view: mmap.mmap, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Yield the fields of a message that hold bytes, each with its number, begin and end."""
    place = start
    while place < stop:
        tag, place = _varint(view, place, stop)
        match tag & 7:
            case 0:
                _, place = _varint(view, place, stop)
            case 2:
                length, place = _varint(view, place, stop)
                if length > stop - place:
                    raise _Broken("it breaks off")
                yield tag >> 3, place, place + length
                place += length
            case kind if kind in _FIXED:
                place += _FIXED[kind]
            case _:
                raise _Broken("it is of another format")
    if place > stop:
        raise _Broken("it breaks off")


def _varint(view: mmap.mmap, place: int, stop: int) -> tuple[int, int]:
    """Read a number, and return it with the place behind it."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= stop:
            raise _Broken("it breaks off")
        byte = view[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the mark of a number's last byte
            return value, place
    raise _Broken("a number without an end")


def _entry(view: mmap.mmap, start: int, stop: int) -> tuple[str, str]:
    """Read a pair of words."""
    words = {1: "", 2: ""}
    for number, begin, end in _fields(view, start, stop):
        if end - begin > MAX_WORD:
            raise _Broken("a location without an end")
        words[number] = view[begin:end].decode("utf-8")
    return words[1], words[2]


def _number(words: Mapping[str, str], name: str) -> int:
    word = words.get(name, "0")
    if not word.isascii() or not word.isdecimal():
        raise _Broken(f"{word[:40]!r} is no {name}")
    return int(word)
