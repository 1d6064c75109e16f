"""Batches: one thread per encoder, in which the texts of many callers are read together, those of like length at once.

Law: results come in the order of their texts, whatever was read beside them. Callers take turns, so that a short job is
not behind a long one. A run that fails is tried again for each caller alone. Whoever leaves is noticed between two
batches.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import deque
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from chat_local.encoders.texts import Stopped
from chat_local.engine.scheduler import Unloaded

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from numpy.typing import NDArray

    from chat_local.encoders.graph import Graph
    from chat_local.encoders.texts import Reading, Stop

    Floats = NDArray[np.float32]
    Lengths = NDArray[np.int64]

BUDGETS = {"cpu": 1024, "cuda": 16384}
"""Tokens of a batch, padding included: more fall out of a CPU's cache, fewer leave a GPU idle."""

SHARE = 50
"""What a run costs beside its tokens, as a share of a batch: one in so many. Short texts are read apart where padding
them would cost more (measured on a CPU: 4 ms, where a token takes 0.2)."""


class Job:
    """The texts of one caller.

    Attributes:
        readings: the texts.
        read: makes of what the graph gives, and of the lengths, a row for each text.
        stop: whether nobody waits any more.
        rows: the results, in order; `None` = there is none yet.
        error: why there will be none.
        over: set at the end.
    """

    def __init__(self, readings: Sequence[Reading], read: Callable[[Floats, Lengths], Floats], stop: Stop) -> None:
        """Begin."""
        self.readings = readings
        self.read = read
        self.stop = stop
        self.rows: Floats | None = None
        self.error: BaseException | None = None
        self.over = threading.Event()
        self._left = len(readings)

    def put(self, places: Sequence[int], found: Floats) -> None:
        """Take the results of some texts."""
        if self.rows is None:
            self.rows = np.empty((len(self.readings), found.shape[1]), np.float32)
        self.rows[places] = found
        self._left -= len(places)
        if self._left == 0:
            self.over.set()

    def fail(self, error: BaseException) -> None:
        """End without results."""
        self.error = error
        self.over.set()

    def result(self) -> Floats:
        """Wait for the rows; raises as `Batches.run`."""
        self.over.wait()
        if self.error is not None:
            raise self.error
        if self.rows is None:
            raise ValueError("there are no texts to be read")
        return self.rows


Waiting: TypeAlias = "tuple[int, int, Job, int]"
"""A text that waits: its length, a number of its own, whose it is, and its place there."""


class Batches:
    """Reads the texts of all callers of one encoder."""

    def __init__(self, graph: Graph, *, budget: int) -> None:
        """Begin without work; the thread starts with the first texts.

        Args:
            graph: runs the graph.
            budget: tokens of a batch, padding included.
        """
        self._graph = graph
        self._budget = budget
        self._waiting: list[Waiting] = []
        self._own: dict[Job, list[Waiting]] = {}
        self._turns: deque[Job] = deque()
        self._numbers = count()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._held = 0
        self._broken: BaseException | None = None

    @property
    def busy(self) -> bool:
        """Whether texts wait or are being read."""
        return bool(self._turns)

    def run(self, readings: Sequence[Reading], read: Callable[[Floats, Lengths], Floats], stop: Stop) -> Floats:
        """Read texts, and wait for it; return a row for each, in their order.

        Args:
            readings: the texts; at least one.
            read: makes of what the graph gives, and of the lengths, a row for each text.
            stop: whether nobody waits any more.

        Raises:
            Stopped: nobody does.
            Unloaded: the model was unloaded.
            RuntimeError: the thread has ended by a fault of this code, for this caller or for one before.
            Exception: as onnxruntime raises it.
        """
        return self.submit(readings, read, stop).result()

    def submit(self, readings: Sequence[Reading], read: Callable[[Floats, Lengths], Floats], stop: Stop) -> Job:
        """Begin to read texts, as `run` does, without waiting for it.

        Raises:
            Unloaded: the model was unloaded.
            RuntimeError: the thread has ended by a fault of this code.
        """
        job = Job(readings, read, stop)
        self._submit(job)
        return job

    @contextmanager
    def held(self) -> Generator[None, None, None]:
        """Keep the thread: the caller has more texts to come, and would have to begin anew with another one."""
        with self._wake:
            self._held += 1
        try:
            yield
        finally:
            with self._wake:
                self._held -= 1

    def retire(self) -> bool:
        """End the thread if it has nothing to do and nobody holds it, and tell whether that was so."""
        with self._wake:
            if self._turns or self._held:
                return False
            self._closed = True
        self.close()
        return True

    def close(self) -> None:
        """Let all callers know that nothing more will come, and end the thread."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _submit(self, job: Job) -> None:
        waiting = [(text.length, next(self._numbers), job, place) for place, text in enumerate(job.readings)]
        waiting.sort()
        with self._wake:
            if self._broken is not None:  # not `Unloaded`, after which callers try again
                raise _ended(self._broken)
            if self._closed:
                raise Unloaded("the model was unloaded")
            self._own[job] = waiting
            self._turns.append(job)
            self._waiting = sorted([*self._waiting, *waiting])
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="chat-local-encoder", daemon=True)
                self._thread.start()
            self._wake.notify()

    def _work(self) -> None:
        """Read batch after batch, until the end."""
        broken: BaseException | None = None
        try:
            while (batch := self._next()) is not None:
                self._read(batch)
        except BaseException as error:  # noqa: BLE001 - a fault of this code must not let callers wait for ever
            broken = error
        with self._wake:
            self._closed, self._broken = True, broken
            left, self._turns = tuple(self._turns), deque()
        for job in left:
            job.fail(Unloaded("the model was unloaded") if broken is None else _ended(broken))

    def _next(self) -> list[Waiting] | None:
        """Wait for a batch; `None` = there will be none."""
        with self._wake:
            while not self._closed:
                self._leave()
                if self._turns:
                    return self._batch()
                self._wake.wait()
            return None

    def _leave(self) -> None:
        """Forget callers that have left, or have all they wait for."""
        for job in [job for job in self._turns if job.over.is_set() or job.stop.is_set()]:
            self._turns.remove(job)
            del self._own[job]
            if not job.over.is_set():
                job.fail(Stopped())
            if job.error is not None:
                self._waiting = [waiting for waiting in self._waiting if waiting[2] is not job]

    def _batch(self) -> list[Waiting]:
        """Take the longest text of whose turn it is, and those that are nearly as long."""
        self._turns.rotate(-1)
        own = self._own[self._turns[-1]]
        while (place := bisect_left(self._waiting, own[-1])) == len(self._waiting) or self._waiting[place] != own[-1]:
            own.pop()  # it was read beside another one
        longest = own[-1][0]
        most = max(self._budget // longest, 1)
        end = min(bisect_right(self._waiting, longest, key=_length), place + most)
        first = max(end - most, 0)
        first += min(_apart([*map(_length, self._waiting[first:end])], self._budget // SHARE), place - first)
        batch = self._waiting[first:end]
        del self._waiting[first:end]
        return batch

    def _read(self, batch: list[Waiting]) -> None:
        jobs = list(dict.fromkeys(waiting[2] for waiting in batch))
        try:
            found = self._graph.run([job.readings[place] for _, _, job, place in batch])
        except Exception as error:  # noqa: BLE001 - onnxruntime's own
            if len(jobs) == 1:
                jobs[0].fail(error)
                return
            for job in jobs:
                self._read([waiting for waiting in batch if waiting[2] is job])
            return
        lengths = np.array([waiting[0] for waiting in batch])
        for job in jobs:
            rows = [row for row, waiting in enumerate(batch) if waiting[2] is job]
            self._give(job, [batch[row][3] for row in rows], found[rows], lengths[rows])

    def _give(self, job: Job, places: list[int], found: Floats, lengths: Lengths) -> None:
        try:
            job.put(places, job.read(found, lengths))
        except Exception as error:  # noqa: BLE001 - files of the model that do not fit together
            job.fail(error)


def _ended(fault: BaseException) -> RuntimeError:
    """Return an error of its own for each caller."""
    error = RuntimeError(f"the thread of this encoder has ended by a fault: {fault!r}")
    error.__cause__ = fault
    return error


def _length(waiting: Waiting) -> int:
    return waiting[0]


def _apart(lengths: Sequence[int], cost: int) -> int:
    """Return how many of the shortest texts are better read by themselves.

    Args:
        lengths: of the texts, in their order.
        cost: what a run costs beside its tokens, in tokens.
    """
    found = np.array(lengths)
    left = 0
    while True:
        some = found[left:]
        saved = (some[-1] - some) * np.arange(1, len(some) + 1)  # by a border behind each of them
        best = int(saved.argmax())
        if saved[best] <= cost:
            return left
        left += best + 1
