"""Tasks that take a while, with their progress: fetching a model, making one of another.

    for event in chat.drive(pull("llama3.2")):
        if isinstance(event, Progress): …

Law: the end is the status `success`, and nothing else. What a server has fetched it keeps, so a pull that was ended
goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chat_core.codec.decoder import frame_object
from chat_core.codec.wire import dump
from chat_core.errors import StreamTruncated
from chat_core.events import UnknownEvent
from chat_ollama.errors import error_from
from chat_ollama.local_models import named, ollama_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSON, JSONObject

PULL = "/api/pull"
CREATE = "/api/create"
SUCCESS = "success"


@dataclass(frozen=True, slots=True)
class Progress(UnknownEvent):
    """How far a task has come: an event that has a name in this package only. `data` is the line as it came."""

    @property
    def status(self) -> str:
        """What the server is doing, in its words."""
        status = _member(self.data, "status")
        return status if isinstance(status, str) else ""

    @property
    def digest(self) -> str | None:
        """The layer that is being fetched."""
        digest = _member(self.data, "digest")
        return digest if isinstance(digest, str) else None

    @property
    def total(self) -> int | None:
        """The layer's size, in bytes."""
        return _count(self.data, "total")

    @property
    def completed(self) -> int | None:
        """How much of it is there, in bytes."""
        return _count(self.data, "completed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """A task that succeeded.

    Attributes:
        model: the model that is there now.
        layers: the sizes of its layers as far as the server named them, in bytes, by digest.
    """

    model: str
    layers: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)


def pull(model: str | None = None) -> Operation[Transferred]:
    """Fetch a model from the registry; without a name the client's own."""

    def operation(service: Service) -> Flow[Transferred]:
        return _task(service, PULL, named(service, model), {})

    return operation


def create(model: str, **fields: JSON) -> Operation[Transferred]:
    """Make a model of another one.

    Args:
        model: what it will be called.
        fields: what the endpoint takes: `from` (spelled `from_` here), `system`, `template`, `parameters`,
            `messages`, `quantize`, `license`, `files`, `adapters`.
    """
    spelled: JSONObject = {key.removesuffix("_"): value for key, value in fields.items()}

    def operation(service: Service) -> Flow[Transferred]:
        return _task(service, CREATE, model, spelled)

    return operation


def _task(service: Service, path: str, model: str, fields: JSONObject) -> Flow[Transferred]:
    wire = ollama_of(service).wire(path, {"model": model, **fields, "stream": True}, stream=True)
    return service.follow(wire, lambda: ProgressReader(model))


class ProgressReader:
    """Reads the lines of one task; a `chat_core.flow.service.Reader`."""

    def __init__(self, model: str) -> None:
        """Begin the task that gives a model."""
        self._model = model
        self._layers: dict[str, int] = {}
        self._succeeded = False

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Read lines in order.

        Raises:
            DecodeError: a line is no JSON object.
            ProviderError: the server reported an error.
        """
        for frame in frames:
            data = frame_object(frame)
            if data is not None:
                yield self._line(data)

    def finish(self) -> Transferred:
        """Return what is there now.

        Raises:
            StreamTruncated: the server had not said that it succeeded.
        """
        if not self._succeeded:
            raise StreamTruncated("the server ended its reply before the task was done: run it again to go on")
        return Transferred(model=self._model, layers=self._layers)

    def _line(self, data: JSONObject) -> Event:
        if data.get("error") is not None:
            raise error_from(data, body=dump(data).decode())
        if not isinstance(data.get("status"), str):
            return UnknownEvent("line", data)
        progress = Progress("progress", data)
        if progress.digest is not None and progress.total is not None:
            self._layers[progress.digest] = progress.total
        self._succeeded = self._succeeded or progress.status == SUCCESS
        return progress


def _member(data: JSON, key: str) -> JSON:
    return data.get(key) if isinstance(data, dict) else None


def _count(data: JSON, key: str) -> int | None:
    value = _member(data, key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
