"""`LiveConfig` → the `session` that a session is told.

Law: a setting is sent or there is a `Notice`. Tools are declared as in a request.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.members import PORTABLE
from chat_core.jsonvalue import rest
from chat_core.parts import Text
from chat_core.request import Request
from chat_core.response import Notice
from chat_responses.options import ResponsesOptions
from chat_responses.overlay import overlay
from chat_responses.realtime.forms import FORMS, put
from chat_responses.realtime.options import RealtimeOptions
from chat_responses.tools import ToolEncoder

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import AudioFormat, LiveConfig, TurnDetection
    from chat_core.messages import Message
    from chat_responses.provider import Responses
    from chat_responses.realtime.forms import Form

KINDS = {"silence": "server_vad", "meaning": "semantic_vad"}
"""How the end of a turn is found."""

BY_SILENCE = {"threshold": "threshold", "padding": "prefix_padding_ms", "silence": "silence_duration_ms"}
BY_MEANING = {"eagerness": "eagerness"}
BY_BOTH = {"responds": "create_response", "interrupts": "interrupt_response"}

NATIVE = ("include", "noise_reduction", "prompt", "reasoning", "speed", "tracing", "truncation")
"""Options of the wire that are members of the session."""


def form_of(provider: Responses) -> Form:
    """Return how a service spells its sessions."""
    form = provider.preset.realtime
    return FORMS["nested" if form is None else form]


def declaring(provider: Responses) -> Responses:
    """Return the provider as far as it declares tools: a session's are never strict."""
    row = replace(
        provider.preset, whole_tools=False, strict_tools=False, strict_subset=False, allowed_tools=False, routed=False
    )
    return type(provider)(row, base_url=provider.base_url, name=provider.name)


def spoken(messages: tuple[Message, ...]) -> tuple[str | None, tuple[Message, ...]]:
    """Part instructions from a conversation: the first message's text, where it is the system's and text alone."""
    match messages:
        case (first, *others) if first.role == "system" and all(isinstance(part, Text) for part in first.parts):
            return first.text, tuple(others)
        case _:
            return None, messages


def encode_session(
    provider: Responses, config: LiveConfig, notices: list[Notice], *, with_model: bool = False
) -> JSONObject:
    """Spell the settings of a session; `with_model` where the address does not name it."""
    return SessionEncoder(provider, config, notices).encode(with_model=with_model)


class SessionEncoder:
    """Spells one `LiveConfig`."""

    def __init__(self, provider: Responses, config: LiveConfig, notices: list[Notice]) -> None:
        """Write what cannot be sent as asked into `notices`."""
        self._provider = provider
        self._form = form_of(provider)
        self._config = config
        self._native = config.options.native_of(RealtimeOptions)
        self._notices = notices
        self._body: JSONObject = dict(self._form.begins)

    def encode(self, *, with_model: bool) -> JSONObject:
        """Return the session."""
        config, native = self._config, self._native
        if with_model:
            self._body["model"] = config.model
        instructions, _ = spoken(config.messages)
        self._put("instructions", instructions)
        self._modality()
        self._put("voice", config.voice)
        self._audio("input_audio", config.input_audio)
        self._audio("output_audio", config.output_audio)
        self._transcription()
        self._turns(config.turns)
        self._options()
        for name in NATIVE:
            value: JSON | tuple[str, ...] = getattr(native, name)
            self._put(name, list(value) if isinstance(value, tuple) else value)
        self._tools()
        self._resuming()
        return overlay(self._body, dict(native.extra))

    def _put(self, setting: str, value: JSON) -> None:
        if value is None:
            return
        if setting in self._form.places:
            put(self._body, self._form.places[setting], value)
        else:
            self._note(setting, value, None, f"{self._provider.name} has no field for it")

    def _note(self, feature: str, requested: JSON, applied: JSON, reason: str) -> None:
        self._notices.append(Notice(feature=feature, requested=requested, applied=applied, reason=reason))

    def _modality(self) -> None:
        modality = self._config.modality
        if modality is not None and "modality" in self._form.places:
            self._put("modality", [*self._form.modalities[modality]])
        elif modality == "text":
            self._note("modality", modality, "audio", f"{self._provider.name} answers in sound")

    def _audio(self, setting: str, audio: AudioFormat | None) -> None:
        if audio is None:
            return
        word = self._form.encodings[audio.encoding]
        linear = audio.encoding == "pcm16"
        if self._form.rates:
            self._put(setting, {"type": word, "rate": audio.rate} if linear else {"type": word})
            return
        self._put(setting, word)
        if setting == "input_audio" and linear:
            self._put("input_rate", audio.rate)

    def _transcription(self) -> None:
        config, native = self._config, self._native
        if config.output_transcription is False:
            self._note("output_transcription", requested=False, applied=True, reason="the words come with the sound")
        match config.input_transcription:
            case False:
                put(self._body, self._form.places["transcription"], None)
            case None if native.transcription is None and config.language is None:
                pass
            case asked:
                model = asked if isinstance(asked, str) else self._provider.preset.transcriber
                said: JSONObject = rest({"model": model, "language": config.language}, ())
                self._put("transcription", {**said, **(native.transcription or {})})
                return
        if config.language is not None:
            self._note("language", config.language, None, "the language is that of a transcription, which is off")

    def _turns(self, turns: TurnDetection | None) -> None:
        more = self._native.turn_detection
        if turns is None:
            self._put("turns", more)
            return
        if turns.kind == "manual":
            put(self._body, self._form.places["turns"], self._form.manual)
            return
        names = {**(BY_SILENCE if turns.kind == "silence" else BY_MEANING), **BY_BOTH}
        said: JSONObject = {"type": KINDS[turns.kind]}
        for setting in (*BY_SILENCE, *BY_MEANING, *BY_BOTH):
            value: JSON = getattr(turns, setting)
            if value is not None and setting in names:
                said[names[setting]] = value
            elif value is not None:
                self._note(f"turns.{setting}", value, None, f"turns found by {turns.kind} have no field for it")
        self._put("turns", {**said, **(more or {})})

    def _options(self) -> None:
        for name in PORTABLE:
            value: JSON | tuple[str, ...] = getattr(self._config.options, name)
            if value is not None and not (name == "n" and value == 1):
                self._put(name, [*value] if isinstance(value, tuple) else value)

    def _tools(self) -> None:
        config = self._config
        request = Request(model=config.model, messages=(), tools=config.tools)
        native = ResponsesOptions(tool_choice=self._native.tool_choice)
        encoder = ToolEncoder(declaring(self._provider), request, native, self._notices)
        declared = encoder.declarations(config.tools)
        if declared:
            self._body["tools"] = declared
        elif config.tools and config.tool_choice is not None:
            encoder.nothing_to_choose(config.tool_choice)
            return
        if (choice := encoder.choice(config.tool_choice)) is not None:
            self._body["tool_choice"] = choice

    def _resuming(self) -> None:
        config = self._config
        if config.resumable is None and config.resume is None:
            return
        if "resumable" in self._form.places:
            self._put("resumable", config.resumable is not False)
        elif config.resumable or config.resume is not None:
            self._note("resume", None, None, f"{self._provider.name} keeps no session that has ended")
