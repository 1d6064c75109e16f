"""One call of a tool in a live session, from its verdict to its outcome: a flow that runs beside the session.

Law: as in a chat: a decision beats the policy, the policy beats the tool, and what cannot run is answered to the model.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.approval import Reject
from chat_core.codec.effects import now
from chat_core.flow.bench import Bench, Work
from chat_core.flow.judging import Judge, declared
from chat_core.frozen import dataclass
from chat_core.signing import place_of

if TYPE_CHECKING:
    from chat_core.approval import Decision, Pending
    from chat_core.codec.effects import Flow
    from chat_core.flow.judging import Judged
    from chat_core.flow.rules import Rules
    from chat_core.messages import Message
    from chat_core.parts import ToolCall, ToolResult
    from chat_core.tools import AnyTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A call that is to be answered.

    Attributes:
        number: what the session knows it by: ids of calls may repeat.
        call: the call.
        tools: what the model may call.
        rules: who decides, and what runs.
        messages: the history before it.
        judged: what was decided about it; `None` = nothing yet.
    """

    number: int
    call: ToolCall
    tools: tuple[AnyTool, ...]
    rules: Rules
    messages: tuple[Message, ...]
    judged: Judged | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a call: it is answered, or waits.

    Attributes:
        call: the call, with the arguments that it ran with.
        result: what the model is told.
        pending: what waits for a decision.
        ends: whether the tool asked that the model not go on.
    """

    call: ToolCall
    result: ToolResult | None = None
    pending: Pending | None = None
    ends: bool = False


def work(task: Task) -> Flow[Outcome]:
    """Answer a call, or find out that it has to wait; its events tell how it runs.

    Raises:
        ToolFailed: the tool failed, and that was asked to be raised.
    """
    judged = task.judged
    if judged is None:
        judged = yield from Judge(task.rules, task.tools, task.messages).judge(task.call, None)
    if judged.pending is not None:
        return Outcome(call=task.call, pending=(yield from _signed(task, judged.pending)))
    if judged.ready is None:
        return Outcome(call=judged.call, result=judged.result)
    bench = Bench(task.rules, task.messages)
    yield from bench.run((Work(0, judged.call, *judged.ready),))
    return Outcome(call=judged.call, result=bench.results.get(0), ends=bench.ended)


def decided(task: Task, decision: Decision, moment: float) -> Task:
    """Return a call that waits, as it was decided; `moment` is in seconds since 1970.

    Raises:
        DecisionRefused: the decision cannot be carried out, or its token is missing or wrong.
    """
    judging = Judge(task.rules, task.tools, task.messages).judge(task.call, decision)
    try:
        next(judging)
    except StopIteration as stop:
        judged: Judged = stop.value
    else:
        raise AssertionError  # a decision asks no policy
    signer = task.rules.signer
    if signer is not None and not isinstance(decision, Reject):
        tool = declared(task.call.name, task.tools)
        signer.check(decision.token, task.call, tool, place_of(task.messages, 0), moment)
    return replace(task, judged=judged)


def _signed(task: Task, pending: Pending) -> Flow[Pending]:
    signer = task.rules.signer
    if signer is None:
        return pending
    moment = (yield from now()).wall
    token = signer.token(pending.call, declared(pending.call.name, task.tools), place_of(task.messages, 0), moment)
    return replace(pending, token=token)
