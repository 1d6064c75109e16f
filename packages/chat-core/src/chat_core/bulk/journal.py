"""`FILE.progress`: how far a run had come, so that a later one goes on there.

Law: it is replaced whole, after what it speaks of is on the disk: whenever a program is killed, the last one that was
written is true. A run with other options, or another input, is not the same run.
"""

from __future__ import annotations

import os
from dataclasses import field
from typing import TYPE_CHECKING

from chat_core.bulk.inputs import BulkRefused, Mark
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import parse_object, same

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.jsonvalue import JSON, JSONObject

VERSION = 1
FIRST = b'{"version":'
"""What a state begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How far a run has come.

    Attributes:
        told: what makes it this run and no other one: model, options, the forms of input and output.
        mark: what was read of the input.
        rows: vectors written.
        blank: blank texts passed over.
        size: bytes written.
        dimensions: how long the vectors are; `None` = there is none yet.
        tokens: input tokens that the service told of; `None` = not of all.
        finished: whether all is written, and only names have to be changed.
        over: whether it takes the place of a file that was there, as it was asked to.
    """

    told: JSONObject = field(hash=False)
    mark: Mark = field(default_factory=Mark)
    rows: int = 0
    blank: int = 0
    size: int = 0
    dimensions: int | None = None
    tokens: int | None = 0
    finished: bool = False
    over: bool = False


def read(path: Path) -> Kept | None:
    """Return what a former run has left; `None` = nothing.

    Raises:
        BulkRefused: it is damaged, or no run's.
        OSError: it cannot be read.
    """
    require_own(path, FIRST)
    try:
        return _parsed(path.read_bytes())
    except FileNotFoundError:
        return None
    except DecodeError:
        raise BulkRefused(f"{path} is damaged, or of a newer version: begin anew with restart=True") from None


def _parsed(data: bytes) -> Kept:
    match parse_object(data):
        case {
            "version": 1,
            "told": dict(told),
            "mark": [int(read), int(lines), str(digest)],
            "rows": int(rows),
            "blank": int(blank),
            "size": int(size),
            "dimensions": int() | None as dimensions,
            "tokens": int() | None as tokens,
            "finished": bool(finished),
            **more,
        }:
            mark = Mark(read, lines, digest)
            counts = {"rows": rows, "blank": blank, "size": size}
            return Kept(
                told=told,
                mark=mark,
                dimensions=dimensions,
                tokens=tokens,
                finished=finished,
                over=more.get("over") is True,
                **counts,
            )
        case _:
            raise DecodeError("no state of a run")


def write(path: Path, kept: Kept) -> None:
    """Replace what is there.

    Raises:
        OSError: it cannot be written.
    """
    state: JSONObject = {
        "version": VERSION,
        "told": kept.told,
        "mark": [kept.mark.read, kept.mark.lines, kept.mark.digest],
        "rows": kept.rows,
        "blank": kept.blank,
        "size": kept.size,
        "dimensions": kept.dimensions,
        "tokens": kept.tokens,
        "finished": kept.finished,
        "over": kept.over,
    }
    replaced(path, dump(state) + b"\n", FIRST)


def require_own(path: Path, first: bytes) -> None:
    """Require that a file is not there, or is a run's: one that was killed may have left the beginning of it.

    Raises:
        BulkRefused: it is another's, which is left alone.
        OSError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            begins = file.read(len(first))
    except FileNotFoundError:
        return
    if not first.startswith(begins):
        raise BulkRefused(f"{path} is there already, and of no run: move it away, or name another file")


def replaced(path: Path, data: bytes, first: bytes) -> None:
    """Write a file whole, or leave the one that is there; `first` is what such a file begins with.

    Raises:
        BulkRefused: another's file is in the way.
        OSError: it cannot be written.
    """
    new = path.with_name(f"{path.name}.new")
    require_own(new, first)
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def require_same(path: Path, kept: Kept, told: JSONObject) -> None:
    """Refuse to mix the rows of two runs.

    Raises:
        BulkRefused: the run that is unfinished was told something else; the message says what.
    """
    others = [name for name in {**kept.told, **told} if not same(kept.told.get(name), told.get(name))]
    if others:
        were = ", ".join(f"{name} was {_shown(kept.told.get(name))}, is {_shown(told.get(name))}" for name in others)
        raise BulkRefused(f"{path} is of a run that was told otherwise: {were}. Tell the same, or restart=True")


def _shown(value: JSON) -> str:
    return "not said" if value is None else f"{value!r:.80}"
