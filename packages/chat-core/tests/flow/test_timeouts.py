"""Which limit comes first, and what its error says."""

from __future__ import annotations

from chat_core.flow.timeouts import WORDS, Limit, Timeouts, earliest, moment
from chat_core.messages import assistant
from chat_core.response import Response


def test_a_phase_runs_out_its_seconds_after_it_began() -> None:
    assert Timeouts(first_byte=5).limit("first_byte", 100.0) == Limit(105.0, "first_byte", 5)


def test_a_phase_without_limit_has_none() -> None:
    assert Timeouts(total=None).limit("total", 100.0) is None


def test_zero_is_a_limit() -> None:
    assert Timeouts(total=0).limit("total", 100.0) == Limit(100.0, "total", 0)


def test_the_earliest_limit_counts() -> None:
    early, late = Limit(1.0, "total", 1), Limit(2.0, "first_byte", 2)
    assert earliest(late, None, early) == early
    assert earliest(None, None) is None
    assert moment(early) == 1.0
    assert moment(None) is None


def test_the_error_names_the_phase_the_seconds_and_what_came() -> None:
    partial = Response(message=assistant("Hel"))
    error = Limit(1.0, "between_content", 2.5).error(partial)
    assert (error.phase, error.seconds, error.partial) == ("between_content", 2.5, partial)
    assert "between_content" in str(error)
    assert "2.5 s" in str(error)


def test_the_defaults_do_not_contradict_each_other() -> None:
    usual = Timeouts()
    assert usual.connect is not None
    assert usual.pool is not None
    assert usual.first_byte is not None
    assert usual.first_content is not None
    assert usual.connect + usual.pool < usual.first_byte <= usual.first_content
    assert set(WORDS) == {"connect", "pool", "first_byte", "first_content", "between_content", "total"}
