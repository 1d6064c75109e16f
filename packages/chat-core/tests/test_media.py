"""Media say what they are: by their bytes first, by their name second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core import media
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.parts import URL, FileID, Inline, Media

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.parts import MediaKind

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
SAMPLES: tuple[tuple[bytes, str, MediaKind], ...] = (
    (PNG, "image/png", "image"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg", "image"),
    (b"GIF89a\x01\x00", "image/gif", "image"),
    (b"GIF87a\x01\x00", "image/gif", "image"),
    (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp", "image"),
    (b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36", "image/bmp", "image"),
    (b"II*\x00\x08\x00", "image/tiff", "image"),
    (b"MM\x00*\x00\x08", "image/tiff", "image"),
    (b"\x00\x00\x00\x18ftypheic\x00\x00", "image/heic", "image"),
    (b"\x00\x00\x00\x18ftypmif1\x00\x00", "image/heif", "image"),
    (b"\x00\x00\x00\x18ftypavif\x00\x00", "image/avif", "image"),
    (b"%PDF-1.7\n", "application/pdf", "document"),
    (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav", "audio"),
    (b"ID3\x04\x00", "audio/mpeg", "audio"),
    (b"\xff\xfb\x90\x64", "audio/mpeg", "audio"),
    (b"\xff\xf3\x84\xc4", "audio/mpeg", "audio"),
    (b"\xff\xf1\x50\x80", "audio/aac", "audio"),
    (b"OggS\x00\x02", "audio/ogg", "audio"),
    (b"fLaC\x00\x00", "audio/flac", "audio"),
    (b"\x00\x00\x00\x20ftypM4A \x00", "audio/mp4", "audio"),
    (b"FORM\x00\x00\x00\x10AIFFCOMM", "audio/aiff", "audio"),
    (b"\x00\x00\x00\x20ftypisom\x00", "video/mp4", "video"),
    (b"\x00\x00\x00\x20ftypqt  \x00", "video/quicktime", "video"),
    (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "video/webm", "video"),
    (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", "video/x-matroska", "video"),
    (b"RIFF\x24\x00\x00\x00AVI LIST", "video/x-msvideo", "video"),
    (b"\x00\x00\x01\xba\x44", "video/mpeg", "video"),
)


@pytest.mark.parametrize(("data", "mime", "kind"), SAMPLES, ids=[sample[1] for sample in SAMPLES])
def test_bytes_tell_what_they_are(data: bytes, mime: str, kind: MediaKind) -> None:
    assert media.from_bytes(data) == Media(kind=kind, source=Inline(data), mime=mime)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"RIFF\x00\x00\x00\x00RMID",
        b"\xff",
        b"\xff\xff",
        b"BMW is a car",
        b"12345678WAVE",
        b"\xff\xe0\x00",
    ],
)
def test_what_is_not_known_is_not_guessed(data: bytes) -> None:
    assert media.sniff(data) is None
    with pytest.raises(UnsupportedContent):
        media.from_bytes(data)


@given(st.binary(max_size=80))
def test_sniffing_never_fails(data: bytes) -> None:
    media.sniff(data)


def test_a_file_is_read_named_and_sniffed(tmp_path: Path) -> None:
    file = tmp_path / "cat.jpeg"
    file.write_bytes(PNG)
    assert media.from_path(file) == Media(kind="image", source=Inline(PNG), mime="image/png", name="cat.jpeg")
    assert media.from_path(str(file), mime="image/apng", name="Tom").mime == "image/apng"
    assert media.from_path(file, name="Tom").name == "Tom"


@pytest.mark.parametrize(
    ("name", "mime", "kind"),
    [
        ("notes.md", "text/markdown", "document"),
        ("NOTES.TXT", "text/plain", "document"),
        ("table.csv", "text/csv", "document"),
        ("a.b.html", "text/html", "document"),
        ("sound.opus", "audio/ogg", "audio"),
        ("sound.wav", "audio/wav", "audio"),
        ("film.webm", "video/webm", "video"),
        ("drawing.svg", "image/svg+xml", "image"),
        ("letter.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document"),
    ],
)
def test_names_help_where_bytes_do_not(name: str, mime: str, kind: MediaKind) -> None:
    made = media.from_bytes(b"plain words", name=name)
    assert (made.mime, made.kind) == (mime, kind)


@pytest.mark.parametrize("name", ["file", "file.", ".png", "file.unknown", None])
def test_an_unknown_type_names_the_fix(name: str | None) -> None:
    if name == ".png":
        assert media.from_bytes(b"words", name=name).mime == "image/png"
        return
    with pytest.raises(UnsupportedContent, match="mime='image/png'"):
        media.from_bytes(b"words", name=name)


def test_files_are_bounded(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"12345")
    assert media.from_path(file, limit=5).source == Inline(b"12345")
    with pytest.raises(UnsupportedContent, match="limit of 4 bytes; upload"):
        media.from_path(file, limit=4)
    file.write_bytes(b"")
    with pytest.raises(UnsupportedContent, match="no bytes"):
        media.from_path(file)
    with pytest.raises(FileNotFoundError):
        media.from_path(tmp_path / "none.txt")


def test_an_address_is_sent_as_it_is() -> None:
    url = "https://host.example/a%20b.png?x=1#y"
    assert media.from_url(url) == Media(kind="image", source=URL(url), mime="image/png")
    assert media.from_url("gs://bucket/film", kind="video").mime is None
    assert media.from_url("https://host.example/x", mime="application/pdf", name="X").kind == "document"


@pytest.mark.parametrize("url", ["cat.png", "/tmp/cat.png", "C:\\cat.png", "", "http://[", "//host/cat.png"])
def test_a_path_is_no_address(url: str) -> None:
    with pytest.raises(UnsupportedContent, match="from_path"):
        media.from_url(url)


def test_an_address_that_says_nothing_needs_a_kind() -> None:
    with pytest.raises(UnsupportedContent, match="kind='image'"):
        media.from_url("https://host.example/picture")


@given(st.binary(max_size=40), st.sampled_from(["image/png", "text/plain;charset=utf-8", "x/y"]))
def test_data_urls_come_back(data: bytes, mime: str) -> None:
    url = media.data_url(Media(kind="image", source=Inline(data), mime=mime))
    made = media.from_data_url(url, name="n")
    assert (made.source, made.mime, made.name) == (Inline(data), mime, "n")
    assert media.data_url(made) == url


@pytest.mark.parametrize(
    ("url", "data", "mime"),
    [
        ("data:image/png;base64,YWI=", b"ab", "image/png"),
        ("DATA:image/png;BASE64,YWI=", b"ab", "image/png"),
        ("data:image/png;base64,YWI", b"ab", "image/png"),
        ("data:image/png;base64,Y W\nI%3D", b"ab", "image/png"),
        ("data:,a%20b", b"a b", "text/plain;charset=US-ASCII"),
        ("data:;charset=utf-8,%C3%A9", "é".encode(), "text/plain;charset=utf-8"),
        ("data:text/html,a,b", b"a,b", "text/html"),
        ("data:;base64,", b"", "text/plain;charset=US-ASCII"),
    ],
)
def test_data_urls_are_read_as_browsers_do(url: str, data: bytes, mime: str) -> None:
    for made in (media.from_data_url(url), media.from_url(url)):
        assert (made.source, made.mime) == (Inline(data), mime)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "data:",
        "http://host",
        "data:image/png;base64",
        "data:image/png;base64,a",
        "data:x;base64,é",
        "data:,\ud800",
        "data:x;base64,\ud800",
    ],
)
def test_a_malformed_data_url_is_a_decode_error(url: str) -> None:
    with pytest.raises(DecodeError):
        media.from_data_url(url)


@given(st.text(max_size=20))
def test_any_data_url_is_read_or_a_decode_error(text: str) -> None:
    for url in (text, f"data:{text}", f"data:x;base64,{text}"):
        try:
            media.from_data_url(url)
        except DecodeError:
            continue


def test_data_urls_are_bounded() -> None:
    assert media.from_data_url("data:,12345", limit=5).source == Inline(b"12345")
    for url in ("data:,123456", f"data:,{'1' * 100}"):
        with pytest.raises(DecodeError, match="the limit of 5"):
            media.from_data_url(url, limit=5)


def test_only_bytes_of_a_known_type_make_a_data_url() -> None:
    assert media.data_url(Media(kind="image", source=Inline(PNG))).startswith("data:image/png;base64,iVBO")
    with pytest.raises(UnsupportedContent, match="set `mime`"):
        media.data_url(Media(kind="image", source=Inline(b"?")))
    for source in (URL("https://host.example"), FileID("f")):
        with pytest.raises(UnsupportedContent, match="from_bytes"):
            media.data_url(Media(kind="image", source=source, mime="image/png"))
