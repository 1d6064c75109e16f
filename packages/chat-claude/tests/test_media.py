"""Images and documents in both directions."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from chat_claude.media import decode_media, encode_media
from chat_core.errors import UnsupportedContent
from chat_core.parts import URL, FileID, Inline, Media

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

PNG = b"\x89PNG\r\n\x1a\nrest"
PNG64 = base64.b64encode(PNG).decode()
ORIGIN = "o"

SAME: dict[str, tuple[Media, JSONObject]] = {
    "an image": (
        Media(kind="image", source=Inline(PNG), mime="image/png"),
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG64}},
    ),
    "an image's address": (
        Media(kind="image", source=URL("https://i.example/a.png")),
        {"type": "image", "source": {"type": "url", "url": "https://i.example/a.png"}},
    ),
    "an uploaded image": (
        Media(kind="image", source=FileID("file_1")),
        {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
    ),
    "a PDF with a title": (
        Media(kind="document", source=Inline(b"%PDF-1"), mime="application/pdf", name="Report"),
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0x"},
            "title": "Report",
        },
    ),
    "a text document": (
        Media(kind="document", source=Inline("grün".encode()), mime="text/plain"),
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "grün"}},
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_a_medium_is_spelled_and_read_again(name: str) -> None:
    media, block = SAME[name]
    assert encode_media(media) == block
    assert decode_media(block, ORIGIN) == media


KEPT: dict[str, JSONObject] = {
    "base64 with a line break": {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": PNG64 + "\n"},
    },
    "no base64": {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "?"}},
    "an unlisted type": {"type": "image", "source": {"type": "base64", "media_type": "image/bmp", "data": "QQ=="}},
    "text as base64": {"type": "document", "source": {"type": "base64", "media_type": "text/plain", "data": "QQ=="}},
    "a lone surrogate": {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "\ud800"},
    },
    "blocks as content": {"type": "document", "source": {"type": "content", "content": "A"}},
    "an unknown source": {"type": "image", "source": {"type": "cloud", "bucket": "b"}},
    "no source": {"type": "image"},
}


@pytest.mark.parametrize("name", KEPT)
def test_what_we_would_not_write_again_stays_a_block(name: str) -> None:
    assert decode_media(KEPT[name], ORIGIN) is None


def test_unknown_keys_of_block_and_source_are_kept() -> None:
    block: JSONObject = {"type": "image", "source": {"type": "url", "url": "u", "new": 1}, "cache_control": {"a": 1}}
    media = decode_media(block, ORIGIN)
    assert media is not None
    assert media.meta == {ORIGIN: {"cache_control": {"a": 1}, "source": {"new": 1}}}


def test_bytes_without_a_type_are_sniffed() -> None:
    assert encode_media(Media(kind="image", source=Inline(PNG)))["source"] == {
        "type": "base64",
        "media_type": "image/png",
        "data": PNG64,
    }
    assert encode_media(Media(kind="document", source=Inline(b"plain")))["source"] == {
        "type": "text",
        "media_type": "text/plain",
        "data": "plain",
    }


def test_a_data_url_is_sent_as_bytes() -> None:
    media = Media(kind="image", source=URL(f"data:image/png;base64,{PNG64}"))
    assert encode_media(media)["source"] == {"type": "base64", "media_type": "image/png", "data": PNG64}


@pytest.mark.parametrize(
    ("media", "fix"),
    [
        (Media(kind="audio", source=Inline(b"a"), mime="audio/wav"), "transcript"),
        (Media(kind="video", source=URL("https://v.example")), "transcript"),
        (Media(kind="image", source=Inline(b"a"), mime="image/tiff"), "convert"),
        (Media(kind="image", source=Inline(b"a")), "unknown type"),
        (Media(kind="document", source=Inline(b"a"), mime="application/zip"), "PDF or plain text"),
        (Media(kind="document", source=Inline(b"\xff"), mime="text/csv"), "UTF-8"),
        (Media(kind="image", source=URL("data:image/png;base64,?")), "data URL"),
    ],
)
def test_a_medium_that_cannot_be_spelled_raises_and_names_the_fix(media: Media, fix: str) -> None:
    with pytest.raises(UnsupportedContent, match=fix):
        encode_media(media)
