"""Live sessions of `replay:demo`: a wire of its own, in the pieces of `demo`, for trials and for tests.

Law: an ordinary codec: pure, and what it does not know is surfaced.

The wire: text messages are JSON objects, binary ones are sound, both ways. The program says `{"begin": …}` first, then
`{"say": …}`, `{"turn": "start"}`, `{"turn": "end"}`, `{"results": […]}`, `{"answer": …}`, `{"stop": …}` and
`{"update": …}`. The service says `{"ready": id}`, the pieces of answers, of which `{"finish": …}` is the last, and
`{"interrupted": …}`, `{"cancelled": [id]}`, `{"speech": "start"}`, `{"heard": …}`, `{"words": …}` for the words of its
own sound, `{"token": …}`, `{"ending": …}`, `{"spent": …}`, `{"updated": …}`, `{"failed": …}` for what one message
asked, and `{"error": …}` as its last word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chat_core.codec.builder import ResponseBuilder
from chat_core.codec.wire import WireRequest
from chat_core.demo import REASONS, RECORDED
from chat_core.errors import DecodeError, InvalidRequest, ProviderError, UnsupportedContent
from chat_core.events import UnknownEvent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import parse_object
from chat_core.live import (
    AudioInput,
    CallsCancelled,
    ConfigUpdate,
    InputTranscript,
    Interrupted,
    Interruption,
    MessageInput,
    NativeInput,
    ResponseRequest,
    ResultsInput,
    ResumeToken,
    SessionEnding,
    SessionError,
    SessionStart,
    SessionUpdate,
    SessionUsage,
    SpeechEnd,
    SpeechStart,
    TurnEnd,
    TurnStart,
)
from chat_core.parts import Inline, Json, Media, Text, ToolCall
from chat_core.response import FinishReason, Notice, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.live import LiveMessage
    from chat_core.codec.wire import Frame, WireJSON
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveConfig, LiveEvent, LiveInput
    from chat_core.parts import ToolResult

URL = "wss://demo.invalid/demo/live"
SOUND = "audio/pcm"
PIECES = frozenset({"text", "reasoning", "call", "arguments", "usage", "finish", "words"})
SAID = frozenset({
    "ready", "interrupted", "cancelled", "speech", "heard", "token", "ending", "spent", "updated", "failed", "error",
})  # fmt: skip
IGNORED = ("voice", "language", "input_transcription", "output_transcription", "turns", "modality")
"""Settings that a recording cannot follow."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class DemoLive:
    """The capability.

    Attributes:
        origin: as `Demo.origin`.
        url: where the service is.
    """

    origin: str
    url: str = URL

    def connect(self, config: LiveConfig) -> WireRequest:
        """Return the handshake."""
        asked = (name for name in IGNORED if getattr(config, name) is not None)
        notices = tuple(Notice(feature=name, reason=RECORDED) for name in asked)
        return WireRequest(url=self.url, method="GET", notices=notices)

    def codec(self, config: LiveConfig) -> DemoLiveCodec:
        """Begin a session."""
        return DemoLiveCodec(config, self.origin)


class DemoLiveCodec:
    """Translates one session."""

    def __init__(self, config: LiveConfig, origin: str) -> None:
        """Begin with what the service has to know first."""
        self.ready = False
        self.resume_token: str | None = None
        self._origin = origin
        self._model = config.model
        self._build: ResponseBuilder | None = None
        self._calls = 0
        self._out: list[LiveMessage] = [{"begin": _told(config)}]

    def send(self, said: LiveInput) -> None:
        """Say something.

        Raises:
            UnsupportedContent: nothing was recorded with it.
        """
        self._out.append(_spelled(said))

    def to_send(self) -> tuple[LiveMessage, ...]:
        """Return what is to be sent now."""
        out, self._out = tuple(self._out), []
        return out

    def feed(self, frame: Frame) -> Iterator[LiveEvent]:
        """Read one message of the service.

        Raises:
            DecodeError: a known message is malformed.
            ProviderError: it was the service's last word.
        """
        if isinstance(frame.data, bytes):
            self._sound(frame.data)
            yield from self._taken()
            return
        said = parse_object(frame.data)
        name = next(iter(said), "")
        if name in PIECES:
            self._piece(said)
            yield from self._taken()
        elif name in SAID:
            yield from self._event(said)
        else:
            yield UnknownEvent(name, said)

    def finish(self) -> Iterator[LiveEvent]:
        """End what is under way as cancelled."""
        yield from self._cut()

    def _taken(self) -> list[Event]:
        return [] if self._build is None else self._build.take()

    def _answer(self) -> ResponseBuilder:
        if self._build is None or self._build.ended:
            self._build = ResponseBuilder(self._origin)
            self._build.model = self._model
            self._calls = 0
        return self._build

    def _cut(self) -> list[Event]:
        """End an answer that is cut short, if one is under way."""
        build = self._build
        if build is None or build.ended or build.partial() is None:
            return []
        build.finish(FinishReason.CANCELLED, None)
        build.end()
        return build.take()

    def _sound(self, data: bytes, words: str = "") -> None:
        build = self._answer()
        if not build.is_open("sound"):
            build.open("sound", Media(kind="audio", source=Inline(b""), mime=SOUND))
        build.media("sound", data, transcript=words)

    def _piece(self, piece: JSONObject) -> None:
        build = self._answer()
        match piece:
            case {"text": str(text)}:
                build.text("text", text)
            case {"words": str(words)}:
                self._sound(b"", words)
            case {"reasoning": str(text)}:
                build.reasoning("reasoning", text)
            case {"call": {"id": str(call_id), "name": str(name)}}:
                self._calls += 1
                build.open(self._calls, ToolCall(id=call_id, name=name))
            case {"arguments": str(text)} if self._calls:
                build.arguments(self._calls, text)
            case {"usage": usage}:
                build.usage = _usage(usage)
            case {"finish": str(word)}:
                build.finish(REASONS.get(word, FinishReason.OTHER), word)
                build.end()
            case _:
                raise DecodeError(f"malformed piece of an answer: {piece!r:.80}")

    def _event(self, said: JSONObject) -> Iterator[LiveEvent]:
        match said:
            case {"ready": str(name)}:
                self.ready = True
                yield SessionStart(id=name, model=self._model)
            case {"interrupted": True}:
                yield Interrupted()
                yield from self._cut()
            case {"token": str() | None as token}:
                self.resume_token = token
                yield ResumeToken(token)
            case {"error": str(words)}:
                yield from self._cut()
                raise ProviderError(words, details=said)
            case _:
                yield _plain(said)


def _plain(said: JSONObject) -> LiveEvent:
    """Read what changes nothing in the codec."""
    match said:
        case {"cancelled": list(ids)} if all(isinstance(call_id, str) for call_id in ids):
            return CallsCancelled(tuple(str(call_id) for call_id in ids))
        case {"speech": "start"}:
            return SpeechStart(item=_item(said))
        case {"speech": "end"}:
            return SpeechEnd(item=_item(said))
        case {"heard": str(text)}:
            return InputTranscript(text=text, item=_item(said))
        case {"ending": int() | float() | None as seconds}:
            return SessionEnding(seconds)
        case {"spent": usage}:
            return SessionUsage(_usage(usage))
        case {"updated": True}:
            return SessionUpdate()
        case {"failed": str(words)}:
            return SessionError(InvalidRequest(words, details=said))
        case _:
            raise DecodeError(f"malformed message: {said!r:.80}")


def _item(said: JSONObject) -> str | None:
    item = said.get("item")
    return item if isinstance(item, str) else None


def _usage(usage: JSON) -> Usage:
    match usage:
        case {"input": int(taken), "output": int(given)}:
            return Usage(input_tokens=taken, output_tokens=given, raw=cast("JSONObject", usage))
        case _:
            raise DecodeError(f"malformed usage: {usage!r:.80}")


def _spelled(said: LiveInput) -> LiveMessage:
    match said:
        case MessageInput(message, respond) if all(isinstance(part, Text) for part in message.parts):
            return {"say": message.text, "respond": respond}
        case AudioInput(data):
            return data
        case TurnStart():
            return {"turn": "start"}
        case TurnEnd(respond):
            return {"turn": "end", "respond": respond}
        case ResultsInput(results, respond):
            return {"results": [_result(result) for result in results], "respond": respond}
        case ResponseRequest(instructions):
            return {"answer": instructions}
        case Interruption(heard):
            return {"stop": heard}
        case ConfigUpdate(config):
            return {"update": _told(config)}
        case NativeInput("demo", data):
            return cast("Mapping[str, WireJSON]", data)
        case _:
            raise UnsupportedContent(f"nothing was recorded with {type(said).__name__} of this kind: ask in words")


def _told(config: LiveConfig) -> Mapping[str, WireJSON]:
    names = [getattr(tool, "name", None) for tool in config.tools]
    instructions = "\n".join(message.text for message in config.messages if message.role == "system")
    return {"instructions": instructions, "tools": names, "resume": config.resume}


def _result(result: ToolResult) -> Mapping[str, WireJSON]:
    if not all(isinstance(part, Text | Json) for part in result.content):
        raise UnsupportedContent("nothing was recorded with media in results")
    content = [part.text if isinstance(part, Text) else getattr(part, "value", None) for part in result.content]
    return {"id": result.call_id, "content": cast("WireJSON", content), "error": result.is_error}
