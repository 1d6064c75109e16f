"""Messages of a client → configuration and inputs: the inverse of what is sent, for gateways and tests.

Law: what a message says is in what comes out: in a field, in options, or in a `NativeInput`, which is the message as it
is. Names may be in snake case.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.members import Left
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.live import (
    AudioInput,
    FrameInput,
    LiveConfig,
    MessageInput,
    NativeInput,
    ResponseRequest,
    ResultsInput,
    TurnDetection,
    TurnEnd,
    TurnStart,
)
from chat_core.parts import Inline, Media, ToolResult
from chat_gemini.live.options import PROVIDER, GeminiLiveOptions
from chat_gemini.live.setup import HANDLING, MODALITIES, RATE, SENSITIVITIES, TAKES
from chat_gemini.media import canonical
from chat_gemini.parse import parse_body
from chat_gemini.spelling import camel_object
from chat_gemini.turns import TurnParser

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveInput, Modality
    from chat_core.options import NativeOptions
    from chat_gemini.provider import Gemini


def parse_setup(provider: Gemini, data: JSONObject) -> LiveConfig:
    """Read a `setup`.

    Raises:
        DecodeError: it is malformed, or names no model.
    """
    left = Left(camel_object(data))
    match left.data.pop("model", None):
        case str(model):
            pass
        case other:
            raise DecodeError(f"the setup names no model: {excerpt(repr(other), 100)}")
    shared = {key: left.data.pop(key) for key in [*left.data] if key in TAKES}
    modality, voice, language = _speech(shared)
    request = parse_body(provider, shared, model=model)
    turns, realtime = _turns(left.mapping("realtimeInputConfig"))
    resumption = left.mapping("sessionResumption")
    resume, resuming = _resumption(resumption)
    heard, spoken = left.mapping("inputAudioTranscription"), left.mapping("outputAudioTranscription")
    native = replace(
        _as_they_are(left),
        realtime_input=realtime or None,
        session_resumption=resuming or None,
        input_audio_transcription=heard or None,
        output_audio_transcription=spoken or None,
    )
    more: tuple[NativeOptions, ...] = () if native == GeminiLiveOptions() else (native,)
    return LiveConfig(
        model=model,
        messages=request.messages,
        tools=request.tools,
        tool_choice=request.tool_choice,
        options=replace(request.options, native=(*request.options.native, *more)),
        modality=modality,
        voice=voice,
        language=language,
        input_transcription=None if heard is None else True,
        output_transcription=None if spoken is None else True,
        turns=turns,
        resume=resume,
        resumable=None if resumption is None else True,
    )


def _as_they_are(left: Left) -> GeminiLiveOptions:
    """Take the members that are options as they are; what nobody took is `extra`."""
    return GeminiLiveOptions(
        context_window_compression=left.mapping("contextWindowCompression"),
        proactivity=left.mapping("proactivity"),
        history_config=left.mapping("historyConfig"),
        avatar_config=left.mapping("avatarConfig"),
        extra=left.data,
    )


def _speech(shared: JSONObject) -> tuple[Modality | None, str | None, str | None]:
    """Take out of `generationConfig` what sessions have words for."""
    given = shared.get("generationConfig")
    if not isinstance(given, dict):
        return None, None, None
    config = dict(given)
    modality: Modality | None = None
    for word, name in MODALITIES.items():
        if config.get("responseModalities") == [name]:
            modality = word
            del config["responseModalities"]
    voice, language, left = _spoken(config.pop("speechConfig", None))
    if left is not None:
        config["speechConfig"] = left
    shared["generationConfig"] = config
    return modality, voice, language


def _spoken(config: JSON) -> tuple[str | None, str | None, JSON]:
    """Return the voice, the language, and what a `speechConfig` holds beside them."""
    if not isinstance(config, dict):
        return None, None, config
    found, voice, language = dict(config), None, None
    match found.get("voiceConfig"):
        case {"prebuiltVoiceConfig": {"voiceName": str(name), **inner}, **beside} if not inner and not beside:
            voice = name
            del found["voiceConfig"]
        case _:
            pass
    match found.get("languageCode"):
        case str(code):
            language = code
            del found["languageCode"]
        case _:
            pass
    return voice, language, found or None


def _turns(config: JSONObject | None) -> tuple[TurnDetection | None, JSONObject]:
    """Read how the end of a turn is found; return also what has no portable words."""
    if config is None:
        return None, {}
    left = dict(config)
    interrupts = HANDLING.get(word) if isinstance(word := left.get("activityHandling"), str) else None
    if interrupts is not None:
        del left["activityHandling"]
    match left.get("automaticActivityDetection"):
        case {"disabled": True, **more} if not more:
            del left["automaticActivityDetection"]
            return TurnDetection(kind="manual", interrupts=interrupts), left
        case dict(said) if (turns := _detection(said)) is not None:
            del left["automaticActivityDetection"]
            return replace(turns, interrupts=interrupts), left
        case _:
            return None if interrupts is None else TurnDetection(interrupts=interrupts), left


def _detection(said: JSONObject) -> TurnDetection | None:
    padding, silence = said.get("prefixPaddingMs"), said.get("silenceDurationMs")
    words = {name: word for word, name in SENSITIVITIES.items()}
    word = said.get("endOfSpeechSensitivity")
    eagerness = words.get(word) if isinstance(word, str) else None
    known = {"prefixPaddingMs", "silenceDurationMs"}
    if eagerness is not None:
        known.add("endOfSpeechSensitivity")
    if not said or said.keys() - known or not isinstance(padding, int | None) or not isinstance(silence, int | None):
        return None
    return TurnDetection(padding=padding, silence=silence, eagerness=eagerness)


def _resumption(config: JSONObject | None) -> tuple[str | None, JSONObject]:
    match config:
        case None:
            return None, {}
        case {"handle": str(handle)}:
            return handle, rest(config, {"handle"})
        case _:
            return None, config


def parse_input(provider: Gemini, message: JSONObject, config: LiveConfig) -> LiveInput:
    """Read one message of a client.

    Raises:
        DecodeError: it is malformed.
    """
    data = camel_object(message)
    match data:
        case {"clientContent": dict(content), **more} if not more:
            return _content(provider, content, config) or NativeInput(PROVIDER, data)
        case {"realtimeInput": dict(said), **more} if not more and len(said) == 1:
            return _realtime(said, config) or NativeInput(PROVIDER, data)
        case {"toolResponse": {"functionResponses": list(results), **beside}, **more} if not beside and not more:
            return ResultsInput(_results(provider, results, config))
        case _ if len(data) == 1:
            return NativeInput(PROVIDER, data)
        case _:
            raise DecodeError(f"no message of a client: {excerpt(repr(message))}")


def _content(provider: Gemini, data: JSONObject, config: LiveConfig) -> LiveInput | None:
    match data:
        case {"turns": list(turns), "turnComplete": bool(respond), **more} if not more:
            messages = TurnParser(provider.origin(config.model)).contents(turns)
            return MessageInput(messages[0], respond=respond) if len(messages) == 1 else None
        case {"turnComplete": True, **more} if not more:
            return ResponseRequest()
        case _:
            return None


def _realtime(data: JSONObject, config: LiveConfig) -> LiveInput | None:
    manual = config.turns is not None and config.turns.kind == "manual"
    rate = RATE if config.input_audio is None else config.input_audio.rate
    match data:
        case {"audio": dict(blob)} if (sound := _bytes(blob)) is not None:
            return AudioInput(sound) if blob["mimeType"] == f"audio/pcm;rate={rate}" else None
        case {"video": {"mimeType": str(mime)} as blob} if (image := _bytes(blob)) is not None:
            return FrameInput(Media(kind="image", source=Inline(image), mime=mime))
        case {"activityStart": {}} if manual:
            return TurnStart()
        case {"activityEnd": {}} if manual:
            return TurnEnd()
        case {"audioStreamEnd": True} if not manual:
            return TurnEnd()
        case _:
            return None


def _bytes(blob: JSON) -> bytes | None:
    """Return the bytes of a blob that holds its type and nothing else beside them."""
    match blob:
        case {"mimeType": str(), "data": str(text), **more} if not more:
            return canonical(text)
        case _:
            return None


def _results(provider: Gemini, data: list[JSON], config: LiveConfig) -> tuple[ToolResult, ...]:
    content: JSONObject = {"role": "user", "parts": [{"functionResponse": item} for item in data]}
    messages = TurnParser(provider.origin(config.model)).contents([content])
    found = tuple(part for message in messages for part in message.parts if isinstance(part, ToolResult))
    if len(found) < len(data):
        raise DecodeError(f"malformed functionResponses: {excerpt(repr(data))}")
    return found
