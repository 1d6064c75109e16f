from __future__ import annotations

import json
from typing import TYPE_CHECKING

from running import DEMO
from terminals import CHAT, Session

if TYPE_CHECKING:
    from running import Chat


def test_a_program_gets_a_line_for_each_text(chat: Chat) -> None:
    done = chat("stance", "--target", "trains", "-m", DEMO, stdin="one\ntwo\n")
    scores = {"label": "favor", "favor": 0.72, "against": 0.19, "neutral": 0.09}
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"index": 0, "text": "one", **scores},
        {"index": 1, "text": "two", **scores},
    ]
    assert done.returncode == 0


def test_the_sentence_can_be_another_one(chat: Chat) -> None:
    done = chat("stance", "a", "--target", "trains", "--hypothesis", "Whoever says so is {}.", "-m", DEMO)
    assert '"Whoever says so is {}.": not sent' in done.stderr


def test_people_see_the_surest_first() -> None:
    shown = Session(*CHAT, "stance", "We want trains", "--target", "trains", "-m", DEMO).see("We want trains")
    assert shown.endswith("favor     72%  (against 19%, neutral 9%)  ")


def test_what_is_wrong_is_said_with_the_fix(chat: Chat) -> None:
    done = chat("stance", "a", "-m", DEMO)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Missing option '--target'" in done.stderr
    done = chat("stance", "a", "--target", "b", "--hypothesis", "c", "-m", DEMO)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--hypothesis has no {} for the stance" in done.stderr
