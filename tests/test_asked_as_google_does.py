"""Google's own client, and ours, ask the same of the same server: vectors, counts, models, caches, files, batches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chat_core import Chat
from chat_core.codec.capabilities import EmbeddingRequest
from chat_core.flow.retry import NEVER
from chat_core.messages import system, user
from chat_core.request import Request
from chat_core.testing.loopback import Answer, Asked, Loopback
from chat_gemini import batches, caches, files
from chat_gemini.places import developer, vertex
from chat_gemini.provider import Gemini
from chat_gemini.spelling import camel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chat_core.jsonvalue import JSON
    from chat_gemini.places import Place

genai = pytest.importorskip("google.genai", reason="Google's client is not installed")
MODEL = "gemini-3.8-flash"
CACHE = {"name": "cachedContents/c", "model": f"models/{MODEL}"}
FILE = {"name": "files/f", "uri": "https://g/v1/files/f", "mimeType": "text/plain", "state": "ACTIVE", "sizeBytes": "5"}
OPERATION = {"name": "batches/b", "metadata": {"state": "BATCH_STATE_PENDING", "model": f"models/{MODEL}"}}
VECTORS = {"embeddings": [{"values": [0.5]}, {"values": [0.5]}]}
ONE = {"embedding": {"values": [0.5]}}
PREDICTIONS = {"predictions": [{"embeddings": {"values": [0.5]}}] * 2}
KEPT = Request(model=MODEL, messages=(system("Know the book."), user("The book")))
PARTS = [{"role": "user", "parts": [{"text": "The book"}]}]


def client(address: str, *, on_vertex: bool) -> Any:  # noqa: ANN401 - the client's types are not ours to check
    if not on_vertex:
        return genai.Client(api_key="k", http_options={"base_url": address})
    from google.oauth2.credentials import Credentials  # noqa: PLC0415 - comes with the client, where it is

    login = Credentials(token="ya29.k")  # type: ignore[no-untyped-call] # as above
    return genai.Client(
        vertexai=True, project="p", location="eu", credentials=login, http_options={"base_url": address}
    )


def chat(address: str, *, on_vertex: bool, model: str = MODEL) -> Chat:
    place: Place = vertex("p", "eu", base_url=address) if on_vertex else developer(address)
    return Chat(model, provider=Gemini(place=place), api_key="k", retry=NEVER)


def whole(data: object) -> Answer:
    return Answer(headers={"content-type": "application/json"}, pieces=(json.dumps(data).encode(),))


def embed(model: str, *texts: str, **extra: str) -> EmbeddingRequest:
    return EmbeddingRequest(model=model, inputs=texts, dimensions=3, extra={**extra})


Ask = tuple[Any, "Callable[[Any], object]", "Callable[[Chat], object]"]

DEVELOPER: dict[str, Ask] = {
    "vectors": (
        VECTORS,
        lambda theirs: theirs.models.embed_content(
            model="gemini-embedding-001",
            contents=["a", "b"],
            config={"output_dimensionality": 3, "task_type": "CLUSTERING", "title": "t"},
        ),
        lambda ours: ours.embed(embed("gemini-embedding-001", "a", "b", task_type="CLUSTERING", title="t")),
    ),
    "cache": (
        CACHE,
        lambda theirs: theirs.caches.create(
            model=MODEL,
            config={"contents": PARTS, "system_instruction": "Know the book.", "ttl": "600s", "display_name": "book"},
        ),
        lambda ours: ours.drive(caches.create(KEPT, ttl=600, display_name="book")).finish(),
    ),
    "cache told about": (
        CACHE,
        lambda theirs: theirs.caches.get(name="cachedContents/c"),
        lambda ours: ours.drive(caches.get("cachedContents/c")).finish(),
    ),
    "cache updated": (
        CACHE,
        lambda theirs: theirs.caches.update(name="cachedContents/c", config={"ttl": "900s"}),
        lambda ours: ours.drive(caches.update("cachedContents/c", ttl=900)).finish(),
    ),
    "cache deleted": (
        {},
        lambda theirs: theirs.caches.delete(name="cachedContents/c"),
        lambda ours: ours.drive(caches.delete("cachedContents/c")).finish(),
    ),
    "file told about": (
        FILE,
        lambda theirs: theirs.files.get(name="files/f"),
        lambda ours: ours.drive(files.get("files/f")).finish(),
    ),
    "file deleted": (
        {},
        lambda theirs: theirs.files.delete(name="files/f"),
        lambda ours: ours.drive(files.delete("files/f")).finish(),
    ),
    "batch": (
        OPERATION,
        lambda theirs: theirs.batches.create(
            model=MODEL, src=[{"contents": PARTS, "metadata": {"key": "chat-0"}}], config={"display_name": "night"}
        ),
        lambda ours: ours.drive(
            batches.create([Request(model=MODEL, messages=(user("The book"),))], display_name="night")
        ).finish(),
    ),
    "batch told about": (
        OPERATION,
        lambda theirs: theirs.batches.get(name="batches/b"),
        lambda ours: ours.drive(batches.get("batches/b")).finish(),
    ),
    "batch cancelled": (
        {},
        lambda theirs: theirs.batches.cancel(name="batches/b"),
        lambda ours: ours.drive(batches.cancel("batches/b")).finish(),
    ),
}
VERTEX: dict[str, Ask] = {
    "vector": (
        ONE,
        lambda theirs: theirs.models.embed_content(
            model="gemini-embedding-001",
            contents="a",
            config={"output_dimensionality": 3, "task_type": "CLUSTERING", "title": "t"},
        ),
        lambda ours: ours.embed(embed("gemini-embedding-001", "a", task_type="CLUSTERING", title="t")),
    ),
    "vectors": (
        VECTORS,
        lambda theirs: theirs.models.embed_content(
            model="gemini-embedding-001", contents=["a", "b"], config={"output_dimensionality": 3}
        ),
        lambda ours: ours.embed(embed("gemini-embedding-001", "a", "b")),
    ),
    "predictions": (
        PREDICTIONS,
        lambda theirs: theirs.models.embed_content(
            model="text-embedding-005",
            contents=["a", "b"],
            config={"output_dimensionality": 3, "task_type": "CLUSTERING", "title": "t", "auto_truncate": True},
        ),
        lambda ours: ours.embed(
            EmbeddingRequest(
                model="text-embedding-005",
                inputs=("a", "b"),
                dimensions=3,
                extra={"taskType": "CLUSTERING", "title": "t", "autoTruncate": True},
            )
        ),
    ),
    "count": (
        {"totalTokens": 3},
        lambda theirs: theirs.models.count_tokens(
            model=MODEL, contents=PARTS, config={"system_instruction": "Know the book."}
        ),
        lambda ours: ours.count_tokens(KEPT),
    ),
    "cache": (
        {**CACHE, "name": "projects/p/locations/eu/cachedContents/c"},
        lambda theirs: theirs.caches.create(
            model=MODEL, config={"contents": PARTS, "system_instruction": "Know the book.", "ttl": "600s"}
        ),
        lambda ours: ours.drive(caches.create(KEPT, ttl=600)).finish(),
    ),
    "cache told about": (
        CACHE,
        lambda theirs: theirs.caches.get(name="c"),
        lambda ours: ours.drive(caches.get("c")).finish(),
    ),
}
CASES = [
    *(pytest.param(case, False, id=f"developer, {name}") for name, case in DEVELOPER.items()),
    *(pytest.param(case, True, id=f"vertex, {name}") for name, case in VERTEX.items()),
]


def said(asked: Asked) -> tuple[str, str, object]:
    """Tell what matters of a request.

    Whose words instructions and texts to embed are, is ignored by the service. Ours names the member to be updated, as
    the API is described, and Google's client does not.
    """
    body = json.loads(asked.body) if asked.body else None
    return asked.method, asked.path.removesuffix("?updateMask=ttl"), plain(body) if body else None


def plain(value: JSON) -> JSON:
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: {name: member for name, member in item.items() if name != "role"}
        if key in {"systemInstruction", "content"} and isinstance(item, dict)
        else plain(item)
        for key, item in value.items()
    }


@pytest.mark.parametrize(("case", "on_vertex"), CASES)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_both_clients_ask_the_same(case: Ask, *, on_vertex: bool) -> None:
    answer, theirs, ours = case
    with Loopback(whole(answer)) as server:
        other_client = client(server.address, on_vertex=on_vertex)  # one that nobody holds closes itself
        theirs(other_client)
        with chat(server.address, on_vertex=on_vertex) as mine:
            ours(mine)
    one, other = server.asked
    assert said(other) == said(one)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_both_clients_upload_the_same(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"notes")
    done = Answer(
        headers={"content-type": "application/json", "x-goog-upload-status": "final"},
        pieces=(json.dumps({"file": FILE}).encode(),),
    )
    with Loopback(done) as server:
        begun = Answer(headers={"x-goog-upload-url": f"{server.address}/upload/v1/files?upload_id=u"})
        server.answers((begun, done, begun, done))
        other_client = client(server.address, on_vertex=False)
        other_client.files.upload(file=str(path), config={"mime_type": "text/plain", "display_name": "notes.txt"})
        with chat(server.address, on_vertex=False) as mine:
            mine.drive(files.upload(path, mime="text/plain")).finish()
    one, sent, other, also_sent = server.asked
    assert (other.method, other.path) == (one.method, one.path)
    theirs, ours = json.loads(one.body)["file"], json.loads(other.body)["file"]
    assert {key: str(value) for key, value in ours.items()} == {camel(key): str(value) for key, value in theirs.items()}
    for name in ("protocol", "command", "header-content-length", "header-content-type"):
        assert other.headers[f"x-goog-upload-{name}"] == one.headers[f"x-goog-upload-{name}"]
    assert (also_sent.path, also_sent.body) == (sent.path, sent.body)
    for name in ("command", "offset"):
        assert also_sent.headers[f"x-goog-upload-{name}"] == sent.headers[f"x-goog-upload-{name}"]
