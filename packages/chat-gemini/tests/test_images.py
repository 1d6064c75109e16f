from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from chat_core.codec.images import ImageRequest, Images, PartialImage
from chat_core.codec.provider import capability
from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import ProviderError, StreamTruncated, UnsupportedContent
from chat_core.parts import Inline, Media
from chat_core.response import Usage
from chat_gemini.images import GeminiImages
from chat_gemini.places import vertex
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

IMAGES, VERTEX = GeminiImages(Gemini()), GeminiImages(Gemini(place=vertex("p", "global")))
ASKED = ImageRequest(model="nano", prompt="a cat")
ORIGIN = IMAGES.provider.origin("nano")
PICTURE = Media(kind="image", source=Inline(b"one"), mime="image/png")


def inline(data: bytes) -> JSON:
    return {"inlineData": {"mimeType": "image/png", "data": b64encode(data).decode()}}


def answer(*parts: JSON, reason: str | None = "STOP") -> JSONObject:
    candidate: JSONObject = {"content": {"role": "model", "parts": [*parts]}}
    counts: JSON = {"promptTokenCount": 2, "candidatesTokenCount": 9}
    return {
        "candidates": [candidate if reason is None else {**candidate, "finishReason": reason}],
        "usageMetadata": counts,
    }


def reply(body: JSON) -> WireResponse:
    return WireResponse(body=json.dumps(body).encode())


def test_gemini_paints() -> None:
    assert capability(Gemini(), Images) == IMAGES


def test_a_picture_is_an_answer_of_its_modality() -> None:
    request = ImageRequest(
        model="nano", prompt="blue", images=(PICTURE,), aspect="16:9", size="2K", seed=7, n=2, extra={"labels": {}}
    )
    wire = IMAGES.encode(request)
    assert wire.url.endswith("/models/nano:generateContent")
    assert wire.body == {
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
            "seed": 7,
            "candidateCount": 2,
        },
        "labels": {},
        "contents": [{"role": "user", "parts": [{"text": "blue"}, inline(b"one")]}],
    }
    assert wire.notices == ()
    assert IMAGES.encode(ASKED, stream=True).url.endswith(":streamGenerateContent?alt=sse")


@pytest.mark.parametrize(("images", "lacks"), [(IMAGES, {"format"}), (VERTEX, set[str]())])
def test_what_has_no_field_is_noticed(images: GeminiImages, lacks: set[str]) -> None:
    request = ImageRequest(
        model="nano", prompt="a", size="9x9", quality="low", format="jpeg", background="opaque", user="u"
    )
    wire = images.encode(request)
    assert {notice.feature for notice in wire.notices} == {"size", "quality", "background", "user", *lacks}
    assert isinstance(wire.body, dict)
    form = {"imageConfig": {"imageOutputOptions": {"mimeType": "image/jpeg"}}} if images is VERTEX else {}
    assert wire.body["generationConfig"] == {"responseModalities": ["IMAGE"], **form}


def test_a_mask_is_refused() -> None:
    with pytest.raises(UnsupportedContent, match="gemini takes no mask: say in words what shall change"):
        IMAGES.encode(ImageRequest(model="nano", prompt="a", images=(PICTURE,), mask=PICTURE))


def test_pictures_are_picked_out_of_the_answer() -> None:
    response = IMAGES.decode(ASKED, reply(answer({"text": "Here:"}, inline(b"one"), inline(b"two"))))
    assert [picture.source for picture in response.images] == [Inline(b"one"), Inline(b"two")]
    assert response.meta == {ORIGIN: {"text": "Here:"}}
    assert response.usage == Usage(
        input_tokens=2, output_tokens=9, raw={"promptTokenCount": 2, "candidatesTokenCount": 9}
    )


def test_an_answer_without_a_picture_says_why() -> None:
    response = IMAGES.decode(ASKED, reply(answer({"text": "No."}, reason="IMAGE_SAFETY")))
    assert response.images == ()
    assert response.meta == {ORIGIN: {"text": "No.", "finishReason": "IMAGE_SAFETY"}}


def test_an_error_in_the_guise_of_a_success_is_one() -> None:
    with pytest.raises(ProviderError, match="no cats"):
        IMAGES.decode(ASKED, reply({"error": {"code": 400, "message": "no cats", "status": "INVALID_ARGUMENT"}}))


def frames(*bodies: JSONObject) -> list[Frame]:
    return [Frame(json.dumps(body)) for body in bodies]


def test_a_stream_gives_the_same_pictures() -> None:
    reader = IMAGES.reader(ASKED, WireResponse())
    events = list(reader.feed(frames(answer(inline(b"one"), reason=None), answer({"text": "!"}, inline(b"two")))))
    assert [event.media.source for event in events if isinstance(event, PartialImage)] == [Inline(b"one")]
    response = reader.finish()
    assert [picture.source for picture in response.images] == [Inline(b"one"), Inline(b"two")]


def test_a_stream_without_an_end_is_truncated() -> None:
    reader = IMAGES.reader(ASKED, WireResponse())
    list(reader.feed(frames(answer(inline(b"one"), reason=None))))
    with pytest.raises(StreamTruncated):
        reader.finish()
