from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chat_completions.content import decode_part, encode_media, encode_thinking
from chat_completions.presets import PRESETS
from chat_core.errors import UnsupportedContent
from chat_core.parts import URL, FileID, Inline, Media, Opaque, Reasoning, Refusal, Text

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

COMPATIBLE = PRESETS["compatible"]
MEDIA: list[tuple[JSONObject, Media]] = [
    (
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAEC", "detail": "low"}},
        Media(
            kind="image",
            source=Inline(b"\x00\x01\x02"),
            mime="image/png",
            meta={"o": {"image_url": {"detail": "low"}}},
        ),
    ),
    (
        {"type": "image_url", "image_url": {"url": "https://a.test/b.png"}, "cache_control": {"type": "x"}},
        Media(kind="image", source=URL("https://a.test/b.png"), meta={"o": {"cache_control": {"type": "x"}}}),
    ),
    (
        {"type": "input_audio", "input_audio": {"data": "AAEC", "format": "mp3"}},
        Media(kind="audio", source=Inline(b"\x00\x01\x02"), mime="audio/mpeg"),
    ),
    (
        {"type": "input_audio", "input_audio": {"data": "AAEC", "format": "flac"}},
        Media(kind="audio", source=Inline(b"\x00\x01\x02"), mime="audio/flac"),
    ),
    (
        {"type": "audio_url", "audio_url": {"url": "https://a.test/b"}},
        Media(kind="audio", source=URL("https://a.test/b")),
    ),
    (
        {"type": "video_url", "video_url": {"url": "https://a.test/b"}},
        Media(kind="video", source=URL("https://a.test/b")),
    ),
    ({"type": "file", "file": {"file_id": "f"}}, Media(kind="document", source=FileID("f"))),
    (
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAEC"}},
        Media(kind="document", source=Inline(b"\x00\x01\x02"), mime="application/pdf", name="a.pdf"),
    ),
]


@pytest.mark.parametrize(("data", "media"), MEDIA)
def test_media_are_read_and_spelled(data: JSONObject, media: Media) -> None:
    assert decode_part(data, "o") == media
    assert encode_media(media, media.meta.get("o", {}), COMPATIBLE) == data


@pytest.mark.parametrize(
    "data",
    [
        {"type": "image_url", "image_url": "https://flat.test"},
        {"type": "input_audio", "input_audio": {"data": "no base64", "format": "wav"}},
        {"type": "file", "file": {"file_id": "f", "file_data": "data:x"}},
        {"type": "file", "file": {"file_data": "AAEC"}},
        {"type": "file", "file_id": "f"},
        {"type": "hologram", "size": 3},
        {"type": "thinking", "thinking": [{"type": "reference", "id": 1}]},
    ],
)
def test_what_cannot_be_spelled_back_is_opaque(data: JSONObject) -> None:
    assert decode_part(data, "o") == Opaque(origin="o", kind=str(data["type"]), data=data)


def test_base64_that_is_not_canonical_stays_an_address() -> None:
    url = "data:image/png;base64,AAE"
    part = decode_part({"type": "image_url", "image_url": {"url": url}}, "o")
    assert part == Media(kind="image", source=URL(url))


def test_texts_keep_what_else_is_said() -> None:
    assert decode_part({"type": "text", "text": "a"}, "o") == Text("a")
    assert decode_part("a", "o") == Text("a")
    assert decode_part({"type": "text", "text": "a", "odd": 1}, "o") == Text("a", meta={"o": {"odd": 1}})
    assert decode_part({"type": "refusal", "refusal": "a"}, "o") == Refusal("a", meta={"o": {"type": "refusal"}})


@pytest.mark.parametrize("words", ["ab", [{"type": "text", "text": "ab"}]])
def test_thinking_goes_back_as_it_came(words: JSON) -> None:
    data: JSONObject = {"type": "thinking", "thinking": words, "closed": True}
    part = decode_part(data, "o")
    assert isinstance(part, Reasoning)
    assert part.text == "ab"
    assert encode_thinking(part, part.meta["o"]) == data


def test_media_that_a_service_does_not_take_is_unsupported() -> None:
    image = Media(kind="image", source=URL("https://a.test"))
    with pytest.raises(UnsupportedContent):
        encode_media(image, {}, replace(COMPATIBLE, media=frozenset({"image"})))


@pytest.mark.parametrize("kind", ["image", "audio"])
def test_bytes_need_their_media_type(kind: str) -> None:
    media = Media(kind="image" if kind == "image" else "audio", source=Inline(b"x"))
    with pytest.raises(UnsupportedContent):
        encode_media(media, {}, COMPATIBLE)
