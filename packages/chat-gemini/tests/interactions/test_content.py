from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from interacting import MODEL, ORIGIN, SERVICE, encoded

from chat_core.errors import UnsupportedContent
from chat_core.messages import user
from chat_core.parts import URL, FileID, Inline, Media, Opaque, Text
from chat_gemini.interactions.content import decode_piece, encode_media

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

PNG = b"\x89PNG\r\n\x1a\n0000"
FILE = "https://generativelanguage.googleapis.com/v1/files/abc"

MEDIA: dict[str, tuple[JSON, Media]] = {
    "bytes": (
        {"type": "image", "data": "AAAA", "mime_type": "image/png", "resolution": "high"},
        Media(kind="image", source=Inline(b"\0\0\0"), mime="image/png", meta={ORIGIN: {"resolution": "high"}}),
    ),
    "sound": (
        {"type": "audio", "data": "AAAA", "mime_type": "audio/l16", "sample_rate": 24000},
        Media(kind="audio", source=Inline(b"\0\0\0"), mime="audio/l16", meta={ORIGIN: {"sample_rate": 24000}}),
    ),
    "an address": (
        {"type": "document", "uri": "https://a.example/a.pdf", "mime_type": "application/pdf"},
        Media(kind="document", source=URL("https://a.example/a.pdf"), mime="application/pdf"),
    ),
    "an uploaded file": (
        {"type": "video", "uri": FILE, "mime_type": "video/mp4", "name": "Tal"},
        Media(kind="video", source=FileID(FILE), mime="video/mp4", name="Tal"),
    ),
    "an address without a type": (
        {"type": "video", "uri": "https://youtu.be/a"},
        Media(kind="video", source=URL("https://youtu.be/a")),
    ),
}


@pytest.mark.parametrize("name", MEDIA)
def test_media_is_read_and_goes_back_as_it_came(name: str) -> None:
    data, media = MEDIA[name]
    assert decode_piece(data, ORIGIN) == media
    assert encode_media(media, ORIGIN, SERVICE.place) == data


@pytest.mark.parametrize(
    "data",
    [
        {"type": "image", "data": "A", "mime_type": "image/png"},
        {"type": "image", "data": "AAAA", "uri": "https://a.example"},
        {"type": "image", "data": "AAAA", "mime_type": 7},
        {"type": "image"},
        {"type": "text"},
        {"type": "hologram", "beam": 1},
    ],
)
def test_what_cannot_be_spelled_back_stays_as_it_is(data: dict[str, JSON]) -> None:
    part = decode_piece(data, ORIGIN)
    assert part == Opaque(origin=ORIGIN, kind=f"content.{data['type']}", data=data)
    assert encoded(user("a", part))["input"] == [
        {"type": "user_input", "content": [{"type": "text", "text": "a"}, data]}
    ]


def test_files_are_named_by_their_name_or_address() -> None:
    for name in ("files/abc", FILE):
        media = Media(kind="image", source=FileID(name), mime="image/png")
        assert encode_media(media, ORIGIN, SERVICE.place)["uri"] == FILE
    with pytest.raises(UnsupportedContent, match="upload it"):
        encode_media(Media(kind="image", source=FileID("file-9")), ORIGIN, SERVICE.place)


def test_bytes_say_what_they_are() -> None:
    assert encode_media(Media(kind="image", source=Inline(PNG)), ORIGIN, SERVICE.place)["mime_type"] == "image/png"
    with pytest.raises(UnsupportedContent, match="mime"):
        encode_media(Media(kind="image", source=Inline(b"?")), ORIGIN, SERVICE.place)


def test_a_data_url_travels_as_bytes() -> None:
    media = Media(kind="image", source=URL("data:image/png;base64,AAAA"))
    assert encode_media(media, ORIGIN, SERVICE.place) == {"type": "image", "data": "AAAA", "mime_type": "image/png"}
    with pytest.raises(UnsupportedContent, match="data URL"):
        encode_media(Media(kind="image", source=URL("data:nothing")), ORIGIN, SERVICE.place)


def test_members_of_the_wire_are_marked_on_a_part() -> None:
    media = SERVICE.marked(
        Media(kind="image", source=URL("https://a.example"), mime="image/png"), MODEL, resolution="low"
    )
    assert encode_media(media, ORIGIN, SERVICE.place)["resolution"] == "low"
    assert encoded(user(SERVICE.marked(Text("a"), MODEL, x=1)))["input"] == [
        {"type": "user_input", "content": [{"type": "text", "text": "a", "x": 1}]}
    ]
