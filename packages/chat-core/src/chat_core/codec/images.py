"""Pictures made from words, or from pictures and words: the capability `Images`.

Law: one request, one reply, whole or streamed. What a service has no field for is a notice of the wire request, never
left out in silence.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING, Protocol

from chat_core.events import UnknownEvent
from chat_core.frozen import dataclass
from chat_core.parts import Meta, no_meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.reader import Reader
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON
    from chat_core.parts import Media
    from chat_core.response import Notice, Usage


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ImageRequest:
    """A picture to be made.

    Attributes:
        model: the service's name of the model.
        prompt: what it shall show.
        images: pictures to change, or to go by.
        mask: a picture whose transparent places say where the first one may change.
        n: how many to make.
        size: width and height in pixels, such as `1024x1024`, or the service's word.
        aspect: width to height, such as `16:9`.
        quality: the service's word.
        format: the file format: `png`, `jpeg`, `webp`, ….
        background: the service's word: `transparent`, `opaque`, ….
        seed: what makes the same request give the same picture, where a service can do that.
        user: an id of the end user that is safe to send.
        extra: further body fields, sent as they are.
    """

    model: str
    prompt: str
    images: tuple[Media, ...] = ()
    mask: Media | None = None
    n: int | None = None
    size: str | None = None
    aspect: str | None = None
    quality: str | None = None
    format: str | None = None
    background: str | None = None
    seed: int | None = None
    user: str | None = None
    extra: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"], hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ImageResponse:
    """Pictures, in the service's order.

    Attributes:
        images: the pictures, each with what the service says about it in its `meta`, such as `revised_prompt`.
        model: the model that answered.
        id: the service's id of the answer.
        usage: what it cost.
        notices: what was dropped or adapted.
        meta: what else the service said, by origin.
        raw: the reply as parsed; of a stream its last object.
    """

    images: tuple[Media, ...]
    model: str | None = None
    id: str | None = None
    usage: Usage | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PartialImage(UnknownEvent):
    """A picture as far as it is painted: an event of `image_stream`. A later one takes its place.

    Attributes:
        media: the picture.
    """

    _: KW_ONLY
    media: Media


class Images(Protocol):
    """Makes pictures."""

    def encode(self, request: ImageRequest, *, stream: bool = False) -> WireRequest:
        """Spell the request; what cannot be streamed is asked for whole, with a notice.

        Raises:
            UnsupportedContent: the service cannot be sent such a picture.
        """
        ...

    def decode(self, request: ImageRequest, reply: WireResponse) -> ImageResponse:
        """Read the pictures.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        ...

    def reader(self, request: ImageRequest, head: WireResponse) -> Reader[ImageResponse]:
        """Begin to read a streamed reply, whose head has come; its events are `PartialImage`."""
        ...
