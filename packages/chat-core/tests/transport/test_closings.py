"""A closing says what it means, and whether a second try may help."""

from __future__ import annotations

import pytest

from chat_core.transport.closings import FINAL, MEANINGS, Closing, closed


@pytest.mark.parametrize("code", sorted(MEANINGS))
def test_each_registered_code_has_a_meaning(code: int) -> None:
    error = closed("host:1", Closing(code, "so"))
    assert error.message == f"host:1 closed the connection {MEANINGS[code]} (WebSocket code {code}): so"
    assert error.retryable is (code not in FINAL)


def test_an_unknown_code_is_shown_and_may_be_tried_again() -> None:
    error = closed("host:1", Closing(4999))
    assert error.message == "host:1 closed the connection with a code of its own (WebSocket code 4999)"
    assert error.retryable
