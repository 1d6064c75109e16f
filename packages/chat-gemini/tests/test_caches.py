from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hosting import COLOURS, blocking, gemini, on_vertex, whole

from chat_core import Chat
from chat_core.errors import ConfigurationError, DecodeError, InvalidRequest, UnsupportedCapability, UnsupportedContent
from chat_core.messages import system, user
from chat_core.options import Options
from chat_core.request import Request
from chat_core.testing.loopback import Answer, Loopback
from chat_core.tools import Tool
from chat_gemini import caches
from chat_gemini.caches import Cache

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject

DATA: JSONObject = {
    "name": "cachedContents/c", "model": "models/gemini-3.8-flash", "displayName": "book",
    "createTime": "1970-01-02T00:00:00Z", "updateTime": "1970-01-02T00:00:01Z",
    "expireTime": "1970-01-02T00:05:00.580642575Z", "usageMetadata": {"totalTokenCount": 1090},
}  # fmt: skip
ASK = Request(
    model="gemini-3.8-flash",
    messages=(system("You know the book."), user("The book")),
    tools=(Tool(name="add", description="Add.", parameters={"type": "object"}),),
)


@pytest.mark.parametrize("run", COLOURS)
def test_a_requests_input_is_kept_as_a_chat_would_send_it(run: Callable[..., tuple[object, object]]) -> None:
    with Loopback(whole(DATA)) as server:
        cache, _ = run(gemini(server.address), caches.create(ASK, ttl=300, display_name="book"))
        chat = gemini(server.address).encode(ASK)
    assert isinstance(cache, Cache)
    assert (cache.name, cache.model, cache.display_name) == ("cachedContents/c", "models/gemini-3.8-flash", "book")
    assert (cache.created, cache.updated, cache.tokens) == (86400.0, 86401.0, 1090)
    assert cache.expires == pytest.approx(86700.58, abs=0.01)
    assert cache.notices == ()
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/v1/cachedContents")
    assert isinstance(chat.body, dict)
    assert json.loads(asked.body) == {
        "model": "models/gemini-3.8-flash", **chat.body, "ttl": "300s", "displayName": "book",
    }  # fmt: skip


def test_messages_alone_are_for_the_clients_model() -> None:
    with Loopback(whole(DATA)) as server:
        blocking(gemini(server.address), caches.create([user("The book")], expires=86400.5))
    assert json.loads(server.asked[0].body) == {
        "model": "models/mine",
        "contents": [{"role": "user", "parts": [{"text": "The book"}]}],
        "expireTime": "1970-01-02T00:00:00.500000Z",
    }


def test_what_says_how_to_answer_is_not_kept_and_noticed() -> None:
    asked = Request(model="m", messages=(user("The book"),), options=Options(temperature=0))
    with Loopback(whole(DATA)) as server:
        cache, _ = blocking(gemini(server.address), caches.create(asked, extra={"kmsKeyName": "k"}))
        strict = Chat("m", provider=gemini(server.address), api_key="k", strict=True)
        with pytest.raises(UnsupportedContent, match="generationConfig"):
            strict.drive(caches.create(asked)).finish()
    assert [notice.feature for notice in cache.notices] == ["generationConfig"]
    assert json.loads(server.asked[0].body).keys() == {"model", "contents", "kmsKeyName"}


def test_vertex_ai_keeps_it_below_the_project() -> None:
    name = "projects/7/locations/europe-west4/cachedContents/c"
    with Loopback(whole({**DATA, "name": name})) as server:
        cache, _ = blocking(on_vertex(server.address), caches.create([user("The book")]))
        blocking(on_vertex(server.address), caches.get(cache.name))
        blocking(on_vertex(server.address), caches.get("c"))
    parent = "/v1beta1/projects/p/locations/europe-west4"
    assert [asked.path for asked in server.asked] == [
        f"{parent}/cachedContents", f"/v1beta1/{name}", f"{parent}/cachedContents/c",
    ]  # fmt: skip
    model = "projects/p/locations/europe-west4/publishers/google/models/mine"
    assert json.loads(server.asked[0].body)["model"] == model


def test_a_list_is_read_page_by_page() -> None:
    second: JSON = {"cachedContents": [{**DATA, "name": "cachedContents/d"}]}
    with Loopback(whole({"cachedContents": [DATA], "nextPageToken": "t"}), whole(second)) as server:
        found, _ = blocking(gemini(server.address), caches.list_all())
    assert [cache.name for cache in found] == ["cachedContents/c", "cachedContents/d"]
    assert [asked.path for asked in server.asked] == [
        "/v1/cachedContents?pageSize=1000", "/v1/cachedContents?pageSize=1000&pageToken=t",
    ]  # fmt: skip


def test_a_list_that_goes_round_in_circles_is_an_error() -> None:
    with Loopback(whole({"nextPageToken": "t"})) as server, pytest.raises(DecodeError, match="round in circles"):
        blocking(gemini(server.address), caches.list_all())
    assert len(server.asked) == 2


def test_the_time_can_be_changed_and_nothing_else() -> None:
    with Loopback(whole(DATA)) as server:
        blocking(gemini(server.address), caches.update("cachedContents/c", ttl=0.5))
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("PATCH", "/v1/cachedContents/c?updateMask=ttl")
    assert json.loads(asked.body) == {"ttl": "0.5s"}


def test_a_time_has_to_be_said_once() -> None:
    with pytest.raises(ConfigurationError, match="say ttl= or expires="):
        caches.update("c")
    with pytest.raises(ConfigurationError, match="not both"):
        caches.create([user("x")], ttl=1, expires=2)


def test_what_is_deleted_says_nothing_as_a_rule() -> None:
    with Loopback(whole({}), whole({"later": 1}), Answer()) as server:
        first, _ = blocking(gemini(server.address), caches.delete("c"))
        second, _ = blocking(gemini(server.address), caches.delete("c"))
        third, _ = blocking(gemini(server.address), caches.delete("c"))
    assert (first, [*second.values()], third) == ({}, [{"later": 1}], {})
    assert {(asked.method, asked.path) for asked in server.asked} == {("DELETE", "/v1/cachedContents/c")}


def test_too_little_is_the_services_refusal() -> None:
    refusal = whole({"error": {"code": 400, "message": "too small", "status": "INVALID_ARGUMENT"}}, 400)
    with Loopback(refusal) as server, pytest.raises(InvalidRequest, match="too small"):
        blocking(gemini(server.address), caches.create([user("x")]))


@pytest.mark.parametrize(
    "body", [3, {}, {"name": 3}, {"name": "c", "usageMetadata": {"totalTokenCount": "x"}}, {"name": "c", "model": 3}]
)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with Loopback(whole(body)) as server, pytest.raises(DecodeError):
        blocking(gemini(server.address), caches.get("c"))


def test_a_client_of_another_service_is_an_error_that_says_whose_to_use() -> None:
    with Chat("replay:demo") as chat, pytest.raises(UnsupportedCapability, match="use a client of gemini:MODEL"):
        chat.drive(caches.get("c")).finish()
