"""What images, speech, transcripts and moderation have in common: fields, forms, usage, errors.

Law: a field that a service has no name for becomes a notice; base64 is decoded strictly; an error in the guise of a
success is an error.
"""

from __future__ import annotations

import binascii
import sys
from typing import TYPE_CHECKING

from chat_completions.errors import error_from
from chat_core.codec.wire import FormField, Multipart, WireRequest, dump
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_core.media import sniff
from chat_core.parts import Inline
from chat_core.response import Notice, Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chat_completions.provider import Completions
    from chat_core.codec.wire import Frame, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Media, Meta

STREAM = "stream"
DONE = b"[DONE]"

SUFFIXES: Mapping[str, str] = {
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/webm": "webm",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
}
"""How a file without a name is called: services tell formats by the suffix."""

INPUT = (("input_tokens",), ("prompt_tokens",))
OUTPUT = (("output_tokens",), ("completion_tokens",))
CACHED = (("prompt_tokens_details", "cached_tokens"), ("input_tokens_details", "cached_tokens"))
HEARD = (
    ("input_token_details", "audio_tokens"),
    ("input_tokens_details", "audio_tokens"),
    ("prompt_tokens_details", "audio_tokens"),
)
SAID = (("output_tokens_details", "audio_tokens"), ("completion_tokens_details", "audio_tokens"))
REASONED = (("completion_tokens_details", "reasoning_tokens"), ("output_tokens_details", "reasoning_tokens"))
"""Where services put a count; the first one that is there counts."""


def spelled(request: object, names: Mapping[str, str], options: Iterable[str]) -> tuple[JSONObject, tuple[Notice, ...]]:
    """Return the body fields of what a request says, and a notice for each that the service has no field for."""
    body: JSONObject = {}
    notices: list[Notice] = []
    for option in options:
        value: JSON = getattr(request, option)
        if value is None:
            continue
        if option in names:
            body[names[option]] = value
        else:
            notices.append(lacking(option, value))
    return body, tuple(notices)


def lacking(option: str, value: JSON, reason: str = "the service has no field for it") -> Notice:
    """Say that something is not sent."""
    return Notice(feature=option, requested=value, reason=reason)


def posted(provider: Completions, path: str, body: JSONObject | Multipart, notices: tuple[Notice, ...]) -> WireRequest:
    """Return a request to an endpoint below the base URL."""
    kind = {} if isinstance(body, Multipart) else {"content-type": "application/json"}
    return WireRequest(url=provider.url(path), body=body, headers={**kind, **provider.headers}, notices=notices)


def form(body: JSONObject, files: Iterable[FormField]) -> Multipart:
    """Spell fields as a form: each item of a list is a field of its own, `name[]`."""
    return Multipart((*(field for key, value in body.items() for field in _fields(key, value)), *files))


def _fields(name: str, value: JSON) -> Iterator[FormField]:
    match value:
        case list():
            yield from (field for item in value for field in _fields(f"{name}[]", item))
        case str():
            yield FormField(name=name, data=value.encode("utf-8", "surrogatepass"))
        case _:
            yield FormField(name=name, data=dump(value))


def upload(name: str, media: Media, service: str) -> FormField:
    """Spell media as a file.

    Raises:
        UnsupportedContent: it is no bytes.
    """
    match media.source:
        case Inline(data):
            mime = media.mime if media.mime is not None else sniff(data)
            filename = media.name if media.name is not None else f"{media.kind}.{_suffix(mime, data)}"
            return FormField(name=name, data=data, filename=filename, mime=mime or "application/octet-stream")
        case _:
            what = type(media.source).__name__
            raise UnsupportedContent(
                f"{service} takes {media.kind} as bytes, not by {what}: read it with media.from_path or from_bytes"
            )


def _suffix(mime: str | None, data: bytes) -> str:
    """Return the suffix of a media type, or where it is another word for one, of what the bytes are."""
    stated = (mime or "").partition(";")[0].strip().lower()
    return SUFFIXES.get(stated) or SUFFIXES.get(sniff(data) or "", "bin")


def unpacked(text: str) -> bytes:
    """Decode base64.

    Raises:
        DecodeError: it is none.
    """
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise DecodeError(f"media that is no base64 ({error}): {text[:40]!r}") from None


def is_json(reply: WireResponse) -> bool:
    """Tell whether a reply says that it is JSON."""
    return kind_of(reply).endswith("json")


def kind_of(reply: WireResponse) -> str:
    """Return the media type of a reply, without parameters and in lower case; empty when it says none."""
    return reply.headers.get("content-type", "").partition(";")[0].strip().lower()


def document(reply: WireResponse) -> JSONObject:
    """Parse a reply.

    Raises:
        DecodeError: it is no JSON object.
        ProviderError: it is an error in the guise of a success.
    """
    data = parse_object(reply.body)
    if data.get("error") is not None:
        raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
    return data


def require_no_error(data: JSONObject) -> None:
    """Raise what a streamed event reports.

    Raises:
        ProviderError: the event is an error.
    """
    if data.get("error") is not None or data.get("type") == "error":
        raise error_from(data, body=excerpt(dump(data), 4000))


def is_done(frame: Frame) -> bool:
    """Tell whether a frame is the mark at the end of a stream, which is no JSON."""
    data = frame.data.encode() if isinstance(frame.data, str) else frame.data
    return data.strip() == DONE


def text_of(data: JSONObject, key: str) -> str | None:
    """Return a text; `None` when there is none.

    Raises:
        DecodeError: it is something else.
    """
    value = data.get(key)
    if value is None or isinstance(value, str):
        return value
    raise DecodeError(f"{key} is no text but {type(value).__name__}")


def number_of(data: JSONObject, key: str) -> float | None:
    """Return a number; `None` when there is none.

    Raises:
        DecodeError: it is something else.
    """
    match data.get(key):
        case None:
            return None
        case bool():
            raise DecodeError(f"{key} is no number but bool")
        case (int() | float()) as value if abs(value) < sys.float_info.max:
            return float(value)
        case other:
            raise DecodeError(f"{key} is no number but {type(other).__name__}")


def meta_of(origin: str, data: JSONObject) -> Meta:
    """Keep what has no field."""
    return {origin: data} if data else {}


def usage_of(data: JSON) -> Usage | None:
    """Read a usage object in either spelling of the vendor; one that counts no tokens is kept as it is.

    Raises:
        DecodeError: it is no object.
    """
    match data:
        case None:
            return None
        case dict():
            if not rest(data, ()):
                return None
        case _:
            raise DecodeError(f"usage is no object but {type(data).__name__}")
    return Usage(
        input_tokens=_count(data, INPUT),
        output_tokens=_count(data, OUTPUT),
        cache_read_tokens=_count(data, CACHED),
        reasoning_tokens=_count(data, REASONED),
        audio_input_tokens=_count(data, HEARD),
        audio_output_tokens=_count(data, SAID),
        raw=data,
    )


def _count(data: JSONObject, paths: tuple[tuple[str, ...], ...]) -> int | None:
    for path in paths:
        value: JSON = data
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        match value:
            case bool() | None:
                continue
            case int():
                return value
            case float() if value.is_integer():
                return int(value)
            case _:
                raise DecodeError(f"usage.{'.'.join(path)} is no whole number but {value!r:.50}")
    return None
