"""Content parts: the objects in a `content` list ↔ `Text`, `Refusal`, `Media`, `Opaque`.

Law: what an object holds beyond the fields of its part is in the part's `meta`; an object that this version cannot
spell back is `Opaque`. Base64 is decoded only where encoding it again gives the same text.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from chat_core.codec.leftovers import meta_of, under
from chat_core.errors import UnsupportedContent
from chat_core.jsonvalue import rest
from chat_core.media import sniff
from chat_core.parts import URL, FileID, Inline, Media, Opaque, Refusal, Text
from chat_responses.citations import decode_annotations, encode_annotation
from chat_responses.logprobs import decode_logprobs, encode_logprobs
from chat_responses.overlay import overlay, own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part
    from chat_responses.preset import MediaForm, Preset

AUDIO_MIMES: Mapping[str, str] = {"wav": "audio/wav", "mp3": "audio/mpeg"}
"""Media types of the audio formats; any other format is `audio/<format>`."""

_AUDIO_FORMATS = {mime: name for name, mime in AUDIO_MIMES.items()}

UNNAMED = "document"
"""What a file without a name is called: the wire requires one of files that travel in the body."""

TEXTS = {"user": "input_text", "assistant": "output_text"}
"""The type of a text part, by who speaks."""


def decode_part(data: JSON, origin: str, *, role: str = "user") -> Part:
    """Read one object of a content list.

    Raises:
        DecodeError: a known part is malformed.
    """
    if not isinstance(data, dict):
        return Opaque(origin=origin, kind="", data={"": data})
    match data:
        case {"type": "input_text" | "output_text" as kind, "text": str(text)}:
            odd: JSONObject = {} if kind == TEXTS[role] else {"type": kind}
            return Text(
                text,
                citations=decode_annotations(data.get("annotations"), origin),
                logprobs=decode_logprobs(data.get("logprobs"), origin),
                meta=meta_of(origin, {**odd, **rest(data, _TEXT)}),
            )
        case {"type": "refusal", "refusal": str(text)}:
            return Refusal(text, meta=meta_of(origin, rest(data, {"type", "refusal"})))
        case {"type": str(kind)}:
            media = _media(kind, data, origin)
            return media if media is not None else Opaque(origin=origin, kind=kind, data=data)
        case _:
            return Opaque(origin=origin, kind="", data=data)


_TEXT = frozenset({"type", "text", "annotations", "logprobs"})


def encode_text(part: Text | Refusal, origin: str, role: str, *, whole: bool = False) -> JSONObject:
    """Spell a text; `whole` is one of an answer of this service, whose lists are there even if they are empty."""
    mine = own(origin, part.meta)
    leftovers: JSONObject = {} if mine is None else mine
    if isinstance(part, Refusal):
        return overlay({"type": "refusal", "refusal": part.text}, leftovers)
    data: JSONObject = {"type": TEXTS[role], "text": part.text}
    annotations: list[JSON] = [
        encode_annotation(citation, kept)
        for citation in part.citations
        if (kept := own(origin, citation.meta)) is not None
    ]
    probabilities = encode_logprobs(part.logprobs, origin) if role == "assistant" else []
    if annotations or whole:
        data["annotations"] = annotations
    if probabilities or whole:
        data["logprobs"] = probabilities
    return overlay(data, leftovers)


def _media(kind: str, data: JSONObject, origin: str) -> Media | None:
    match kind, data:
        case "input_image", {"image_url": str(url), **more} if more.get("file_id") is None:
            mime, source = _source(url)
            meta = meta_of(origin, rest(data, {"type", "image_url"}))
            return Media(kind="image", source=source, mime=mime, meta=meta)
        case "input_image", {"file_id": str(id), **more} if more.get("image_url") is None:
            return Media(kind="image", source=FileID(id), meta=meta_of(origin, rest(data, {"type", "file_id"})))
        case "input_audio", {"input_audio": {"data": str(text), "format": str(form)} as sent}:
            if (sound := unbase64(text)) is None:
                return None
            leftovers = {**rest(data, {"type", "input_audio"}), **under("input_audio", _rest(sent, {"data", "format"}))}
            mime = AUDIO_MIMES.get(form, f"audio/{form}")
            return Media(kind="audio", source=Inline(sound), mime=mime, meta=meta_of(origin, leftovers))
        case "input_file", {**file}:
            return _file(file, origin)
        case _:
            return None


def _rest(data: JSON, known: set[str]) -> JSONObject:
    return rest(data, known) if isinstance(data, dict) else {}


def _file(data: JSONObject, origin: str) -> Media | None:
    match data.get("filename"):
        case None | str() as name:
            pass
        case _:
            return None
    given = {key: value for key in ("file_data", "file_url", "file_id") if (value := data.get(key)) is not None}
    mime: str | None = None
    source: Inline | URL | FileID
    match given:
        case {"file_data": str(url), **more} if not more:
            mime, source = _source(url)
            if isinstance(source, URL):
                return None
        case {"file_url": str(url), **more} if not more:
            source = URL(url)
        case {"file_id": str(id), **more} if not more:
            source = FileID(id)
        case _:
            return None
    meta = meta_of(origin, rest(data, {"type", "filename", *given}))
    return Media(kind="document", source=source, mime=mime, name=name, meta=meta)


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


def encode_media(part: Media, origin: str, preset: Preset) -> JSONObject:
    """Spell media as an object of a content list.

    Raises:
        UnsupportedContent: this service does not take such media, or its media type is not known.
    """
    form, data = _spelled(part)
    if form not in preset.media:
        raise UnsupportedContent(f"{preset.name} takes no {part.kind} as {form}")
    mine = own(origin, part.meta)
    return overlay(data, {} if mine is None else mine)


def _spelled(part: Media) -> tuple[MediaForm, JSONObject]:
    match part.kind, part.source:
        case "image", Inline():
            return "image", {"type": "input_image", "image_url": data_url(part), "detail": "auto"}
        case "image", URL(url):
            return "image_url", {"type": "input_image", "image_url": url, "detail": "auto"}
        case "image", FileID(file):
            return "file_id", {"type": "input_image", "file_id": file, "detail": "auto"}
        case "audio", Inline(sound):
            sent = {"data": b64encode(sound).decode("ascii"), "format": _format(part)}
            return "audio", {"type": "input_audio", "input_audio": {**sent}}
        case "document", Inline():
            name = part.name if part.name is not None else UNNAMED
            return "file", {"type": "input_file", "filename": name, "file_data": data_url(part)}
        case "document", URL(url):
            return "file_url", {"type": "input_file", "file_url": url, **_named(part)}
        case "document", FileID(file):
            return "file_id", {"type": "input_file", "file_id": file, **_named(part)}
        case kind, source:
            raise UnsupportedContent(f"the Responses wire takes no {kind} from {type(source).__name__}")


def _named(part: Media) -> JSONObject:
    return {} if part.name is None else {"filename": part.name}


def data_url(part: Media) -> str:
    """Spell media as an address: the one it has, or its bytes.

    Raises:
        UnsupportedContent: it has no bytes, or they are of no known type.
    """
    match part.source:
        case URL(url):
            return url
        case Inline(data) if (mime := part.mime if part.mime is not None else sniff(data)) is not None:
            return f"data:{mime};base64,{b64encode(data).decode('ascii')}"
        case _:
            raise UnsupportedContent(f"{part.kind} as bytes needs its media type: set mime")


def _format(part: Media) -> str:
    if part.mime is None:
        raise UnsupportedContent("audio as bytes needs its media type: set mime")
    return _AUDIO_FORMATS.get(part.mime, part.mime.rpartition("/")[2])
