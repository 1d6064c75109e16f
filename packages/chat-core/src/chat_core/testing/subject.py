"""The subject of a contract: a provider with its cases, and the few ways in which laws look at it.

Law: everything goes through the provider's own seam, the real framing and the real serialiser.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.jsonvalue import parse
from chat_core.messages import user
from chat_core.request import Request
from chat_core.testing.outcome import attempt, events_of, outcome_of, refused
from chat_core.testing.scenarios import Evidence
from chat_core.transport.framing import Framing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from chat_core.codec.provider import Decoder, Provider
    from chat_core.codec.wire import Channel, Frame, Framer, WireRequest, WireResponse
    from chat_core.errors import ChatError
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.testing.fixtures import Case
    from chat_core.testing.outcome import Outcome

SEED = 1
"""Makes what is left to chance the same in every run."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """What is judged.

    Attributes:
        provider: the provider.
        cases: its fixtures.
        model: the model that requests name when a fixture says nothing.
        secret: a credential that must be seen nowhere.
        entry: the name under which it is installed; `None` = it is not.
        load: makes the provider anew.
        ignored: leaves of replies that say nothing, with the reason.
        several: replies in which both of two given classes fit a text.
    """

    provider: Provider
    cases: tuple[Case, ...]
    model: str
    secret: str
    entry: str | None = None
    load: Callable[[], Provider]
    ignored: Mapping[str, str] = field(default_factory=dict[str, str])
    several: Sequence[WireResponse] = ()

    @property
    def channel(self) -> Channel:
        """The channel that requests are spelled for: HTTP if there is a choice."""
        channels = self.provider.channels
        return "http" if "http" in channels else min(channels)

    def hello(self) -> Request:
        """Return the plainest request."""
        return Request(model=self.model, messages=(user("Hi"),))

    def request(self, case: Case) -> Request:
        """Return what was asked in a case."""
        return self.hello() if case.request is None else case.request

    def encode(self, request: Request, *, stream: bool = False) -> WireRequest:
        """Spell a request."""
        return self.provider.encode(request, channel=self.channel, stream=stream)

    def framer(self, case: Case) -> Callable[[], Framer] | None:
        """Return the framer that the provider asks for to read a case's stream."""
        return self.encode(self.request(case), stream=True).framer

    def frames(self, case: Case, body: bytes, sizes: Iterable[int] | None = None) -> list[tuple[Frame, ...]]:
        """Frame a stream that comes in pieces of these sizes, read by read; without sizes it comes whole."""
        framing = Framing(self.framer(case))
        found = [framing.frames(piece) for piece in pieces(body, [len(body)] if sizes is None else sizes)]
        return [read for read in (*found, framing.frames(None)) if read is not None]

    def arrived(self, case: Case, body: bytes) -> Outcome:
        """Decode what came of a stream before its connection was lost: nobody says that the last frame is whole."""
        framing = Framing(self.framer(case))
        reads = [framing.frames(piece) for piece in pieces(body, [len(body)])]
        return outcome_of(*events_of(self.begin(case), [read for read in reads if read is not None]))

    def begin(self, case: Case) -> Decoder:
        """Begin to read a case's stream."""
        return self.provider.decoder(self.request(case))

    def events(
        self, case: Case, body: bytes, sizes: Iterable[int] | None = None
    ) -> tuple[list[Event], ChatError | None]:
        """Decode a stream that comes in pieces."""
        return events_of(self.begin(case), self.frames(case, body, sizes))

    def streamed(self, case: Case, body: bytes) -> Outcome:
        """Decode a stream that comes whole."""
        return outcome_of(*self.events(case, body))

    def whole(self, case: Case) -> Outcome | None:
        """Decode a case's whole reply."""
        reply = case.reply
        return None if reply is None else attempt(lambda: self.provider.decode(self.request(case), reply))

    def evidence(self, case: Case) -> Iterator[Evidence]:
        """Yield what each reply of a case gives."""
        if (whole := self.whole(case)) is not None:
            yield Evidence(whole.response, whole.error, len(whole.unknown))
        if case.stream is not None:
            told = self.streamed(case, case.stream)
            yield Evidence(told.response, told.error, len(told.unknown), streamed=True)
        if (error := case.error) is not None:
            yield Evidence(error=refused(lambda: self.provider.decode_error(error)))

    def random(self, case: Case) -> Random:
        """Return a source of chance that is the same in every run."""
        return Random(f"{SEED}/{case.name}")  # noqa: S311 - chooses places to look at


def pieces(body: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """Cut a body into pieces of these sizes; what is left comes as one more piece."""
    at = 0
    for size in sizes:
        if at >= len(body):
            return
        yield body[at : at + size]
        at += size
    if at < len(body):
        yield body[at:]


def every(size: int) -> Iterable[int]:
    """Return the sizes of pieces that are all alike."""
    return cycle([size])


def spelled(wire: WireRequest) -> JSON:
    """Return a request's body as JSON, read from its bytes; a body that is no JSON is a text."""
    match wire.body:
        case bytes(data):
            return data.decode("utf-8", "replace")
        case None:
            return None
        case dict() as body:
            return parse(dump(body))
        case other:
            return repr(other)


def object_of(wire: WireRequest) -> JSONObject:
    """Return a request's JSON body; empty when it has none."""
    body = spelled(wire)
    return body if isinstance(body, dict) else {}
