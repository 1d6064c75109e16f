"""Conversations that the service keeps, on a server over loopback, in both colours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from responding import COLOURS, blocking, whole

from chat_core import Chat
from chat_core.errors import DecodeError, NotFound, UnsupportedCapability
from chat_core.messages import Message, system, user
from chat_core.parts import Reasoning, Text
from chat_core.testing.loopback import Loopback
from chat_responses import conversations
from chat_responses.kept import Conversation, ItemPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.events import Event
    from chat_core.flow.service import Operation
    from chat_core.jsonvalue import JSONObject

MADE: JSONObject = {"id": "conv_1", "object": "conversation", "created_at": 17, "metadata": {"topic": "demo"}}


def _said(number: int, role: str) -> JSONObject:
    kind = "output_text" if role == "assistant" else "input_text"
    content: JSONObject = {"type": kind, "text": f"{role} {number}"}
    return {"type": "message", "id": f"msg_{number}", "role": role, "status": "completed", "content": [content]}


def _listed(*items: JSONObject, more: bool = False) -> JSONObject:
    return {
        "object": "list",
        "data": list(items),
        "first_id": items[0]["id"],
        "last_id": items[-1]["id"],
        "has_more": more,
    }


@pytest.mark.parametrize("run", COLOURS)
def test_a_conversation_is_made_with_what_was_said_before(run: Callable[..., tuple[object, list[Event]]]) -> None:
    with Loopback(whole(MADE)) as server:
        made, _ = run(
            server.address, conversations.create((system("Be brief."), user("Hi")), metadata={"topic": "demo"})
        )
    assert isinstance(made, Conversation)
    assert (made.id, made.created, made.metadata) == ("conv_1", 17, {"topic": "demo"})
    assert server.asked[0].path == "/conversations"
    assert json.loads(server.asked[0].body) == {
        "metadata": {"topic": "demo"},
        "items": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
    }


def test_an_empty_conversation_is_asked_for_by_an_empty_object() -> None:
    with Loopback(whole({**MADE, "metadata": None})) as server:
        made, _ = blocking(server.address, conversations.create())
    assert (server.asked[0].body, made.metadata) == (b"{}", {})


def test_a_conversation_is_looked_up_labelled_and_deleted() -> None:
    with Loopback(whole(MADE), whole(MADE), whole({"id": "conv/1", "deleted": True})) as server:
        blocking(server.address, conversations.retrieve("conv/1"))
        blocking(server.address, conversations.update("conv/1", {"topic": "x"}))
        assert blocking(server.address, conversations.delete("conv/1"))[0] is None
    assert [(asked.method, asked.path) for asked in server.asked] == [
        ("GET", "/conversations/conv%2F1"),
        ("POST", "/conversations/conv%2F1"),
        ("DELETE", "/conversations/conv%2F1"),
    ]
    assert json.loads(server.asked[1].body) == {"metadata": {"topic": "x"}}


@pytest.mark.parametrize("reply", [{"id": "conv_1", "deleted": False}, {"id": "conv_2", "deleted": True}, {}])
def test_a_deletion_that_is_not_said_is_an_error(reply: JSONObject) -> None:
    with Loopback(whole(reply)) as server, pytest.raises(DecodeError, match="deleted"):
        blocking(server.address, conversations.delete("conv_1"))


@pytest.mark.parametrize("run", COLOURS)
def test_items_are_messages_page_by_page(run: Callable[..., tuple[object, list[Event]]]) -> None:
    page = _listed(_said(1, "user"), _said(2, "assistant"), more=True)
    with Loopback(whole(page)) as server:
        found, _ = run(
            server.address,
            conversations.items("conv_1", after="msg_0", limit=2, include=("message.output_text.logprobs",)),
        )
    assert isinstance(found, ItemPage)
    assert [message.text for message in found.messages] == ["user 1", "assistant 2"]
    assert (found.ids, found.next) == (("msg_1", "msg_2"), "msg_2")
    assert server.asked[0].path == (
        "/conversations/conv_1/items?order=asc&after=msg_0&limit=2&include[]=message.output_text.logprobs"
    )


def test_the_newest_items_are_messages_in_the_order_in_which_they_were_said() -> None:
    page = _listed(_said(3, "user"), _said(2, "assistant"), _said(1, "user"))
    with Loopback(whole(page)) as server:
        found, _ = blocking(server.address, conversations.items("conv_1", order="desc"))
    assert [message.text for message in found.messages] == ["user 1", "assistant 2", "user 3"]
    assert (found.ids, found.next) == (("msg_3", "msg_2", "msg_1"), None)


def test_messages_are_added_and_what_is_not_sent_is_noticed() -> None:
    answer = Message(role="assistant", parts=(Reasoning("hm", meta={"claude@x": {}}), Text("4")))
    with Loopback(whole(_listed(_said(1, "user"), _said(2, "assistant")))) as server:
        added, _ = blocking(server.address, conversations.add("conv_1", (user("2+2?"), answer)))
    assert json.loads(server.asked[0].body) == {
        "items": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]
    }
    assert added.ids == ("msg_1", "msg_2")
    assert [notice.feature for notice in added.notices] == ["reasoning"]


def test_an_item_is_looked_up_and_removed() -> None:
    with Loopback(whole(_said(1, "user")), whole(MADE)) as server:
        one, _ = blocking(server.address, conversations.item("conv_1", "msg_1"))
        left, _ = blocking(server.address, conversations.remove("conv_1", "msg_1"))
    assert (one.text, left.id) == ("user 1", "conv_1")
    assert [(asked.method, asked.path) for asked in server.asked] == [
        ("GET", "/conversations/conv_1/items/msg_1"),
        ("DELETE", "/conversations/conv_1/items/msg_1"),
    ]


def test_a_conversation_that_is_not_there_is_not_found() -> None:
    gone: JSONObject = {"error": {"type": "invalid_request_error", "message": "No such conversation."}}
    with Loopback(whole(gone, 404)) as server, pytest.raises(NotFound):
        blocking(server.address, conversations.retrieve("conv_1"))


@pytest.mark.parametrize(
    ("operation", "reply"),
    [
        (conversations.retrieve("c"), {"object": "conversation"}),
        (conversations.retrieve("c"), {"id": "c", "created_at": "today"}),
        (conversations.items("c"), {"data": []}),
        (conversations.items("c"), {"data": [{"type": "message"}], "has_more": False}),
    ],
)
def test_a_malformed_reply_is_an_error(operation: Operation[object], reply: JSONObject) -> None:
    with Loopback(whole(reply)) as server, pytest.raises(DecodeError):
        blocking(server.address, operation)


def test_a_service_that_keeps_nothing_says_who_does() -> None:
    with pytest.raises(UnsupportedCapability, match="openai"):
        Chat("replay:demo").drive(conversations.create()).finish()
