"""What is uploaded: bytes at hand, or a file on disk.

Law: of a file one piece at a time is in memory, read beside the flow. Its first bytes say what it is, then its name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from chat_core.codec.effects import Job, run
from chat_core.errors import ConfigurationError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.media import from_bytes

if TYPE_CHECKING:
    from os import PathLike

    from chat_core.codec.effects import Flow

Uploaded: TypeAlias = "bytes | str | PathLike[str]"
"""What can be uploaded: bytes, or the path of a file."""

READING = 60.0
"""Most seconds for reading a piece of a file."""

_HEAD = 4096


class Source(Protocol):
    """Bytes to be uploaded."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def read(self, offset: int, length: int) -> Flow[bytes]:
        """Return a piece."""
        ...


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes at hand."""

    data: bytes

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.data)

    def read(self, offset: int, length: int) -> Flow[bytes]:
        """Return a piece."""
        yield from ()
        return self.data[offset : offset + length]


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file, of which one piece at a time is in memory."""

    path: Path
    size: int

    def read(self, offset: int, length: int) -> Flow[bytes]:
        """Return a piece.

        Raises:
            ConfigurationError: the file cannot be read any more, or has become shorter.
        """
        wanted = min(length, self.size - offset)
        (done,) = yield from run((Job("read", lambda _: _piece(self.path, offset, wanted), timeout=READING),))
        match done.value if done is not None and done.error is None else None:
            case bytes(data) if len(data) == wanted:
                return data
            case _:
                raise ConfigurationError(f"{self.path} cannot be read any more, or has become shorter")


def _piece(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def opened(source: Uploaded) -> Bytes | OnDisk:
    """Return what is to be uploaded, with its size.

    Raises:
        ConfigurationError: there is no such file.
    """
    if isinstance(source, bytes):
        return Bytes(source)
    path = Path(source)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _unreadable(path, error) from None
    if not path.is_file():
        raise ConfigurationError(f"{path} cannot be read: it is no file")
    return OnDisk(path, size)


def mime_of(source: Uploaded) -> str:
    """Return the media type that the first bytes or the name of a file say.

    Raises:
        ConfigurationError: they do not say it, or the file cannot be read.
    """
    try:
        head = source[:_HEAD] if isinstance(source, bytes) else _head(Path(source))
    except OSError as error:
        raise _unreadable(title(source), error) from None
    try:
        found = from_bytes(head, name=title(source)).mime
    except UnsupportedContent:
        found = None
    if found is None:
        raise ConfigurationError("the media type of the file is not known: say mime=")
    return found


def _unreadable(path: object, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"{path} cannot be read: {error.strerror or type(error).__name__}")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def title(source: Uploaded) -> str | None:
    """Return the name of a file on disk."""
    return None if isinstance(source, bytes) else Path(source).name
