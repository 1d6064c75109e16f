from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from scripted import Model, call, called, results, said
from toy import MemoryTransport, World

from chat_core.approval import Approve, Result
from chat_core.errors import Cancelled, ToolFailed
from chat_core.flow.converse import converse
from chat_core.flow.drive import run
from chat_core.flow.rules import Rules
from chat_core.functions import EndTurn, ToolContext, tool
from chat_core.messages import user
from chat_core.request import Request
from chat_core.stores.memory import MemoryJournal

if TYPE_CHECKING:
    from chat_core.approval import Decision
    from chat_core.codec.effects import Flow, Handle, Job
    from chat_core.functions import FunctionTool
    from chat_core.messages import Message
    from chat_core.turn import Turn


def flow_of(model: Model, *tools: FunctionTool[..., object], **changes: object) -> Flow[Turn[None]]:
    declared = tuple(each.declaration for each in tools)
    rules = Rules(functions={each.name: each for each in tools}, **changes)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of settings
    return converse(model, Request(model="m", messages=(user("Hi"),), tools=declared), rules)


def turn_of(
    model: Model, *tools: FunctionTool[..., object], world: World | None = None, **changes: object
) -> Turn[None]:
    return (World() if world is None else world).run(flow_of(model, *tools, **changes))


@tool
def ending() -> EndTurn:
    """End the turn."""
    return EndTurn("bye")


@tool
def reading(context: ToolContext[object]) -> int:
    """Count what was said before."""
    return len(context.messages)


@tool
def unwritable() -> float:
    """Give what is no JSON."""
    return float("nan")


def test_no_more_tools_run_at_once_than_allowed() -> None:
    lock, now, most = threading.Lock(), 0, 0

    @tool
    def slow() -> None:
        """Take a moment."""
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1

    model = Model(called(*(call(str(number), "slow") for number in range(6))), said("ok"))
    run(flow_of(model, slow, concurrency=2), MemoryTransport())
    assert most == 2


def test_a_tool_that_ends_the_turn_ends_it_whatever_its_siblings_give() -> None:
    turn = turn_of(Model(called(call("1", "ending"), call("2", "reading"))), ending, reading)
    assert (turn.status, len(turn.responses)) == ("complete", 1)


def test_a_tool_sees_the_history_before_its_call() -> None:
    turn = turn_of(Model(called(call("1", "reading")), said("ok")), reading)
    assert results(turn.messages[2]) == {"1": ("1", False)}


def test_what_cannot_be_told_to_a_model_is_an_error_of_the_tool() -> None:
    turn = turn_of(Model(called(call("1", "unwritable")), said("ok")), unwritable)
    assert results(turn.messages[2])["1"][1]


class Watching(World):
    """Notes the time limit of each job."""

    def __init__(self) -> None:
        super().__init__()
        self.limits: dict[object, float | None] = {}

    def _work(self, job: Job) -> Handle:
        self.limits[job.key] = job.timeout
        return super()._work(job)


def test_a_tools_own_time_limit_beats_the_general_one() -> None:
    own, world = tool(reading.function, name="own", timeout=5), Watching()
    turn_of(
        Model(called(call("1", "own"), call("2", "reading")), said("ok")), own, reading, world=world, tool_timeout=9
    )
    assert world.limits == {"own": 5, "reading": 9}


# a turn that was taken up and not finished is given back


@tool(approval=True)
def broken() -> str:
    """Fail."""
    raise ValueError("the disk is on fire")


class Left(MemoryJournal):
    """The program leaves when the first tool is about to begin."""

    left = False

    def start(self, call: str, *, now: float) -> bool:
        if not self.left:
            self.left = True
            raise Cancelled("left")
        return super().start(call, now=now)


def resumed(
    messages: tuple[Message, ...], decision: Decision, journal: MemoryJournal, model: Model, **changes: object
) -> Turn[None]:
    request = Request(model="m", messages=messages, tools=(broken.declaration,))
    rules = Rules(functions={"broken": broken}, journal=journal, **changes)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of settings
    return World().run(converse(model, request, rules, decisions={"1": decision}))


def paused(journal: MemoryJournal) -> tuple[Message, ...]:
    turn = turn_of(Model(called(call("1", "broken"))), broken, journal=journal)
    assert turn.status == "paused"
    return turn.messages


def test_a_turn_that_a_tool_has_failed_can_be_resumed_at_once() -> None:
    journal = MemoryJournal()
    messages = paused(journal)
    with pytest.raises(ToolFailed):
        resumed(messages, Approve(), journal, Model(), raise_on_tool_error=True)
    assert resumed(messages, Result("done by hand"), journal, Model(said("ok"))).text == "ok"


def test_a_turn_that_was_left_can_be_resumed_at_once() -> None:
    journal = Left()
    messages = paused(journal)
    assert resumed(messages, Approve(), journal, Model()).status == "cancelled"
    assert resumed(messages, Approve(), journal, Model(said("ok"))).text == "ok"
