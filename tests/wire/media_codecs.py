"""The codecs of pictures, sound and moderation: recorded requests are read back, streams have readers.

Law: what is read back goes through the fields of our requests where they exist, and through `extra` only where not.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, cast

from tests.wire.codecs import Capability
from tests.wire.outcome import Told

from chat_completions.images import DIALECTS as IMAGES
from chat_completions.images import PIXELS, CompletionsImages
from chat_completions.moderation import CompletionsModeration
from chat_completions.speech import DIALECTS as SPEECH
from chat_completions.speech import CompletionsSpeech
from chat_completions.transcription import IGNORED, OWN, CompletionsTranscription
from chat_core.codec.images import ImageRequest
from chat_core.codec.moderation import ModerationRequest
from chat_core.codec.speech import SpeechRequest
from chat_core.codec.transcription import TranscriptionRequest
from chat_core.codec.wire import WireResponse
from chat_core.events import UnknownEvent
from chat_core.jsonvalue import parse_object
from chat_core.parts import URL, Inline, Media

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.wire.corpus import Exchange

    from chat_completions.provider import Completions
    from chat_core.codec.transcription import Timed
    from chat_core.codec.wire import FormField
    from chat_core.jsonvalue import JSON, JSONObject

SILENCE = Media(kind="audio", source=Inline(b""))


def media_codec(exchange: Exchange, provider: Completions) -> Capability:
    """Return the codec of an exchange with pictures, sound or moderation."""
    match exchange.wire, exchange.path.rpartition("/")[2]:
        case "openai-images", _:
            return _images(exchange, provider)
        case "openai-moderations", _:
            return _moderation(exchange, provider)
        case _, "speech":
            return _speech(exchange, provider)
        case _:
            return _transcription(exchange, provider)


def _images(exchange: Exchange, provider: Completions) -> Capability:
    offered, asked = CompletionsImages(provider), exchange.asked
    request = image_request(asked, provider) if asked is not None else ImageRequest(model="", prompt="")
    return Capability(
        provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request)) if asked is not None else None,
        "openai_images",
        {},
    )


def image_request(body: JSONObject, provider: Completions) -> ImageRequest:
    """Read a request for pictures."""
    dialect = IMAGES[provider.preset.images]
    values, left = _named(body, dialect.names)
    if dialect.pixels and {"width", "height"} <= left.keys():
        values["size"] = f"{left.pop('width')}x{left.pop('height')}"
        assert PIXELS.fullmatch(str(values["size"]))
    images: tuple[Media, ...] = ()
    match left.get("images"):
        case [*items] if all(isinstance(item, dict) and isinstance(item.get("image_url"), str) for item in items):
            del left["images"]
            images = tuple(
                Media(kind="image", source=URL(str(cast("JSONObject", item)["image_url"]))) for item in items
            )
        case _:
            pass
    make = cast("Callable[..., ImageRequest]", ImageRequest)  # the names are those of its fields
    return make(model=_text(left, "model"), prompt=_text(left, "prompt"), images=images, extra=left, **values)


def _speech(exchange: Exchange, provider: Completions) -> Capability:
    offered, asked = CompletionsSpeech(provider), exchange.asked
    request = speech_request(asked, provider) if asked is not None else SpeechRequest(model="", text="")
    return Capability(
        provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request)) if asked is not None else None,
        "openai_speech",
        {},
    )


def speech_request(body: JSONObject, provider: Completions) -> SpeechRequest:
    """Read a request for speech."""
    values, left = _named(body, SPEECH[provider.preset.audio].names)
    make = cast("Callable[..., SpeechRequest]", SpeechRequest)  # as above
    return make(model=_text(left, "model"), text=_text(left, "input"), extra=left, **values)


def _transcription(exchange: Exchange, provider: Completions) -> Capability:
    offered = CompletionsTranscription(provider)
    request, stream = TranscriptionRequest(model="", audio=SILENCE), False
    known = True
    if exchange.form is not None:
        request, stream = form_request(exchange.form)
    elif exchange.asked is not None:
        request = packed_request(exchange.asked)
    else:
        known = False
    if exchange.wire == "groq-audio":
        return Capability(provider, lambda reply: unwrapped(offered, reply), None, "openai_transcription", IGNORED)
    return Capability(
        provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request, stream=stream)) if known else None,
        "openai_transcription",
        IGNORED,
        (lambda: offered.reader(request, WireResponse())) if exchange.streamed else None,
    )


def unwrapped(offered: CompletionsTranscription, reply: WireResponse) -> Told:
    """Decode a reply that was recorded inside of a document; what the document says around it is told beside."""
    data = parse_object(reply.body)
    body, headers = data.get("body"), data.get("headers")
    named = {name.lower(): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
    text = body if isinstance(body, str) else ""
    inner = WireResponse(headers=named, body=text.encode("utf-8", "surrogatepass"))
    around = {key: value for key, value in data.items() if key != "body"}
    found = offered.decode(TranscriptionRequest(model="", audio=SILENCE), inner)
    return Told((UnknownEvent("around the reply", around),), found)


def form_request(fields: tuple[FormField, ...]) -> tuple[TranscriptionRequest, bool]:
    """Read a form with a sound; tell also whether a stream is asked for."""
    audio, values = SILENCE, dict[str, object]()
    extra: JSONObject = {}
    times: list[Timed] = []
    stream = False
    for item in fields:
        text = item.data.decode("utf-8", "replace")
        match item.name, text:
            case "file", _ if item.filename is not None:
                audio = Media(kind="audio", source=Inline(item.data), mime=item.mime, name=item.filename)
            case "timestamp_granularities[]", ("segment" | "word") as name:
                times.append(name)
            case ("diarize", "true") | ("response_format", "diarized_json"):
                values["diarize"] = True
            case "chunking_strategy", "auto":
                pass  # goes with `diarized_json`
            case "stream", "true":
                stream = True
            case ("model" | "language" | "prompt") as name, _:
                values[name] = text
            case name, _:
                extra[name] = text
    make = cast("Callable[..., TranscriptionRequest]", TranscriptionRequest)  # as above
    return make(**{"model": "", "audio": audio, "timestamps": tuple(times), "extra": extra, **values}), stream


def packed_request(body: JSONObject) -> TranscriptionRequest:
    """Read a request that has its sound as base64."""
    values, left = _named(body, OWN)
    audio = SILENCE
    match left.pop("input_audio", None):
        case {"data": str(data), "format": str(name)}:
            mime = {"mp3": "audio/mpeg"}.get(name, f"audio/{name}")
            audio = Media(kind="audio", source=Inline(b64decode(data)), mime=mime)
        case _:
            pass
    make = cast("Callable[..., TranscriptionRequest]", TranscriptionRequest)  # as above
    return make(model=_text(left, "model"), audio=audio, extra=left, **values)


def _moderation(exchange: Exchange, provider: Completions) -> Capability:
    offered, asked = CompletionsModeration(provider), exchange.asked
    request = moderation_request(asked) if asked is not None else ModerationRequest(model="", inputs=())
    return Capability(
        provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request)) if asked is not None else None,
        "openai_moderations",
        {},
    )


def moderation_request(body: JSONObject) -> ModerationRequest:
    """Read what is to be judged."""
    left = dict(body)
    match left.pop("input", None):
        case str(text):
            inputs: tuple[str | Media, ...] = (text,)
        case list(items):
            inputs = tuple(_judged(item) for item in items)
        case _:
            inputs = ()
    return ModerationRequest(model=_text(left, "model"), inputs=inputs, extra=left)


def _judged(item: JSON) -> str | Media:
    match item:
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return Media(kind="image", source=URL(url))
        case {"type": "text", "text": str(text)}:
            return text
        case _:
            return str(item)


def _named(body: JSONObject, names: Mapping[str, str]) -> tuple[dict[str, JSON], JSONObject]:
    """Return what our fields hold, and what is left of the body."""
    left = dict(body)
    return {option: left.pop(name) for option, name in names.items() if name in left}, left


def _text(body: JSONObject, key: str) -> str:
    value = body.pop(key, "")
    return value if isinstance(value, str) else ""
