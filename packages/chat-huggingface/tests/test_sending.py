from __future__ import annotations

import pytest

from chat_core.codec.wire import WireResponse
from chat_core.errors import DecodeError, ServerError
from chat_core.response import Notice, Usage
from chat_huggingface.provider import HuggingFace
from chat_huggingface.sending import best_kept, post, read, usage_of

HERE = HuggingFace(headers={"x-a": "b"})


def test_what_is_beyond_a_request_is_sent_as_it_is_and_objects_become_one() -> None:
    wire = post(
        HERE, "https://a.test", {"inputs": "a", "parameters": {"x": 1}}, {"parameters": {"y": 2}, "inputs": "b"}
    )
    assert wire.body == {"inputs": "b", "parameters": {"x": 1, "y": 2}}
    assert wire.headers == {"content-type": "application/json", "x-a": "b"}


def test_notices_that_are_none_are_left_out() -> None:
    note = Notice(feature="a")
    assert post(HERE, "https://a.test", {}, {}, None, note).notices == (note,)
    assert best_kept(None) is None


def test_a_reply_that_says_error_is_one() -> None:
    with pytest.raises(ServerError, match="no"):
        read(WireResponse(body=b'{"error": "no"}'))
    with pytest.raises(DecodeError):
        read(WireResponse(body=b"<html>"))
    assert read(WireResponse(body=b'{"error": null, "a": 1}')) == {"error": None, "a": 1}


@pytest.mark.parametrize(
    ("said", "count"), [("7", 7), ("", None), ("-7", None), ("7.5", None), ("7" * 30, None), ("٣", None)]
)
def test_tokens_are_read_from_the_head(said: str, count: int | None) -> None:
    found = usage_of(WireResponse(headers={"x-compute-tokens": said}))
    assert found == (None if count is None else Usage(input_tokens=count, raw={"x-compute-tokens": count}))
