"""Transfers: fetching or making a model, told line by line; what services and machines that keep models have in common.

Law: the end is the status `success`, and nothing else. A line that says nothing of progress is surfaced as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from chat_core.codec.decoder import frame_object
from chat_core.errors import StreamTruncated
from chat_core.events import UnknownEvent
from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from chat_core.codec.wire import Frame
    from chat_core.errors import ProviderError
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject

T = TypeVar("T")

SUCCESS = "success"


@dataclass(frozen=True, slots=True)
class Progress(UnknownEvent):
    """How far a transfer has come: an event that no answer of a model has. `data` is the line as it came."""

    @property
    def status(self) -> str:
        """What is being done, for people."""
        status = _member(self.data, "status")
        return status if isinstance(status, str) else ""

    @property
    def digest(self) -> str | None:
        """What is being fetched: the digest of a layer, or the path of a file."""
        digest = _member(self.data, "digest")
        return digest if isinstance(digest, str) else None

    @property
    def total(self) -> int | None:
        """Its size, in bytes."""
        return _count(self.data, "total")

    @property
    def completed(self) -> int | None:
        """How much of it is there, in bytes."""
        return _count(self.data, "completed")


class TransferReader(Generic[T]):
    """Reads the lines of one transfer; a `chat_core.flow.service.Reader`."""

    def __init__(
        self, made: Callable[[Mapping[str, int]], T], failure: Callable[[JSONObject], ProviderError], cut: str
    ) -> None:
        """Begin a transfer.

        Args:
            made: returns the result, of the sizes in bytes of what was fetched, by digest.
            failure: reads a line that says what went wrong.
            cut: what is said of a transfer that ended before it succeeded.
        """
        self._made = made
        self._failure = failure
        self._cut = cut
        self._sizes: dict[str, int] = {}
        self._succeeded = False

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Read lines in order.

        Raises:
            DecodeError: a line is no JSON object.
            ProviderError: something went wrong on the way.
        """
        for frame in frames:
            data = frame_object(frame)
            if data is not None:
                yield self._line(data)

    def finish(self) -> T:
        """Return what is there now.

        Raises:
            StreamTruncated: it was not said that it succeeded.
        """
        if not self._succeeded:
            raise StreamTruncated(self._cut)
        return self._made(self._sizes)

    def _line(self, data: JSONObject) -> Event:
        if data.get("error") is not None:
            raise self._failure(data)
        if not isinstance(data.get("status"), str):
            return UnknownEvent("line", data)
        progress = Progress("progress", data)
        if progress.digest is not None and progress.total is not None:
            self._sizes[progress.digest] = progress.total
        self._succeeded = self._succeeded or progress.status == SUCCESS
        return progress


def _member(data: JSON, key: str) -> JSON:
    return data.get(key) if isinstance(data, dict) else None


def _count(data: JSON, key: str) -> int | None:
    value = _member(data, key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
