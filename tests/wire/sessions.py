"""Live sessions under examination: what was received is decoded, what was sent is said again.

Law: a recording is replayed in its order, frame by frame and in both directions. What was sent is parsed into a
configuration and inputs, and has to be sent again by our codec, equal in structure up to the stated equivalences.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Protocol

from tests.wire import fuzz, live_oracle
from tests.wire.roundtrip import unequal

from chat_core.codec.fold import Fold
from chat_core.codec.wire import Frame, dump
from chat_core.errors import ChatError
from chat_core.events import ResponseEnd, ResponseStart, UnknownEvent
from chat_core.jsonvalue import parse_object
from chat_core.live import InputTranscript, SessionError, SessionEvent, SessionStart
from chat_core.parts import Inline
from chat_core.response import FinishReason
from chat_core.testing import leaves
from chat_core.testing.outcome import ALLOWED, Crash, facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tests.wire.corpus import Exchange

    from chat_core.codec.live import LiveCodec
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveConfig, LiveEvent, LiveInput
    from chat_core.response import Response
    from chat_gemini.live.live import GeminiLive
    from chat_responses.realtime.live import RealtimeLive

MODEL = "recorded"
ANYWHERE = "https://live.example/v1"


class Wire(Protocol):
    """One live wire: how it parses, and what it leaves out."""

    @property
    def ignored(self) -> Mapping[str, str]:
        """Leaves that are dropped, with the reason."""
        ...

    def config(self, first: JSONObject) -> LiveConfig:
        """Read the first message."""
        ...

    def said(self, message: JSONObject, config: LiveConfig) -> LiveInput:
        """Read another message."""
        ...

    def codec(self, config: LiveConfig) -> LiveCodec:
        """Begin a session."""
        ...

    def normalised(self, message: JSONObject) -> JSONObject:
        """Write a message in the spelling to which the stated equivalences lead."""
        ...


@dataclass(frozen=True, slots=True)
class RealtimeWire:
    """The Realtime wire of one vendor."""

    live: RealtimeLive

    @property
    def ignored(self) -> Mapping[str, str]:
        """Leaves that are dropped, with the reason."""
        from chat_responses.realtime.codec import IGNORED  # noqa: PLC0415 - a wire costs its package when it occurs

        return IGNORED

    def config(self, first: JSONObject) -> LiveConfig:
        """Read the first `session.update`."""
        session = first["session"]
        return self.live.parse_config(session if isinstance(session, dict) else {}, model=MODEL)

    def said(self, message: JSONObject, config: LiveConfig) -> LiveInput:
        """Read another event."""
        return self.live.parse_input(message, config)

    def codec(self, config: LiveConfig) -> LiveCodec:
        """Begin a session."""
        return self.live.codec(config)

    def normalised(self, message: JSONObject) -> JSONObject:
        """Return an event as it is: this wire needs no equivalence."""
        return message


@dataclass(frozen=True, slots=True)
class GeminiWire:
    """Gemini's live wire."""

    live: GeminiLive

    @property
    def ignored(self) -> Mapping[str, str]:
        """Leaves that are dropped, with the reason."""
        from chat_gemini.live.codec import IGNORED  # noqa: PLC0415 - as above

        return IGNORED

    def config(self, first: JSONObject) -> LiveConfig:
        """Read the `setup`."""
        setup = first["setup"]
        return self.live.parse_config(setup if isinstance(setup, dict) else {})

    def said(self, message: JSONObject, config: LiveConfig) -> LiveInput:
        """Read another message."""
        return self.live.parse_input(message, config)

    def codec(self, config: LiveConfig) -> LiveCodec:
        """Begin a session."""
        return self.live.codec(config)

    def normalised(self, message: JSONObject) -> JSONObject:
        """Write names in camel case; the role of instructions says nothing."""
        from chat_gemini.spelling import camel_object  # noqa: PLC0415 - as above

        message = camel_object(message)
        setup = message.get("setup")
        system = setup.get("systemInstruction") if isinstance(setup, dict) else None
        if isinstance(setup, dict) and isinstance(system, dict):
            parts = {key: value for key, value in system.items() if key != "role"}
            return {"setup": {**setup, "systemInstruction": parts}}
        return message


@dataclass(frozen=True, slots=True)
class Step:
    """One frame: what was sent, or what was received."""

    sent: JSONObject | None = None
    received: Frame | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What decoding a session came to."""

    events: tuple[LiveEvent, ...]
    error: ChatError | None

    def same(self, other: Told) -> bool:
        """Tell whether a program sees no difference between the two."""
        return self._plain() == other._plain() and facts(self.error) == facts(other.error)

    def _plain(self) -> list[object]:
        return [facts(event.error) if isinstance(event, SessionError) else event for event in self.events]


def _realtime(exchange: Exchange) -> Wire:
    from chat_responses.presets import OPENAI, PRESETS  # noqa: PLC0415 - as above
    from chat_responses.provider import Responses  # noqa: PLC0415 - as above
    from chat_responses.realtime.live import RealtimeLive  # noqa: PLC0415 - as above
    from chat_responses.settings import changed  # noqa: PLC0415 - as above

    vendor = exchange.api.partition("-")[0]
    row = PRESETS.get(f"{vendor}-responses", OPENAI)
    first = next(step.sent for steps in connections(exchange) for step in steps if step.sent is not None)
    match first.get("session"):
        case {"modalities": _}:  # Voice Live, which is a setting of the same row
            row = changed(row, {"realtime": "flat"})
        case _:
            pass
    return RealtimeWire(RealtimeLive(Responses(row, base_url=ANYWHERE)))


def _gemini(_: Exchange) -> Wire:
    from chat_gemini.live.live import GeminiLive  # noqa: PLC0415 - as above
    from chat_gemini.provider import Gemini  # noqa: PLC0415 - as above

    return GeminiWire(GeminiLive(Gemini()))


WIRES: Mapping[str, Callable[[Exchange], Wire]] = {"openai-realtime-ws": _realtime, "gemini-live-ws": _gemini}


def connections(exchange: Exchange) -> list[list[Step]]:
    """Return the frames of a session; those after a close are another connection's."""
    found: list[list[Step]] = [[]]
    frames = exchange.response.get("frames")
    for frame in frames if isinstance(frames, list) else []:
        if not isinstance(frame, dict):
            raise TypeError(f"no frame: {frame!r:.100}")
        if "close" in frame:
            found.append([])
        elif frame.get("dir") == "send":
            found[-1].append(Step(sent=parse_object(_data(frame))))
        else:
            found[-1].append(Step(received=Frame(_data(frame))))
    return [steps for steps in found if steps]


def _data(frame: JSONObject) -> bytes | str:
    match frame:
        case {"text": str(text)}:
            return text
        case {"b64": str(text)}:
            return base64.b64decode(text)
        case _:
            raise ValueError(f"no frame: {frame!r:.100}")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to.

    Attributes:
        wire: the wire.
        steps: what was recorded, by connection.
        configs: the configuration of each connection.
        events: what was told.
        sent: what our codec sent, by connection.
    """

    wire: Wire
    steps: list[list[Step]]
    configs: list[LiveConfig]
    events: list[LiveEvent]
    sent: list[list[JSONObject]]


def replay(exchange: Exchange, wire: Wire) -> Replayed:
    """Replay a session, in both directions and in its order."""
    steps = connections(exchange)
    done = Replayed(wire, steps, [], [], [])
    for connection in steps:
        config, codec, ours = _begun(wire, connection)
        done.configs.append(config)
        first = True
        for step in connection:
            if step.received is not None:
                done.events.extend(codec.feed(step.received))
            elif step.sent is not None and not first:
                codec.send(wire.said(step.sent, config))
            first = first and step.sent is None
            ours += _taken(codec)
        done.events.extend(codec.finish())
        done.sent.append(ours)
    return done


def _begun(wire: Wire, connection: Sequence[Step]) -> tuple[LiveConfig, LiveCodec, list[JSONObject]]:
    config = wire.config(next(step.sent for step in connection if step.sent is not None))
    codec = wire.codec(config)
    return config, codec, _taken(codec)


def _taken(codec: LiveCodec) -> list[JSONObject]:
    return [parse_object(dump(message)) for message in codec.to_send() if not isinstance(message, bytes)]


def responses(events: Iterable[LiveEvent]) -> list[Response]:
    """Return the answers of a session."""
    return [event.response for event in events if isinstance(event, ResponseEnd)]


def expected(exchange: Exchange, done: Replayed) -> Iterator[str]:
    """Yield how a session differs from what the corpus expects."""
    told = responses(done.events)
    sounds = [part for answer in told for part in answer.media]
    ours: dict[str, JSON] = {
        "text": "".join(answer.text for answer in told),
        "reasoning": "".join(answer.reasoning for answer in told),
        "transcript": "".join(part.transcript or "" for part in sounds),
        "audio_bytes": sum(len(part.source.data) for part in sounds if isinstance(part.source, Inline)),
        "tool_calls": [
            {"id": call.id, "name": call.name, "arguments": call.arguments}
            for answer in told
            for call in answer.tool_calls
        ],
        "input_transcripts": [event.text for event in done.events if isinstance(event, InputTranscript)],
        "responses_done": len(told),
        "errors": sum(isinstance(event, SessionError) for event in done.events),
    }
    for name, value in exchange.expect.items():
        if name in ours and ours[name] != value:
            yield f"{name}: expected {value!r}, ours {ours[name]!r}"
    yield from _usages(exchange, told)


def _usages(exchange: Exchange, told: Sequence[Response]) -> Iterator[str]:
    raws: list[JSON] = [dict(answer.usage.raw) if answer.usage is not None else {} for answer in told]
    match exchange.expect.get("usages"):
        case list(usages) if any(usages):  # xAI's are beside the answer, where the corpus does not look
            if raws != usages:
                yield f"usages: expected {usages!r}, ours {raws!r}"
        case _:
            pass
    last = exchange.expect.get("last_usage")
    if last is not None and (not raws or raws[-1] != last):
        yield f"last_usage: expected {last!r}, ours {raws[-1:]!r}"


def said_again(done: Replayed) -> Iterator[str]:
    """Yield how what our codec sent differs from what was sent."""
    normalised = done.wire.normalised
    for steps, ours in zip(done.steps, done.sent, strict=True):
        theirs = [step.sent for step in steps if step.sent is not None]
        if len(theirs) != len(ours):
            yield f"sent: recorded {len(theirs)} messages, ours {len(ours)}"
        for at, (one, other) in enumerate(zip(theirs, ours, strict=False)):
            yield from (f"sent[{at}]: {words}" for words in unequal(normalised(one), normalised(other)))


def grammar(events: Iterable[LiveEvent]) -> Iterator[str]:
    """Yield how the answers of a session break the grammar, each by itself."""
    folding: Fold | None = None
    for event in events:
        if isinstance(event, SessionEvent):
            continue
        if isinstance(event, ResponseStart):
            if folding is not None:
                yield "an answer begins inside of another one"
            folding = Fold()
        if folding is None:
            if not isinstance(event, UnknownEvent):
                yield f"{type(event).__name__} outside of an answer"
            continue
        folding.feed(event)
        if isinstance(event, ResponseEnd):
            if folding.response != event.response:
                yield "the folded response is not the one that ends the answer"
            folding = None
    if folding is not None:
        yield "an answer has no end"


def started(done: Replayed) -> Iterator[str]:
    """Yield when a connection has not begun once."""
    begun = sum(isinstance(event, SessionStart) for event in done.events)
    if begun != len(done.steps):
        yield f"{begun} sessions began on {len(done.steps)} connections"


def endings(done: Replayed) -> Iterator[str]:
    """Yield what is wrong when the connection ends after any frame."""
    for steps, config in zip(done.steps, done.configs, strict=True):
        frames = [step.received for step in steps if step.received is not None]
        for count in range(len(frames)):
            told = decode(done.wire, config, frames[:count])
            if told.error is not None:
                yield f"cut after {count} frames: {told.error!r}"
            yield from (f"cut after {count} frames: {words}" for words in grammar(told.events))
            last = responses(told.events)[-1:]
            whole = responses(decode(done.wire, config, frames).events)
            if last and last[0] not in whole and last[0].finish_reason is not FinishReason.CANCELLED:
                yield f"cut after {count} frames: an answer ends as {last[0].finish_reason}"


def decode(wire: Wire, config: LiveConfig, frames: Iterable[Frame]) -> Told:
    """Decode what was received.

    Raises:
        Crash: something came out that must not.
    """
    codec = wire.codec(config)
    events: list[LiveEvent] = []
    try:
        for frame in frames:
            events.extend(codec.feed(frame))
        events.extend(codec.finish())
    except ALLOWED as error:
        return Told(tuple(events), error)
    except Exception as error:
        raise Crash.of(error) from error
    return Told(tuple(events), None)


def lost(done: Replayed, random: Random) -> list[str]:
    """Return the paths of the leaves that nobody claims, whether stated or not."""
    found: list[str] = []
    for steps, config in zip(done.steps, done.configs, strict=True):
        frames = [step.received for step in steps if step.received is not None]
        found += leaves.lost_in_stream(frames, partial(decode, done.wire, config), random)
    return found


def damaged(done: Replayed, random: Random) -> Iterator[str]:
    """Damage what was received and what was sent; a crash is the only finding there can be."""
    for steps, config in zip(done.steps, done.configs, strict=True):
        frames = leaves.short_form([step.received for step in steps if step.received is not None])
        fuzz.streams(frames, partial(decode, done.wire, config), random)
        for step in steps[:20]:
            if step.sent is not None:
                fuzz.requests(step.sent, partial(_parsed, done.wire, config), random)
    yield from ()


def _parsed(wire: Wire, config: LiveConfig, message: JSONObject) -> object:
    if "setup" in message or message.get("type") == "session.update":
        inner = message.get("session", message.get("setup"))
        return wire.codec(wire.config(message)) if isinstance(inner, dict) else None
    return wire.said(message, config)


def check(exchange: Exchange, seed: int) -> tuple[list[tuple[str, str]], list[str], Mapping[str, str]]:
    """Run all checks on a session; return faults by check, lost leaves, and the leaves that are dropped as stated."""
    wire = WIRES[exchange.wire](exchange)
    random = Random(f"{seed} {exchange.id}")
    faults: list[tuple[str, str]] = []
    try:
        done = replay(exchange, wire)
        faults += [("decode", words) for words in expected(exchange, done)]
        faults += [("sent", words) for words in said_again(done)]
        faults += [("grammar", words) for words in (*grammar(done.events), *started(done))]
        faults += [("endings", words) for words in endings(done)]
        faults += [("fuzz", words) for words in damaged(done, random)]
        for ours in done.sent:
            faults += [("oracle", words) for message in ours for words in live_oracle.refusals(exchange.wire, message)]
        return faults, lost(done, random), wire.ignored
    except Crash as error:
        faults.append(("fuzz", f"raised what it must not: {error}"))
    except ChatError as error:
        faults.append(("replay", f"{error!r}"))
    return faults, [], wire.ignored
