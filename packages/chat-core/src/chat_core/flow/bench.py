"""The bench: calls that run side by side, each through its stages, with what they say on the way.

Law: no more run at once than allowed. With a journal a call is marked before its tool runs, and what it gave is kept
before anybody hears of it; a call that was marked by a program that is no more is not run again, unless its tool says
that it may be.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.codec.effects import Job, Progress, emit, join, now, start
from chat_core.codec.wire import dump as dump_json
from chat_core.errors import TimedOut, ToolFailed
from chat_core.events import ToolEnd, ToolProgress, ToolStart
from chat_core.flow.pausing import OWN
from chat_core.functions import ToolContext, failed, result_of
from chat_core.history import dump, load
from chat_core.jsonvalue import excerpt
from chat_core.parts import ToolResult
from chat_core.stores.thread import thread_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.effects import Done, Flow, Handle, Report
    from chat_core.flow.rules import Rules
    from chat_core.functions import Bound, FunctionTool
    from chat_core.messages import Message
    from chat_core.parts import ToolCall
    from chat_core.stores.protocol import Journal

Stage: TypeAlias = Literal["mark", "look", "run", "keep"]

INTERRUPTED = (
    "interrupted: the program was ended while this call ran. It is not known whether it took effect; "
    "check before you call it again"
)


@dataclass(slots=True)
class Work:
    """A call at work.

    Attributes:
        place: which of the answer's calls it is.
        call, tool, bound: what runs.
        key: what a journal knows it by; `None` = nothing is kept.
        stage: what is being done.
        outcome: what it gave, while that is being kept.
        ends: whether it ends the turn.
    """

    place: int
    call: ToolCall
    tool: FunctionTool
    bound: Bound
    key: str | None = None
    stage: Stage = "run"
    outcome: ToolResult | None = None
    ends: bool = False


class Bench:
    """Runs the calls of one answer.

    Attributes:
        results: what has been answered, by the place of the call.
        ended: whether a tool asked to end the turn.
    """

    def __init__(self, rules: Rules, messages: tuple[Message, ...]) -> None:
        """Get ready; `messages` is the history before the calls."""
        self.results: dict[int, ToolResult] = {}
        self.ended = False
        self._rules = rules
        self._messages = messages
        self._jobs: dict[Handle, Work] = {}

    def run(self, works: tuple[Work, ...]) -> Flow[None]:
        """Run calls to their end.

        Raises:
            ToolFailed: a tool failed, and that was asked to be raised.
        """
        waiting = deque(works)
        while waiting or self._jobs:
            while waiting and len(self._jobs) < max(1, self._rules.concurrency):
                yield from self._begin(waiting.popleft())
            report = yield from join()
            if report is None:  # nothing runs: the driver was closed
                return
            work = self._jobs.get(report.job)
            if work is None:
                continue
            if isinstance(report, Progress):
                yield from emit(ToolProgress(work.call.id, report.event))
                continue
            del self._jobs[report.job]
            yield from self._next(work, report)

    def _begin(self, work: Work) -> Flow[None]:
        if self._rules.journal is None or work.key is None:
            yield from self._start_tool(work)
            return
        journal, key = self._rules.journal, work.key
        moment = (yield from now()).wall
        yield from self._ask(work, "mark", journal, lambda: journal.start(key, now=moment))

    def _start_tool(self, work: Work) -> Flow[None]:
        rules, messages = self._rules, self._messages

        def job(report: Report) -> object:
            context = ToolContext(call=work.call, deps=rules.context, messages=messages, report=report)
            return work.tool.run(work.bound, context)

        timeout = work.tool.timeout if work.tool.timeout is not None else rules.tool_timeout
        work.stage = "run"
        (handle,) = yield from start((Job(work.call.name, job, timeout),))
        self._jobs[handle] = work
        yield from emit(ToolStart(work.call))

    def _ask(self, work: Work, stage: Stage, journal: Journal, what: Callable[[], object]) -> Flow[None]:
        work.stage = stage
        (handle,) = yield from start((thread_of(journal).job(f"journal-{stage}", what),))
        self._jobs[handle] = work

    def _next(self, work: Work, done: Done) -> Flow[None]:
        """Take what a stage gave, and go on to the next one."""
        match work.stage:
            case "run":
                yield from self._ran(work, done)
            case "mark":
                _raise(done)
                yield from self._marked(work, fresh=done.value is True)
            case "look":
                _raise(done)
                yield from self._looked(work, done.value)
            case "keep":
                _raise(done)
                yield from self._finish(work)

    def _marked(self, work: Work, *, fresh: bool) -> Flow[None]:
        journal, key = self._rules.journal, work.key
        if fresh or journal is None or key is None:
            yield from self._start_tool(work)
        else:
            yield from self._ask(work, "look", journal, lambda: journal.marks([key]).get(key))

    def _looked(self, work: Work, mark: object) -> Flow[None]:
        """Go on with a call that was begun before: with what it gave, if that is known."""
        result = getattr(mark, "result", None)
        if result is not None:
            work.outcome = _given(work.call, load(result, ToolResult))
            yield from self._finish(work)
        elif work.tool.idempotent:
            yield from self._start_tool(work)
        else:
            work.outcome = failed(work.call, INTERRUPTED)
            yield from self._finish(work)

    def _ran(self, work: Work, done: Done) -> Flow[None]:
        work.outcome, work.ends = self._outcome(work, done)
        journal, key, outcome = self._rules.journal, work.key, work.outcome
        if journal is None or key is None:
            yield from self._finish(work)
        else:
            yield from self._ask(
                work, "keep", journal, lambda: journal.finish(key, dump(_labelled(work.call, outcome)))
            )

    def _outcome(self, work: Work, done: Done) -> tuple[ToolResult, bool]:
        error = done.error
        if error is None:
            try:
                return result_of(work.call, done.value)
            except (TypeError, ValueError) as unfit:  # what it returned cannot be told to a model
                error = unfit
        if self._rules.raise_on_tool_error:
            raise ToolFailed(f"{work.call.name} ({work.call.id}) failed: {type(error).__name__}: {error}") from error
        said = f"{error.seconds:g} s were not enough; the call was stopped" if isinstance(error, TimedOut) else error
        return failed(work.call, said), False

    def _finish(self, work: Work) -> Flow[None]:
        if work.outcome is not None:
            self.results[work.place] = work.outcome
            self.ended |= work.ends
            yield from emit(ToolEnd(work.call, work.outcome))


def _labelled(call: ToolCall, result: ToolResult) -> ToolResult:
    """Return a result with the arguments that it came of, for the journal."""
    return replace(result, meta={**result.meta, OWN: {"arguments": call.arguments}})


def _given(call: ToolCall, kept: ToolResult) -> ToolResult:
    """Return what a journal has kept of a call; of other arguments, that is no result of this one."""
    ran = kept.meta.get(OWN, {}).get("arguments")
    if dump_json(ran) != dump_json(call.arguments):
        return failed(call, f"not run: it was run before with other arguments: {excerpt(dump_json(ran))}")
    return replace(kept, meta={origin: meta for origin, meta in kept.meta.items() if origin != OWN})


def _raise(done: Done) -> None:
    """Let a store's failure out: without its mark a tool does not run."""
    if done.error is not None:
        raise done.error
