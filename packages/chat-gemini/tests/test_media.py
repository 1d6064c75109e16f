"""Media in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import UnsupportedContent
from chat_core.parts import URL, FileID, Inline, Media
from chat_gemini.media import canonical, decode_media, encode_media
from chat_gemini.places import developer

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import MediaKind

PNG = b"\x89PNG\r\n\x1a\n"
FILE = "https://generativelanguage.googleapis.com/v1/files/abc"


def spelled(media: Media, own: JSONObject | None = None) -> JSONObject:
    return encode_media(media, own, developer().url)


def test_bytes_go_in_line_with_their_type() -> None:
    part = spelled(Media(kind="image", source=Inline(PNG)))
    assert part == {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}
    assert decode_media(part, "o") == Media(kind="image", source=Inline(PNG), mime="image/png")


def test_both_alphabets_of_base64_are_read_and_the_padding_may_be_missing() -> None:
    assert canonical("-_-_") == canonical("+/+/") == b"\xfb\xff\xbf"
    assert canonical("iVBORw0KGgo") == PNG
    assert canonical("no base64!") is None


@pytest.mark.parametrize(
    ("uri", "mime", "kind", "source"),
    [
        (FILE, "application/pdf", "document", FileID(FILE)),
        ("gs://bucket/a.mp4", "video/mp4", "video", URL("gs://bucket/a.mp4")),
        ("https://www.youtube.com/watch?v=x", None, "video", URL("https://www.youtube.com/watch?v=x")),
        ("https://example.com/a.png", None, "image", URL("https://example.com/a.png")),
        ("https://example.com/files/a", None, "document", URL("https://example.com/files/a")),
        ("http://[", None, "document", URL("http://[")),
    ],
)
def test_an_address_is_read_and_written_as_it_is(
    uri: str, mime: str | None, kind: MediaKind, source: URL | FileID
) -> None:
    part: JSONObject = {"fileData": {"fileUri": uri, **({} if mime is None else {"mimeType": mime})}}
    media = Media(kind=kind, source=source, mime=mime)
    assert decode_media(part, "o") == media
    assert spelled(media) == part


def test_the_name_of_an_uploaded_file_becomes_its_address() -> None:
    part = spelled(Media(kind="document", source=FileID("files/abc"), mime="application/pdf"))
    assert part == {"fileData": {"mimeType": "application/pdf", "fileUri": FILE}}


def test_another_services_file_is_refused() -> None:
    with pytest.raises(UnsupportedContent, match=r"'file-1' is no file of Gemini's: upload it"):
        spelled(Media(kind="document", source=FileID("file-1")))


def test_a_data_url_goes_in_line() -> None:
    media = Media(kind="image", source=URL("data:image/png;base64,iVBORw0KGgo="))
    assert spelled(media) == {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}


def test_bytes_of_no_known_type_are_refused() -> None:
    with pytest.raises(UnsupportedContent, match="say `mime`"):
        spelled(Media(kind="document", source=Inline(b"?")))


def test_what_stands_beside_the_bytes_comes_back() -> None:
    part: JSONObject = {
        "inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo=", "displayName": "a.png"},
        "mediaResolution": {"level": "MEDIA_RESOLUTION_HIGH"},
    }
    media = decode_media(part, "o")
    assert media is not None
    assert media.name == "a.png"
    assert spelled(media, media.meta["o"]) == part


def test_what_is_no_base64_is_not_read_as_media() -> None:
    assert decode_media({"inlineData": {"mimeType": "image/png", "data": "!"}}, "o") is None
    assert decode_media({"inlineData": {"data": "iVBORw0KGgo="}}, "o") is None
