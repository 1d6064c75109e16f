"""What is read in bulk: lines of text, JSON lines, CSV, or texts that a program makes; one at a time.

Law: nothing is read ahead, so a `Mark` taken after a text says exactly what lies before the next one, and a later run
goes on from there, once it has seen that the input before the mark is the same. What is no text is an error that names
its line; a blank one is passed over only when that was asked for.
"""

from __future__ import annotations

import csv
import os
import stat
from contextlib import suppress
from hashlib import blake2b
from io import TextIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, TypeAlias, cast, get_args

from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chat_core.jsonvalue import JSON, JSONObject

Kind: TypeAlias = Literal["lines", "jsonl", "csv", "texts"]
"""A text on each line; JSON on each line; a table with a header; texts that a program gives."""

KINDS: tuple[Kind, ...] = get_args(Kind)

Given: TypeAlias = "str | Path | BinaryIO | Iterable[str]"
"""What can be read: the path of a file, an open binary one, or texts."""

SUFFIXES: dict[str, Kind] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}
"""What the end of a file name says; others are lines of text."""

MAX_LINE = 16 * 1024 * 1024
"""Longest line, in bytes."""

BOM = b"\xef\xbb\xbf"


class BulkRefused(ValueError):
    """The input, or what a former run has left, cannot be used; the message names the place and the fix."""


@dataclass(frozen=True, slots=True)
class Item:
    """One text.

    Attributes:
        text: what is sent.
        line: the line that it ends on, or its place among texts, from 1.
        id: the caller's name of it, of JSON lines and tables.
        named: whether it has one; null is one too.
    """

    text: str
    line: int
    id: JSON = None
    named: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """How far an input was read.

    Attributes:
        read: bytes.
        lines: lines, or texts.
        digest: the hash of these bytes.
    """

    read: int = 0
    lines: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How an input is read.

    Attributes:
        kind: what its lines are.
        text_field: the member, or the column, that holds the text; `None` = lines are JSON texts, or there is one
            column.
        id_field: the one that holds the id; `None` = there are no ids.
        skip_blank: whether blank texts are passed over.
    """

    kind: Kind
    text_field: str | None = None
    id_field: str | None = None
    skip_blank: bool = False


def shape_of(
    given: Given, kind: Kind | None, text_field: str | None, id_field: str | None, *, skip_blank: bool
) -> Shape:
    """Say how an input is read: as told, as its name ends, or by what is looked for in it.

    Raises:
        BulkRefused: there is no such kind, fields are looked for in lines of text, or texts of a program are said to be
            a file.
    """
    if kind is not None and kind not in KINDS:  # for programs without a type checker
        raise BulkRefused(f"kind={kind!r:.80} is none: choose among {', '.join(KINDS[:-1])}")
    named = given if isinstance(given, (str, Path)) else getattr(given, "name", "")
    found: Kind | None = kind or SUFFIXES.get(Path(named).suffix.lower() if isinstance(named, (str, Path)) else "")
    if not isinstance(given, (str, Path)) and not hasattr(given, "readline"):
        if kind is not None and kind != "texts":
            raise BulkRefused(f"kind={kind!r} is of files, and these are texts of a program: leave it out")
        found = "texts"
    elif found is None:
        found = "lines" if text_field is None and id_field is None else "jsonl"
    if found in {"lines", "texts"} and (text_field is not None or id_field is not None):
        raise BulkRefused(f"text_field= and id_field= name parts of JSON lines or CSV, and these are {found}")
    return Shape(kind=found, text_field=text_field, id_field=id_field, skip_blank=skip_blank)


class Source:
    """An input that is being read.

    Attributes:
        size: its bytes in all; `None` = nobody knows, as of a pipe.
        blank: the blank texts that were passed over.
    """

    def __init__(self, given: Given, shape: Shape) -> None:
        """Open it.

        Raises:
            OSError: it cannot be opened.
            TypeError: it is a file that was opened for text.
        """
        if isinstance(given, TextIOBase):
            raise TypeError("the input is read as bytes: open it with open(path, 'rb'), or pass its path")
        self._shape = shape
        self._own = Path(given).open("rb") if isinstance(given, (str, Path)) else None  # noqa: SIM115 - `close` does
        self._name = str(given) if isinstance(given, (str, Path)) else ""
        self._raws = _lines(given if self._own is None else self._own)
        self.size = _size(given if self._own is None else self._own)
        self.blank = 0
        self._hash = blake2b(digest_size=16)
        self._read = self._line = 0
        self._columns: list[str] | None = None

    def close(self) -> None:
        """Close what was opened here."""
        if self._own is not None:
            self._own.close()

    @property
    def mark(self) -> Mark:
        """How far it was read."""
        return Mark(self._read, self._line, self._hash.hexdigest() if self._read else "")

    def place(self, line: int) -> str:
        """Name a line for people."""
        what = f"text {line}" if self._shape.kind == "texts" else f"line {line}"
        return f"{self._name}, {what}" if self._name else what

    def skip(self, mark: Mark) -> None:
        """Read on to where a former run was.

        Raises:
            BulkRefused: what lies before the mark is not what that run had read.
        """
        if mark.read and self._shape.kind == "csv":
            self._header()
        while self._read < mark.read and self._next() is not None:
            pass
        if self.mark != mark:
            raise BulkRefused(
                f"the input was changed: its first {mark.lines} lines are not those that the unfinished run had read. "
                "Put them back, or begin anew with restart=True"
            )

    def items(self) -> Iterator[Item]:
        """Read the texts, one by one.

        Raises:
            BulkRefused: something is no text.
        """
        for text, id_ in self._texts():
            if text.strip():
                yield Item(text, self._line, id_, named=self._shape.id_field is not None)
            elif self._shape.skip_blank:
                self.blank += 1
            else:
                raise self._refused("it is blank, and nothing has no vector: fill it, or pass it over, skip_blank=True")

    def _texts(self) -> Iterator[tuple[str, JSON]]:
        match self._shape.kind:
            case "lines":
                return ((line.rstrip("\r\n"), None) for line in self._decoded())
            case "texts":
                return ((raw[:-1].decode("utf-8", "surrogatepass"), None) for raw in iter(self._next, None))
            case "jsonl":
                return map(self._of_json, self._decoded())
            case "csv":
                return self._of_table()

    def _next(self) -> bytes | None:
        """Take one line, and count it."""
        raw = next(self._raws, None)
        if raw is not None:
            self._read += len(raw)
            self._line += 1
            self._hash.update(raw)
            if len(raw) > MAX_LINE:
                raise self._refused(f"it is longer than {MAX_LINE} bytes")
        return raw

    def _decoded(self) -> Iterator[str]:
        while (raw := self._next()) is not None:
            try:
                yield (raw.removeprefix(BOM) if self._line == 1 else raw).decode()
            except UnicodeDecodeError:
                raise self._refused("it is not UTF-8: save the file as UTF-8") from None

    def _of_json(self, line: str) -> tuple[str, JSON]:
        if not line.strip():
            return "", None
        try:
            value = parse(line)
        except DecodeError as error:
            raise self._refused(error.message) from None
        if isinstance(value, str) and self._shape.text_field is None and self._shape.id_field is None:
            return value, None
        if not isinstance(value, dict):
            raise self._refused(f"a JSON object was expected, or a text, not {type(value).__name__}")
        return self._of_row(value)

    def _of_table(self) -> Iterator[tuple[str, JSON]]:
        columns = self._header()
        for cells in self._records():
            if not cells:  # a line with nothing on it
                yield "", None
                continue
            if len(cells) != len(columns):
                raise self._refused(f"it has {len(cells)} cells, and the header {len(columns)}")
            yield self._of_row(cast("JSONObject", dict(zip(columns, cells, strict=True))))

    def _header(self) -> list[str]:
        if self._columns is None:
            self._columns = next(self._records(), list[str]())
            if len(set(self._columns)) < len(self._columns):
                raise self._refused(f"two columns have one name: {', '.join(self._columns)}")
        return self._columns

    def _records(self) -> Iterator[list[str]]:
        try:
            yield from csv.reader(self._decoded(), strict=True)
        except csv.Error as error:
            if "field limit" in str(error):  # it has no class of its own
                most = f"it has a cell of more than {csv.field_size_limit()} characters, the limit of Python's csv"
                raise self._refused(f"{most}: write JSON lines, or raise csv.field_size_limit() first") from None
            raise self._refused(f"no CSV: {error}") from None

    def _of_row(self, row: JSONObject) -> tuple[str, JSON]:
        field = self._shape.text_field
        if field is None and len(row) == 1 and self._shape.kind == "csv":
            (field,) = row
        text = self._member(row, field, "text")
        if not isinstance(text, str):
            raise self._refused(f"{field} is no text, but {type(text).__name__}")
        if self._shape.id_field is None:
            return text, None
        return text, self._member(row, self._shape.id_field, "id")

    def _member(self, row: JSONObject, field: str | None, what: str) -> JSON:
        if field is None or field not in row:
            missing = f"which of them holds the {what}?" if field is None else f"there is no {field!r}:"
            raise self._refused(f"{missing} Name it with {what}_field=; there are: {', '.join(row)}")
        return row[field]

    def _refused(self, why: str) -> BulkRefused:
        return BulkRefused(f"{self.place(self._line)}: {why}")


def _lines(given: BinaryIO | Given) -> Iterator[bytes]:
    """Cut a file into its lines, or spell texts as bytes, each with an end."""
    if hasattr(given, "readline"):
        file = cast("BinaryIO", given)
        yield from iter(lambda: file.readline(MAX_LINE + 1), b"")
        return
    for text in cast("Iterable[object]", given):
        if not isinstance(text, str):  # for programs without a type checker
            raise TypeError(f"texts are str, and {type(text).__name__} is none")
        yield text.encode("utf-8", "surrogatepass") + b"\n"


def _size(given: object) -> int | None:
    with suppress(OSError, AttributeError, ValueError):  # ValueError: io.UnsupportedOperation
        status = os.fstat(cast("BinaryIO", given).fileno())
        return status.st_size if stat.S_ISREG(status.st_mode) else None
    return None
