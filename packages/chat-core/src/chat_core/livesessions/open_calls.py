"""The calls of a live session that are not answered yet: which begin, which run, which wait for a human, which stop.

Law: pure bookkeeping. A call is in one state at a time, begins in its turn, and is told to stop once.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.livesessions.work import Task

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from chat_core.flow.rules import Rules
    from chat_core.messages import Message
    from chat_core.parts import ToolCall
    from chat_core.tools import AnyTool

State: TypeAlias = Literal["in_line", "runs", "pending"]
"""Whether a call waits for its turn, runs, or waits for a decision."""


@dataclass(slots=True, eq=False)
class Group:
    """The calls of one answer.

    Attributes:
        open: how many are not answered yet.
        respond: whether the model shall go on when all are.
    """

    open: int
    respond: bool = True


@dataclass(slots=True, eq=False)
class OpenCall:
    """A call that is not answered yet."""

    task: Task
    group: Group
    state: State = "in_line"


class OpenCalls:
    """All of them, by their numbers."""

    def __init__(self) -> None:
        """Begin without any."""
        self._calls: dict[int, OpenCall] = {}
        self._line: deque[int] = deque()
        self._stops: list[int] = []
        self._numbered = 0

    def add(
        self,
        calls: tuple[ToolCall, ...],
        tools: tuple[AnyTool, ...],
        rules: Rules,
        messages: tuple[Message, ...],
    ) -> list[OpenCall]:
        """Take up the calls of an answer; they are not in line yet."""
        group = Group(open=len(calls))
        first = self._numbered + 1
        self._numbered += len(calls)
        tasks = (
            Task(number=number, call=call, tools=tools, rules=rules, messages=messages)
            for number, call in enumerate(calls, first)
        )
        added = [OpenCall(task, group) for task in tasks]
        self._calls |= {entry.task.number: entry for entry in added}
        return added

    def get(self, number: int) -> OpenCall | None:
        """Return a call; `None` when it is answered already."""
        return self._calls.get(number)

    def all(self, *states: State) -> tuple[OpenCall, ...]:
        """Return the calls in some states."""
        return tuple(entry for entry in self._calls.values() if entry.state in states)

    def named(self, ids: Container[str]) -> tuple[OpenCall, ...]:
        """Return the calls with some ids, which may repeat."""
        return tuple(entry for entry in self._calls.values() if entry.task.call.id in ids)

    def line_up(self, entry: OpenCall) -> None:
        """Let a call wait for its turn."""
        entry.state = "in_line"
        self._line.append(entry.task.number)

    def begin(self, most: int) -> Iterator[Task]:
        """Yield the calls that begin now, so that at most so many run."""
        running = len(self.all("runs"))
        while self._line and running < most:
            entry = self._calls.get(self._line.popleft())
            if entry is not None:
                entry.state = "runs"
                running += 1
                yield entry.task

    def close(self, entry: OpenCall) -> None:
        """Let go of a call: it is answered. One that runs has to stop."""
        if entry.state == "runs":
            self._stops.append(entry.task.number)
        self.ended(entry)

    def ended(self, entry: OpenCall) -> None:
        """Let go of a call that has ended by itself."""
        del self._calls[entry.task.number]
        entry.group.open -= 1

    def stops(self) -> tuple[int, ...]:
        """Return the calls that are to stop now, once."""
        stops, self._stops = tuple(self._stops), []
        return stops
