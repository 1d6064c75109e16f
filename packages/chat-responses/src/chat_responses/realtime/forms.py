"""The forms of `session`: where each service has the settings of a live session.

Law: a difference is a row or a field here; no code asks for a service by name. A path's dots lead into objects.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from chat_core.frozen import dataclass
from chat_responses.realtime.sound import ENCODINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import AudioEncoding
    from chat_responses.preset import RealtimeForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to spell a session.

    Attributes:
        places: the path of each setting; those that are not here are not known.
        begins: members that every session has.
        modalities: how the answer's modality is spelled.
        encodings: how sound is written, by encoding.
        rates: whether sound's format is an object with a rate, or a word.
        manual: what stands for turns that the program ends.
    """

    places: Mapping[str, str]
    begins: JSONObject = field(default_factory=dict[str, "JSON"])
    modalities: Mapping[str, tuple[str, ...]]
    encodings: Mapping[AudioEncoding, str]
    rates: bool = True
    manual: JSON = None


NESTED = Form(
    places={
        "instructions": "instructions",
        "modality": "output_modalities",
        "voice": "audio.output.voice",
        "speed": "audio.output.speed",
        "input_audio": "audio.input.format",
        "output_audio": "audio.output.format",
        "transcription": "audio.input.transcription",
        "noise_reduction": "audio.input.noise_reduction",
        "turns": "audio.input.turn_detection",
        "max_tokens": "max_output_tokens",
        "reasoning_effort": "reasoning.effort",
        "parallel_tool_calls": "parallel_tool_calls",
        "include": "include",
        "prompt": "prompt",
        "reasoning": "reasoning",
        "tracing": "tracing",
        "truncation": "truncation",
    },
    begins={"type": "realtime"},
    modalities={"text": ("text",), "audio": ("audio",)},
    encodings=ENCODINGS,
)
"""OpenAI's own, and Azure's."""

FLAT = Form(
    places={
        "instructions": "instructions",
        "modality": "modalities",
        "voice": "voice",
        "input_audio": "input_audio_format",
        "output_audio": "output_audio_format",
        "input_rate": "input_audio_sampling_rate",
        "transcription": "input_audio_transcription",
        "noise_reduction": "input_audio_noise_reduction",
        "turns": "turn_detection",
        "max_tokens": "max_response_output_tokens",
        "temperature": "temperature",
        "include": "include",
    },
    modalities={"text": ("text",), "audio": ("text", "audio")},
    encodings={"pcm16": "pcm16", "mulaw": "g711_ulaw", "alaw": "g711_alaw"},
    rates=False,
)
"""The earlier one, which Azure's Voice Live has kept."""

MIXED = Form(
    places={
        "instructions": "instructions",
        "voice": "voice",
        "speed": "audio.output.speed",
        "input_audio": "audio.input.format",
        "output_audio": "audio.output.format",
        "transcription": "audio.input.transcription",
        "turns": "turn_detection",
        "max_tokens": "max_response_output_tokens",
        "reasoning_effort": "reasoning.effort",
        "reasoning": "reasoning",
        "resumable": "resumption.enabled",
    },
    modalities={},
    encodings=ENCODINGS,
    manual={"type": None},
)
"""xAI's."""

FORMS: Mapping[RealtimeForm, Form] = {"nested": NESTED, "flat": FLAT, "mixed": MIXED}


def put(body: JSONObject, path: str, value: JSON) -> None:
    """Set a member; dots lead into objects, which are merged."""
    outer, dot, inner = path.partition(".")
    if not dot:
        held = body.get(outer)
        body[outer] = {**held, **value} if isinstance(held, dict) and isinstance(value, dict) else value
        return
    held = body.get(outer)
    below: JSONObject = {**held} if isinstance(held, dict) else {}
    put(below, inner, value)
    body[outer] = below


def has(body: JSONObject, path: str) -> bool:
    """Tell whether a member is there, be it null."""
    outer, dot, inner = path.partition(".")
    match body.get(outer):
        case dict(below) if dot:
            return has(below, inner)
        case _:
            return not dot and outer in body


def look(body: JSONObject, path: str) -> JSON:
    """Return a member; `None` when it is not there."""
    outer, dot, inner = path.partition(".")
    match body.get(outer):
        case dict(below) if dot:
            return look(below, inner)
        case value:
            return None if dot else value


def without(body: JSONObject, path: str) -> JSONObject:
    """Return a body without a member, and without the objects that are empty then."""
    outer, dot, inner = path.partition(".")
    match body.get(outer):
        case dict(below) if dot:
            left = without(below, inner)
            return {**body, outer: left} if left else {key: item for key, item in body.items() if key != outer}
        case _ if dot:
            return body
        case _:
            return {key: item for key, item in body.items() if key != outer}
