"""`replay:demo`: a provider whose service is a recording, so that everything can be tried with no key and no network.

Law: an ordinary provider with a wire of its own over an ordinary transport. Which conversation is played depends on the
words of the question (`SCENES`); nothing is made up at run time.

The wire: a reply is a list of pieces, `{"answer": [piece, …]}` when whole, one piece an SSE event when streamed. A
piece is `{"text": …}`, `{"reasoning": …}`, `{"call": {"id": …, "name": …}}`, `{"arguments": …}`, `{"usage": …}`, or
`{"finish": …}`, which is the last.
"""

from __future__ import annotations

from array import array
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chat_core.codec.answers import require_answers
from chat_core.codec.capabilities import (
    EmbeddingResponse,
    Embeddings,
    Model,
    ModelPage,
    Models,
    TokenCount,
    TokenCounter,
)
from chat_core.codec.decoder import FrameDecoder, frame_object
from chat_core.codec.failure import Dialect, decode_failure
from chat_core.codec.framers import SSE
from chat_core.codec.live import Live
from chat_core.codec.wire import Frame, WireRequest, dump
from chat_core.errors import ConfigurationError, DecodeError, UnsupportedContent
from chat_core.events import ResponseEnd
from chat_core.frozen import dataclass
from chat_core.jsonvalue import parse_object
from chat_core.options import Options
from chat_core.parts import Opaque, ToolCall, ToolResult
from chat_core.response import FinishReason, Notice, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chat_core.codec.capabilities import EmbeddingRequest
    from chat_core.codec.provider import Secret
    from chat_core.codec.wire import Channel, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request
    from chat_core.response import Response
    from chat_core.transport.cassette import Sent
    from chat_core.transport.replay import Replay

MODEL = "demo"
TOOL = "get_weather"
"""The tool that the recorded model calls, with a `city`, when a request offers it."""

FORM = ("name", "people")
"""What the recorded structured output has."""

SCENES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("busy", ("busy",)),
    ("cut", ("cut",)),
    ("story", ("story", "think")),
    ("weather", ("weather",)),
)
"""What is played when the question holds one of the words: a service without capacity, a stream that breaks off, an
answer with reasoning, a tool call. `facts`, a city's name and number of people as JSON, is played for a structured
output, and `hello` for all other questions."""

REASONS = {reason.value: reason for reason in (FinishReason.STOP, FinishReason.LENGTH, FinishReason.TOOL_CALLS)}
RECORDED = "what is played was recorded before"
TOOLS = f"a recording calls no tool but {TOOL}, where that is offered and the question holds the word weather"
OUTPUT = f"a recording answers in one form only: {', '.join(FORM)}, a city and how many people live there"
WORDS = frozenset({"Text", "Reasoning", "Refusal", "ToolCall", "ToolResult", "Json", "Opaque"})
"""Parts that may stand in a history; only the question's words are sent."""
PIECES = frozenset({"text", "reasoning", "call", "arguments", "usage", "finish"})
_HOST = "https://demo.invalid"
_RECORDED = Path(__file__).with_name("demo.jsonl")


def demo_transport(pace: float = 1.0) -> Replay:
    """Return the transport that plays the recorded conversations, in the time that they took or another `pace`."""
    from chat_core.demo_peer import DemoTransport  # noqa: PLC0415 - as above

    return DemoTransport(_RECORDED, match=_same_scene, pace=pace)


def _same_scene(recorded: Sent, made: Sent) -> bool:
    return urlsplit(recorded.url).path == urlsplit(made.url).path


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Demo:
    """The provider of the recorded service."""

    name: str = "replay"

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that `encode` knows."""
        return frozenset({"http"})

    @property
    def capabilities(self) -> Mapping[type, object]:
        """What is offered beside chat."""
        from chat_core.demo_live import DemoLive  # noqa: PLC0415 - it is made of this module's pieces
        from chat_core.demo_media import offered  # noqa: PLC0415 - as above
        from chat_core.demo_texts import offered as of_texts  # noqa: PLC0415 - as above

        live = DemoLive(self.origin(MODEL))
        words: dict[type, object] = {Embeddings: DemoEmbeddings(), Models: DemoModels(), TokenCounter: DemoCounter()}
        return {**words, Live: live, **offered(), **of_texts()}

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:  # noqa: ARG002 - one channel
        """Spell a request: the scene to play, and the question.

        Raises:
            ConfigurationError: the model is not `demo`.
            UnsupportedContent: a message holds what no recording was made with.
            UnansweredToolCall: a call in the history has no result.
        """
        require_answers(request.messages)
        _require_words(request)
        kind = "stream" if stream else "whole"
        return WireRequest(
            url=address(request.model, f"{_scene(request)}/{kind}"),
            body={"question": _question(request), "stream": stream},
            framer=SSE if stream else None,
            notices=tuple(_notices(request)),
        )

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the seam's signature
        """Return no header: recordings ask for no key."""
        return {}

    def decode(self, request: Request, reply: WireResponse) -> Response:
        """Read a whole reply, piece by piece as a streamed one.

        Raises:
            DecodeError: the reply is malformed.
        """
        decoder = self.decoder(request)
        match parse_object(reply.body):
            case {"answer": list(pieces)}:
                events = [*decoder.feed(Frame(dump(piece)) for piece in pieces), *decoder.finish()]
            case _:
                raise DecodeError("the reply has no answer")
        return next(event.response for event in events if isinstance(event, ResponseEnd))

    def decoder(self, request: Request) -> DemoDecoder:
        """Begin to read a streamed reply."""
        return DemoDecoder(self.origin(request.model), request.model)

    def decode_error(self, reply: WireResponse) -> ProviderError:
        """Read a reply whose status says that it failed; never raises."""
        return decode_failure(reply, Dialect())

    def origin(self, model: str) -> str:
        """Return the name under which parts keep what only this service understands."""
        return f"{self.name}@demo.invalid/{model}"

    def accepts(self, origin: str) -> bool:
        """Tell whether private data of another origin may be sent here."""
        return origin == self.origin(MODEL)


class DemoDecoder(FrameDecoder):
    """Reads the pieces of one answer."""

    def __init__(self, origin: str, model: str) -> None:
        """Begin an answer."""
        super().__init__(origin)
        self.build.model = model
        self._parts = 0

    def on_frame(self, frame: Frame) -> None:
        """Read one piece."""
        match frame_object(frame):
            case None:
                pass
            case late if self.build.ended:
                self.build.unknown("after_finish", late)
            case {"text": str(text)}:
                self.build.text("text", text)
            case {"reasoning": str(text)}:
                self.build.reasoning("reasoning", text)
            case {"call": {"id": str(call_id), "name": str(name)}}:
                self._parts += 1
                self.build.open(self._parts, ToolCall(id=call_id, name=name))
            case {"arguments": str(text)} if self._parts:
                self.build.arguments(self._parts, text)
            case {"usage": {"input": int(taken), "output": int(given)}}:
                raw: JSONObject = {"input": taken, "output": given}
                self.build.usage = Usage(input_tokens=taken, output_tokens=given, raw=raw)
            case {"finish": str(word)}:
                self.build.finish(REASONS.get(word, FinishReason.OTHER), word)
                self.build.end()
            case dict(other) if other and not PIECES & other.keys():
                self.build.unknown(next(iter(other)), other)
            case other:
                raise DecodeError(f"malformed piece of an answer: {other!r:.80}")


class DemoEmbeddings:
    """Recorded vectors for a few texts."""

    def encode(self, request: EmbeddingRequest) -> WireRequest:
        """Spell the request."""
        beyond = ("dimensions", "purpose", "encoding", "user", "extra")
        notices = tuple(Notice(feature=name, reason=RECORDED) for name in beyond if getattr(request, name))
        url = address(request.model, "embeddings")
        return WireRequest(url=url, body={"inputs": len(request.inputs)}, notices=notices)

    def decode(self, request: EmbeddingRequest, reply: WireResponse) -> EmbeddingResponse:
        """Read as many vectors as there are texts.

        Raises:
            UnsupportedContent: fewer were recorded.
        """
        match parse_object(reply.body):
            case {"vectors": list(vectors)} if len(vectors) >= len(request.inputs):
                rows = tuple(map(_row, vectors[: len(request.inputs)]))
                return EmbeddingResponse(vectors=rows, model=request.model)
            case {"vectors": list(vectors)}:
                raise UnsupportedContent(f"vectors of {len(vectors)} texts were recorded, not of {len(request.inputs)}")
            case _:
                raise DecodeError("the reply has no vectors")


class DemoModels:
    """The one recorded model."""

    def encode(self, *, after: str | None = None) -> WireRequest:  # noqa: ARG002 - there is one page
        """Ask for the list."""
        return WireRequest(url=address(MODEL, "models"), method="GET")

    def decode(self, reply: WireResponse) -> ModelPage:
        """Read the list."""
        match parse_object(reply.body):
            case {"models": list(names)}:
                return ModelPage(models=tuple(Model(id=str(name)) for name in names))
            case _:
                raise DecodeError("the reply has no models")


class DemoCounter:
    """A recorded count, whatever the request."""

    def encode(self, request: Request) -> WireRequest:
        """Spell the question."""
        return WireRequest(url=address(request.model, "count"), body={"question": _question(request)})

    def decode(self, request: Request, reply: WireResponse) -> TokenCount:  # noqa: ARG002 - the seam's signature
        """Read the count."""
        match parse_object(reply.body):
            case {"input": int(count)}:
                return TokenCount(input_tokens=count)
            case _:
                raise DecodeError("the reply has no count")


def address(model: str, path: str) -> str:
    """Return where a recording is played; the only model is `demo`.

    Raises:
        ConfigurationError: the model is another one.
    """
    if model != MODEL:
        raise ConfigurationError(f"nothing was recorded for the model {model!r}: write replay:{MODEL}")
    return f"{_HOST}/{model}/{path}"


def _question(request: Request) -> str:
    return next((message.text for message in reversed(request.messages) if message.role == "user"), "")


def _require_words(request: Request) -> None:
    strangers = {type(part).__name__ for message in request.messages for part in message.parts} - WORDS
    if strangers:
        raise UnsupportedContent(f"nothing was recorded with {', '.join(sorted(strangers))}: ask in words")


def _notices(request: Request) -> Iterator[Notice]:
    """Say of what is asked that a recording cannot do otherwise."""
    for item in fields(Options):
        if item.name != "native" and getattr(request.options, item.name) is not None:
            yield Notice(feature=item.name, reason=RECORDED)
    if any(getattr(tool, "name", None) != TOOL for tool in request.tools):
        yield Notice(feature="tools", reason=TOOLS)
    if request.tool_choice is not None:
        yield Notice(feature="tool_choice", reason=RECORDED)
    if request.output is not None:
        yield Notice(feature="output", reason=OUTPUT)
    for part in (part for message in request.messages for part in message.parts):
        for block in part.content if isinstance(part, ToolResult) else (part,):
            if isinstance(block, Opaque):
                yield Notice(feature=block.kind, reason=RECORDED)


def _scene(request: Request) -> str:
    if request.messages and request.messages[-1].role == "tool":
        return "forecast"
    if request.output is not None:
        return "facts"
    words = _question(request).lower()
    for scene, cues in SCENES:
        if any(cue in words for cue in cues) and (scene != "weather" or _offers_tool(request)):
            return scene
    return "hello"


def _offers_tool(request: Request) -> bool:
    return any(getattr(tool, "name", None) == TOOL for tool in request.tools)


def _row(values: JSON) -> array[float]:
    match values:
        case list():
            return array("f", [value for value in values if isinstance(value, int | float)])
        case _:
            raise DecodeError("a vector is no list of numbers")
