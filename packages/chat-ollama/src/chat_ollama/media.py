"""Images, in both directions: the wire has them as base64 without a type, beside the text.

Law: an image that is not exactly what we would write again is not read as `Media`, and goes back untouched.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.media import from_data_url, sniff
from chat_core.parts import URL, FileID, Inline, Media

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON


def encode_image(media: Media) -> str:
    """Spell an image.

    Raises:
        UnsupportedContent: the wire takes no such media; the message names what to do.
    """
    if media.kind != "image":
        raise UnsupportedContent(
            f"Ollama takes no {media.kind}: send its words as text, or give the request to a provider that takes it"
        )
    match media.source:
        case Inline(data):
            return base64.b64encode(data).decode("ascii")
        case URL(url) if url.startswith("data:"):
            return base64.b64encode(_data_url(url)).decode("ascii")
        case URL():
            raise UnsupportedContent("Ollama fetches no images: fetch it, and send its bytes with `from_bytes`")
        case FileID():
            raise UnsupportedContent("Ollama keeps no files: send the image's bytes with `from_bytes`")


def decode_images(data: JSON) -> tuple[Media, ...] | None:
    """Read a list of images; `None` when it has to stay as it is."""
    if not isinstance(data, list):
        return None
    read = [_canonical(item) for item in data]
    images = tuple(Media(kind="image", source=Inline(image), mime=sniff(image)) for image in read if image is not None)
    return images if images and len(images) == len(data) else None


def _canonical(item: JSON) -> bytes | None:
    """Decode base64 that we would spell the same way."""
    if not isinstance(item, str):
        return None
    try:
        data = base64.b64decode(item, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode("ascii") == item else None


def _data_url(url: str) -> bytes:
    try:
        found = from_data_url(url).source
    except DecodeError as error:
        raise UnsupportedContent(f"the data URL cannot be read: {error}") from None
    return found.data if isinstance(found, Inline) else b""
