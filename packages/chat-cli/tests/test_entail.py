from __future__ import annotations

import json
from typing import TYPE_CHECKING

from running import DEMO
from terminals import CHAT, Session
from weighing import MODEL

if TYPE_CHECKING:
    from running import Chat


def test_a_program_gets_a_line_for_each_hypothesis(chat: Chat) -> None:
    done = chat("entail", "A dog sleeps", "It rests", "It is night", "-m", DEMO)
    scores = {"label": "entailment", "entailment": 0.91, "neutral": 0.07, "contradiction": 0.02}
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"premise": "A dog sleeps", "hypothesis": each, **scores} for each in ("It rests", "It is night")
    ]
    assert (done.returncode, done.stderr) == (0, "")


def test_a_class_that_the_model_has_not_is_null(chat: Chat, weighing: dict[str, str]) -> None:
    none, some = (
        json.loads(chat("entail", premise, "b", "-m", MODEL, "--json", env=weighing).stdout)
        for premise in ("two classes", "three")
    )
    assert (none["neutral"], some["neutral"], none["label"]) == (None, 0.0, "contradiction")


def test_people_see_the_surest_first() -> None:
    shown = Session(*CHAT, "entail", "A dog sleeps", "It rests", "-m", DEMO).see("It rests")
    assert shown == "entailment      91%  (neutral 7%, contradiction 2%)  "


def test_a_hypothesis_is_needed(chat: Chat) -> None:
    done = chat("entail", "A dog sleeps", "-m", DEMO)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Missing argument 'HYPOTHESIS...'" in done.stderr
