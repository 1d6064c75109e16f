from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_completions.logprobs import decode_logprobs
from chat_core.parts import TokenLogprob

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON


def test_tokens_are_read_with_bytes_and_likeliest_ones() -> None:
    top: list[JSON] = [{"token": "a", "logprob": -1, "bytes": None}]
    data: JSON = {
        "content": [{"token": "b", "logprob": -0.5, "bytes": [98], "top_logprobs": top, "id": 7}],
        "refusal": None,
    }
    tokens, others = decode_logprobs(data, "o")
    likeliest = TokenLogprob(token="a", logprob=-1)
    assert tokens == (TokenLogprob(token="b", logprob=-0.5, data=b"b", top=(likeliest,), meta={"o": {"id": 7}}),)
    assert others == {}


def test_probabilities_of_other_texts_are_handed_back() -> None:
    other: JSON = [{"token": "a", "logprob": -1}]
    assert decode_logprobs({"content": [], "refusal": other}, "o") == ((), {"refusal": other})


@pytest.mark.parametrize(
    "data",
    [
        {"tokens": ["a"], "token_logprobs": [-1.5]},
        {"content": ["a"]},
        {"content": [{"token": 1, "logprob": -1}]},
        {"content": "a"},
    ],
)
def test_other_shapes_are_kept_as_they_came(data: JSON) -> None:
    assert decode_logprobs(data, "o") == ((), data)


def test_what_is_no_object_is_kept_too() -> None:
    assert decode_logprobs(None, "o") == ((), {})
    assert decode_logprobs([1], "o") == ((), {"": [1]})


@pytest.mark.parametrize("odd", [[300], ["a"], "ab"])
def test_bytes_that_are_none_are_kept_in_meta(odd: JSON) -> None:
    tokens, _ = decode_logprobs({"content": [{"token": "a", "logprob": 0, "bytes": odd}]}, "o")
    assert tokens[0].data is None
    assert tokens[0].meta == {"o": {"bytes": odd}}
