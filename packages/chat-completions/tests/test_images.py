from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from chat_completions.images import DIALECTS, CompletionsImages
from chat_completions.preset import IMAGES
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.framers import SSE
from chat_core.codec.images import ImageRequest, ImageResponse, Images, PartialImage
from chat_core.codec.provider import capability
from chat_core.codec.wire import FormField, Frame, Multipart, WireResponse
from chat_core.errors import DecodeError, ProviderError, StreamTruncated, UnsupportedContent
from chat_core.events import UnknownEvent
from chat_core.parts import URL, FileID, Inline, Media
from chat_core.response import Notice, Usage

if TYPE_CHECKING:
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject

PNG = b"\x89PNG\r\n\x1a\n and more"
PACKED = b64encode(PNG).decode()
PICTURE = Media(kind="image", source=Inline(PNG), mime="image/png", name="cat.png")
ELSEWHERE = Media(kind="image", source=URL("https://a.example/cat.png"))
ASKED = ImageRequest(model="m", prompt="a cat")


def of(name: str) -> CompletionsImages:
    return CompletionsImages(Completions(PRESETS[name]))


OPENAI = of("openai-chat")
ORIGIN = OPENAI.provider.origin("m")


def decode(body: JSON, service: CompletionsImages = OPENAI) -> ImageResponse:
    return service.decode(ASKED, WireResponse(body=json.dumps(body).encode()))


def test_every_dialect_of_a_row_is_there() -> None:
    assert tuple(DIALECTS) == IMAGES


def test_a_row_that_paints_offers_it_and_another_does_not() -> None:
    assert capability(Completions(PRESETS["xai"]), Images) == of("xai")
    assert capability(Completions(PRESETS["groq"]), Images) is None


FULL = ImageRequest(
    model="m", prompt="a cat", n=2, size="1024x512", aspect="2:1", quality="low", format="png", background="opaque",
    seed=7, user="u", extra={"partial_images": 2},
)  # fmt: skip
SENT: dict[str, tuple[str, JSONObject, set[str]]] = {
    "openai-chat": (
        "/images/generations",
        {"n": 2, "size": "1024x512", "quality": "low", "output_format": "png", "background": "opaque", "user": "u"},
        {"aspect", "seed"},
    ),
    "xai": (
        "/images/generations",
        {"n": 2, "aspect_ratio": "2:1", "quality": "low", "user": "u"},
        {"size", "format", "background", "seed"},
    ),
    "together": (
        "/images/generations",
        {"n": 2, "seed": 7, "output_format": "png", "width": 1024, "height": 512},
        {"aspect", "quality", "background", "user"},
    ),
    "openrouter": ("/images", {}, {"n", "size", "aspect", "quality", "format", "background", "seed", "user"}),
    "venice": (
        "/image/generate",
        {"format": "png", "seed": 7, "width": 1024, "height": 512},
        {"n", "aspect", "quality", "background", "user"},
    ),
}


@pytest.mark.parametrize("name", SENT)
def test_what_is_asked_is_sent_or_noticed(name: str) -> None:
    path, fields, noticed = SENT[name]
    wire = of(name).encode(FULL)
    assert wire.url == of(name).provider.url(path)
    assert wire.body == {"model": "m", "prompt": "a cat", **fields, "partial_images": 2}
    assert {notice.feature for notice in wire.notices} == noticed
    assert len(fields) + len(noticed) + (-1 if "width" in fields else 0) == 8


def test_a_size_that_is_no_size_in_pixels_is_noticed_where_pixels_are_wanted() -> None:
    wire = of("together").encode(ImageRequest(model="m", prompt="a cat", size="auto"))
    assert [notice.feature for notice in wire.notices] == ["size"]


def test_pictures_are_uploaded_as_files() -> None:
    wire = OPENAI.encode(ImageRequest(model="m", prompt="blue", images=(PICTURE,), mask=PICTURE, n=2))
    assert wire.url.endswith("/images/edits")
    assert isinstance(wire.body, Multipart)
    assert wire.body.fields == (
        FormField(name="model", data=b"m"),
        FormField(name="prompt", data=b"blue"),
        FormField(name="n", data=b"2"),
        FormField(name="image", data=PNG, filename="cat.png", mime="image/png"),
        FormField(name="mask", data=PNG, filename="cat.png", mime="image/png"),
    )
    assert "content-type" not in wire.headers
    several = OPENAI.encode(ImageRequest(model="m", prompt="blue", images=(PICTURE, PICTURE))).body
    assert isinstance(several, Multipart)
    assert [field.name for field in several.fields] == ["model", "prompt", "image[]", "image[]"]


def test_pictures_that_are_elsewhere_are_named() -> None:
    kept = Media(kind="image", source=FileID("f1"))
    wire = OPENAI.encode(ImageRequest(model="m", prompt="blue", images=(ELSEWHERE, kept), mask=kept))
    assert wire.url.endswith("/images/edits")
    assert wire.body == {
        "model": "m",
        "prompt": "blue",
        "images": [{"image_url": "https://a.example/cat.png"}, {"file_id": "f1"}],
        "mask": {"file_id": "f1"},
    }


def test_a_mix_of_bytes_and_addresses_is_refused_and_so_is_a_mask_alone() -> None:
    with pytest.raises(UnsupportedContent, match="as bytes, not by URL"):
        OPENAI.encode(ImageRequest(model="m", prompt="blue", images=(PICTURE, ELSEWHERE)))
    with pytest.raises(UnsupportedContent, match="a mask belongs to a picture"):
        OPENAI.encode(ImageRequest(model="m", prompt="blue", mask=PICTURE))


def test_a_service_that_takes_no_pictures_refuses_them() -> None:
    with pytest.raises(UnsupportedContent, match="xai takes no pictures here"):
        of("xai").encode(ImageRequest(model="m", prompt="blue", images=(PICTURE,)))


def test_pictures_come_in_order_as_bytes_or_addresses() -> None:
    body: JSONObject = {
        "created": 5,
        "output_format": "webp",
        "data": [
            {"b64_json": PACKED, "revised_prompt": "a big cat"},
            {"b64_json": "YWJj"},
            {"url": "https://a.example/1", "mime_type": "image/jpeg", "index": 1},
            {"b64_json": "YWJj", "media_type": "image/avif"},
        ],
        "usage": {"input_tokens": 3, "output_tokens": 9},
    }
    response = decode(body)
    assert response.images == (
        Media(kind="image", source=Inline(PNG), mime="image/png", meta={ORIGIN: {"revised_prompt": "a big cat"}}),
        Media(kind="image", source=Inline(b"abc"), mime="image/webp"),
        Media(kind="image", source=URL("https://a.example/1"), mime="image/jpeg", meta={ORIGIN: {"index": 1}}),
        Media(kind="image", source=Inline(b"abc"), mime="image/avif"),
    )
    assert response.usage == Usage(input_tokens=3, output_tokens=9, raw={"input_tokens": 3, "output_tokens": 9})
    assert response.meta == {ORIGIN: {"created": 5, "output_format": "webp"}}


def test_pictures_may_be_base64_alone() -> None:
    response = decode({"id": "i", "images": [PACKED]}, of("venice"))
    assert (response.id, response.images[0].source) == ("i", Inline(PNG))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "without pictures"),
        ({"data": {}}, "without pictures"),
        ({"data": [1]}, "neither object nor text"),
        ({"data": [{"revised_prompt": "x"}]}, "without bytes and address"),
        ({"data": [{"b64_json": "?"}]}, "no base64"),
    ],
)
def test_a_malformed_reply_is_an_error(body: JSONObject, words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_one() -> None:
    with pytest.raises(ProviderError, match="no credit"):
        decode({"error": {"message": "no credit"}})


# streams


def events(*frames: object, asked: ImageRequest = ASKED) -> tuple[list[Event], ImageResponse]:
    reader = OPENAI.reader(asked, WireResponse())
    found = list(reader.feed([Frame(json.dumps(frame) if isinstance(frame, dict) else str(frame)) for frame in frames]))
    return found, reader.finish()


PARTIAL = {"type": "image_generation.partial_image", "b64_json": PACKED, "partial_image_index": 0, "size": "auto"}
TWO = ImageRequest(model="m", prompt="a cat", n=2)
COMPLETED = {"type": "image_edit.completed", "b64_json": PACKED, "quality": "low", "usage": {"input_tokens": 1}}


def test_a_stream_is_asked_for_where_there_is_one() -> None:
    wire = OPENAI.encode(ASKED, stream=True)
    assert (wire.framer, wire.body) == (SSE, {"model": "m", "prompt": "a cat", "stream": True})
    other = of("xai").encode(ASKED, stream=True)
    assert (other.framer, other.body) == (None, {"model": "m", "prompt": "a cat"})
    assert other.notices == (
        Notice(feature="stream", requested=True, reason="the service sends pictures when they are done"),
    )


def test_what_is_painted_so_far_comes_as_events_and_the_pictures_as_the_result() -> None:
    found, response = events(PARTIAL, COMPLETED, COMPLETED, "[DONE]")
    assert found == [
        PartialImage(
            "image_generation.partial_image",
            {"partial_image_index": 0, "size": "auto"},
            media=Media(kind="image", source=Inline(PNG), mime="image/png"),
        )
    ]
    assert [picture.source for picture in response.images] == [Inline(PNG), Inline(PNG)]
    assert response.meta == {ORIGIN: {"quality": "low"}}
    assert response.usage == Usage(input_tokens=1, raw={"input_tokens": 1})


def test_a_reply_that_is_not_streamed_after_all_is_the_result() -> None:
    found, response = events({"data": [{"b64_json": PACKED}]})
    assert (found, response.images[0].source) == ([], Inline(PNG))


def test_an_event_of_another_kind_is_surfaced() -> None:
    found, _ = events({"type": "image_generation.sketch", "x": 1}, {"y": 1}, COMPLETED)
    assert found == [
        UnknownEvent("image_generation.sketch", {"type": "image_generation.sketch", "x": 1}),
        UnknownEvent("event", {"y": 1}),
    ]


def test_a_stream_without_a_whole_picture_is_truncated() -> None:
    with pytest.raises(StreamTruncated, match="before a picture was complete"):
        events(PARTIAL)


@pytest.mark.parametrize("frames", [[COMPLETED, "[DONE]"], [COMPLETED, COMPLETED]])
def test_a_stream_ends_when_it_says_so_or_with_the_last_picture(frames: list[object]) -> None:
    assert 1 <= len(events(*frames, asked=TWO)[1].images) <= len(frames)


def test_a_stream_that_ends_after_one_of_two_pictures_is_truncated() -> None:
    with pytest.raises(StreamTruncated, match="the stream ended after 1 of 2 pictures"):
        events(COMPLETED, asked=TWO)


@pytest.mark.parametrize("kind", ["image_generation.partial_image", "image_generation.completed"])
def test_an_event_without_its_picture_is_an_error(kind: str) -> None:
    with pytest.raises(DecodeError, match="a picture without bytes"):
        events({"type": kind})


def test_an_error_inside_the_stream_is_one() -> None:
    with pytest.raises(ProviderError, match="too many cats"):
        events(PARTIAL, {"type": "error", "error": {"message": "too many cats"}})
