"""Events of a client → configuration and inputs: the inverse of what is sent, for gateways and tests.

Law: what an event says is in what comes out: in a field, in `extra`, or in a `NativeInput`, which is the event as it
is. A member of the wrong kind is not guessed at.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_arguments, rest, same
from chat_core.live import (
    AudioFormat,
    AudioInput,
    ConfigUpdate,
    Interruption,
    LiveConfig,
    MessageInput,
    NativeInput,
    ResponseRequest,
    ResultsInput,
    TurnDetection,
    TurnEnd,
    TurnStart,
)
from chat_core.media import from_data_url
from chat_core.messages import Message, system
from chat_core.options import Options
from chat_core.parts import Inline, Media, Text, ToolCall, ToolResult
from chat_responses.answers import ERROR_MARK
from chat_responses.content import unbase64
from chat_responses.realtime.forms import has, look, put, without
from chat_responses.realtime.options import RealtimeOptions
from chat_responses.realtime.session import BY_BOTH, BY_MEANING, BY_SILENCE, declaring, form_of
from chat_responses.tools import parse_choice, parse_tool

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import AudioEncoding, LiveInput, Modality, TurnKind
    from chat_core.messages import Role
    from chat_core.parts import Part
    from chat_responses.provider import Responses
    from chat_responses.realtime.forms import Form

Kind = TypeVar("Kind")

_MODALITIES: tuple[Modality, ...] = ("text", "audio")


def parse_config(provider: Responses, session: JSONObject, *, model: str) -> LiveConfig:
    """Read the settings of a session.

    Raises:
        DecodeError: a tool is malformed.
    """
    return _SessionParser(provider, session).parse(model)


class _SessionParser:
    """Takes settings out of a session; what is left is `extra`."""

    def __init__(self, provider: Responses, session: JSONObject) -> None:
        self._provider = provider
        self._form: Form = form_of(provider)
        self._left = dict(session)

    def parse(self, model: str) -> LiveConfig:
        """Return the configuration."""
        begins = {**self._form.begins, "model": model}
        self._left = {key: value for key, value in self._left.items() if not same(begins.get(key), value)}
        instructions = self._take("instructions", str)
        config = LiveConfig(
            model=model,
            messages=() if instructions is None else (system(instructions),),
            modality=self._modality(),
            voice=self._take("voice", str),
            input_audio=self._audio("input_audio"),
            output_audio=self._audio("output_audio"),
            input_transcription=self._transcription(),
            language=self._language(),
            turns=self._turns(),
            resumable=self._take("resumable", bool),
        )
        return self._optioned(self._tooled(config))

    def _take(self, setting: str, kind: type[Kind]) -> Kind | None:
        """Take a member; `None`, and it stays where it is, when it is absent or of another kind."""
        path = self._form.places.get(setting)
        value = None if path is None else look(self._left, path)
        if path is None or not isinstance(value, kind) or (value is True and kind is int):
            return None
        self._left = without(self._left, path)
        return value

    def _modality(self) -> Modality | None:
        path = self._form.places.get("modality")
        said = None if path is None else look(self._left, path)
        for word in _MODALITIES:
            if path is not None and [*self._form.modalities[word]] == said:
                self._left = without(self._left, path)
                return word
        return None

    def _audio(self, setting: str) -> AudioFormat | None:
        encodings: dict[JSON, AudioEncoding] = {word: name for name, word in self._form.encodings.items()}
        path = self._form.places[setting]
        match look(self._left, path):
            case {"type": str(word), "rate": int(rate), **more} if encodings.get(word) == "pcm16" and not more:
                found = AudioFormat(rate=rate)
            case {"type": str(word), **more} if encodings.get(word, "pcm16") != "pcm16" and not more:
                found = AudioFormat(encoding=encodings[word], rate=8_000)
            case str(word) if word in encodings:
                found = self._flat_audio(setting, encodings[word])
            case _:
                return None
        self._left = without(self._left, path)
        return found

    def _flat_audio(self, setting: str, encoding: AudioEncoding) -> AudioFormat:
        if encoding != "pcm16":
            return AudioFormat(encoding=encoding, rate=8_000)
        rate = self._take("input_rate", int) if setting == "input_audio" else None
        return AudioFormat() if rate is None else AudioFormat(rate=rate)

    def _transcription(self) -> bool | str | None:
        path = self._form.places["transcription"]
        if has(self._left, path) and look(self._left, path) is None:
            self._left = without(self._left, path)
            return False
        model = look(self._left, f"{path}.model")
        if not isinstance(model, str):
            return None
        self._left = without(self._left, f"{path}.model")
        return model

    def _language(self) -> str | None:
        path = f"{self._form.places['transcription']}.language"
        language = look(self._left, path)
        if not isinstance(language, str):
            return None
        self._left = without(self._left, path)
        return language

    def _turns(self) -> TurnDetection | None:
        path = self._form.places["turns"]
        kinds: dict[JSON, TurnKind] = {"server_vad": "silence", "semantic_vad": "meaning"}
        said = look(self._left, path)
        if has(self._left, path) and said == self._form.manual:
            self._left = without(self._left, path)
            return TurnDetection(kind="manual")
        if not isinstance(said, dict) or not isinstance(said.get("type"), str) or said["type"] not in kinds:
            return None
        kind = kinds[said["type"]]
        names = {**(BY_SILENCE if kind == "silence" else BY_MEANING), **BY_BOTH}
        values: dict[str, Any] = {name: said[key] for name, key in names.items() if _fits(name, said.get(key))}
        left = rest(said, {"type", *(names[name] for name in values)})
        self._left = without(self._left, path)
        if left:
            put(self._left, path, left)
        return TurnDetection(kind=kind, **values)

    def _tooled(self, config: LiveConfig) -> LiveConfig:
        declared = declaring(self._provider)
        origin = declared.origin(config.model)
        listed = self._left.get("tools")
        tools = tuple(parse_tool(item, origin, declared.preset) for item in listed) if isinstance(listed, list) else ()
        if tools:
            del self._left["tools"]
        choice = parse_choice(self._left.get("tool_choice"), tools, declared.preset)
        if choice is not None:
            del self._left["tool_choice"]
        return replace(config, tools=tools, tool_choice=choice)

    def _optioned(self, config: LiveConfig) -> LiveConfig:
        options = Options(
            max_tokens=self._take("max_tokens", int),
            temperature=self._take("temperature", float),
            reasoning_effort=self._take("reasoning_effort", str),
            parallel_tool_calls=self._take("parallel_tool_calls", bool),
        )
        native = (RealtimeOptions(extra=self._left),) if self._left else ()
        return replace(config, options=replace(options, native=native))


def _fits(name: str, value: JSON) -> bool:
    """Tell whether a value is what a field of `TurnDetection` takes."""
    match name, value:
        case "responds" | "interrupts", bool():
            return True
        case "eagerness", str():
            return True
        case "threshold", int() | float():
            return not isinstance(value, bool)
        case "padding" | "silence", int():
            return not isinstance(value, bool)
        case _:
            return False


def parse_input(provider: Responses, event: JSONObject, config: LiveConfig) -> LiveInput:
    """Read one event of a client.

    Raises:
        DecodeError: it is no event, or its sound is no base64.
    """
    match event:
        case {"type": "session.update", "session": dict(session)}:
            return ConfigUpdate(parse_config(provider, session, model=config.model))
        case {"type": "input_audio_buffer.append", "audio": str(text), **more} if not more:
            return AudioInput(_sound(text))
        case {"type": "input_audio_buffer.commit", **more} if not more and _is_manual(config):
            return TurnEnd(respond=False)
        case {"type": "input_audio_buffer.clear", **more} if not more and _is_manual(config):
            return TurnStart()
        case {"type": "response.cancel", **more} if not more:
            return Interruption()
        case {"type": "response.create", **more}:
            return _asked(event, more)
        case {"type": "conversation.item.create", "item": dict(item), **more} if not more:
            return _item(item) or NativeInput(RealtimeOptions.provider, event)
        case {"type": str()}:
            return NativeInput(RealtimeOptions.provider, event)
        case _:
            raise DecodeError(f"no event of a client: {excerpt(repr(event))}")


def _is_manual(config: LiveConfig) -> bool:
    return config.turns is not None and config.turns.kind == "manual"


def _asked(event: JSONObject, more: JSONObject) -> LiveInput:
    match more:
        case {"response": {"instructions": str(words), **others}, **beside} if words and not others and not beside:
            return ResponseRequest(words)
        case _:
            return NativeInput(RealtimeOptions.provider, event) if more else ResponseRequest()


def _sound(text: str) -> bytes:
    sound = unbase64(text)
    if sound is None:
        raise DecodeError(f"sound that is no base64: {excerpt(text)}")
    return sound


def _item(item: JSONObject) -> LiveInput | None:
    """Read an item; `None` when it has no portable form."""
    match item:
        case {"type": "function_call_output", "call_id": str(id), "output": str(text), **more} if not more:
            failed = text.startswith(ERROR_MARK)
            content = (Text(text.removeprefix(ERROR_MARK)),)
            return ResultsInput((ToolResult(call_id=id, content=content, is_error=failed),), respond=False)
        case {"type": "function_call", "call_id": str(id), "name": str(name), "arguments": str(text), **more}:
            arguments, raw = parse_arguments(text)
            call = ToolCall(id=id, name=name, arguments=arguments, raw=raw if raw is not None else text)
            return None if more else MessageInput(Message(role="assistant", parts=(call,)), respond=False)
        case {"type": "message", "role": "user" | "assistant" | "system" as role, "content": list(pieces), **more}:
            parts = [_part(piece, role) for piece in pieces]
            found = tuple(part for part in parts if part is not None)
            if more or len(found) < len(parts) or not parts:
                return None
            return MessageInput(Message(role=role, parts=found), respond=False)
        case _:
            return None


def _part(data: JSON, role: Role) -> Part | None:
    match data:
        case {"type": "input_text", "text": str(text), **more} if not more and role != "assistant":
            return Text(text)
        case {"type": "output_text", "text": str(text), **more} if not more and role == "assistant":
            return Text(text)
        case {"type": "input_audio", "audio": str(text), **more} if not more and role != "assistant":
            return Media(kind="audio", source=Inline(_sound(text)))
        case {"type": "input_image", "image_url": str(url), **more} if not more and url.startswith("data:"):
            return from_data_url(url)
        case _:
            return None
