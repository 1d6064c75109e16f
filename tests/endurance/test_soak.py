"""Some seconds of traffic over a service that fails at random; `python -m tests.endurance` goes on for longer.

Every request ends in its answer, word for word, or in one promised error; nothing is left behind.
"""

from __future__ import annotations

import pytest
from tests.endurance.answers import WIRES, Question
from tests.endurance.faults import FAULTS
from tests.endurance.measures import Held
from tests.endurance.soaking import Report, faults, soak
from tests.endurance.traffic import Tally

from chat_core.errors import GrammarError, StreamTruncated
from chat_core.messages import assistant
from chat_core.response import Response

SECONDS = 4.0
ASKED = Question(7, 3)


@pytest.fixture(scope="module", params=["httpx", "aiohttp"])
def report(request: pytest.FixtureRequest) -> Report:
    return soak(SECONDS, seed=1, transport=str(request.param))


@pytest.mark.endurance
def test_every_request_ends_well_or_in_a_promised_error_and_nothing_is_left(report: Report) -> None:
    assert list(faults(report)) == []


@pytest.mark.endurance
def test_the_soak_has_seen_all_that_can_happen(report: Report) -> None:
    assert {fault.__name__ for fault in FAULTS} <= report.served.keys()
    expected = {"answer", "left", "cancelled", "closed", "DecodeError", "StreamTruncated", "TimedOut"}
    assert expected <= report.tally.outcomes.keys()


# the judge itself


def test_an_answer_with_lost_text_is_wrong() -> None:
    tally = Tally()
    tally.answered(ASKED, ASKED.answer, "here")
    assert tally.wrong == []
    tally.answered(ASKED, ASKED.answer[:-1], "here")
    assert len(tally.wrong) == 1


@pytest.mark.parametrize("error", [KeyError("a"), OSError(), GrammarError("a"), RuntimeError()])
def test_an_error_that_was_not_promised_is_wrong(error: Exception) -> None:
    tally = Tally()
    tally.failed(ASKED, error, "here")
    assert len(tally.wrong) == 1


@pytest.mark.parametrize(("text", "faults"), [(ASKED.answer[:5], 0), ("stolen", 1)])
def test_a_partial_answer_that_nobody_gave_is_wrong(text: str, faults: int) -> None:
    tally = Tally()
    tally.failed(ASKED, StreamTruncated("cut", partial=Response(message=assistant(text))), "here")
    assert len(tally.wrong) == faults


def test_what_is_left_is_told() -> None:
    before = Held(2, ("MainThread",), 100_000, 50 << 20)
    leaky = Held(3, ("MainThread", "other"), 200_000, 500 << 20)
    told = list(faults(Report(before, leaky, between=[before, leaky], tasks=[2], complaints=["warning"])))
    assert [line.split(" ")[0] for line in told] == ["warning", "3", "threads", "tasks", "memory", "memory"]
    assert list(faults(Report(before, before, between=[before], tasks=[1]))) == []


@pytest.mark.parametrize("name", WIRES)
def test_questions_are_read_back_and_answered_by_a_call_first(name: str) -> None:
    asked = Question(5, 2, calls=True)
    assert Question.of(f"… {asked.text} …".encode()) == asked
    assert Question.of(f"… {asked.text} … looked:5".encode()) == Question(5, 2)
    assert b"lookup" in b"".join(WIRES[name].stream(asked))
    assert b"5.0" in b"".join(WIRES[name].stream(Question(5, 2)))
