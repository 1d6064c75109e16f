"""Parts are plain values."""

from __future__ import annotations

import pytest

from chat_core.parts import (
    URL,
    FileID,
    Inline,
    Json,
    Media,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    is_local,
    local_id,
)


def test_the_words_of_a_part_may_be_given_without_a_name() -> None:
    assert Text("a") == Text(text="a")
    assert Reasoning("a").signature is None
    assert Refusal("a").text == "a"
    assert Json([1]).value == [1]
    assert (Inline(b"a").data, URL("u").url, FileID("f").id) == (b"a", "u", "f")


def test_everything_else_needs_its_name() -> None:
    with pytest.raises(TypeError):
        Text("a", ())  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] - the mistake tested
    with pytest.raises(TypeError):
        Media("image", URL("u"))  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] - the mistake tested


def test_parts_share_no_meta() -> None:
    assert Text("a").meta is not Text("a").meta


def test_parts_of_different_classes_differ() -> None:
    assert len({Text("a"), Reasoning("a"), Refusal("a"), Text("a")}) == 3


def test_no_arguments_and_unparsable_ones_are_not_the_same() -> None:
    assert ToolCall(id="1", name="f", arguments={}) != ToolCall(id="1", name="f")
    assert ToolResult(call_id="1").content == ()


def test_local_ids_are_told_from_those_of_services() -> None:
    assert [local_id(number) for number in range(2)] == ["local_0", "local_1"]
    assert is_local(local_id(12))
    assert not is_local("call_1")
    assert not is_local("")
