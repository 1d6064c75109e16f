"""Where vectors go: a file that a killed run leaves to the next one, or a stream that is written and forgotten.

Law: `FILE` is whole or it is not there. Until it is, its rows are in `FILE.part`, and `FILE.progress` says how many of
them count. One run at a time: the part is locked, and the lock ends with its process. What is another's is neither
written nor taken away.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Protocol

from chat_core.bulk import journal
from chat_core.bulk.formats import beside, head
from chat_core.bulk.inputs import BulkRefused
from chat_core.bulk.journal import Kept
from chat_core.codec.wire import dump

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.bulk.formats import Form
    from chat_core.jsonvalue import JSONObject


FACTS = b'{"dtype":'
"""What the file begins with that says how many raw numbers there are."""

BESIDE = (".part", ".progress", ".progress.new", ".json", ".json.new")
"""How the names of the files end that a run writes beside the one that was asked for."""


def places(path: Path) -> tuple[Path, ...]:
    """Return the files that a run may write."""
    return (path, *(path.with_name(f"{path.name}{end}") for end in BESIDE))


class Output(Protocol):
    """Takes rows in order."""

    def begin(self, told: JSONObject, *, restart: bool) -> Kept:
        """Get ready, and say how far a former run has come."""
        ...

    def write(self, data: bytes) -> None:
        """Write what comes next."""
        ...

    def keep(self, kept: Kept) -> None:
        """Make sure that what was written stays."""
        ...

    def finish(self, kept: Kept) -> None:
        """Make of it what was asked for."""
        ...

    def close(self, *, discard: bool = False) -> None:
        """Let go of it; `discard` takes away what a run has left that wrote nothing."""
        ...


class StreamOutput:
    """An open file of the caller's; nothing is resumed."""

    def __init__(self, file: BinaryIO, form: Form) -> None:
        """Keep it.

        Raises:
            BulkRefused: the form needs a file of its own.
        """
        if form != "jsonl":
            raise BulkRefused(f"{form} needs a file that can be written twice: name one, or write JSON lines")
        self._file = file

    def begin(self, told: JSONObject, *, restart: bool) -> Kept:  # noqa: ARG002 - the protocol's parameter
        """Begin at the beginning."""
        return Kept(told=told)

    def write(self, data: bytes) -> None:
        """Write, and hand it on at once."""
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]  # one without a buffer may take a part
        self._file.flush()

    def keep(self, kept: Kept) -> None:
        """Do nothing: what was written is somebody else's."""

    def finish(self, kept: Kept) -> None:
        """Do nothing: it is the caller's to close."""

    def close(self, *, discard: bool = False) -> None:
        """Do nothing."""


class FileOutput:
    """A file that is there when it is whole."""

    def __init__(self, path: Path, form: Form, model: str) -> None:
        """Name it; nothing is opened yet."""
        self._path = path
        self._form: Form = form
        self._model = model
        self._part = path.with_name(f"{path.name}.part")
        self._state = path.with_name(f"{path.name}.progress")
        self._facts = path.with_name(f"{path.name}.json")
        self._file = -1

    def begin(self, told: JSONObject, *, restart: bool) -> Kept:
        """Open what a former run has left, or begin anew.

        Raises:
            BulkRefused: the file is there already, another run writes to it, or what is left does not fit.
            OSError: it cannot be written.
        """
        if restart:
            journal.require_own(self._state, journal.FIRST)
        kept = None if restart else journal.read(self._state)
        if self._form == "bin":
            journal.require_own(self._facts, FACTS)
        if kept is not None:
            journal.require_same(self._state, kept, told)
            if kept.finished and not self._part.exists() and self._path.exists():
                return kept  # only the state was left to be taken away
            self._require_free(kept)
        elif not restart and self._path.exists():
            raise BulkRefused(f"{self._path} is there already: make it anew with restart=True, or name another file")
        self._file = os.open(self._part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        try:
            return self._resumed(kept, told) if kept is not None else self._begun(told)
        except BaseException:
            self.close()
            raise

    def _require_free(self, kept: Kept) -> None:
        """Require that nobody has taken the name since the run began."""
        if self._path.exists() and not kept.over:
            raise BulkRefused(f"{self._path} is there already, and of no run: move it away, and begin the same again")

    def _begun(self, told: JSONObject) -> Kept:
        _lock(self._file, self._part)
        if not self._state.exists() and not self._is_new():
            raise BulkRefused(f"{self._part} is there already, and of no run: move it away, or name another file")
        os.lseek(self._file, 0, os.SEEK_SET)
        os.ftruncate(self._file, 0)  # a state that speaks of more rows is refused until it is replaced
        self.write(head(self._form))
        kept = Kept(told=told, size=len(head(self._form)), over=self._path.exists())
        self.keep(kept)
        return kept

    def _is_new(self) -> bool:
        """Tell whether the part holds nothing, or the first bytes of a run that was killed as it began."""
        return head(self._form).startswith(os.read(self._file, len(head(self._form)) + 1))

    def _resumed(self, kept: Kept, told: JSONObject) -> Kept:
        """Cut off what was written after the state."""
        _lock(self._file, self._part)
        kept = journal.read(self._state) or kept  # another run may have ended since
        journal.require_same(self._state, kept, told)
        if os.fstat(self._file).st_size < kept.size:
            raise BulkRefused(f"{self._part} is shorter than {self._state} says: begin anew with restart=True")
        os.ftruncate(self._file, kept.size)
        os.lseek(self._file, kept.size, os.SEEK_SET)
        return kept

    def write(self, data: bytes) -> None:
        """Write all of it; what an error leaves behind is cut off by the next run."""
        left = memoryview(data)
        while left:
            left = left[os.write(self._file, left) :]

    def keep(self, kept: Kept) -> None:
        """Put what was written on the disk, and then say so."""
        os.fsync(self._file)
        journal.write(self._state, kept)

    def finish(self, kept: Kept) -> None:
        """Give the file its name. A run that is killed in here is finished by the next one."""
        if self._file >= 0:
            if begins := head(self._form, kept.rows, kept.dimensions or 0):
                os.lseek(self._file, 0, os.SEEK_SET)
                self.write(begins)
            self.keep(kept)
            self._require_free(kept)
            if facts := beside(self._form, kept.rows, kept.dimensions or 0, self._model):
                journal.require_own(self._facts, FACTS)
                journal.replaced(self._facts, dump(facts) + b"\n", FACTS)
            self._part.replace(self._path) if os.name != "nt" else self._moved()
        _settle(self._path.parent)  # else a crash of the machine could take the new name back, and not the state
        self._state.unlink(missing_ok=True)

    def _moved(self) -> None:
        """Give the file its name where an open one cannot be renamed."""
        os.close(self._file)
        self._file = -1
        self._part.replace(self._path)

    def close(self, *, discard: bool = False) -> None:
        """Close the part, which ends its lock."""
        if self._file < 0:
            return
        if discard:
            self._state.unlink(missing_ok=True)
            self._part.unlink(missing_ok=True)
        with suppress(OSError):  # what counts was kept
            os.close(self._file)
        self._file = -1


def _settle(folder: Path) -> None:
    """Put names on the disk, where a system lets folders be opened."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _lock(file: int, path: Path) -> None:
    """Keep other runs away until this process ends; where the system has no such locks, nothing does.

    Raises:
        BulkRefused: another run holds it, or has just given the file its name.
    """
    try:
        import fcntl  # noqa: PLC0415 - not on every platform
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        same = os.path.samestat(os.fstat(file), path.stat())
    except (BlockingIOError, FileNotFoundError):
        same = False
    if not same:
        raise BulkRefused(f"another run writes to {path}: wait for it, or end it")
