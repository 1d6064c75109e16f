"""Fetching a model, with its progress.

    for event in chat.drive(pull("org/name")):
        if isinstance(event, Progress): …

Law: the end is the status `success`, and nothing else. What arrived is kept, so a pull that was ended goes on where it
was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chat_core.codec.framers import NDJSON
from chat_core.codec.transfers import Progress, TransferReader
from chat_core.codec.wire import WireRequest
from chat_core.errors import UnsupportedCapability
from chat_local.errors import error_from
from chat_local.provider import Local

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.effects import Flow
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSONObject

__all__ = ["Progress", "ProgressReader", "Transferred", "pull"]

URL = "local://service/pull"


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


class ProgressReader(TransferReader[Transferred]):
    """Reads the events of one pull."""

    def __init__(self, model: str) -> None:
        """Begin the pull of a model."""
        super().__init__(
            lambda files: Transferred(model=model, files=files),
            error_from,
            "the pull ended before the model was there: run it again to go on",
        )
