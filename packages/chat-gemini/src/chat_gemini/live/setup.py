"""`LiveConfig` → `setup`, and the conversation so far.

Law: what answers and sessions have in common is spelled as in a request. A setting is sent or there is a `Notice`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.errors import UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.request import Request
from chat_core.response import Notice
from chat_gemini.encode import encode_body
from chat_gemini.live.options import SETUP_FIELDS, GeminiLiveOptions
from chat_gemini.options import voice as voice_config
from chat_gemini.signatures import is_newer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveConfig, Modality, TurnDetection
    from chat_gemini.provider import Gemini

TAKES = frozenset({"systemInstruction", "tools", "generationConfig", "safetySettings", "labels"})
"""What of a request a session takes."""

MODALITIES: Mapping[Modality, str] = {"text": "TEXT", "audio": "AUDIO"}

RATE = 16_000
"""Samples a second of the user's sound, where nothing else is said."""
SPOKEN = 24_000
"""Samples a second of the model's sound, always."""

INITIAL = "initialHistoryInClientContent"
"""The member of `historyConfig` that has the service wait for the conversation so far; newer models want it."""

HANDLING: Mapping[str, bool] = {"START_OF_ACTIVITY_INTERRUPTS": True, "NO_INTERRUPTION": False}
"""Whether speech of the user cuts the model short."""

SENSITIVITIES: Mapping[str, str] = {"high": "END_SENSITIVITY_HIGH", "low": "END_SENSITIVITY_LOW"}


@dataclass(frozen=True, slots=True)
class Setup:
    """How a session begins.

    Attributes:
        setup: the first message.
        history: the conversation so far.
        initial: whether the service waits for it.
        notices: what is not sent as asked.
    """

    setup: JSONObject
    history: list[JSON]
    initial: bool
    notices: tuple[Notice, ...]


def encode_setup(provider: Gemini, config: LiveConfig) -> Setup:
    """Spell a configuration.

    Raises:
        UnsupportedContent: the wire cannot spell something of it.
        UnansweredToolCall: a call of the conversation has no result.
    """
    request = Request(
        model=config.model,
        messages=config.messages,
        tools=config.tools,
        tool_choice=config.tool_choice,
        options=config.options,
    )
    body, notices = encode_body(provider, request)
    history = body.pop("contents")
    encoder = _Encoder(provider, config, body, [*notices])
    return encoder.encode(history if isinstance(history, list) else [])


class _Encoder:
    """Spells one configuration."""

    def __init__(self, provider: Gemini, config: LiveConfig, body: JSONObject, notices: list[Notice]) -> None:
        self._provider = provider
        self._config = config
        self._native = config.options.native_of(GeminiLiveOptions)
        self._body = body
        self._notices = notices

    def encode(self, history: list[JSON]) -> Setup:
        place = self._provider.place
        setup: JSONObject = {"model": place.resource(place.model_name(self._config.model))}
        for name, value in self._body.items():
            if name in TAKES:
                setup[name] = value
            else:
                self._note(name, value, None, "a live session does not take it")
        if config := self._generation():
            setup["generationConfig"] = config
        setup |= self._transcriptions()
        if turns := self._turns(self._config.turns):
            setup["realtimeInputConfig"] = turns
        setup |= self._resuming()
        for name, spelled in SETUP_FIELDS.items():
            value = getattr(self._native, name)
            if value is not None:
                setup[spelled] = value
        seeded = history and self._config.resume is None
        if seeded and is_newer(self._config.model) and self._native.history_config is None:
            setup["historyConfig"] = {INITIAL: True}
        setup = {**setup, **self._native.extra}
        held = setup.get("historyConfig")
        initial = isinstance(held, dict) and held.get(INITIAL) is True
        return Setup(setup, history, initial, tuple(self._notices))

    def _note(self, feature: str, requested: JSON, applied: JSON, reason: str) -> None:
        self._notices.append(Notice(feature=feature, requested=requested, applied=applied, reason=reason))

    def _generation(self) -> JSONObject:
        given = self._body.get("generationConfig")
        config: JSONObject = {**given} if isinstance(given, dict) else {}
        live = self._config
        if live.modality is not None:
            config["responseModalities"] = [MODALITIES[live.modality]]
        speech = config.get("speechConfig")
        spoken: JSONObject = {} if live.voice is None else voice_config(live.voice)
        if live.language is not None:
            spoken["languageCode"] = live.language
        if spoken:
            config["speechConfig"] = {**(speech if isinstance(speech, dict) else {}), **spoken}
        self._check_sound()
        return config

    def _check_sound(self) -> None:
        heard, said = self._config.input_audio, self._config.output_audio
        if heard is not None and heard.encoding != "pcm16":
            raise UnsupportedContent(f"Gemini takes sound as 16-bit samples, not as {heard.encoding}")
        if said is not None and (said.encoding, said.rate) != ("pcm16", SPOKEN):
            asked: JSON = {"encoding": said.encoding, "rate": said.rate}
            self._note("output_audio", asked, {"encoding": "pcm16", "rate": SPOKEN}, "Gemini's sound is always so")

    def _transcriptions(self) -> JSONObject:
        native, heard = self._native, self._config.input_transcription
        if isinstance(heard, str):
            self._note("input_transcription", heard, applied=True, reason="the words are written by the model itself")
        found: JSONObject = {}
        if heard or native.input_audio_transcription is not None:
            found["inputAudioTranscription"] = native.input_audio_transcription or {}
        if self._config.output_transcription or native.output_audio_transcription is not None:
            found["outputAudioTranscription"] = native.output_audio_transcription or {}
        return found

    def _turns(self, turns: TurnDetection | None) -> JSONObject:
        more = self._native.realtime_input
        said: JSONObject = {} if turns is None else self._detection(turns)
        if turns is not None and turns.interrupts is not None:
            said["activityHandling"] = next(word for word, value in HANDLING.items() if value == turns.interrupts)
        return {**said, **(more if more is not None else {})}

    def _detection(self, turns: TurnDetection) -> JSONObject:
        if turns.kind == "manual":
            return {"automaticActivityDetection": {"disabled": True}}
        if turns.kind == "meaning":
            self._note("turns.kind", turns.kind, "silence", "Gemini finds the end of a turn by silence")
        if turns.threshold is not None:
            self._note("turns.threshold", turns.threshold, None, "Gemini has sensitivities: see realtime_input")
        if turns.responds is False:
            self._note("turns.responds", requested=False, applied=True, reason="the model answers by itself")
        found: JSONObject = {}
        if turns.padding is not None:
            found["prefixPaddingMs"] = turns.padding
        if turns.silence is not None:
            found["silenceDurationMs"] = turns.silence
        if turns.eagerness is not None and turns.eagerness in SENSITIVITIES:
            found["endOfSpeechSensitivity"] = SENSITIVITIES[turns.eagerness]
        elif turns.eagerness is not None:
            self._note("turns.eagerness", turns.eagerness, None, f"Gemini knows {' and '.join(SENSITIVITIES)}")
        return {"automaticActivityDetection": found} if found else {}

    def _resuming(self) -> JSONObject:
        config, more = self._config, self._native.session_resumption
        if config.resume is None and not config.resumable and more is None:
            return {}
        handle: JSONObject = {} if config.resume is None else {"handle": config.resume}
        return {"sessionResumption": {**handle, **(more if more is not None else {})}}


def instructions_and_tools(provider: Gemini, config: LiveConfig) -> tuple[JSON, JSON]:
    """Return what of a configuration can change in a session.

    Raises:
        UnsupportedContent: the wire cannot spell it.
    """
    leading = tuple(message for message in config.messages if message.role == "system")
    setup = encode_setup(provider, replace(config, messages=leading)).setup
    return setup.get("systemInstruction"), setup.get("tools")
