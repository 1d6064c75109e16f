from __future__ import annotations

import pytest

from chat_cli.exits import CODES, ENDS, MEANINGS, code_of, shortfall, words_of
from chat_core import errors
from chat_core.messages import assistant
from chat_core.response import FinishReason, Response


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.MissingCredential("no key"), 3),
        (errors.UnknownProvider("none"), 3),
        (errors.AuthenticationFailed("bad key", status=401), 3),
        (errors.RateLimited("slow down", status=429), 4),
        (errors.ContextTooLong("too long", status=400), 4),
        (errors.ConnectFailed("no"), 5),
        (errors.TimedOut("slow", phase="total", seconds=1.0), 5),
        (errors.StreamTruncated("cut"), 6),
        (errors.OutputInvalid("no JSON"), 6),
        (errors.UnsupportedContent("no sound"), 2),
        (errors.ToolFailed("broken"), 1),
        (ValueError("no error of ours"), 1),
    ],
)
def test_the_class_of_an_error_decides(error: Exception, code: int) -> None:
    assert code_of(error) == code


def test_every_code_has_a_meaning_and_every_listed_class_exists() -> None:
    assert set(CODES.values()) < set(MEANINGS)
    assert [name for name in CODES if not hasattr(errors, name)] == []


def test_finish_reasons_that_fall_short_are_finish_reasons() -> None:
    assert ENDS.keys() <= {reason.value for reason in FinishReason}
    assert shortfall(Response(message=assistant("cut"), finish_reason=FinishReason.LENGTH))
    assert shortfall(Response(message=assistant("whole"), finish_reason=FinishReason.STOP)) is None


def test_arguments_of_the_library_are_named_as_flags() -> None:
    assert words_of(errors.MissingCredential("set X, or pass api_key=")) == "set X, or pass --key"
