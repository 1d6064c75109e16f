from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hosting import COLOURS, blocking, gemini, on_vertex, whole

from chat_core.errors import DecodeError, NotFound, TimedOut, UnsupportedCapability
from chat_core.testing.loopback import Answer, Loopback
from chat_gemini import search_stores
from chat_gemini.search_stores import Kept, Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject

STORE: JSONObject = {
    "name": "fileSearchStores/s", "displayName": "handbook", "createTime": "1970-01-02T00:00:00Z", "sizeBytes": "7",
    "embeddingModel": "models/gemini-embedding-2",
}  # fmt: skip
BEGUN = Answer(headers={"x-goog-upload-url": "https://g.example/upload/v1/fileSearchStores/s?upload_id=u"})
MADE: JSONObject = {"name": "fileSearchStores/s/upload/operations/o", "response": {"documentName": "d", "x": 1}}
RUNNING: JSONObject = {"name": "fileSearchStores/s/operations/o"}
DONE: JSONObject = {**RUNNING, "done": True}
FAILED: JSONObject = {**DONE, "error": {"code": 404, "message": "no such file", "status": "NOT_FOUND"}}


@pytest.mark.parametrize("run", COLOURS)
def test_a_store_is_made(run: Callable[..., tuple[object, object]]) -> None:
    with Loopback(whole(STORE)) as server:
        store, _ = run(gemini(server.address), search_stores.create("handbook", extra={"embeddingModel": "m"}))
    assert isinstance(store, Kept)
    assert (store.name, store.display_name, store.created, store.size) == (
        "fileSearchStores/s", "handbook", 86400.0, 7,
    )  # fmt: skip
    (meta,) = store.meta.values()
    assert meta["embeddingModel"] == "models/gemini-embedding-2"
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/v1/fileSearchStores")
    assert json.loads(asked.body) == {"displayName": "handbook", "embeddingModel": "m"}


def test_a_document_is_put_into_a_store() -> None:
    with Loopback(BEGUN, whole(MADE)) as server:
        task, _ = blocking(
            gemini(server.address), search_stores.upload("fileSearchStores/s", b"%PDF-1.7", extra={"x": 1}, ready=True)
        )
    assert task.document == "d"
    start = server.asked[0]
    assert start.path == "/upload/v1/fileSearchStores/s:uploadToFileSearchStore"
    assert json.loads(start.body) == {"mimeType": "application/pdf", "x": 1}


def test_a_file_that_is_there_is_put_into_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_stores, "EVERY", 0.0)
    with Loopback(whole(RUNNING), whole({**RUNNING, "done": False}), whole(DONE)) as server:
        task, _ = blocking(gemini(server.address), search_stores.add("fileSearchStores/s", "files/f", ready=True))
    assert task == Task(name="fileSearchStores/s/operations/o", done=True)
    assert [(asked.method, asked.path) for asked in server.asked] == [
        ("POST", "/v1/fileSearchStores/s:importFile"),
        ("GET", "/v1/fileSearchStores/s/operations/o"),
        ("GET", "/v1/fileSearchStores/s/operations/o"),
    ]
    assert json.loads(server.asked[0].body) == {"fileName": "files/f"}


def test_a_task_that_is_not_waited_for_is_not_done() -> None:
    with Loopback(whole(RUNNING)) as server:
        task, _ = blocking(gemini(server.address), search_stores.add("fileSearchStores/s", "files/f"))
    assert (task.done, len(server.asked)) == (None, 1)


def test_a_task_that_failed_is_its_error_and_a_wait_has_an_end() -> None:
    with Loopback(whole(FAILED)) as server, pytest.raises(NotFound, match="no such file"):
        blocking(gemini(server.address), search_stores.wait("fileSearchStores/s/operations/o"))
    with Loopback(whole(RUNNING)) as server, pytest.raises(TimedOut, match="not done after"):
        blocking(gemini(server.address), search_stores.wait("o", every=0.01, timeout=0.02))


def test_stores_and_documents_are_listed_told_about_and_deleted() -> None:
    document = "fileSearchStores/s/documents/d"
    answers = (
        whole({"fileSearchStores": [STORE]}), whole({"documents": [{"name": document}]}), whole(STORE), whole({}),
    )  # fmt: skip
    with Loopback(*answers) as server:
        stores, _ = blocking(gemini(server.address), search_stores.list_all())
        documents, _ = blocking(gemini(server.address), search_stores.list_all("fileSearchStores/s"))
        blocking(gemini(server.address), search_stores.get("fileSearchStores/s"))
        blocking(gemini(server.address), search_stores.delete(document, force=True))
    assert ([one.name for one in stores], [one.name for one in documents]) == (["fileSearchStores/s"], [document])
    assert [(asked.method, asked.path) for asked in server.asked] == [
        ("GET", "/v1/fileSearchStores?pageSize=20"),
        ("GET", "/v1/fileSearchStores/s/documents?pageSize=20"),
        ("GET", "/v1/fileSearchStores/s"),
        ("DELETE", f"/v1/{document}?force=true"),
    ]


def test_vertex_ai_has_no_stores() -> None:
    with Loopback(whole(STORE)) as server, pytest.raises(UnsupportedCapability, match="file_search"):
        blocking(on_vertex(server.address), search_stores.create())


@pytest.mark.parametrize("body", [3, {}, {"name": 3}, {"name": "s", "done": 1}])
def test_a_malformed_task_is_an_error(body: JSON) -> None:
    with Loopback(whole(body)) as server, pytest.raises(DecodeError):
        blocking(gemini(server.address), search_stores.wait("o"))


def test_a_malformed_store_is_an_error() -> None:
    with Loopback(whole({})) as server, pytest.raises(DecodeError):
        blocking(gemini(server.address), search_stores.get("fileSearchStores/s"))
