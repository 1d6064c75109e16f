from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hosting import COLOURS, blocking, gemini, on_vertex, whole

from chat_core import Chat
from chat_core.errors import DecodeError, ServerError, TimedOut, UnsupportedCapability
from chat_core.messages import user
from chat_core.parts import FileID
from chat_core.request import Request
from chat_core.testing.loopback import Answer, Loopback
from chat_gemini import files
from chat_gemini.files import File
from chat_gemini.interactions.provider import Interactions
from chat_gemini.places import developer
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject

DATA: JSONObject = {
    "name": "files/f", "displayName": "talk", "mimeType": "video/mp4", "sizeBytes": "14560", "state": "ACTIVE",
    "uri": "https://generativelanguage.googleapis.com/v1/files/f", "createTime": "1970-01-02T00:00:00Z",
    "expirationTime": "1970-01-04T00:00:00Z", "sha256Hash": "aGFzaA==", "source": "UPLOADED",
}  # fmt: skip
WORKING: JSONObject = {**DATA, "state": "PROCESSING"}
BEGUN = Answer(headers={"x-goog-upload-url": "https://g.example/upload/v1/files?upload_id=u"})


@pytest.mark.parametrize("run", COLOURS)
def test_a_file_is_told_about_whole(run: Callable[..., tuple[object, object]]) -> None:
    with Loopback(whole(DATA)) as server:
        file, _ = run(gemini(server.address), files.get("f"))
    assert isinstance(file, File)
    assert (file.name, file.display_name, file.mime, file.state) == ("files/f", "talk", "video/mp4", "ACTIVE")
    assert (file.size, file.created, file.updated, file.expires) == (14560, 86400.0, None, 259200.0)
    (meta,) = file.meta.values()
    assert (meta["sha256Hash"], meta["source"]) == ("aGFzaA==", "UPLOADED")
    assert [(asked.method, asked.path) for asked in server.asked] == [("GET", "/v1/files/f")]


def test_a_file_is_content_of_a_message() -> None:
    file = File(name="files/f", uri="https://generativelanguage.googleapis.com/v1/files/f", mime="video/mp4")
    assert file.media.kind == "video"
    wire = Gemini().encode(Request(model="m", messages=(user(file.media),)))
    assert isinstance(wire.body, dict)
    assert wire.body["contents"] == [
        {"role": "user", "parts": [{"fileData": {"mimeType": "video/mp4", "fileUri": file.uri}}]}
    ]
    assert File(name="files/f").media.source == FileID("files/f")


def test_an_upload_may_wait_until_the_file_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "EVERY", 0.0)
    with Loopback(BEGUN, whole({"file": WORKING}), whole(WORKING), whole(DATA)) as server:
        file, _ = blocking(gemini(server.address), files.upload(b"film", mime="video/mp4", ready=True))
    assert file.state == "ACTIVE"
    assert [asked.path for asked in server.asked[2:]] == ["/v1/files/f", "/v1/files/f"]


def test_an_upload_that_does_not_wait_tells_the_state() -> None:
    with Loopback(BEGUN, whole({"file": WORKING, "later": 1})) as server:
        file, _ = blocking(gemini(server.address), files.upload(b"film", mime="video/mp4", name="mine"))
    assert file.state == "PROCESSING"
    (meta,) = file.meta.values()
    assert meta["later"] == 1
    assert b'"name":"files/mine"' in server.asked[0].body


def test_a_wait_has_an_end() -> None:
    with Loopback(whole(WORKING)) as server, pytest.raises(TimedOut, match="not ready after"):
        blocking(gemini(server.address), files.wait("files/f", every=0.01, timeout=0.02))


def test_a_file_that_failed_is_its_error() -> None:
    failed: JSONObject = {**DATA, "state": "FAILED", "error": {"code": 13, "message": "no film"}}
    with Loopback(whole(failed)) as server:
        file, _ = blocking(gemini(server.address), files.get("files/f"))
        with pytest.raises(ServerError, match="no film"):
            blocking(gemini(server.address), files.wait("files/f"))
    assert file.state == "FAILED"


def test_all_files_are_listed_and_one_is_deleted() -> None:
    with Loopback(whole({"files": [DATA], "nextPageToken": "t"}), whole({})) as server:
        found, _ = blocking(gemini(server.address), files.list_all())
        blocking(gemini(server.address), files.delete("f"))
    assert [file.name for file in found] == ["files/f"]
    assert [(asked.method, asked.path) for asked in server.asked] == [
        ("GET", "/v1/files?pageSize=100"), ("GET", "/v1/files?pageSize=100&pageToken=t"), ("DELETE", "/v1/files/f"),
    ]  # fmt: skip


def test_what_the_service_made_is_fetched() -> None:
    with Loopback(Answer(pieces=(b"\x00\xff",))) as server:
        data, _ = blocking(gemini(server.address), files.download("files/f"))
    assert data == b"\x00\xff"
    assert server.asked[0].path == "/v1/files/f:download?alt=media"


def test_a_client_of_interactions_has_the_same_files() -> None:
    with Loopback(whole(DATA)) as server:
        chat = Chat("m", provider=Interactions(place=developer(server.address)), api_key="k")
        assert chat.drive(files.get("f")).finish().name == "files/f"


def test_vertex_ai_has_no_files() -> None:
    with Loopback(whole(DATA)) as server, pytest.raises(UnsupportedCapability, match="gs://"):
        blocking(on_vertex(server.address), files.get("f"))
    assert server.asked == []


@pytest.mark.parametrize("body", [3, {}, {"name": 3}, {"name": "f", "sizeBytes": "many"}, {"name": "f", "state": 3}])
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with Loopback(whole(body)) as server, pytest.raises(DecodeError):
        blocking(gemini(server.address), files.get("f"))
