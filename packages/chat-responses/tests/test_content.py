"""Content parts: media both ways, and what stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.parts import URL, FileID, Inline, Media, Opaque, Text
from chat_responses.content import decode_part, encode_media
from chat_responses.logprobs import decode_logprobs
from chat_responses.overlay import absent, contradicts, overlay
from chat_responses.presets import OPENAI

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

ORIGIN = "openai@api.openai.com/responses"

PIECES: list[JSONObject] = [
    {"type": "input_image", "image_url": "https://a.example/b.png", "detail": "high"},
    {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo=", "detail": "auto"},
    {"type": "input_image", "file_id": "file_1", "detail": "low"},
    {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
    {"type": "input_file", "file_url": "https://a.example/a.pdf"},
    {"type": "input_file", "file_id": "file_1", "filename": "a.pdf"},
    {"type": "input_audio", "input_audio": {"data": "AAA=", "format": "mp3"}},
]


@pytest.mark.parametrize("piece", PIECES)
def test_media_come_back_as_they_were(piece: JSONObject) -> None:
    part = decode_part(piece, ORIGIN)
    assert isinstance(part, Media)
    assert encode_media(part, ORIGIN, OPENAI) == piece


@pytest.mark.parametrize(
    "piece",
    [
        {"type": "input_file", "file_data": "no data URL"},
        {"type": "input_file", "file_id": "f", "file_url": "u"},
        {"type": "input_file", "filename": 7, "file_id": "f"},
        {"type": "input_image", "image_url": "u", "file_id": "f"},
        {"type": "input_audio", "input_audio": {"data": "AAB=", "format": "mp3"}},
        {"type": "hologram"},
        {"no": "type"},
    ],
)
def test_a_piece_that_cannot_be_spelled_again_stays_as_it_is(piece: JSONObject) -> None:
    part = decode_part(piece, ORIGIN)
    assert isinstance(part, Opaque)
    assert part.data == piece


def test_a_text_of_the_other_side_keeps_its_type() -> None:
    assert decode_part({"type": "output_text", "text": "a"}, ORIGIN) == Text(
        "a", meta={ORIGIN: {"type": "output_text"}}
    )


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (Media(kind="video", source=URL("https://a.example")), "no video"),
        (Media(kind="audio", source=URL("https://a.example")), "no audio"),
        (Media(kind="audio", source=Inline(b"a")), "set mime"),
        (Media(kind="document", source=Inline(b"a")), "set mime"),
        (Media(kind="audio", source=FileID("f")), "no audio"),
    ],
)
def test_media_that_cannot_be_spelled_name_the_fix(part: Media, words: str) -> None:
    with pytest.raises(UnsupportedContent, match=words):
        encode_media(part, ORIGIN, OPENAI)


@pytest.mark.parametrize("data", [7, [7], [{"token": "a"}], [{"token": "a", "logprob": True}]])
def test_malformed_probabilities_are_an_error(data: JSON) -> None:
    with pytest.raises(DecodeError):
        decode_logprobs(data, ORIGIN)


def test_odd_bytes_of_a_token_are_kept() -> None:
    (token,) = decode_logprobs([{"token": "a", "logprob": 0, "bytes": [300], "new": 1}], ORIGIN)
    assert (token.data, token.meta) == (None, {ORIGIN: {"bytes": [300], "new": 1}})


@pytest.mark.parametrize(
    ("said", "later", "other"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "c": 3}, False),
        ({"a": "He"}, {"a": "Hello"}, False),
        ({"a": "Ho"}, {"a": "Hello"}, True),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": [1, 2]}, {"a": [1]}, True),
        ({"a": None}, {"a": 1}, False),
        ({"a": 1}, {"a": 2}, True),
    ],
)
def test_what_goes_on_is_no_contradiction(said: JSON, later: JSON, other: bool) -> None:
    assert contradicts(said, later) is other


def test_what_a_later_form_leaves_out_is_found() -> None:
    said: JSON = {"a": 1, "b": {"c": 2, "d": [{"e": 3}]}, "n": None}
    assert absent(said, {"a": 1, "b": {"d": [{}]}}) == {"b": {"c": 2, "d": {"0": {"e": 3}}}}
    assert absent({"a": 1}, {"a": 2}) is None


def test_our_own_marks_are_never_sent() -> None:
    assert overlay({"a": {"b": 1}}, {"_item": {}, "a": {"c": 2}, "d": 3}) == {"a": {"b": 1, "c": 2}, "d": 3}
