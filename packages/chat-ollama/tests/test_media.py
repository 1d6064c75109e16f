from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from chat_core.errors import UnsupportedContent
from chat_core.parts import URL, FileID, Inline, Media
from chat_ollama.media import decode_images, encode_image

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON
    from chat_core.parts import MediaKind, Source

PNG = b"\x89PNG\r\n\x1a\n"
TEXT = base64.b64encode(PNG).decode()


def image(source: Source, kind: MediaKind = "image") -> Media:
    return Media(kind=kind, source=source)


@pytest.mark.parametrize("source", [Inline(PNG), URL(f"data:image/png;base64,{TEXT}")])
def test_an_image_is_base64_without_a_type(source: Source) -> None:
    assert encode_image(image(source)) == TEXT


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (image(URL("https://h.example/a.png")), "fetches no images: fetch it"),
        (image(FileID("file-1")), "keeps no files: send the image's bytes"),
        (image(Inline(b"%PDF"), "document"), "takes no document: send its words"),
        (image(Inline(b"RIFF"), "audio"), "takes no audio"),
    ],
)
def test_what_the_wire_cannot_take_is_refused_with_the_fix(part: Media, words: str) -> None:
    with pytest.raises(UnsupportedContent, match=words):
        encode_image(part)


def test_a_data_url_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(UnsupportedContent, match="cannot be read"):
        encode_image(image(URL("data:image/png;base64,!!!")))


def test_images_are_read_with_the_type_that_their_bytes_show() -> None:
    assert decode_images([TEXT]) == (Media(kind="image", source=Inline(PNG), mime="image/png"),)


@pytest.mark.parametrize("data", [None, [], "x", [3], ["!"], [TEXT.rstrip("=") + "\n"], [TEXT, 3]])
def test_what_would_not_be_written_again_the_same_is_not_read(data: JSON) -> None:
    assert decode_images(data) is None
