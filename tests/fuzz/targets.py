"""Targets: what reads replies, each with the samples that it is damaged from.

Law: a target runs a sample and says by `Found` what must not happen: an error outside of `ALLOWED`, events outside of
the grammar, an answer that cannot be kept or sent again, or more time than its size allows.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from tests.fuzz.samples import raw

from chat_core import history
from chat_core.codec.wire import STREAMED, dump
from chat_core.errors import ChatError, GrammarError, TransportError
from chat_core.events import ResponseEnd
from chat_core.jsonvalue import parse_object
from chat_core.live import ResultsInput
from chat_core.messages import Message, user
from chat_core.parts import Text, ToolResult
from chat_core.request import Request
from chat_core.testing.outcome import ALLOWED, Crash, attempt, events_of, grammar, outcome_of, refused
from chat_core.testing.told import answers
from chat_core.transport.framing import Framing
from chat_core.transport.http11 import Incoming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.fuzz.samples import Sample

    from chat_core.codec.live import Live, LiveCodec
    from chat_core.codec.provider import Decoder, Provider
    from chat_core.codec.reader import Reader
    from chat_core.codec.wire import Frame, Framer, WireResponse
    from chat_core.events import Event
    from chat_core.live import LiveConfig, LiveEvent
    from chat_core.response import Response

Run: TypeAlias = "Callable[[Sample], object]"

PATIENCE = 0.5
"""CPU seconds that any sample may take."""
PER_BYTE = 5e-6
"""CPU seconds that each byte of a sample may take beyond that."""
HELLO = Request(model="model", messages=(user("Hi"),))
"""The request that samples answer which name none."""


class Found(Exception):
    """Something that must not happen."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """What reads replies.

    Attributes:
        name: which provider, and which of its readers.
        run: reads a sample.
        seeds: samples to damage.
    """

    name: str
    run: Run
    seeds: tuple[Sample, ...] = field(repr=False)

    def judge(self, sample: Sample) -> None:
        """Read a sample.

        Raises:
            Found: what must not happen happened.
        """
        begun = time.process_time()
        try:
            self.run(sample)
        except Found:
            raise
        except Crash as crash:
            raise Found(str(crash)) from crash
        except Exception as error:
            raise Found(str(Crash.of(error))) from error
        if (spent := time.process_time() - begun) > PATIENCE + PER_BYTE * sample.size:
            raise Found(f"{spent:.1f} s of CPU time for {sample.size} bytes")

    def fault(self, sample: Sample) -> str | None:
        """Return what must not happen with a sample; `None` = nothing."""
        try:
            self.judge(sample)
        except Found as found:
            return str(found)
        return None


def of_provider(provider: Provider, request: Request, kinds: dict[str, tuple[Sample, ...]]) -> list[Target]:
    """Return the targets that every provider has, as far as there are samples for them."""
    runs: dict[str, Run] = {
        "stream": partial(_stream, provider, request),
        "bytes": partial(_bytes, provider, request),
        "reply": partial(_reply, provider, request),
        "error": partial(_error, provider),
    }
    return [Target(f"{provider.name} {kind}", run, kinds[kind]) for kind, run in runs.items() if kinds.get(kind)]


def _stream(provider: Provider, request: Request, sample: Sample) -> None:
    """Decode frames, in one read and in several."""
    _decoded(provider, request, provider.decoder(request), [sample.frames])
    _decoded(provider, request, provider.decoder(request), [(frame,) for frame in sample.frames])


def _bytes(provider: Provider, request: Request, sample: Sample) -> None:
    """Frame and decode a body that comes in pieces; then whole, which has to give the same."""
    channel = "http" if "http" in provider.channels else min(provider.channels)
    framer = provider.encode(request, channel=channel, stream=True).framer
    pieces = [raw(frame) for frame in sample.frames]
    seen = [_told(provider.decoder(request), framer, reads) for reads in (pieces, [b"".join(pieces)])]
    if seen[0] != seen[1]:
        raise Found("cut into pieces, the reply is another one")


def _told(decoder: Decoder, framer: Callable[[], Framer] | None, pieces: list[bytes]) -> str:
    reads = _framed(framer, pieces)
    events, error = events_of(decoder, reads)
    _grammatical(events, error)
    return repr((outcome_of(events, error).value, type(error), getattr(error, "partial", None)))


def _framed(framer: Callable[[], Framer] | None, pieces: list[bytes]) -> Iterator[Sequence[Frame]]:
    framing = Framing(framer)
    for piece in (*pieces, None):
        if (read := framing.frames(piece)) is not None:
            yield read


def _decoded(provider: Provider, request: Request, decoder: Decoder, reads: list[Sequence[Frame]]) -> None:
    events, error = events_of(decoder, reads)
    _grammatical(events, error)
    found = outcome_of(events, error)
    if found.response is not None:
        _kept(provider, request, found.response)


def _grammatical(events: Sequence[Event], error: ChatError | None) -> None:
    try:
        grammar(events, error)
    except GrammarError as fault:
        raise Found(f"GrammarError: {fault}") from fault


def _reply(provider: Provider, request: Request, sample: Sample) -> None:
    """Decode a whole reply."""
    found = attempt(lambda: provider.decode(request, sample.reply))
    if found.response is not None:
        _kept(provider, request, found.response)


def _kept(provider: Provider, request: Request, response: Response) -> None:
    """Save an answer and load it again, and ask the same service to go on with it."""
    saved = dump(history.dump(response))
    if history.load(parse_object(saved), type(response)) != response:
        raise Found("the answer is another one once it was saved")
    repr(response)
    if not response.parts:
        return
    results = [ToolResult(call_id=call.id, name=call.name, content=(Text("."),)) for call in response.tool_calls]
    messages = (*request.messages, response.message, *([Message(role="tool", parts=tuple(results))] if results else []))
    for channel in provider.channels:
        with suppress(ChatError):
            wire = provider.encode(
                Request(model="model", messages=(*messages, user("Go on"))), channel=channel, stream=channel in STREAMED
            )
            dump(wire.body) if isinstance(wire.body, dict) else None


def _error(provider: Provider, sample: Sample) -> None:
    """Decode a reply of an error status: an error comes out, whatever came."""
    found = refused(lambda: provider.decode_error(sample.reply))
    repr((found, str(found)))


def unary(name: str, read: Callable[[WireResponse], object], seeds: tuple[Sample, ...]) -> Target:
    """Return the target of a reply that is read whole."""

    def run(sample: Sample) -> None:
        with suppress(*ALLOWED):
            repr(read(sample.reply))

    return Target(name, run, seeds)


def reading(name: str, begin: Callable[[WireResponse], Reader[object]], seeds: tuple[Sample, ...]) -> Target:
    """Return the target of a stream that is no chat."""

    def run(sample: Sample) -> None:
        with suppress(*ALLOWED):
            reader = begin(replace(sample.reply, body=b""))
            for frame in sample.frames:
                repr(list(reader.feed([frame])))
            repr(reader.finish())

    return Target(name, run, seeds)


def framing(name: str, make: Callable[[], Framer], seeds: tuple[Sample, ...]) -> Target:
    """Return the target of a framer: cut into pieces it gives the frames of the whole."""

    def run(sample: Sample) -> None:
        pieces = [raw(frame) for frame in sample.frames]
        if _frames(make(), pieces) != _frames(make(), [b"".join(pieces)]):
            raise Found("cut into pieces, the frames are others")

    return Target(name, run, seeds)


def _frames(framer: Framer, pieces: list[bytes]) -> object:
    found: list[Frame] = []
    try:
        for piece in pieces:
            found += framer.feed(piece)
        return [*found, *framer.finish()]
    except ALLOWED as error:
        return type(error)  # frames before it may have come in other reads


def http(name: str, seeds: tuple[Sample, ...]) -> Target:
    """Return the target of what reads HTTP/1.1: cut into pieces it gives the reply of the whole."""

    def run(sample: Sample) -> None:
        pieces = [raw(frame) for frame in sample.frames]
        if _incoming(pieces) != _incoming([b"".join(pieces)]):
            raise Found("cut into pieces, the reply is another one")

    return Target(name, run, seeds)


def _incoming(pieces: list[bytes]) -> object:
    incoming, body = Incoming("POST", "peer"), b""
    try:
        for piece in (*filter(None, pieces), b""):
            body += incoming.feed(piece)
    except TransportError as error:
        return type(error)  # what came of the body before it may have come in other reads
    return incoming.status, incoming.headers, body, incoming.over


def living(name: str, live: Live, config: LiveConfig, seeds: tuple[Sample, ...]) -> Target:
    """Return the target of a live session: calls are answered, and the connection ends at the end of the sample."""

    def run(sample: Sample) -> None:
        codec = live.codec(config)
        events: list[LiveEvent] = []
        whole = True
        try:
            for frame in sample.frames:
                for event in codec.feed(frame):
                    events.append(event)
                    _answer(codec, event)
                codec.to_send()
        except ALLOWED:
            whole = False
        events += codec.finish()
        repr(events)
        _in_order(events, whole=whole)

    return Target(name, run, seeds)


def _answer(codec: LiveCodec, event: LiveEvent) -> None:
    if isinstance(event, ResponseEnd) and event.response.tool_calls:
        results = [ToolResult(call_id=call.id, name=call.name, content=()) for call in event.response.tool_calls]
        with suppress(ChatError):
            codec.send(ResultsInput(tuple(results)))


def _in_order(events: list[LiveEvent], *, whole: bool) -> None:
    try:
        answers(events, whole=whole)
    except GrammarError as fault:
        raise Found(f"GrammarError: {fault}") from fault
