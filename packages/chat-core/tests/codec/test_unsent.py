from __future__ import annotations

import pytest

from chat_core.codec.capabilities import EmbeddingRequest
from chat_core.codec.unsent import only_texts, unsent
from chat_core.errors import UnsupportedContent
from chat_core.options import Options
from chat_core.response import Notice


def test_what_was_set_and_has_no_place_is_told_with_its_reason() -> None:
    asked = EmbeddingRequest(model="m", inputs=("a",), user="u")
    assert [*unsent(asked, {"user": "no users", "encoding": "numbers only"})] == [
        Notice(feature="user", requested="u", reason="no users")
    ]


def test_zero_and_false_are_values_and_tables_are_copied() -> None:
    asked = Options(seed=0, logprobs=False, logit_bias={"1": 2.0})
    told = [*unsent(asked, dict.fromkeys(("seed", "logprobs", "logit_bias", "n"), "no"))]
    assert [notice.requested for notice in told] == [0, False, {"1": 2.0}]
    assert told[2].requested is not asked.logit_bias


def test_inputs_of_token_ids_are_refused_with_the_fix() -> None:
    assert only_texts(("a", "b"), "We embed") == ["a", "b"]
    with pytest.raises(UnsupportedContent, match="We embed texts only: send the text that the token ids stand for"):
        only_texts(("a", (1, 2)), "We embed")
