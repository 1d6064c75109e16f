"""Answers made side by side are those made alone, and cancelling is at once."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tinygraphs import Tiny, greedy, write
from tinytokens import write_tokens

from chat_local.engine import runtime
from chat_local.engine.answer import End, Failed, Generation, Piece
from chat_local.engine.graph import runner
from chat_local.engine.runtime import Settings
from chat_local.engine.sampling import Sampling
from chat_local.engine.scheduler import Scheduler
from chat_local.engine.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tinygraphs import Flavour, Floats

    from chat_local.engine.answer import Said
    from chat_local.engine.graph import Runner
    from chat_local.engine.session import RunOptions

TINY = Tiny()
CONTEXT = 600


@pytest.fixture(params=["shared", "concat"])
def scheduler(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scheduler]:
    made = _scheduler(tmp_path, request.param)
    yield made
    made.close()


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Scheduler]:
    made = _scheduler(tmp_path, "shared")
    yield made
    made.close()


def _scheduler(folder: Path, flavour: Flavour, *, slow: float = 0.0) -> Scheduler:
    write(folder / "model.onnx", TINY, flavour)
    write_tokens(folder / "tokenizer.json")
    loaded = runtime.load(folder / "model.onnx", Settings(device="cpu", threads=1))
    run = runner(loaded, rows=4, longest=CONTEXT)
    return Scheduler(_Slow(run, slow) if slow else run, Tokens(folder / "tokenizer.json"), context=CONTEXT, chunk=16)


class _Slow:
    """A runner that takes its time."""

    def __init__(self, inner: Runner, seconds: float) -> None:
        self._inner, self._seconds = inner, seconds
        self.rows, self.width, self.ragged = inner.rows, inner.width, inner.ragged
        self.hold, self.swap, self.copy = inner.hold, inner.swap, inner.copy
        self.together: list[int] = []
        self.ended = 0

    def read(self, row: int, ids: Sequence[int], past: int, options: RunOptions) -> Floats:
        time.sleep(self._seconds)
        return self._inner.read(row, ids, past, options)

    def read_together(self, row: int, prompts: Sequence[Sequence[int]], options: RunOptions) -> Floats:
        self.together.append(len(prompts))
        for _ in range(10):  # as a run that looks now and then whether it was ended
            time.sleep(self._seconds / 10)
            if options.terminate:
                self.ended += 1
                raise RuntimeError("ended")
        return self._inner.read_together(row, prompts, options)

    def step(self, ids: Sequence[int], pasts: Sequence[int]) -> Floats:
        time.sleep(self._seconds)
        return self._inner.step(ids, pasts)


def asked(scheduler: Scheduler, prompt: Sequence[int], **more: Any) -> SimpleQueue[Said]:
    said: SimpleQueue[Said] = SimpleQueue()
    sampling = Sampling(top_logprobs=0)
    told: dict[str, Any] = {"max_tokens": 12, **more}
    scheduler.submit(Generation(prompt=tuple(prompt), sampling=sampling, **told), said.put)
    return said


def answer(said: SimpleQueue[Said]) -> tuple[list[int], End]:
    tokens: list[int] = []
    while True:
        match said.get(timeout=20):
            case Piece(drawn=drawn):
                tokens += [drawn.token] if drawn is not None else []
            case End() as end:
                return tokens, end
            case Failed(error):
                raise error


PROMPTS = [[5, 9, 33, 2, 71], [1], [8, 8, 8], [*range(50)], [5, 9, 33, 4], [90, 3], [*range(40, 90)], [7, 7]]


def test_answers_side_by_side_equal_those_alone(scheduler: Scheduler) -> None:
    queues = [asked(scheduler, prompt) for prompt in PROMPTS]
    for prompt, said in zip(PROMPTS, queues, strict=True):
        tokens, end = answer(said)
        assert tokens == greedy(TINY, prompt, 12)
        assert (end.reason, end.prompt_tokens, end.answer_tokens) == ("length", len(prompt), 12)


def test_answers_that_join_and_leave_at_any_time_change_no_other(shared: Scheduler) -> None:
    draw = np.random.default_rng(3)
    waiting: list[tuple[list[int], int, SimpleQueue[Said]]] = []
    for _ in range(24):
        prompt = [int(token) for token in draw.integers(0, 96, draw.integers(1, 40))]
        count = int(draw.integers(1, 14))
        waiting.append((prompt, count, asked(shared, prompt, max_tokens=count)))
        time.sleep(float(draw.random()) * 0.004)
    for prompt, count, said in waiting:
        assert answer(said)[0] == greedy(TINY, prompt, count)


def test_a_conversation_that_goes_on_reads_only_what_is_new(scheduler: Scheduler) -> None:
    first, end = answer(asked(scheduler, PROMPTS[0]))
    assert end.cached_tokens == 0
    prompt = [*PROMPTS[0], *first, 4, 4]
    tokens, end = answer(asked(scheduler, prompt))
    assert end.cached_tokens == len(PROMPTS[0]) + len(first) - 1  # its last token was drawn, and never read
    assert tokens == greedy(TINY, prompt, 12)
    again, end = answer(asked(scheduler, prompt))
    assert (again, end.cached_tokens) == (tokens, len(prompt) - 1)


def test_a_token_that_ends_the_answer_is_not_said(scheduler: Scheduler) -> None:
    expected = greedy(TINY, PROMPTS[0], 12)
    last = expected[3]
    tokens, end = answer(asked(scheduler, PROMPTS[0], ends=frozenset({last})))
    assert tokens == expected[: expected.index(last)]
    assert (end.reason, end.token) == ("stop", last)


def test_a_full_context_ends_the_answer(scheduler: Scheduler) -> None:
    prompt = [3] * (CONTEXT - 4)
    tokens, end = answer(asked(scheduler, prompt, max_tokens=None))
    assert (end.reason, len(tokens)) == ("length", 4)


def test_a_prompt_that_does_not_fit_is_refused(scheduler: Scheduler) -> None:
    for prompt in ([], [1] * CONTEXT):
        with pytest.raises(ValueError, match="the model takes 1 to 599"):
            asked(scheduler, prompt)


def test_cancelling_ends_an_answer_and_no_other(tmp_path: Path) -> None:
    scheduler = _scheduler(tmp_path, "shared", slow=0.01)
    said: SimpleQueue[Said] = SimpleQueue()
    ticket = scheduler.submit(Generation(prompt=(1, 2), sampling=Sampling(top_logprobs=0)), said.put)
    other = asked(scheduler, PROMPTS[0])
    while not isinstance(said.get(timeout=5), Piece):
        pass
    ticket.cancel()
    _, end = answer(said)
    assert end.reason == "cancelled"
    assert answer(other)[0] == greedy(TINY, PROMPTS[0], 12)
    scheduler.close()


def test_cancelling_ends_the_reading_of_a_prompt(tmp_path: Path) -> None:
    scheduler = _scheduler(tmp_path, "shared", slow=0.05)
    said: SimpleQueue[Said] = SimpleQueue()
    ticket = scheduler.submit(Generation(prompt=tuple([3] * 590)), said.put)  # 37 chunks of 0.05 s
    time.sleep(0.1)
    began = time.monotonic()
    ticket.cancel()
    _, end = answer(said)
    assert end.reason == "cancelled"
    assert time.monotonic() - began < 0.5
    scheduler.close()


def test_one_who_waits_for_a_place_can_be_cancelled(tmp_path: Path) -> None:
    scheduler = _scheduler(tmp_path, "concat", slow=0.01)
    asked(scheduler, PROMPTS[0], max_tokens=None)
    said: SimpleQueue[Said] = SimpleQueue()
    ticket = scheduler.submit(Generation(prompt=(1, 2)), said.put)
    ticket.cancel()
    assert answer(said)[1].reason == "cancelled"
    scheduler.close()


def _at_work(others: set[threading.Thread]) -> set[threading.Thread]:
    """Return the threads of models that have begun since `others` were seen."""
    return {thread for thread in threading.enumerate() if thread.name == "chat-local"} - others


def test_closing_ends_all_answers_and_the_thread(tmp_path: Path) -> None:
    others = set(threading.enumerate())
    scheduler = _scheduler(tmp_path, "shared", slow=0.01)
    queues = [asked(scheduler, prompt, max_tokens=None) for prompt in PROMPTS]
    time.sleep(0.05)
    assert _at_work(others)
    scheduler.close()
    assert {answer(said)[1].reason for said in queues} == {"cancelled"}
    assert not _at_work(others)
    with pytest.raises(RuntimeError, match="unloaded"):
        asked(scheduler, [1])


def test_a_run_that_fails_is_told_to_those_it_was_for(tmp_path: Path) -> None:
    scheduler = _scheduler(tmp_path, "shared")
    said = asked(scheduler, [5, 9_999_999])
    with pytest.raises(Exception, match=r"index|indices"):
        answer(said)
    assert answer(asked(scheduler, PROMPTS[0]))[0] == greedy(TINY, PROMPTS[0], 12)
    scheduler.close()


def test_a_stop_text_may_cross_the_borders_of_tokens(scheduler: Scheduler) -> None:
    said = asked(scheduler, PROMPTS[0], max_tokens=40)
    text = ""
    while isinstance(piece := said.get(timeout=20), Piece):
        text += piece.text
    stop = text[5:9]
    cut = asked(scheduler, PROMPTS[0], max_tokens=40, stops=(stop, "never"))
    found = ""
    while isinstance(piece := cut.get(timeout=20), Piece):
        found += piece.text
    assert found == text[: text.index(stop)]
    assert isinstance(piece, End)
    assert piece.reason == "stop"


def test_a_prompt_that_begins_as_one_being_answered_reads_only_the_rest(tmp_path: Path) -> None:
    scheduler = _scheduler(tmp_path, "shared", slow=0.005)
    shared = [*range(60)]
    first = asked(scheduler, shared, max_tokens=100)
    assert isinstance(first.get(timeout=5), Piece)
    second = asked(scheduler, [*shared, 7, 7])
    tokens, end = answer(second)
    assert tokens == greedy(TINY, [*shared, 7, 7], 12)
    assert end.cached_tokens == 60
    assert answer(first)[1].answer_tokens == 100
    scheduler.close()


def test_prompts_with_one_beginning_that_come_at_once_read_it_once(tmp_path: Path) -> None:
    scheduler = _scheduler(tmp_path, "shared", slow=0.005)
    shared = [*range(60)]
    queues = [asked(scheduler, [*shared, number]) for number in range(4)]
    ends = [answer(said) for said in queues]
    assert [tokens for tokens, _ in ends] == [greedy(TINY, [*shared, number], 12) for number in range(4)]
    assert [end.cached_tokens for _, end in ends] == [0, 60, 60, 60]
    scheduler.close()


def _held(folder: Path, *, slow: float, chunk: int = 64) -> tuple[Scheduler, _Slow, threading.Event]:
    """Return a scheduler that begins nothing before the event, so that all who ask until then are there at once."""
    write(folder / "model.onnx", TINY, "shared")
    write_tokens(folder / "tokenizer.json")
    loaded = runtime.load(folder / "model.onnx", Settings(device="cpu", threads=1))
    run, begin = _Slow(runner(loaded, rows=4, longest=CONTEXT), slow), threading.Event()
    hold, held = run.hold, threading.Event()

    def waiting(rows: int) -> None:
        held.set()
        begin.wait(10)
        hold(rows)

    run.hold = waiting
    scheduler = Scheduler(run, Tokens(folder / "tokenizer.json"), context=CONTEXT, chunk=chunk)
    asked(scheduler, [95], max_tokens=1)
    held.wait(10)
    return scheduler, run, begin


@pytest.mark.parametrize(
    ("lengths", "together"),
    [
        ([12, 12, 12, 12], [4]),
        ([12, 10, 11, 9], [4]),  # padded by 6 of 48 places
        ([16, 3, 16, 3], [2, 2]),  # those of one length each
        ([40, 34, 60, 44], []),  # more than a chunk
        ([1, 30, 6, 14], []),  # mostly padding
    ],
)
def test_short_prompts_that_come_at_once_are_read_in_one_run(
    tmp_path: Path, lengths: list[int], together: list[int]
) -> None:
    scheduler, run, begin = _held(tmp_path, slow=0.0)
    prompts = [[10 + number, *range(30, 29 + length)] for number, length in enumerate(lengths)]
    queues = [asked(scheduler, prompt) for prompt in prompts]
    begin.set()
    ends = [answer(said) for said in queues]
    assert [tokens for tokens, _ in ends] == [greedy(TINY, prompt, 12) for prompt in prompts]
    assert [end.cached_tokens for _, end in ends] == [0] * 4
    assert run.together == together
    scheduler.close()


def test_short_prompts_with_one_beginning_are_not_read_in_one_run_but_borrow_it(tmp_path: Path) -> None:
    scheduler, run, begin = _held(tmp_path, slow=0.0)
    prompts = [[*range(20), 40 + number] for number in range(4)]
    queues = [asked(scheduler, prompt) for prompt in prompts]
    begin.set()
    ends = [answer(said) for said in queues]
    assert [tokens for tokens, _ in ends] == [greedy(TINY, prompt, 12) for prompt in prompts]
    assert sorted(end.cached_tokens for _, end in ends) == [0, 20, 20, 20]
    assert run.together == []
    scheduler.close()


def test_prompts_that_are_read_in_one_run_can_be_cancelled_and_fail_alone(tmp_path: Path) -> None:
    scheduler, run, begin = _held(tmp_path, slow=0.3)
    prompts = [[10 + number, *range(30, 42)] for number in range(4)]
    prompts[2][5] = 9_999_999
    queues = [asked(scheduler, prompt) for prompt in prompts[:3]]
    said: SimpleQueue[Said] = SimpleQueue()
    ticket = scheduler.submit(Generation(prompt=tuple(prompts[3])), said.put)
    begin.set()
    while not run.together:
        time.sleep(0.01)
    began = time.monotonic()
    ticket.cancel()
    while run.ended == 0:
        time.sleep(0.005)
    assert time.monotonic() - began < 0.2
    assert answer(said)[1].reason == "cancelled"
    assert [answer(each)[0] for each in queues[:2]] == [greedy(TINY, prompt, 12) for prompt in prompts[:2]]
    with pytest.raises(Exception, match=r"index|indices"):
        answer(queues[2])
    scheduler.close()


def test_a_conversation_at_rest_is_not_lost_to_a_stranger_while_rows_are_free(shared: Scheduler) -> None:
    long, _ = answer(asked(shared, [*range(50)]))
    answer(asked(shared, [0, 1, 90]))  # begins alike, but goes another way
    _, end = answer(asked(shared, [*range(50), *long, 4]))
    assert end.cached_tokens == 61


def test_a_short_prompt_does_not_wait_for_a_long_one(tmp_path: Path) -> None:
    scheduler = _scheduler(tmp_path, "shared", slow=0.01)
    order: list[str] = []

    def note(name: str) -> Callable[[Said], None]:
        def tell(said: Said) -> None:
            if isinstance(said, Piece) and name not in order:
                order.append(name)

        return tell

    for name, prompt in (("long", [3] * 500), ("short", [4, 5])):
        generation = Generation(prompt=tuple(prompt), sampling=Sampling(top_logprobs=0), max_tokens=3)
        scheduler.submit(generation, note(name))
    while scheduler.busy:
        time.sleep(0.01)
    assert order == ["short", "long"]
    scheduler.close()


class _Fails(_Slow):
    """A runner whose steps fail for all rows together."""

    def step(self, ids: Sequence[int], pasts: Sequence[int]) -> np.ndarray:
        if len(ids) > 1:
            raise RuntimeError("not together")
        return super().step(ids, pasts)


def test_a_step_that_fails_is_tried_again_for_each_answer_alone(tmp_path: Path) -> None:
    write(tmp_path / "model.onnx", TINY, "shared")
    write_tokens(tmp_path / "tokenizer.json")
    loaded = runtime.load(tmp_path / "model.onnx", Settings(device="cpu", threads=1))
    run = _Fails(runner(loaded, rows=4, longest=CONTEXT), 0.0)
    scheduler = Scheduler(run, Tokens(tmp_path / "tokenizer.json"), context=CONTEXT)
    queues = [asked(scheduler, prompt) for prompt in PROMPTS[:4]]
    assert [answer(said)[0] for said in queues] == [greedy(TINY, prompt, 12) for prompt in PROMPTS[:4]]
    scheduler.close()


def test_what_cannot_be_begun_or_drawn_fails_alone(shared: Scheduler) -> None:
    def impossible() -> None:
        raise ValueError("no such grammar")

    others = [asked(shared, prompt) for prompt in PROMPTS[:2]]
    with pytest.raises(ValueError, match="no such grammar"):
        answer(asked(shared, [1], constraint=impossible))
    assert [answer(said)[0] for said in others] == [greedy(TINY, prompt, 12) for prompt in PROMPTS[:2]]


def test_a_listener_that_fails_ends_its_own_answer_only(shared: Scheduler) -> None:
    def broken(_: Said) -> None:
        raise OSError("gone")

    shared.submit(Generation(prompt=(1, 2), sampling=Sampling(top_logprobs=0), max_tokens=None), broken)
    assert answer(asked(shared, PROMPTS[0]))[0] == greedy(TINY, PROMPTS[0], 12)
    while shared.busy:
        time.sleep(0.01)


def test_a_fault_of_the_scheduler_itself_is_told_to_all_who_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quiet(_: object) -> None: ...

    monkeypatch.setattr(threading, "excepthook", quiet)
    scheduler = _scheduler(tmp_path, "shared")
    all_wait = threading.Event()
    monkeypatch.setattr(scheduler, "_chosen", lambda: all_wait.wait(10) / 0)
    queues = [asked(scheduler, prompt) for prompt in PROMPTS]
    all_wait.set()
    for said in queues:
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            answer(said)
    with pytest.raises(RuntimeError, match="unloaded"):
        asked(scheduler, [1])


def test_only_a_scheduler_without_work_retires(tmp_path: Path) -> None:
    others = set(threading.enumerate())
    scheduler = _scheduler(tmp_path, "shared", slow=0.01)
    said = asked(scheduler, PROMPTS[0])
    assert not scheduler.retire()
    assert _at_work(others)
    answer(said)
    assert scheduler.retire()
    assert not _at_work(others)
