"""Pictures by generateContent: an answer of the modality `IMAGE`.

Law: pictures come in the order of the answer; words that come with them are in `meta`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.images import ImageResponse, PartialImage
from chat_core.errors import UnsupportedContent
from chat_core.events import PartEnd, UnknownEvent
from chat_core.frozen import dataclass
from chat_core.parts import Media
from chat_core.response import Notice
from chat_gemini.made import AnswerReader, asked, lacking, media_of, rest_of
from chat_gemini.options import GeminiOptions, image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.codec.images import ImageRequest
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON
    from chat_core.request import Request
    from chat_core.response import Response
    from chat_gemini.provider import Gemini

MODALITIES = ("IMAGE",)
PIXELS = re.compile(r"\d+x\d+")
IN_PIXELS = "the wire has words for sizes: 1K, 2K, 4K"


@dataclass(frozen=True, slots=True)
class GeminiImages:
    """Makes pictures; implements `chat_core.codec.images.Images`."""

    provider: Gemini

    def encode(self, request: ImageRequest, *, stream: bool = False) -> WireRequest:
        """Spell the request.

        Raises:
            UnsupportedContent: it has a mask, or a picture that this wire cannot spell.
        """
        if request.mask is not None:
            raise UnsupportedContent(f"{self.provider.name} takes no mask: say in words what shall change")
        wire = self.provider.encode(self._asked(request), stream=stream)
        return replace(wire, notices=(*wire.notices, *self._notices(request)))

    def _asked(self, request: ImageRequest) -> Request:
        native = GeminiOptions(
            response_modalities=MODALITIES,
            image_config=image(
                aspect_ratio=request.aspect, size=None if _in_pixels(request) else request.size, **self._form(request)
            )
            or None,
            extra=request.extra,
        )
        return asked(request.model, request.prompt, request.images, native, n=request.n, seed=request.seed)

    def _form(self, request: ImageRequest) -> dict[str, JSON]:
        """Spell the file format, which Vertex AI alone can be told."""
        if request.format is None or not self.provider.place.vertex:
            return {}
        return {"imageOutputOptions": {"mimeType": f"image/{request.format}"}}

    def _notices(self, request: ImageRequest) -> Iterator[Notice]:
        options = ("quality", "background", "user", *(() if self.provider.place.vertex else ("format",)))
        yield from lacking(request, *options)
        if _in_pixels(request):
            yield Notice(feature="size", requested=request.size, reason=IN_PIXELS)

    def decode(self, request: ImageRequest, reply: WireResponse) -> ImageResponse:
        """Read the pictures; an answer without any is one that says why.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        return self.read(request, self.provider.decode(self._asked(request), reply))

    def read(self, request: ImageRequest, response: Response) -> ImageResponse:
        """Pick the pictures out of an answer."""
        return ImageResponse(
            images=media_of(response, "image"),
            model=response.model,
            id=response.id,
            usage=response.usage,
            notices=response.notices,
            meta=rest_of(response, self.provider.origin(request.model)),
            raw=response.raw,
        )

    def reader(self, request: ImageRequest, head: WireResponse) -> ImageReader:  # noqa: ARG002 - the seam's signature
        """Begin to read a streamed reply; a picture that is complete comes as `PartialImage`."""
        return ImageReader(self, request, self._asked(request))


def _in_pixels(request: ImageRequest) -> bool:
    return request.size is not None and PIXELS.fullmatch(request.size) is not None


class ImageReader(AnswerReader):
    """Reads one streamed answer; a `chat_core.codec.reader.Reader`."""

    def __init__(self, images: GeminiImages, request: ImageRequest, answer: Request) -> None:
        """Begin an answer."""
        super().__init__(images.provider, answer)
        self._images = images
        self._request = request

    def picked(self, event: Event) -> Iterator[Event]:
        """Yield pictures and what is not known."""
        match event:
            case PartEnd(part=Media(kind="image") as picture):
                yield PartialImage("inlineData", None, media=picture)
            case UnknownEvent():
                yield event
            case _:
                pass

    def finish(self) -> ImageResponse:
        """Return the pictures at the end of input.

        Raises:
            StreamTruncated: the answer had not ended.
        """
        return self._images.read(self._request, self.ended())
