"""Pictures of the services that speak this wire, in five dialects.

Law: pictures come in the service's order, as bytes or as addresses, whichever it sends. What else a reply says is in
`meta`: of a picture in the picture's, of the reply in the reply's.
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import TYPE_CHECKING

from chat_completions.beside import (
    STREAM,
    document,
    form,
    is_done,
    lacking,
    meta_of,
    posted,
    require_no_error,
    spelled,
    text_of,
    unpacked,
    upload,
    usage_of,
)
from chat_core import media
from chat_core.codec.decoder import frame_object
from chat_core.codec.framers import SSE
from chat_core.codec.images import ImageResponse, PartialImage
from chat_core.errors import DecodeError, StreamTruncated, UnsupportedContent
from chat_core.events import UnknownEvent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import URL, FileID, Inline, Media

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chat_completions.provider import Completions
    from chat_core.codec.images import ImageRequest
    from chat_core.codec.wire import Frame, WireRequest, WireResponse
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Notice

OPTIONS = ("n", "size", "aspect", "quality", "format", "background", "seed", "user")
"""What may be asked, by the names of `ImageRequest`."""

OWN = {
    "n": "n",
    "size": "size",
    "quality": "quality",
    "format": "output_format",
    "background": "background",
    "user": "user",
}
PIXELS = re.compile(r"(\d+)x(\d+)")
LISTS = ("data", "images")
"""Where the pictures are; the first one that is there counts."""
TYPES = ("media_type", "mime_type")
"""Where a service says of which type a picture is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a service calls things.

    Attributes:
        path: the endpoint below the base URL.
        edits: the endpoint that changes pictures; `None` = it takes none.
        names: its body fields, by the names of `ImageRequest`.
        pixels: whether it takes a size as `width` and `height`.
        streams: whether it can send what is painted so far.
    """

    path: str = "/images/generations"
    edits: str | None = None
    names: Mapping[str, str] = field(default_factory=lambda: OWN)
    pixels: bool = False
    streams: bool = False


DIALECTS: Mapping[str, Dialect] = {
    "openai": Dialect(edits="/images/edits", streams=True),
    "xai": Dialect(names={"n": "n", "aspect": "aspect_ratio", "quality": "quality", "user": "user"}),
    "together": Dialect(names={"n": "n", "seed": "seed", "format": "output_format"}, pixels=True),
    "openrouter": Dialect(path="/images", names={}),
    "venice": Dialect(path="/image/generate", names={"format": "format", "seed": "seed"}, pixels=True),
}


@dataclass(frozen=True, slots=True)
class CompletionsImages:
    """Makes pictures; implements `chat_core.codec.images.Images`."""

    provider: Completions

    @property
    def dialect(self) -> Dialect:
        """What the service calls things."""
        return DIALECTS[self.provider.preset.images]

    def encode(self, request: ImageRequest, *, stream: bool = False) -> WireRequest:
        """Spell the request: a form where pictures are uploaded, else JSON.

        Raises:
            UnsupportedContent: the service cannot be sent such a picture.
        """
        dialect = self.dialect
        body: JSONObject = {"model": request.model} if request.model else {}
        body["prompt"] = request.prompt
        fields, notices = _options(request, dialect)
        body |= fields
        if stream and dialect.streams:
            body[STREAM] = True
        elif stream:
            notices = (*notices, lacking(STREAM, value=True, reason="the service sends pictures when they are done"))
        body |= request.extra
        wire = self._posted(request, body, notices)
        return replace(wire, framer=SSE) if stream and dialect.streams else wire

    def _posted(self, request: ImageRequest, body: JSONObject, notices: tuple[Notice, ...]) -> WireRequest:
        if not request.images and request.mask is None:
            return posted(self.provider, self.dialect.path, body, notices)
        if self.dialect.edits is None:
            raise UnsupportedContent(f"{self.provider.name} takes no pictures here: ask in words alone")
        if not request.images:
            raise UnsupportedContent("a mask belongs to a picture: pass it as images=")
        given = (*request.images, *((request.mask,) if request.mask is not None else ()))
        if not any(isinstance(picture.source, Inline) for picture in given):
            body["images"] = [_named(picture) for picture in request.images]
            body |= {"mask": _named(request.mask)} if request.mask is not None else {}
            return posted(self.provider, self.dialect.edits, body, notices)
        name = "image" if len(request.images) == 1 else "image[]"
        files = [upload(name, picture, self.provider.name) for picture in request.images]
        files += [upload("mask", request.mask, self.provider.name)] if request.mask is not None else []
        return posted(self.provider, self.dialect.edits, form(body, files), notices)

    def decode(self, request: ImageRequest, reply: WireResponse) -> ImageResponse:
        """Read the pictures.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        return self.read(request, document(reply))

    def read(self, request: ImageRequest, data: JSONObject) -> ImageResponse:
        """Read the document of a reply.

        Raises:
            DecodeError: it is malformed.
        """
        origin = self.provider.origin(request.model)
        place = next((key for key in LISTS if data.get(key) is not None), None)
        items = data.get(place) if place is not None else None
        if not isinstance(items, list):
            raise DecodeError(f"a reply without pictures, which has {sorted(data)}")
        return ImageResponse(
            images=tuple(_picture(item, data, origin) for item in items),
            model=text_of(data, "model"),
            id=text_of(data, "id"),
            usage=usage_of(data.get("usage")),
            meta=meta_of(origin, rest(data, {place or "", "model", "id", "usage"})),
            raw=data,
        )

    def reader(self, request: ImageRequest, head: WireResponse) -> ImageReader:  # noqa: ARG002 - the seam's signature
        """Begin to read a streamed reply; its events are `PartialImage`."""
        return ImageReader(self, request)


def _options(request: ImageRequest, dialect: Dialect) -> tuple[JSONObject, tuple[Notice, ...]]:
    """Spell what is asked; a size in pixels is two numbers where a service wants those."""
    size = PIXELS.fullmatch(request.size) if dialect.pixels and request.size is not None else None
    if size is None:
        return spelled(request, dialect.names, OPTIONS)
    fields, notices = spelled(replace(request, size=None), dialect.names, OPTIONS)
    return {**fields, "width": int(size[1]), "height": int(size[2])}, notices


def _named(picture: Media) -> JSON:
    match picture.source:
        case URL(url):
            return {"image_url": url}
        case FileID(id):
            return {"file_id": id}
        case Inline():
            return {"image_url": media.data_url(picture)}


def _picture(item: JSON, reply: JSONObject, origin: str) -> Media:
    """Read one picture: an object that holds bytes or an address, or base64 alone."""
    match item:
        case str(text):
            data: JSONObject = {"b64_json": text}
        case dict():
            data = item
        case _:
            raise DecodeError(f"a picture is neither object nor text but {type(item).__name__}")
    stated = next((kind for key in TYPES if (kind := text_of(data, key)) is not None), None)
    match data:
        case {"b64_json": str(text)}:
            painted = unpacked(text)
            source: Inline | URL = Inline(painted)
            mime = stated or media.sniff(painted) or _of_format(reply)
        case {"url": str(url)}:
            source, mime = URL(url), stated
        case _:
            raise DecodeError(f"a picture without bytes and address: {excerpt(str(sorted(data)))}")
    known = {"b64_json", *TYPES} if isinstance(source, Inline) else {"url", *TYPES}
    return Media(kind="image", source=source, mime=mime, meta=meta_of(origin, rest(data, known)))


def _of_format(reply: JSONObject) -> str | None:
    name = reply.get("output_format")
    return f"image/{name}" if isinstance(name, str) else None


class ImageReader:
    """Reads one streamed reply; a `chat_core.codec.reader.Reader`."""

    def __init__(self, images: CompletionsImages, request: ImageRequest) -> None:
        """Begin a reply."""
        self._images = images
        self._request = request
        self._done: list[ImageResponse] = []
        self._over = False

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Read frames in order.

        Raises:
            DecodeError: a frame is malformed.
            ProviderError: the service reported an error inside the stream.
        """
        for frame in frames:
            if is_done(frame):
                self._over = True
            elif (data := frame_object(frame)) is not None:
                yield from self._event(data)

    def finish(self) -> ImageResponse:
        """Return the pictures at the end of input.

        Raises:
            StreamTruncated: none was complete; or fewer than were asked for, and the service had not said that it is
                done.
        """
        if not self._done:
            raise StreamTruncated("the stream ended before a picture was complete")
        images = tuple(picture for response in self._done for picture in response.images)
        asked = self._request.n
        if not self._over and asked is not None and len(images) < asked:
            raise StreamTruncated(f"the stream ended after {len(images)} of {asked} pictures")
        return replace(self._done[-1], images=images)

    def _event(self, data: JSONObject) -> Iterator[Event]:
        require_no_error(data)
        kind = data.get("type")
        match kind.rpartition(".")[2] if isinstance(kind, str) else None, data:
            case "partial_image", {"b64_json": str(text)}:
                left = rest(data, {"type", "b64_json"})
                picture = _picture({"b64_json": text}, data, self._origin)
                yield PartialImage(str(kind), left, media=picture)
            case "completed", {"b64_json": str(text)}:
                self._done.append(self._whole({**rest(data, {"type", "b64_json"}), "data": [{"b64_json": text}]}))
            case (("partial_image" | "completed"), _):
                raise DecodeError(f"a picture without bytes: {excerpt(str(sorted(data)))}")
            case _ if any(data.get(place) is not None for place in LISTS):
                self._done.append(self._whole(data))
            case _:
                yield UnknownEvent(kind if isinstance(kind, str) else "event", data)

    def _whole(self, data: JSONObject) -> ImageResponse:
        return self._images.read(self._request, data)

    @property
    def _origin(self) -> str:
        return self._images.provider.origin(self._request.model)
