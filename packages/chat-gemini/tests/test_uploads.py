"""Uploads over a real connection: pieces, cuts, and where they go on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hosting import COLOURS, blocking, gemini, whole

from chat_core.errors import ConfigurationError, DecodeError, InvalidRequest, ProviderError, TransportError
from chat_core.flow.retry import Retry
from chat_core.testing.loopback import Answer, Loopback
from chat_gemini.files import File, upload
from chat_gemini.uploads import UploadProgress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject
    from chat_core.testing.loopback import Asked

ADDRESS = "https://generativelanguage.googleapis.com/upload/v1/files?upload_id=u&upload_protocol=resumable"
BEGUN = Answer(headers={"x-goog-upload-url": ADDRESS, "x-goog-upload-chunk-granularity": "4"})
MORE = Answer(headers={"x-goog-upload-status": "active"})
FILE: JSONObject = {"name": "files/f", "uri": "https://g/v1/files/f", "mimeType": "text/plain", "state": "ACTIVE"}
DONE = whole({"file": FILE}, x_goog_upload_status="final")
_LOST = Answer(headless=True, ending="lost")
CUT = (_LOST, _LOST)
"""A transport sends once more what it sent over a connection that was at hand and is dead."""
BUSY = (Answer(status=503),)
DATA = b"0123456789"
QUICK = Retry(attempts=3, first=0.0)


def had(number: int) -> Answer:
    return Answer(headers={"x-goog-upload-status": "active", "x-goog-upload-size-received": str(number)})


def commands(asked: list[Asked]) -> list[tuple[str, str, bytes]]:
    """Tell the commands in order; one that was sent again by the transport is told once."""
    told = [
        (one.headers["x-goog-upload-command"], one.headers.get("x-goog-upload-offset", ""), one.body) for one in asked
    ]
    return [one for one, before in zip(told, (None, *told), strict=False) if one != before]


@pytest.mark.parametrize("run", COLOURS)
def test_a_file_goes_in_pieces_to_the_address_that_is_given_out(
    run: Callable[..., tuple[object, list[Event]]],
) -> None:
    with Loopback(BEGUN, MORE, MORE, DONE) as server:
        file, events = run(gemini(server.address), upload(DATA, mime="text/plain", piece=5, display_name="notes"))
    assert isinstance(file, File)
    assert (file.name, file.state) == ("files/f", "ACTIVE")
    start, *pieces = server.asked
    assert (start.method, start.path) == ("POST", "/upload/v1/files")
    assert json.loads(start.body) == {"file": {"mimeType": "text/plain", "sizeBytes": "10", "displayName": "notes"}}
    assert start.headers["x-goog-upload-protocol"] == "resumable"
    assert start.headers["x-goog-upload-header-content-length"] == "10"
    assert start.headers["x-goog-upload-header-content-type"] == "text/plain"
    assert {one.path for one in pieces} == {"/upload/v1/files?upload_id=u&upload_protocol=resumable"}
    assert commands(pieces) == [
        ("upload", "0", b"0123"),
        ("upload", "4", b"4567"),
        ("upload, finalize", "8", b"89"),
    ]
    assert [(event.sent, event.total) for event in events if isinstance(event, UploadProgress)] == [
        (0, 10), (4, 10), (8, 10), (10, 10),
    ]  # fmt: skip
    assert {one.headers["x-goog-api-key"] for one in server.asked} == {"k"}


def test_a_file_on_disk_is_read_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(DATA)
    with Loopback(BEGUN, MORE, DONE) as server:
        blocking(gemini(server.address), upload(path, piece=8))
    assert json.loads(server.asked[0].body)["file"] == {
        "mimeType": "text/plain", "sizeBytes": "10", "displayName": "notes.txt",
    }  # fmt: skip
    assert [one.body for one in server.asked[1:]] == [b"01234567", b"89"]


@pytest.mark.parametrize("failure", [CUT, BUSY])
@pytest.mark.parametrize("has", [0, 4, 8])
def test_after_a_failure_the_service_says_where_to_go_on(failure: tuple[Answer, ...], has: int) -> None:
    rest = [MORE] if has < 8 else []
    rest = [MORE, MORE] if has == 0 else rest
    with Loopback(BEGUN, MORE, *failure, had(has), *rest, DONE) as server:
        file, _ = blocking(gemini(server.address), upload(DATA, mime="text/plain", piece=4), QUICK)
    assert file.name == "files/f"
    told = commands(server.asked[1:])
    assert told[:3] == [("upload", "0", b"0123"), ("upload", "4", b"4567"), ("query", "", b"")]
    assert told[3][1:] == (str(has), DATA[has : has + 4])
    assert told[-1] == ("upload, finalize", "8", b"89")


def test_an_upload_that_was_complete_is_not_sent_again() -> None:
    with Loopback(BEGUN, *CUT, DONE) as server:
        file, _ = blocking(gemini(server.address), upload(DATA, mime="text/plain"), QUICK)
    assert file.name == "files/f"
    assert [command for command, _, _ in commands(server.asked[1:])] == ["upload, finalize", "query"]


def test_an_upload_whose_last_reply_is_lost_for_good_says_so() -> None:
    final = Answer(headers={"x-goog-upload-status": "final"})
    with Loopback(BEGUN, *CUT, final) as server, pytest.raises(TransportError, match="list what is there"):
        blocking(gemini(server.address), upload(DATA, mime="text/plain"), QUICK)


def test_failures_end_where_the_retries_end() -> None:
    with Loopback(BEGUN, *CUT, had(0), *CUT, had(0), *CUT) as server, pytest.raises(TransportError):
        blocking(gemini(server.address), upload(DATA, mime="text/plain"), QUICK)
    assert [command for command, _, _ in commands(server.asked[1:])] == [
        "upload, finalize", "query", "upload, finalize", "query", "upload, finalize",
    ]  # fmt: skip


def test_success_gives_the_retries_anew() -> None:
    answers = (BEGUN, *CUT, had(0), MORE, *CUT, had(4), MORE, *CUT, had(8), DONE)
    with Loopback(*answers) as server:
        file, _ = blocking(
            gemini(server.address), upload(DATA, mime="text/plain", piece=4), Retry(attempts=2, first=0.0)
        )
    assert file.name == "files/f"


def test_what_the_service_refuses_is_not_sent_again() -> None:
    refusal = whole({"error": {"message": "no"}}, 400)
    with Loopback(BEGUN, refusal, had(0)) as server, pytest.raises(InvalidRequest, match="no"):
        blocking(gemini(server.address), upload(DATA, mime="text/plain"), QUICK)
    assert [command for command, _, _ in commands(server.asked[1:])] == ["upload, finalize", "query"]


def test_a_piece_that_the_service_had_already_is_not_refused() -> None:
    refusal = whole({"error": {"message": "wrong offset"}}, 400)
    with Loopback(BEGUN, refusal, had(4), DONE) as server:
        file, _ = blocking(gemini(server.address), upload(DATA, mime="text/plain"), QUICK)
    assert file.name == "files/f"
    assert commands(server.asked[1:])[-1] == ("upload, finalize", "4", b"456789")


def test_an_upload_that_does_not_end_is_an_error() -> None:
    with Loopback(BEGUN, MORE) as server, pytest.raises(DecodeError, match="'active': begin it again"):
        blocking(gemini(server.address), upload(DATA, mime="text/plain"))
    assert len(server.asked) == 2


@pytest.mark.parametrize("size", ["", "x", "11", "-1"])
def test_a_service_that_does_not_know_what_it_has_is_an_error(size: str) -> None:
    lost = Answer(headers={"x-goog-upload-status": "active", "x-goog-upload-size-received": size})
    with Loopback(BEGUN, *CUT, lost) as server, pytest.raises(DecodeError, match="how much"):
        blocking(gemini(server.address), upload(DATA, mime="text/plain"), QUICK)


def test_an_upload_that_was_given_up_is_an_error() -> None:
    cancelled = Answer(headers={"x-goog-upload-status": "cancelled"})
    with Loopback(BEGUN, cancelled) as server, pytest.raises(DecodeError, match="'cancelled': begin it again"):
        blocking(gemini(server.address), upload(DATA, mime="text/plain"))


def test_a_reply_without_an_address_is_an_error() -> None:
    with Loopback(whole({})) as server, pytest.raises(DecodeError, match="no address"):
        blocking(gemini(server.address), upload(DATA, mime="text/plain"))


def test_the_key_goes_to_no_other_host() -> None:
    elsewhere = Answer(headers={"x-goog-upload-url": "https://thief.example/take?it=1"})
    with Loopback(elsewhere, DONE) as server:
        blocking(gemini(server.address), upload(DATA, mime="text/plain"))
    assert server.asked[1].path == "/take?it=1"


def test_a_missing_status_is_what_the_success_means() -> None:
    with Loopback(BEGUN, whole({"file": FILE})) as server:
        file, _ = blocking(gemini(server.address), upload(DATA, mime="text/plain"))
    assert file.name == "files/f"


def test_a_file_that_is_not_there_is_an_error_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        upload(tmp_path / "none.txt")


def test_a_file_that_becomes_shorter_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(DATA)
    operation = upload(path)
    path.write_bytes(b"0")
    with Loopback(BEGUN) as server, pytest.raises(ConfigurationError, match="become shorter"):
        blocking(gemini(server.address), operation)


def test_a_media_type_that_nobody_knows_has_to_be_said() -> None:
    with pytest.raises(ConfigurationError, match="say mime="):
        upload(b"\x00\x01\x02")


def test_progress_of_another_shape_is_nothing() -> None:
    odd = UploadProgress("upload", ["sent"])
    assert (odd.sent, odd.total) == (0, 0)
    assert issubclass(InvalidRequest, ProviderError)
