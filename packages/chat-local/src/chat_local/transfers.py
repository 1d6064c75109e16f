"""Fetching a model, with its progress.

    for event in chat.drive(pull("org/name")):
        if isinstance(event, Progress): …

Law: the end is the status `success`, and nothing else. What arrived is kept, so a pull that was ended goes on where it
was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chat_core.codec.decoder import frame_object
from chat_core.codec.framers import NDJSON
from chat_core.codec.wire import WireRequest
from chat_core.errors import StreamTruncated, UnsupportedCapability
from chat_core.events import UnknownEvent
from chat_local.errors import error_from
from chat_local.provider import Local

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSON, JSONObject

URL = "local://service/pull"
SUCCESS = "success"


@dataclass(frozen=True, slots=True)
class Progress(UnknownEvent):
    """How far a pull has come: an event that has a name in this package only. `data` is the event as it came."""

    @property
    def status(self) -> str:
        """What is being done, for people."""
        status = _member(self.data, "status")
        return status if isinstance(status, str) else ""

    @property
    def digest(self) -> str | None:
        """The file that is being fetched."""
        digest = _member(self.data, "digest")
        return digest if isinstance(digest, str) else None

    @property
    def total(self) -> int | None:
        """The file's size, in bytes."""
        return _count(self.data, "total")

    @property
    def completed(self) -> int | None:
        """How much of it is there, in bytes."""
        return _count(self.data, "completed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """A pull that succeeded.

    Attributes:
        model: the model that is there now.
        files: the sizes of the files that were fetched, in bytes, by their paths.
    """

    model: str
    files: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)


def pull(model: str | None = None, *, weights: bool = False, gpu: bool = False) -> Operation[Transferred]:
    """Fetch a model from the hub.

    Args:
        model: its name, without `local:`; `None` = the client's own.
        weights: fetch what a graph is made of, in place of a graph.
        gpu: choose the variant that suits a GPU, where the name does not say which.
    """

    def operation(service: Service) -> Flow[Transferred]:
        if not isinstance(service.provider, Local):
            raise UnsupportedCapability(f"{service.provider.name} fetches no models: use a client of local:MODEL")
        named = service.model if model is None else model
        body: JSONObject = {"model": named, "weights": weights, "gpu": gpu}
        return service.follow(WireRequest(url=URL, body=body, framer=NDJSON), lambda: ProgressReader(named))

    return operation


class ProgressReader:
    """Reads the events of one pull; a `chat_core.flow.service.Reader`."""

    def __init__(self, model: str) -> None:
        """Begin the pull of a model."""
        self._model = model
        self._files: dict[str, int] = {}
        self._succeeded = False

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Read events in order.

        Raises:
            DecodeError: an event is no JSON object.
            ProviderError: something went wrong on the way.
        """
        for frame in frames:
            data = frame_object(frame)
            if data is not None:
                yield self._event(data)

    def finish(self) -> Transferred:
        """Return what is there now.

        Raises:
            StreamTruncated: it was not said that it succeeded.
        """
        if not self._succeeded:
            raise StreamTruncated("the pull ended before the model was there: run it again to go on")
        return Transferred(model=self._model, files=self._files)

    def _event(self, data: JSONObject) -> Event:
        if data.get("error") is not None:
            raise error_from(data)
        if not isinstance(data.get("status"), str):
            return UnknownEvent("line", data)
        progress = Progress("progress", data)
        if progress.digest is not None and progress.total is not None:
            self._files[progress.digest] = progress.total
        self._succeeded = self._succeeded or progress.status == SUCCESS
        return progress


def _member(data: JSON, key: str) -> JSON:
    return data.get(key) if isinstance(data, dict) else None


def _count(data: JSON, key: str) -> int | None:
    value = _member(data, key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
