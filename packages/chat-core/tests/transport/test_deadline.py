"""Deadlines name the limit that was reached."""

from __future__ import annotations

import time

import pytest

from chat_core.errors import TimedOut
from chat_core.transport.deadline import Deadline


def begun(connect: float | None, until: float | None) -> Deadline:
    deadline = Deadline("host:1")
    deadline.begin(connect=connect, until=None if until is None else time.monotonic() + until)
    return deadline


def test_without_limits_there_is_no_end() -> None:
    assert begun(None, None).left() is None
    assert begun(None, None).left(connecting=True) is None
    assert begun(5, None).left() is None


@pytest.mark.parametrize(
    ("connect", "until", "connecting", "left"),
    [(5, 60, True, 5), (60, 5, True, 5), (5, None, True, 5), (None, 5, True, 5), (1, 5, False, 5)],
)
def test_the_nearest_limit_counts(connect: float | None, until: float | None, connecting: bool, left: float) -> None:
    assert begun(connect, until).left(connecting=connecting) == pytest.approx(left, abs=0.5)


@pytest.mark.parametrize(
    ("connect", "until", "connecting", "phase"),
    [(-1, 60, True, "connect"), (60, -1, True, "read"), (-1, None, True, "connect"), (60, -1, False, "read")],
)
def test_a_limit_that_has_passed_is_named(
    connect: float | None, until: float | None, connecting: bool, phase: str
) -> None:
    with pytest.raises(TimedOut, match="host:1") as late:
        begun(connect, until).left(connecting=connecting)
    assert late.value.phase == phase
