"""What is taken out at the door never reaches the store."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
import strategies
from hypothesis import given

from chat_core import history
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError, StoreError
from chat_core.messages import Message, assistant, tool_results, user
from chat_core.parts import Inline, Json, Media, Opaque, Reasoning, Text, ToolCall, ToolResult
from chat_core.response import Attempt, FinishReason, Notice, Response, Usage
from chat_core.stores import nodes
from chat_core.stores.memory import MemoryStore
from chat_core.stores.records import Entry
from chat_core.stores.redaction import Redacted, without_content
from chat_core.testing.searching import JournalContract, SearchContract
from chat_core.testing.stores import StoreContract

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.stores.protocol import Store

SECRET = "xyzzy"
SPOKEN = assistant(
    Text(SECRET, meta={"o": {"k": SECRET}}),
    Reasoning(SECRET, signature=SECRET),
    ToolCall(id="c", name="look", arguments={SECRET: SECRET}),
    Media(kind="image", source=Inline(SECRET.encode()), mime="image/png", name=SECRET, transcript=SECRET),
    Json({SECRET: 1}),
    Opaque(origin="o", kind="k", data={SECRET: SECRET}),
)
ANSWER = Response(
    message=SPOKEN,
    finish_reason=FinishReason.STOP,
    usage=Usage(input_tokens=3, output_tokens=4),
    id="r",
    model="m",
    alternatives=(Response(message=SPOKEN),),
    notices=(Notice(feature="stop", requested=[SECRET], applied=SECRET, reason="why"),),
    attempts=(Attempt(number=1), Attempt(number=2, cause=SECRET, request_id="q")),
    meta={"o": {"k": SECRET}},
    raw={"k": SECRET},
)


class TestOpenDoor(StoreContract, SearchContract, JournalContract):
    @pytest.fixture
    def opens(self) -> Callable[[], Store]:
        return partial(Redacted, MemoryStore())


def kept(inner: MemoryStore) -> bytes:
    return (
        b"".join(nodes.body(node.entry) for one in inner.conversations() for node in inner.history(one.head))
        + repr(inner.conversations()).encode()
    )


def test_without_content_the_structure_stays() -> None:
    inner = MemoryStore()
    store = Redacted(inner, content=False)
    store.create(now=1.0, id="a", title=SECRET, model="m")
    store.change("a", now=1.0, title=SECRET)
    result = ToolResult(call_id="c", content=(Text(SECRET), Json(SECRET)), name="look", is_error=True)
    entries = [
        Entry(message=user(SECRET)),
        Entry(message=SPOKEN, response=ANSWER, at=1.0),
        Entry(message=tool_results(result)),
    ]
    head = store.append("a", entries, head=None, now=2.0)
    assert SECRET.encode() not in kept(inner)
    _, spoken, given = store.history(head)
    assert [type(part) for part in spoken.message.parts] == [type(part) for part in SPOKEN.parts]
    assert spoken.message.tool_calls == (ToolCall(id="c", name="look"),)
    assert given.message == tool_results(
        ToolResult(call_id="c", content=(Text(""), Json(None)), name="look", is_error=True)
    )
    response = spoken.entry.response
    assert response is not None
    assert (response.usage, response.model, response.id) == (ANSWER.usage, "m", "r")
    assert response.notices == (Notice(feature="stop", reason="why"),)
    assert not store.search(SECRET)


@given(strategies.messages)
def test_a_skeleton_is_a_message_that_can_be_saved(message: Message) -> None:
    bare = without_content(message)
    assert without_content(bare) == bare
    assert history.load(history.dump(bare)) == bare


def hide(message: Message) -> Message:
    return replace(message, parts=tuple(Text("gone") if isinstance(part, Text) else part for part in message.parts))


def test_the_callers_function_sees_every_message() -> None:
    inner = MemoryStore()
    store = Redacted(inner, redact=hide)
    store.create(now=1.0, id="a")
    plain = assistant(SECRET)
    entries = [
        Entry(message=user(SECRET)),
        Entry(message=plain, response=Response(message=plain, alternatives=(Response(message=plain),))),
        Entry(message=user("x"), response=Response(message=plain)),
    ]
    store.append("a", entries, head=None, now=2.0)
    assert SECRET.encode() not in kept(inner)
    assert kept(inner).count(b"gone") == 5


def test_what_repeats_a_message_does_not_pass_beside_the_callers_function() -> None:
    inner = MemoryStore()
    store = Redacted(inner, redact=hide)
    store.create(now=1.0, id="a")
    response = replace(ANSWER, message=assistant(SECRET), alternatives=())
    store.append("a", [Entry(message=response.message, response=response)], head=None, now=2.0)
    assert SECRET.encode() not in kept(inner)


def test_results_of_running_calls_pass_the_same_door() -> None:
    inner = MemoryStore()
    store = Redacted(inner, content=False)
    store.start("c", now=1.0)
    with pytest.raises(DecodeError):
        store.finish("c", {"text": SECRET})
    store.finish("c", history.dump(ToolResult(call_id="c", content=(Text(SECRET),))))
    result = inner.marks(["c"])["c"].result
    assert result is not None
    assert SECRET.encode() not in dump(result)


def test_a_function_that_loses_the_result_is_said() -> None:
    store = Redacted(MemoryStore(), redact=lambda _: user("gone"))
    store.start("c", now=1.0)
    with pytest.raises(StoreError, match="one ToolResult"):
        store.finish("c", history.dump(ToolResult(call_id="c")))


def test_the_door_says_what_it_does() -> None:
    assert Redacted(MemoryStore(), content=False).describe()["content"] is False
