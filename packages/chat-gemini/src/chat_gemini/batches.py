"""Batches: many requests that are answered within a day, at half the price: create, get, list, wait, cancel, delete.

Each function makes an operation, which `Chat.drive` or `AsyncChat.drive` runs:

    batch = chat.drive(create([request, …])).finish()
    batch = chat.drive(wait(batch.name)).finish()
    batch.results

Law: a request is encoded as in a chat, and an answer is decoded as one. Results are in the order of the requests, by
the keys that they were sent with; one that failed, or did not come, is its error, in its place.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import rest
from chat_core.parts import Meta, no_meta
from chat_gemini.errors import error_from
from chat_gemini.resources import Resource, name_of
from chat_gemini.results import gemini_of, in_order, made_of, spelled_key
from chat_gemini.sending import (
    count_of,
    gone,
    late,
    meta_of,
    on_developer,
    polled,
    seconds_of,
    text_of,
    wire_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request
    from chat_core.response import Notice
    from chat_gemini.results import Outcome
    from chat_gemini.sending import Page, Sender

PATH = "batches"
PAGE = 100
"""Most batches that a page can have."""

EVERY = 30.0
"""Seconds between two questions for a batch that is not done."""

UNFINISHED = frozenset({"UNSPECIFIED", "QUEUED", "PENDING", "RUNNING", "CANCELLING"})
"""Ends of the words for states in which there are no results yet."""

PREFIXES = ("BATCH_STATE_", "JOB_STATE_")
"""What those words begin with, by their age."""

IGNORED: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Batch:
    """Many requests that are answered when there is time.

    Attributes:
        name: what to ask with.
        state: `PENDING`, `RUNNING`, `SUCCEEDED`, `FAILED`, `CANCELLED`, `EXPIRED`, …
        model: the model.
        created, updated: in seconds since 1970.
        results: what each request came to, once it is done and was not asked for by a file.
        file: the file that holds them else; `files.download` fetches it, `results.read` reads it.
        error: why it failed as a whole.
        notices: what was not sent as asked, and results that cannot be matched with their requests.
        meta: what else the service says, by origin.
        raw: the reply as parsed.
    """

    name: str
    state: str | None = None
    model: str | None = None
    created: float | None = None
    updated: float | None = None
    results: tuple[Outcome, ...] = ()
    file: str | None = None
    error: ProviderError | None = field(default=None, compare=False)
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)

    @property
    def done(self) -> bool:
        """Whether nothing more will come of it: by its state, else by what came of it."""
        if self.state is not None:
            return self.state not in UNFINISHED
        return bool(self.results) or self.file is not None or self.error is not None


def create(requests: Sequence[Request], *, display_name: str | None = None) -> Operation[Batch]:
    """Ask many things at once; all requests are of one model.

    Raises:
        ConfigurationError: there are no requests, or they are of several models.
    """
    models = {request.model for request in requests}
    if len(models) != 1:
        raise ConfigurationError("a batch has requests of one model: make one for each model")

    def operation(service: Service) -> Flow[Batch]:
        sender = _sender(service)
        wire = encode_create(sender, requests, display_name)
        return service.exchange(wire, lambda reply: decode(sender, reply, wire.notices))

    return operation


def get(name: str) -> Operation[Batch]:
    """Ask about a batch; once it is done, its results are there."""
    return BATCHES.get(name)


def list_all() -> Operation[tuple[Batch, ...]]:
    """List all batches, page by page."""
    return BATCHES.list_all()


def cancel(name: str) -> Operation[Meta]:
    """Stop the work at a batch."""

    def operation(service: Service) -> Flow[Meta]:
        sender = _sender(service)
        return service.exchange(
            wire_of(sender, f"{sender.place.url(name)}:cancel", {}), lambda reply: gone(sender, reply)
        )

    return operation


def delete(name: str) -> Operation[Meta]:
    """Delete a batch."""
    return BATCHES.delete(name)


def wait(name: str, *, every: float = EVERY, timeout: float | None = None) -> Operation[Batch]:
    """Wait until a batch is done.

    Args:
        name: the batch.
        every: seconds between two questions.
        timeout: most seconds to wait; `None` = as long as it takes.

    Raises:
        TimedOut: it is not done in time.
        ProviderError: it failed as a whole.
    """

    def operation(service: Service) -> Flow[Batch]:
        return _waited(service, name, every, timeout)

    return operation


def _waited(service: Service, name: str, every: float, timeout: float | None) -> Flow[Batch]:
    batch = yield from polled(
        lambda: get(name)(service),
        lambda batch: batch.done or batch.error is not None,
        lambda batch, timeout: late(f"{name} is {batch.state}", timeout),
        every=every,
        timeout=timeout,
    )
    if batch.error is not None:
        raise batch.error
    return batch


def encode_create(sender: Sender, requests: Sequence[Request], display_name: str | None = None) -> WireRequest:
    """Spell the wish for many answers.

    Raises:
        UnsupportedContent: the wire cannot spell a part.
        UnansweredToolCall: a call in a history has no result.
    """
    gemini = gemini_of(sender)
    wires = [gemini.encode(request) for request in requests]
    inlined = [
        {"request": wire.body if isinstance(wire.body, dict) else {}, "metadata": {"key": spelled_key(place)}}
        for place, wire in enumerate(wires)
    ]
    named: JSONObject = {} if display_name is None else {"displayName": display_name}
    url = sender.place.model_url(requests[0].model, "batchGenerateContent")
    body = {"batch": {**named, "inputConfig": {"requests": {"requests": inlined}}}}
    return wire_of(sender, url, body, notices=tuple(notice for wire in wires for notice in wire.notices))


def decode(sender: Sender, reply: WireResponse, notices: tuple[Notice, ...] = ()) -> Batch:
    """Read a batch.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    batch = BATCHES.decode(sender, reply)
    return replace(batch, notices=(*notices, *batch.notices)) if notices else batch


def decode_page(sender: Sender, reply: WireResponse) -> Page[Batch]:
    """Read a page of the list; raises as `decode`."""
    return BATCHES.decode_page(sender, reply)


def _batch(sender: Sender, data: JSONObject) -> Batch:
    about = data.get("metadata")
    said = about if isinstance(about, dict) else {}
    model = text_of(said, "model")
    made, items = made_of(data, said)
    results, lost = in_order(sender, items, model, _asked(said))
    failed = data.get("error")
    return Batch(
        name=name_of(data, "a batch"),
        state=_state(text_of(said, "state")),
        model=model,
        created=seconds_of(said.get("createTime")),
        updated=seconds_of(said.get("updateTime")),
        results=results,
        file=text_of(made, "responsesFile"),
        error=error_from(failed, sender) if failed is not None else None,
        notices=lost,
        meta=meta_of(sender, {**rest(data, {"name", "error", "response", "metadata"}), **_beside(said, items)}),
        raw=data,
    )


def _asked(said: JSONObject) -> int | None:
    """Return how many requests a batch has, where that is said."""
    counts = said.get("batchStats")
    return count_of(counts, "requestCount") if isinstance(counts, dict) else None


def _beside(said: JSONObject, items: list[JSONObject]) -> JSONObject:
    """Return what is said about a batch, and beside its results, such as the keys of their requests."""
    beside: list[JSON] = [rest(item, {"response", "error"}) for item in items]
    about = rest(said, {"output"})
    return {**({"metadata": about} if about else {}), **({"results": beside} if any(beside) else {})}


def _state(word: str | None) -> str | None:
    prefix = next((prefix for prefix in PREFIXES if word is not None and word.startswith(prefix)), "")
    return word.removeprefix(prefix) if word is not None else None


def _sender(service: Service) -> Sender:
    return on_developer(service, "batches of this kind, but has batchPredictionJobs")


BATCHES = Resource(path=PATH, sender=_sender, read=_batch, key="operations", page=PAGE)
