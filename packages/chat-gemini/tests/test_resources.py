"""Things that the service keeps: asked for by name, listed to the end, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hosting import COLOURS, gemini, whole

from chat_core.errors import DecodeError
from chat_core.testing.loopback import Answer, Loopback
from chat_gemini.resources import Resource, name_of
from chat_gemini.sending import sender_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSONObject
    from chat_gemini.sending import Sender


def read(_: Sender, data: JSONObject) -> str:
    return name_of(data, "a thing")


THINGS = Resource(path="things", sender=sender_of, read=read, whole="things/{}".format, page=2)


@pytest.mark.parametrize("run", COLOURS)
def test_things_are_asked_for_listed_and_deleted(run: Callable[..., tuple[object, object]]) -> None:
    pages: tuple[Answer, ...] = (
        whole({"name": "things/a"}),
        whole({"things": [{"name": "a"}, {"name": "b"}], "nextPageToken": "t"}),
        whole({"things": [{"name": "c"}]}),
        whole({}),
    )
    with Loopback(*pages) as server:
        assert run(gemini(server.address), THINGS.get("a"))[0] == "things/a"
        assert run(gemini(server.address), THINGS.list_all())[0] == ("a", "b", "c")
        assert run(gemini(server.address), THINGS.delete("a", {"force": "true"}))[0] == {}
    assert [(asked.method, asked.path) for asked in server.asked] == [
        ("GET", "/v1/things/a"),
        ("GET", "/v1/things?pageSize=2"),
        ("GET", "/v1/things?pageSize=2&pageToken=t"),
        ("DELETE", "/v1/things/a?force=true"),
    ]


@pytest.mark.parametrize("run", COLOURS)
def test_things_in_another_collection_are_listed_by_its_names(run: Callable[..., tuple[object, object]]) -> None:
    with Loopback(whole({"parts": [{"name": "p"}]})) as server:
        assert run(gemini(server.address), THINGS.list_all("things/a/parts", "parts"))[0] == ("p",)
    assert server.asked[0].path == "/v1/things/a/parts?pageSize=2"


def test_a_thing_without_a_name_is_malformed() -> None:
    with pytest.raises(DecodeError, match="a thing without a name"):
        name_of({}, "a thing")
