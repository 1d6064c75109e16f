from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import DecodeError
from chat_core.parts import TokenLogprob
from chat_ollama.logprobs import decode_logprobs

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON


def test_a_token_is_read_with_its_bytes_and_its_rivals() -> None:
    rival: JSON = {"token": "Ho", "logprob": -2, "bytes": [72, 111]}
    found = decode_logprobs([{"token": "Hi", "logprob": -0.5, "top_logprobs": [rival], "x_new": 1}], "o")
    other = TokenLogprob(token="Ho", logprob=-2, data=b"Ho")
    assert found == (TokenLogprob(token="Hi", logprob=-0.5, top=(other,), meta={"o": {"x_new": 1}}),)
    assert decode_logprobs(None, "o") == ()


@pytest.mark.parametrize(
    "data",
    [
        3,
        [3],
        [{"token": "a"}],
        [{"token": "a", "logprob": True}],
        [{"token": "a", "logprob": 0, "bytes": [256]}],
        [{"token": "a", "logprob": 0, "bytes": "a"}],
        [{"token": "a", "logprob": 0, "top_logprobs": [3]}],
    ],
)
def test_malformed_probabilities_are_an_error(data: JSON) -> None:
    with pytest.raises(DecodeError):
        decode_logprobs(data, "o")
