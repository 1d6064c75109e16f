"""The scheduler: one thread per model, in which many answers take turns and are written together.

Law: every answer has one end, and nothing is said of it afterwards. Prompts are read in chunks, the oldest and short
ones in turn, and short ones of like length in one run; between two runs all others are written on by a token. A run
that fails is tried again for each answer alone, so that one cannot end another. No failure ends the thread without
telling all who wait.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from typing import TYPE_CHECKING

from chat_local.engine import runtime
from chat_local.engine.answer import End, Failed
from chat_local.engine.job import Job, Ticket
from chat_local.engine.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from chat_local.engine.answer import Generation, Reason, Said
    from chat_local.engine.graph import Runner
    from chat_local.engine.rows import Row
    from chat_local.engine.runtime import Kind
    from chat_local.engine.tokens import Tokens

    Floats = NDArray[np.float32]

CHUNKS: Mapping[Kind, int] = {"cpu": 128, "cuda": 1024}
"""Tokens of a prompt that are read at once: on a CPU as fast as more of them, with less memory, and soon interrupted; a
GPU is idle with so few (measured on an H200: 1,024 tokens in one run take 2 ms, and 13 ms in eight)."""


class Unloaded(RuntimeError):
    """The model is no longer in memory: whoever has just got it should get it again."""


class Scheduler:
    """Makes the answers of one model."""

    def __init__(self, runner: Runner, tokens: Tokens, *, context: int, chunk: int = CHUNKS["cpu"]) -> None:
        """Begin without work; the thread starts with the first answer.

        Args:
            runner: runs the graph.
            tokens: the tokenizer.
            context: most tokens of an answer with its prompt.
            chunk: tokens of a prompt that are read at once.
        """
        self._runner = runner
        self._tokens = tokens
        self._context = context
        self._chunk = chunk
        self._rows = Rows(runner)
        self._waiting: deque[Ticket] = deque()
        self._live: set[Ticket] = set()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._turns = 0

    @property
    def busy(self) -> bool:
        """Whether an answer is being made or waits."""
        return bool(self._live)

    def submit(self, generation: Generation, tell: Callable[[Said], None]) -> Ticket:
        """Ask for an answer.

        Raises:
            ValueError: there is no prompt, or it is as long as the context.
            Unloaded: the model was unloaded.
        """
        if not 0 < len(generation.prompt) < self._context:
            raise ValueError(
                f"the prompt has {len(generation.prompt)} tokens, and the model takes 1 to {self._context - 1}"
            )
        ticket = Ticket(generation, tell)
        with self._wake:
            if self._closed:
                raise Unloaded("the model was unloaded")
            self._live.add(ticket)
            self._waiting.append(ticket)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="chat-local", daemon=True)
                self._thread.start()
            self._wake.notify()
        return ticket

    def retire(self) -> bool:
        """End the thread if it has nothing to do, and tell whether that was so."""
        with self._wake:
            if self._live:
                return False
            self._closed = True
        self.close()
        return True

    def close(self) -> None:
        """Cancel all answers, and end the thread."""
        with self._wake:
            self._closed = True
            for ticket in self._live:
                ticket.cancel()
            self._wake.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    # The thread

    def _work(self) -> None:
        try:
            while self._next():
                if self._rows.reading:
                    self._read(self._chosen())
                if self._rows.writing:
                    self._write()
        except BaseException as error:
            self._broken(error)
            raise

    def _next(self) -> bool:
        """Wait for work, let go who was cancelled, and take who waits as far as there is room; False at the end."""
        with self._wake:
            while not self._live:
                if self._closed:
                    return False
                self._wake.wait()
            gone = [ticket for ticket in self._waiting if ticket.cancelled]
            self._waiting = deque(ticket for ticket in self._waiting if not ticket.cancelled)
        for ticket in gone:
            self._finish(ticket, End(reason="cancelled", prompt_tokens=len(ticket.generation.prompt)))
        for row in self._rows.active:
            if row.job is not None and row.job.ticket.cancelled:
                self._end(row, row.job, "cancelled")
        with self._wake:
            taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._rows.free))]
        for ticket in taken:
            self._begin(ticket)
        return True

    def _begin(self, ticket: Ticket) -> None:
        try:
            self._rows.take(Job(ticket, self._tokens))
        except Exception as error:  # noqa: BLE001 - a grammar's own, or no memory for one more row
            self._finish(ticket, Failed(error))

    def _chosen(self) -> Row:
        """Return the prompt whose turn it is: every other time one that a single chunk finishes, else the oldest."""
        self._turns += 1

        def rank(row: Row) -> tuple[bool, float]:
            if row.job is None:
                return (True, 0.0)
            left = len(row.job.generation.prompt) - len(row.known)
            return (self._turns % 2 == 0 and left > self._chunk, row.job.ticket.asked)

        return min(self._rows.reading, key=rank)

    def _read(self, row: Row) -> None:
        """Read the next chunk of a prompt, or all of it with other short ones."""
        job = row.job
        if job is None:
            return
        try:
            if job.cached is None:
                self._rows.borrow(row, job.generation.prompt)
                job.cached = len(row.known)
            beside = [(each, each.job) for each in self._rows.beside(row, self._chunk) if each.job is not None]
        except Exception as error:  # noqa: BLE001 - no memory for what is copied
            self._failed(row, job, error)
            return
        if len(beside) > 1:
            self._read_together(beside)
        else:
            self._read_one(row, job)

    def _read_one(self, row: Row, job: Job) -> None:
        """Read the next chunk of a prompt, and after the last one draw the first token."""
        prompt, past = job.generation.prompt, len(row.known)
        chunk = prompt[past : past + self._chunk]
        try:
            logits = self._runner.read(self._rows.place(row), chunk, past, job.ticket.reading)
        except Exception as error:  # noqa: BLE001 - onnxruntime's own, and that of a run which was ended
            self._failed(row, job, error)
            return
        row.known += chunk
        if len(row.known) == len(prompt):
            self._rows.begin(row)
            self._draw(row, job, logits)

    def _read_together(self, reading: list[tuple[Row, Job]]) -> None:
        """Read whole prompts in one run, which ends when one of them is cancelled: the others are read apart then."""
        options = runtime.run_options()
        for _, job in reading:
            job.ticket.reading = options
        prompts = [job.generation.prompt for _, job in reading]
        try:
            logits = self._runner.read_together(self._rows.place(reading[0][0]), prompts, options)
        except Exception:  # noqa: BLE001 - as in `_read_one`
            logits = None
        for row, job in reading:
            job.ticket.reading = runtime.run_options()  # from now on each can be ended alone
            if logits is None and job.ticket.cancelled:
                self._end(row, job, "cancelled")
            elif logits is None:
                job.cached = 0
                self._read_one(row, job)
        if logits is not None:
            self._begun(reading, logits)

    def _begun(self, read: list[tuple[Row, Job]], logits: Floats) -> None:
        """Draw the first tokens of prompts that were read together."""
        for row, job in read:  # all of them first: a row that ends is moved
            job.cached = 0
            row.known += job.generation.prompt
            self._rows.begin(row)
        for (row, job), place in zip(read, logits, strict=True):
            self._draw(row, job, place)

    def _write(self) -> None:
        """Let all answers take one token."""
        writing = [(row, row.job) for row in self._rows.writing if row.job is not None]
        tokens = [job.token for _, job in writing]
        try:
            logits = self._runner.step(tokens, [len(row.known) for row, _ in writing])
        except Exception as error:  # noqa: BLE001 - as in `_read_one`
            if len(writing) == 1:
                self._failed(*writing[0], error)
            else:
                self._write_apart(writing)
            return
        for (row, _), token in zip(writing, tokens, strict=True):  # all of them first: a row that ends is moved
            row.known.append(token)
        for (row, job), place in zip(writing, logits, strict=True):
            self._draw(row, job, place)

    def _write_apart(self, writing: list[tuple[Row, Job]]) -> None:
        """Do the same one by one: what is wrong with one answer is none of the others'."""
        for row, job in writing:
            try:
                logits = self._runner.read(self._rows.place(row), [job.token], len(row.known), job.ticket.reading)
            except Exception as error:  # noqa: BLE001 - as in `_read_one`
                self._failed(row, job, error)
            else:
                row.known.append(job.token)
                self._draw(row, job, logits)

    def _draw(self, row: Row, job: Job, logits: Floats) -> None:
        """Draw a row's next token, and tell what it says."""
        try:
            reason = job.draw(logits)
        except Exception as error:  # noqa: BLE001 - a grammar that leads nowhere, for one
            self._failed(row, job, error)
            return
        if reason is None and len(row.known) + 1 >= self._context:
            reason = "length"
        if reason is not None:
            self._end(row, job, reason)

    def _end(self, row: Row, job: Job, reason: Reason) -> None:
        self._rows.rest(row)
        self._finish(job.ticket, job.end(reason))

    def _failed(self, row: Row, job: Job, error: Exception) -> None:
        """End an answer whose run failed, which it also does when it is ended from outside."""
        if job.ticket.cancelled:
            self._end(row, job, "cancelled")
            return
        row.known.clear()
        self._rows.rest(row)
        self._finish(job.ticket, Failed(error))

    def _finish(self, ticket: Ticket, said: End | Failed) -> None:
        """Say the last word about an answer."""
        with self._wake:
            self._live.discard(ticket)
        with contextlib.suppress(Exception):  # who cannot be told has no thread or loop left to listen in
            ticket.tell(said)

    def _broken(self, error: BaseException) -> None:
        """Tell all who wait that nothing more will come: a fault of this code must not let them wait for ever."""
        with self._wake:
            self._closed = True
            left = tuple(self._live)
            self._waiting.clear()
        for ticket in left:
            self._finish(ticket, Failed(RuntimeError(f"the model's thread ended: {type(error).__name__}: {error}")))
