"""Media made from files, bytes and addresses; data URLs read and written.

Law: bytes are sniffed, never transcoded; what they are wins over what their file name says. Nothing is fetched.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.parts import URL, FileID, Inline, Media

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from chat_core.parts import MediaKind

MAX_BYTES = 64 * 1024 * 1024
"""Most bytes that a part made here holds, unless the caller says otherwise."""

MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x00\x00\x01\xb3", "video/mpeg"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (8, b"AIFF", "audio/aiff"),
    (8, b"AIFC", "audio/aiff"),
)
"""Where a format's mark stands, the mark, the media type. Marks at 8 are inside `RIFF` or `FORM`."""

BRANDS: Mapping[bytes, str] = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"hevx": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
}
"""Major brands of ISO media files (`ftyp`); any other one is `video/mp4`."""

SUFFIXES: Mapping[str, str] = {
    ".aac": "audio/aac",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".avif": "image/avif",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".flac": "audio/flac",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".mkv": "video/x-matroska",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Media types of file names that the standard library does not know in every version."""

_HEAD = 64
_WAV_KINDS = (b"RIFF", b"FORM", b"RIFX")


def from_path(
    path: str | PathLike[str], *, mime: str | None = None, name: str | None = None, limit: int = MAX_BYTES
) -> Media:
    """Read a file into a part.

    Args:
        path: the file; its last component becomes the part's name.
        mime: the media type; `None` = look at the bytes, then at the name.
        name: another name for the part.
        limit: most bytes to read.

    Raises:
        OSError: the file cannot be read.
        UnsupportedContent: the file is empty, longer than `limit`, or of no type that can be told.
    """
    file = Path(path)
    with file.open("rb") as stream:
        data = stream.read(limit + 1)
    return from_bytes(data, mime=mime, name=file.name if name is None else name, limit=limit)


def from_bytes(data: bytes, *, mime: str | None = None, name: str | None = None, limit: int = MAX_BYTES) -> Media:
    """Make a part of bytes.

    Args:
        data: the file's content, encoded as it is.
        mime: the media type; `None` = look at the bytes, then at the name.
        name: file name or title.
        limit: most bytes to take.

    Raises:
        UnsupportedContent: there are no bytes, more than `limit`, or they are of no type that can be told.
    """
    what = "the bytes" if name is None else repr(name)
    if not data:
        raise UnsupportedContent(f"{what}: no bytes, nothing to send; check where the data comes from")
    if len(data) > limit:
        raise UnsupportedContent(
            f"{what}: more than the limit of {limit} bytes; upload it and pass a FileID, or raise `limit`"
        )
    mime = mime or sniff(data) or _by_name(name or "")
    if mime is None:
        raise UnsupportedContent(f"{what}: cannot tell the media type; pass it, such as mime='image/png'")
    return Media(kind=kind_of(mime), source=Inline(data), mime=mime, name=name)


def from_url(url: str, *, kind: MediaKind | None = None, mime: str | None = None, name: str | None = None) -> Media:
    """Make a part of an address that the service fetches; a `data:` URL is read here.

    Args:
        url: the absolute address.
        kind: what it is to a model; `None` = as `mime` or the file name in the address says.
        mime: the media type; `None` = as the file name in the address says, if it does.
        name: file name or title.

    Raises:
        UnsupportedContent: the address is not absolute, or it cannot be told what it leads to.
        DecodeError: a `data:` URL is malformed.
    """
    if url[:5].lower() == "data:":
        return from_data_url(url, name=name)
    from urllib.parse import urlsplit  # noqa: PLC0415 - for those who send media

    try:
        address = urlsplit(url)
    except ValueError:
        raise UnsupportedContent(f"{url[:200]!r} is no URL; use media.from_path for a file") from None
    if len(address.scheme) < len("gs") or not (address.netloc or address.path):
        raise UnsupportedContent(f"{url[:200]!r} is no absolute URL; use media.from_path for a file")
    mime = mime or _by_name(address.path)
    if kind is None and mime is None:
        raise UnsupportedContent(
            f"{url[:200]!r}: the address does not tell what it leads to; pass kind='image' or mime="
        )
    return Media(kind=kind or kind_of(mime or ""), source=URL(url), mime=mime, name=name)


def data_url(media: Media) -> str:
    """Spell inline media as a `data:` URL.

    Raises:
        UnsupportedContent: the media is no inline bytes, or of no type that can be told.
    """
    match media.source:
        case Inline(data):
            mime = media.mime or sniff(data)
            if mime is None:
                raise UnsupportedContent("inline media without a media type: set `mime`, such as 'image/png'")
            return f"data:{mime};base64,{b64encode(data).decode('ascii')}"
        case URL() | FileID():
            what = type(media.source).__name__
            raise UnsupportedContent(
                f"media by {what} has no bytes here; this service needs them: use media.from_bytes"
            )


def from_data_url(url: str, *, name: str | None = None, limit: int = MAX_BYTES) -> Media:
    """Read a `data:` URL; its media type keeps its parameters.

    Raises:
        DecodeError: it is malformed or holds more than `limit` bytes.
    """
    head, comma, payload = url.partition(",")
    if head[:5].lower() != "data:" or not comma:
        raise DecodeError(f"no data URL: {url[:80]!r}; expected data:<media type>;base64,<data>")
    if len(payload) > 3 * limit:
        raise DecodeError(f"a data URL of {len(url)} characters holds more than the limit of {limit} bytes")
    mime, is_base64 = head[5:], head[-7:].lower() == ";base64"
    if is_base64:
        mime = mime[:-7]
    data = _base64(payload) if is_base64 else _unquoted(payload)
    if len(data) > limit:
        raise DecodeError(f"a data URL holds {len(data)} bytes, more than the limit of {limit}")
    if not mime or mime.startswith(";"):
        mime = f"text/plain{mime or ';charset=US-ASCII'}"  # the default of RFC 2397
    return Media(kind=kind_of(mime), source=Inline(data), mime=mime, name=name)


def sniff(data: bytes) -> str | None:
    """Tell the media type from the first bytes; `None` when no known format begins like this."""
    head = data[:_HEAD]
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head else "video/x-matroska"
    if head.startswith(b"BM") and head[6:10] == b"\x00\x00\x00\x00":
        return "image/bmp"
    for place, mark, mime in MAGIC:
        if head.startswith(mark, place) and (place == 0 or head.startswith(_WAV_KINDS)):
            return mime
    return "audio/mpeg" if _is_mp3_frame(head) else None


def kind_of(mime: str) -> MediaKind:
    """Tell what a media type is to a model; what is no picture and no sound is a document."""
    match mime.partition("/")[0].strip().lower():
        case ("image" | "audio" | "video") as kind:
            return kind
        case _:
            return "document"


def _is_mp3_frame(head: bytes) -> bool:
    """Look for an MPEG audio frame of layer 3 with valid bit and sample rates."""
    match tuple(head[:3]):
        case 0xFF, second, third:
            return second & 0xE6 == 0xE2 and third & 0xF0 != 0xF0 and third & 0x0C != 0x0C  # noqa: PLR2004 - bits
        case _:
            return False


def _by_name(name: str) -> str | None:
    import mimetypes  # noqa: PLC0415 - reads the system's tables when first used

    suffix = f".{name.rpartition('.')[2].lower()}" if "." in name else ""
    return SUFFIXES.get(suffix) or mimetypes.MimeTypes().types_map[True].get(suffix)


def _unquoted(payload: str) -> bytes:
    from urllib.parse import unquote_to_bytes  # noqa: PLC0415 - as above

    try:
        return unquote_to_bytes(payload)
    except UnicodeEncodeError:
        raise DecodeError("a data URL holds a lone surrogate, which is no character") from None


def _base64(payload: str) -> bytes:
    """Decode base64 as browsers do: white space and missing padding are forgiven."""
    text = b"".join(_unquoted(payload).split())
    try:
        return b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise DecodeError(f"a data URL holds no base64 ({error}): {payload[:40]!r}") from None
