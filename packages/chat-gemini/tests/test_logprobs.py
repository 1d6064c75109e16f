"""Log probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import DecodeError
from chat_core.parts import TokenLogprob
from chat_gemini.logprobs import decode_logprobs

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject


def test_chosen_tokens_have_the_likeliest_ones_at_their_place() -> None:
    tokens, more = decode_logprobs(
        {
            "chosenCandidates": [{"token": "2", "tokenId": 7, "logProbability": -0.5}, {"token": "!"}],
            "topCandidates": [{"candidates": [{"token": "2", "logProbability": -0.5}]}],
            "logProbabilitySum": -0.5,
        },
        "o",
    )
    assert tokens == (
        TokenLogprob(token="2", logprob=-0.5, top=(TokenLogprob(token="2", logprob=-0.5),), meta={"o": {"tokenId": 7}}),
        TokenLogprob(token="!", logprob=0.0),
    )
    assert more == {"logProbabilitySum": -0.5}


def test_likeliest_tokens_without_a_chosen_one_are_kept() -> None:
    top: JSONObject = {"candidates": [{"token": "2", "logProbability": -0.5}]}
    assert decode_logprobs({"topCandidates": [top]}, "o") == ((), {"topCandidates": [top]})


def test_malformed_ones_are_refused() -> None:
    malformed: list[JSON] = [
        3,
        {"chosenCandidates": 3},
        {"chosenCandidates": [3]},
        {"chosenCandidates": [{"token": 3}]},
    ]
    for wrong in malformed:
        with pytest.raises(DecodeError):
            decode_logprobs(wrong, "o")
