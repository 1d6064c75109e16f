"""What the program says → messages of the wire, kept back until the service listens.

Law: nothing but `setup` is sent before `setupComplete`. Everything keeps its order.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.errors import UnsupportedContent
from chat_core.jsonvalue import same
from chat_core.live import (
    AudioInput,
    ConfigUpdate,
    FrameInput,
    Interruption,
    MessageInput,
    NativeInput,
    ResponseRequest,
    ResultsInput,
    TurnEnd,
    TurnStart,
)
from chat_core.media import sniff
from chat_core.parts import Inline, Text, ToolCall
from chat_gemini.content import Speller
from chat_gemini.live.options import PROVIDER, GeminiLiveOptions
from chat_gemini.live.setup import RATE, encode_setup, instructions_and_tools

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveConfig, LiveInput
    from chat_core.messages import Message, Role
    from chat_core.parts import Media, ToolResult
    from chat_core.response import Notice
    from chat_gemini.provider import Gemini


class Saying:
    """Spells what is said in one session.

    Attributes:
        busy: whether an answer comes.
        asked: whether one was asked for, and has not begun.
    """

    def __init__(self, provider: Gemini, config: LiveConfig) -> None:
        """Begin with the configuration and the conversation so far.

        Raises:
            UnsupportedContent: the wire cannot spell something of them.
            UnansweredToolCall: a call of the conversation has no result.
        """
        self.busy = self.asked = False
        self._provider = provider
        self._config = config
        self._native = config.options.native_of(GeminiLiveOptions)
        begins = encode_setup(provider, config)
        policy = config.options.foreign_reasoning
        self._spell = Speller(provider, config.model, policy if policy is not None else "drop", [*begins.notices])
        self._initial = begins.initial
        self._listened_to = False
        self._out: list[JSONObject] = [{"setup": begins.setup}]
        self._held: list[JSONObject] = []
        self._spell.names.update(
            (part.id, part.name) for message in config.messages for part in message.parts if isinstance(part, ToolCall)
        )
        if begins.history and config.resume is None:  # of a session that goes on, the service knows what was said
            self._held.append({"clientContent": {"turns": begins.history, "turnComplete": begins.initial}})

    def take(self) -> tuple[JSONObject, ...]:
        """Return what is to be sent now, once."""
        out, self._out = tuple(self._out), []
        return out

    def listened_to(self) -> tuple[Notice, ...]:
        """Note that the service listens; return what was not sent as asked."""
        self._listened_to = True
        self._out += self._held
        self._held = []
        return self.notices()

    def notices(self) -> tuple[Notice, ...]:
        """Return what was not sent as asked since the last time."""
        notices = tuple(self._spell.notices)
        self._spell.notices.clear()
        return notices

    def called(self, call: str, name: str) -> None:
        """Note the tool of a call: the wire wants its name with the result."""
        self._spell.names[call] = name

    def say(self, said: LiveInput) -> None:
        """Say something.

        Raises:
            UnsupportedContent: the wire cannot spell it; nothing is sent.
        """
        found = self._spelled(said)
        self.asked = _asks(said) or (self.asked and not isinstance(said, Interruption))
        (self._out if self._listened_to else self._held).extend(found)

    def _spelled(self, said: LiveInput) -> list[JSONObject]:
        match said:
            case AudioInput(data):
                audio = self._config.input_audio
                rate = RATE if audio is None else audio.rate
                return [_realtime("audio", _blob(f"audio/pcm;rate={rate}", data))]
            case MessageInput(message, respond):
                return [self._message(message, respond=respond)]
            case FrameInput(image):
                return [_realtime("video", _image(image))]
            case ResultsInput(results):
                return [{"toolResponse": {"functionResponses": [self._result(result) for result in results]}}]
            case TurnStart() | TurnEnd():
                return [self._turn(said)]
            case ResponseRequest(None):
                return [{"clientContent": {"turnComplete": True}}]
            case ResponseRequest():
                raise UnsupportedContent("Gemini takes no instructions for one answer: say them in a message")
            case Interruption():
                return [{"clientContent": {"turnComplete": False}}] if self.busy or self.asked else []
            case ConfigUpdate(config):
                return self._change(config)
            case NativeInput(provider=provider, data=data) if provider == PROVIDER:
                return [data]
            case NativeInput(provider=provider):
                raise UnsupportedContent(f"a message of {provider} is none of Gemini's live sessions")

    def _message(self, message: Message, *, respond: bool) -> JSONObject:
        match message.parts:
            case (Text(text),) if message.role == "user" and respond and self._initial:
                return _realtime("text", text)  # after such a beginning the model reads this alone
            case _:
                contents = self._spell.conversation((replace(message, role=_role(message)),)).contents
                return {"clientContent": {"turns": contents, "turnComplete": respond}}

    def _result(self, result: ToolResult) -> JSONObject:
        first, *after = self._spell.part(result, "tool")
        if after:
            raise UnsupportedContent("a live session takes no such media in a tool's result: send its text")
        spelled = first["functionResponse"]
        if self._native.scheduling is not None and isinstance(spelled, dict):
            return {"scheduling": self._native.scheduling, **spelled}
        return spelled if isinstance(spelled, dict) else first

    def _turn(self, said: TurnStart | TurnEnd) -> JSONObject:
        turns = self._config.turns
        manual = turns is not None and turns.kind == "manual"
        match said:
            case TurnStart() if manual:
                return _realtime("activityStart", {})
            case TurnStart():
                raise UnsupportedContent("the service finds out when a turn begins: set TurnDetection(kind='manual')")
            case TurnEnd(respond=False):
                raise UnsupportedContent("Gemini answers whenever a turn ends: say TurnEnd(respond=True)")
            case TurnEnd():
                return _realtime("activityEnd", {}) if manual else _realtime("audioStreamEnd", value=True)

    def _change(self, config: LiveConfig) -> list[JSONObject]:
        """Change instructions and tools; nothing else can change."""
        beside = replace(config, messages=self._config.messages, tools=self._config.tools)
        if beside != self._config:
            raise UnsupportedContent("a session of Gemini can change its instructions and its tools, nothing else")
        before = instructions_and_tools(self._provider, self._config)
        system, tools = instructions_and_tools(self._provider, config)
        self._config = config
        update: JSONObject = {}
        if not same(system, before[0]):
            update["systemInstruction"] = system if system is not None else {"parts": [{"text": ""}]}
        if not same(tools, before[1]):
            update["tools"] = {"tools": tools if tools is not None else []}
        return [{"contextUpdate": update}] if update else []


def _asks(said: LiveInput) -> bool:
    """Tell whether the model answers an input, whatever else is said."""
    match said:
        case MessageInput(respond=asks) | TurnEnd(asks):
            return asks
        case _:
            return isinstance(said, ResponseRequest | ResultsInput)


def _role(message: Message) -> Role:
    """Return who speaks: instructions in mid-session are said by the user."""
    return "user" if message.role == "system" else message.role


def _realtime(kind: str, value: JSON) -> JSONObject:
    return {"realtimeInput": {kind: value}}


def _blob(mime: str, data: bytes) -> JSONObject:
    return {"mimeType": mime, "data": b64encode(data).decode("ascii")}


def _image(image: Media) -> JSONObject:
    match image.source:
        case Inline(data) if (mime := image.mime or sniff(data)) is not None:
            return _blob(mime, data)
        case source:
            raise UnsupportedContent(f"a frame is an image as bytes of a known type, not a {type(source).__name__}")
