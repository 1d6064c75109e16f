from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_completions.beside import form, number_of, spelled, text_of, unpacked, upload, usage_of
from chat_core.codec.speech import SpeechRequest
from chat_core.codec.wire import FormField
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.parts import URL, FileID, Inline, Media
from chat_core.response import Notice, Usage

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject


def test_what_has_no_field_is_noticed() -> None:
    request = SpeechRequest(model="m", text="Hi", voice="alloy", speed=2.0)
    body, notices = spelled(request, {"voice": "voice"}, ("voice", "speed", "language"))
    assert body == {"voice": "alloy"}
    assert notices == (Notice(feature="speed", requested=2.0, reason="the service has no field for it"),)


def test_a_form_has_a_field_for_each_item_of_a_list() -> None:
    file = FormField(name="file", data=b"x", filename="a.wav")
    fields = form({"model": "m", "n": 2, "stream": True, "kinds": ["a", "b"], "deep": {"k": 1}}, (file,)).fields
    assert [(field.name, field.data) for field in fields] == [
        ("model", b"m"), ("n", b"2"), ("stream", b"true"), ("kinds[]", b"a"), ("kinds[]", b"b"), ("deep", b'{"k":1}'),
        ("file", b"x"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("media", "filename", "mime"),
    [
        (Media(kind="audio", source=Inline(b"x"), mime="audio/mpeg"), "audio.mp3", "audio/mpeg"),
        (Media(kind="audio", source=Inline(b"x"), mime="audio/x-odd", name="a.odd"), "a.odd", "audio/x-odd"),
        (Media(kind="image", source=Inline(b"x")), "image.bin", "application/octet-stream"),
    ],
)
def test_a_file_is_named_by_its_name_or_its_type(media: Media, filename: str, mime: str) -> None:
    assert upload("file", media, "s") == FormField(name="file", data=b"x", filename=filename, mime=mime)


@pytest.mark.parametrize("source", [URL("https://a.example/x.wav"), FileID("f")])
def test_what_is_no_bytes_is_not_uploaded(source: URL | FileID) -> None:
    with pytest.raises(UnsupportedContent, match=r"s takes audio as bytes, not by \w+: read it with media.from_path"):
        upload("file", Media(kind="audio", source=source), "s")


@pytest.mark.parametrize("text", ["a", "?", "YQ", "YQ==x"])
def test_what_is_no_base64_is_an_error(text: str) -> None:
    with pytest.raises(DecodeError, match="no base64"):
        unpacked(text)


def test_usage_comes_in_both_spellings() -> None:
    ours: JSONObject = {"input_tokens": 3, "output_tokens": 2.0, "input_token_details": {"audio_tokens": 1}}
    assert usage_of({**ours}) == Usage(input_tokens=3, output_tokens=2, audio_input_tokens=1, raw={**ours})
    theirs: JSONObject = {"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 1}}
    assert usage_of({**theirs}) == Usage(input_tokens=3, output_tokens=2, cache_read_tokens=1, raw={**theirs})
    assert usage_of({"type": "duration", "seconds": 6}) == Usage(raw={"type": "duration", "seconds": 6})
    assert usage_of(None) is None
    assert usage_of({}) is None


@pytest.mark.parametrize("usage", [[], {"input_tokens": "3"}, {"prompt_tokens": 1.5}])
def test_malformed_usage_is_an_error(usage: JSON) -> None:
    with pytest.raises(DecodeError, match="usage"):
        usage_of(usage)


def test_texts_and_numbers_are_of_their_types() -> None:
    data: JSONObject = {"a": "x", "b": 1, "c": True, "d": None}
    assert (text_of(data, "a"), text_of(data, "d")) == ("x", None)
    assert (number_of(data, "b"), number_of(data, "d")) == (1.0, None)
    with pytest.raises(DecodeError, match="b is no text but int"):
        text_of({"b": 1}, "b")
    with pytest.raises(DecodeError, match="a is no number but str"):
        number_of({"a": "x"}, "a")
    with pytest.raises(DecodeError, match="c is no number but bool"):
        number_of({"c": True}, "c")
    with pytest.raises(DecodeError, match="b is no number but int"):
        number_of({"b": 10**400}, "b")  # JSON can spell it, and no float can hold it
