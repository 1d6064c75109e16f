"""What becomes of each call before anything runs: it runs, waits, or is answered at once.

Law: a human's decision beats the policy, the policy beats the tool. A call that cannot run is answered to the model, so
that it can do better; a decision that does not fit is the program's error, and nothing has run.
"""

from __future__ import annotations

from dataclasses import replace
from inspect import isawaitable
from typing import TYPE_CHECKING

from chat_core.approval import Approve, Ask, Defer, Pending, Reject, Result, Run
from chat_core.codec.effects import Job, emit, now, run
from chat_core.errors import ConfigurationError, DecisionRefused, ToolFailed
from chat_core.events import ApprovalRequest
from chat_core.frozen import dataclass
from chat_core.functions import failed, result_of
from chat_core.parts import ToolResult
from chat_core.signing import place_of
from chat_core.tools import Tool, names_in, names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from chat_core.approval import Decision, Decisions, Verdict
    from chat_core.codec.effects import Flow
    from chat_core.flow.pausing import OpenTurn
    from chat_core.flow.rules import Rules
    from chat_core.functions import Bound, FunctionTool
    from chat_core.messages import Message
    from chat_core.parts import ToolCall
    from chat_core.signing import Signer
    from chat_core.tools import AnyTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A call, and what becomes of it: exactly one of the three is set.

    Attributes:
        call: the call, with the arguments that it runs with.
        ready: it runs: the tool, and its checked arguments.
        result: it is answered without running.
        pending: it waits.
    """

    call: ToolCall
    ready: tuple[FunctionTool, Bound] | None = None
    result: ToolResult | None = None
    pending: Pending | None = None


class Judge:
    """Judges the calls of one answer."""

    def __init__(self, rules: Rules, tools: tuple[AnyTool, ...], messages: tuple[Message, ...] = ()) -> None:
        """Take the rules, and the tools that the request declares, in itself or in its messages."""
        self._rules = rules
        self._declared = names_of(tools) | names_in(messages)

    def judge(self, call: ToolCall, decision: Decision | None) -> Flow[Judged]:
        """Say what becomes of a call.

        Raises:
            DecisionRefused: the decision cannot be carried out.
            ToolFailed: the call cannot run, and that was asked to be raised.
        """
        if decision is not None:
            _require_decision(call.id, decision)
        match decision:
            case Reject(reason):
                return Judged(call=call, result=failed(call, reason))
            case Result(value, is_error):
                result, _ = result_of(call, value)
                return Judged(call=call, result=replace(result, is_error=is_error))
            case Approve(arguments) if arguments is not None:
                call = replace(call, arguments=arguments, raw=None)
            case _:
                pass
        tool = self._rules.functions.get(call.name)
        if tool is None:
            return self._without_function(call, decision)
        bound = tool.bind(call)
        if isinstance(bound, ToolResult):
            return self._unbound(call, bound, decision)
        if decision is None:
            verdict = yield from self._verdict(tool, call)
            if not isinstance(verdict, Run):
                return _kept(call, verdict)
        return Judged(call=call, ready=(tool, bound))

    def _without_function(self, call: ToolCall, decision: Decision | None) -> Judged:
        if call.name in self._declared:
            if decision is not None:
                raise DecisionRefused(
                    f"{call.name} ({call.id}) cannot be approved: it has no function here; pass Result(value) instead"
                )
            return Judged(call=call, pending=Pending(call=call, why="result"))
        names = ", ".join(sorted({*self._declared, *self._rules.functions})) or "none"
        if decision is not None:
            raise DecisionRefused(
                f"{call.name} ({call.id}) cannot be approved: there is no such tool here; available: {names}. "
                "Pass the tools that the turn was paused with, as tools="
            )
        return self._refused(call, failed(call, f"there is no tool {call.name!r}; available: {names}"))

    def _unbound(self, call: ToolCall, why: ToolResult, decision: Decision | None) -> Judged:
        if isinstance(decision, Approve) and decision.arguments is not None:
            text = "".join(getattr(part, "text", "") for part in why.content)
            raise DecisionRefused(f"the edited arguments of {call.name} ({call.id}) do not fit: {text}")
        return self._refused(call, why)

    def _refused(self, call: ToolCall, why: ToolResult) -> Judged:
        if self._rules.raise_on_tool_error:
            text = "".join(getattr(part, "text", "") for part in why.content)
            raise ToolFailed(f"{call.name} ({call.id}): {text}")
        return Judged(call=call, result=why)

    def _verdict(self, tool: FunctionTool, call: ToolCall) -> Flow[Verdict]:
        if self._rules.policy is not None:
            verdict = _verdict(call, (yield from _said(self._rules.policy, call)), "a policy")
            if verdict is not None:
                return verdict
        if not callable(tool.approval):
            return Ask() if tool.approval else Run()
        said = yield from _said(tool.approval, call)
        if isinstance(said, bool):
            return Ask() if said else Run()
        return _verdict(call, said, "`approval`") or Ask("its `approval` did not say whether it may run")


def _verdict(call: ToolCall, said: object, whose: str) -> Verdict | None:
    """Return what was said, if it is a verdict.

    Raises:
        ConfigurationError: it is something else.
    """
    match said:
        case None | Run() | Ask() | Defer() | Reject():
            return said
        case _:
            kind = f"the class {said.__name__}" if isinstance(said, type) else type(said).__name__
            words = f"{whose} returns Run(), Ask(), Defer(), Reject(…) or None, not {kind}"
            raise ConfigurationError(f"{words}: {call.name} did not run")


def _require_decision(call_id: str, decision: object) -> None:
    """Refuse what is no decision, from programs without a type checker: whatever it is, it is no yes."""
    if not isinstance(decision, Approve | Reject | Result):
        kind = f"the class {decision.__name__}" if isinstance(decision, type) else type(decision).__name__
        words = f"a decision is Approve(), Reject(…) or Result(…), not {kind}"
        raise DecisionRefused(f"{words}: the call {call_id} did not run")


def _said(policy: Callable[[ToolCall], object], call: ToolCall) -> Flow[object]:
    """Ask a function for its verdict, which may have to be awaited; what it raises goes out as it is.

    Raises:
        ConfigurationError: it was stopped.
    """
    said = policy(call)
    if isawaitable(said):
        awaited = said
        (done,) = yield from run((Job("policy", lambda _: awaited),))
        if done is not None and isinstance(done.error, Exception):
            raise done.error
        if done is None or done.error is not None:
            raise ConfigurationError(f"the policy was stopped before it had judged {call.name}")
        said = done.value
    return said


def _kept(call: ToolCall, verdict: Ask | Defer | Reject) -> Judged:
    match verdict:
        case Reject(reason):
            return Judged(call=call, result=failed(call, reason))
        case Ask(reason):
            return Judged(call=call, pending=Pending(call=call, why="approval", reason=reason))
        case Defer(reason):
            return Judged(call=call, pending=Pending(call=call, why="deferred", reason=reason))


def waiting(
    turn: OpenTurn, judged: Mapping[int, Judged], tools: tuple[AnyTool, ...], signer: Signer | None
) -> Flow[tuple[Pending, ...]]:
    """Return the calls that wait, each with its token, and ask for the decisions."""
    pending: list[Pending] = []
    for place, item in judged.items():
        if item.pending is None:
            continue
        waits = item.pending
        if signer is not None:
            moment = (yield from now()).wall
            tool, where = declared(waits.call.name, tools), place_of(turn.before, place, turn.turn_id)
            waits = replace(waits, token=signer.token(waits.call, tool, where, moment))
        pending.append(waits)
    yield from emit(*map(ApprovalRequest, pending))
    return tuple(pending)


def check_decisions(
    decisions: Decisions,
    turn: OpenTurn | None,
    tools: tuple[AnyTool, ...],
    signer: Signer | None,
    now: float,
) -> None:
    """Require that every decision is about a call that waits, with its token where calls are signed.

    Raises:
        DecisionRefused: one is not.
    """
    places = [place for place in range(len(turn.calls)) if place not in turn.results] if turn is not None else []
    waiting = {turn.calls[place].id: place for place in places} if turn is not None else {}
    for call_id, decision in decisions.items():
        _require_decision(call_id, decision)
        if turn is None or call_id not in waiting:
            raise DecisionRefused(f"no call {call_id!r} waits for a decision; waiting: {', '.join(waiting) or 'none'}")
        if not isinstance(decision, Reject) and sum(turn.calls[place].id == call_id for place in places) > 1:
            raise DecisionRefused(f"several calls wait that have the id {call_id!r}: one word for all is Reject() only")
        if signer is not None and not isinstance(decision, Reject):
            place = waiting[call_id]
            call = turn.calls[place]
            where = place_of(turn.before, place, turn.turn_id)
            signer.check(decision.token, call, declared(call.name, tools), where, now)


def declared(name: str, tools: Iterable[AnyTool]) -> Tool | None:
    """Return the declaration of a tool."""
    return next((tool for tool in tools if isinstance(tool, Tool) and tool.name == name), None)
