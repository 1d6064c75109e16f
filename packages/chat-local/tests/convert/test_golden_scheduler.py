"""Answers that the scheduler makes side by side are those of transformers, however they come and go."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from goldenservice import Service
from tinygraphs import resident
from tinyweights import CONFIGS, PROMPTS

from chat_local.engine.graph import runner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from goldenservice import Asked, Maker

MAKERS: dict[str, Maker] = {"shared": runner, "resident": resident}
"""What runs a graph on the CPU, and on a GPU."""


@pytest.fixture(params=[(name, kind) for name in CONFIGS for kind in ("shared", "resident")], ids="-".join)
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    name, kind = request.param
    made = Service(tmp_path, name, MAKERS[kind])
    yield made
    made.scheduler.close()


def test_answers_that_come_and_go_are_those_of_transformers(service: Service) -> None:
    draw = np.random.default_rng(5)
    waiting: list[Asked] = []
    for _ in range(30):
        prompt, given = int(draw.integers(len(PROMPTS))), int(draw.integers(0, 40))
        waiting.append(service.ask(prompt, given=given, count=int(draw.integers(1, 64 - given))))
        time.sleep(float(draw.random()) * 0.01)
    ends = [service.judge(asked) for asked in waiting]
    assert {end.reason for end in ends} == {"length"}
    assert any(end.cached_tokens > 0 for end in ends)


def test_answers_that_are_cancelled_in_the_middle_change_no_other(service: Service) -> None:
    draw = np.random.default_rng(6)
    stay: list[Asked] = []
    leave: list[Asked] = []
    for _ in range(8):
        stay.append(service.ask(int(draw.integers(len(PROMPTS))), given=int(draw.integers(0, 30)), count=34))
        leave.append(service.ask(int(draw.integers(len(PROMPTS))), given=int(draw.integers(0, 30)), count=34))
        time.sleep(float(draw.random()) * 0.01)
        draw.choice(np.asarray(leave, object)).ticket.cancel()
    for asked in leave:
        asked.ticket.cancel()
    assert {service.judge(asked).reason for asked in stay} == {"length"}
    assert "cancelled" in {service.judge(asked).reason for asked in leave}


def test_a_prompt_read_in_chunks_goes_on_where_an_earlier_one_parts(service: Service) -> None:
    service.judge(service.ask(2, count=20))
    told = len(PROMPTS[2]) + 10
    again = service.judge(service.ask(2, given=10, count=54))
    assert (again.prompt_tokens, again.cached_tokens) == (told, told - 1)
    both = [service.ask(2, given=40, count=24), service.ask(2, given=5, count=59)]
    assert all(service.judge(asked).cached_tokens > len(PROMPTS[2]) for asked in both)
