"""Content parts: the objects in a `content` list ↔ `Text`, `Media`, `Refusal`, `Reasoning`, `Opaque`.

Law: what an object holds beyond the fields of its part is in the part's `meta`, at its place; an object that this
version cannot spell back is `Opaque`. Base64 is decoded only where encoding it again gives the same text.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from chat_completions.reasoning import THINKING, thinking_text
from chat_core.codec.leftovers import meta_of, overlay, under
from chat_core.errors import UnsupportedContent
from chat_core.jsonvalue import rest
from chat_core.parts import URL, FileID, Inline, Media, Opaque, Reasoning, Refusal, Text

if TYPE_CHECKING:
    from chat_completions.preset import MediaForm, Preset
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part

AUDIO_MIMES = {"wav": "audio/wav", "mp3": "audio/mpeg", "pcm16": "audio/pcm", "opus": "audio/ogg"}
"""Media types of the audio formats; any other format is `audio/<format>`."""

_AUDIO_FORMATS = {mime: name for name, mime in AUDIO_MIMES.items()}


def decode_part(data: JSON, origin: str) -> Part:
    """Read one object of a content list."""
    match data:
        case str():
            return Text(data)
        case dict():
            return _part(data, origin)
        case _:
            return Opaque(origin=origin, kind="", data={"": data})


def _part(data: JSONObject, origin: str) -> Part:
    match data:
        case {"type": "text", "text": str(text)}:
            return Text(text, meta=_meta(origin, data, "text"))
        case {"type": "refusal", "refusal": str(text)}:
            return Refusal(text, meta={origin: {"type": "refusal", **rest(data, {"type", "refusal"})}})
        case {"type": "thinking", "thinking": thinking} if (words := thinking_text(thinking)) is not None:
            meta: JSONObject = {"field": THINKING, **({"plain": True} if isinstance(thinking, str) else {})}
            return Reasoning(words, meta={origin: {**meta, **rest(data, {"type", THINKING})}})
        case {"type": str(kind)}:
            media = _media(kind, data, origin)
            return media if media is not None else Opaque(origin=origin, kind=kind, data=data)
        case _:
            return Opaque(origin=origin, kind="", data=data)


def _media(kind: str, data: JSONObject, origin: str) -> Media | None:
    match kind, data:
        case "image_url", {"image_url": {"url": str(url)}}:
            mime, source = _source(url)
            return Media(kind="image", source=source, mime=mime, meta=_meta(origin, data, kind, "url"))
        case "video_url", {"video_url": {"url": str(url)}}:
            mime, source = _source(url)
            return Media(kind="video", source=source, mime=mime, meta=_meta(origin, data, kind, "url"))
        case "audio_url", {"audio_url": {"url": str(url)}}:
            return Media(kind="audio", source=URL(url), meta=_meta(origin, data, kind, "url"))
        case "input_audio", {"input_audio": {"data": str(text), "format": str(form)}}:
            if (sound := unbase64(text)) is None:
                return None
            mime = AUDIO_MIMES.get(form, f"audio/{form}")
            meta = _meta(origin, data, kind, "data", "format")
            return Media(kind="audio", source=Inline(sound), mime=mime, meta=meta)
        case "file", {"file": dict(file)}:
            return _file(file, data, origin)
        case _:
            return None


def _file(file: JSONObject, data: JSONObject, origin: str) -> Media | None:
    match file.get("filename"):
        case None | str() as name:
            pass
        case _:
            return None
    match file.get("file_id"), file.get("file_data"):
        case str(id), None:
            source: Inline | URL | FileID = FileID(id)
            mime, meta = None, _meta(origin, data, "file", "file_id", "filename")
        case None, str(url) if url.startswith(("data:", "http:", "https:")):
            mime, source = _source(url)
            meta = _meta(origin, data, "file", "file_data", "filename")
        case _:
            return None
    return Media(kind="document", source=source, mime=mime, name=name, meta=meta)


def _meta(origin: str, data: JSONObject, key: str, *known: str) -> dict[str, JSONObject]:
    """Keep what a part holds beyond its type and the known members of its object."""
    match data.get(key):
        case dict(inner):
            inside = under(key, rest(inner, known))
        case _:
            inside = {}
    return dict(meta_of(origin, {**rest(data, {"type", key}), **inside}))


def _source(url: str) -> tuple[str | None, Inline | URL]:
    head, comma, payload = url.partition(",")
    if comma and head.startswith("data:") and head.endswith(";base64"):
        mime = head.removeprefix("data:").removesuffix(";base64")
        if mime and (found := unbase64(payload)) is not None:
            return mime, Inline(found)
    return None, URL(url)


def unbase64(text: str) -> bytes | None:
    """Decode base64; `None` when encoding the bytes again would not give the same text."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return None
    return data if b64encode(data).decode("ascii") == text else None


def encode_media(part: Media, leftovers: JSONObject, preset: Preset) -> JSONObject:
    """Spell media as an object of a content list.

    Raises:
        UnsupportedContent: this service does not take such media, or its media type is not known.
    """
    match part.kind, part.source:
        case "image", Inline() | URL():
            form: MediaForm = "image" if isinstance(part.source, Inline) else "image_url"
            data: JSONObject = {"type": "image_url", "image_url": {"url": _url(part)}}
        case "audio", Inline(sound):
            form = "audio"
            data = {
                "type": "input_audio",
                "input_audio": {"data": b64encode(sound).decode("ascii"), "format": _format(part)},
            }
        case "audio", URL(url):
            form, data = "audio_url", {"type": "audio_url", "audio_url": {"url": url}}
        case "video", Inline() | URL():
            form, data = "video_url", {"type": "video_url", "video_url": {"url": _url(part)}}
        case "document", Inline() | URL():
            form = "file" if isinstance(part.source, Inline) else "file_url"
            data = {"type": "file", "file": {**_named(part), "file_data": _url(part)}}
        case _, FileID(file):
            form, data = "file_id", {"type": "file", "file": {"file_id": file, **_named(part)}}
        case _:  # pyright: ignore[reportUnnecessaryComparison] - a newer core may have more
            raise UnsupportedContent(f"this version cannot spell {part.kind} from {type(part.source).__name__}")
    if form not in preset.media:
        raise UnsupportedContent(f"{preset.name} takes no {part.kind} as {form}")
    return overlay(data, leftovers)


def _named(part: Media) -> JSONObject:
    return {} if part.name is None else {"filename": part.name}


def _url(part: Media) -> str:
    match part.source:
        case URL(url):
            return url
        case Inline(data) if part.mime is not None:
            return f"data:{part.mime};base64,{b64encode(data).decode('ascii')}"
        case _:
            raise UnsupportedContent(f"{part.kind} as bytes needs its media type: set mime")


def _format(part: Media) -> str:
    if part.mime is None:
        raise UnsupportedContent("audio as bytes needs its media type: set mime")
    return _AUDIO_FORMATS.get(part.mime, part.mime.rpartition("/")[2])


def encode_thinking(part: Reasoning, memory: JSONObject) -> JSONObject:
    """Spell reasoning that came as a thinking part as one."""
    words: JSON = part.text if memory.get("plain") is True else [{"type": "text", "text": part.text}]
    return {"type": THINKING, THINKING: words, **rest(memory, {"field", "plain", "same", "different", "details"})}
