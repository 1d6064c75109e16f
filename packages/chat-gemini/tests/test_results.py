from __future__ import annotations

import json

import pytest

from chat_core.errors import DecodeError, InvalidRequest
from chat_core.response import Response
from chat_gemini.provider import Gemini
from chat_gemini.results import read

ANSWER = {"candidates": [{"content": {"role": "model", "parts": [{"text": "Hi."}]}, "finishReason": "STOP"}]}


def lines(*items: object) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def test_a_file_of_results_is_read_by_the_keys_of_the_requests() -> None:
    error = {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}
    data = lines({"key": "a", "response": ANSWER}, {"key": "b", "error": error})
    found = read(Gemini(), b"\n" + data, model="gemini-3.8-flash")
    assert list(found) == ["a", "b"]
    assert isinstance(found["a"], Response)
    assert found["a"].text == "Hi."
    assert isinstance(found["b"], InvalidRequest)


@pytest.mark.parametrize("line", [b"3", b"{", b"{}", b'{"key": 3}'])
def test_a_malformed_line_is_an_error(line: bytes) -> None:
    with pytest.raises(DecodeError):
        read(Gemini(), line, model="m")


def test_a_malformed_answer_is_its_error_and_the_others_are_there() -> None:
    data = lines({"key": "a", "response": {"candidates": 3}}, {"key": "b", "response": ANSWER})
    found = read(Gemini(), data, model="m")
    assert isinstance(found["a"], DecodeError)
    assert isinstance(found["b"], Response)
