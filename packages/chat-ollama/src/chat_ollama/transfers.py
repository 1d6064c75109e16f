"""Tasks that take a while, with their progress: fetching a model, making one of another.

    for event in chat.drive(pull("llama3.2")):
        if isinstance(event, Progress): …

Law: the end is the status `success`, and nothing else. What a server has fetched it keeps, so a pull that was ended
goes on where it was.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from chat_core.codec.transfers import Progress, TransferReader
from chat_core.codec.wire import dump
from chat_core.frozen import dataclass
from chat_ollama.errors import error_from
from chat_ollama.local_models import named, ollama_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.effects import Flow
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSON, JSONObject

__all__ = ["Progress", "ProgressReader", "Transferred", "create", "pull"]

PULL = "/api/pull"
CREATE = "/api/create"


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


class ProgressReader(TransferReader[Transferred]):
    """Reads the lines of one task."""

    def __init__(self, model: str) -> None:
        """Begin the task that gives a model."""
        super().__init__(
            lambda layers: Transferred(model=model, layers=layers),
            lambda data: error_from(data, body=dump(data).decode()),
            "the server ended its reply before the task was done: run it again to go on",
        )
