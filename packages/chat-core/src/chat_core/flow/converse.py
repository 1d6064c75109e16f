"""A conversation's turn: the model answers, tools run, humans decide, until the model is done or something has to wait.

Law: a paused turn is a history whose last calls have no results, and nothing else; a half-decided turn never reaches a
service. What a failure or a departure leaves behind can be carried on with.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from chat_core.codec.effects import emit, now
from chat_core.errors import (
    Cancelled,
    ChatError,
    DecisionRefused,
    OutputInvalid,
    StepsExceeded,
    ToolFailed,
)
from chat_core.events import OutputDelta, ToolEnd
from chat_core.flow.claiming import Claim
from chat_core.flow.compose import Seen
from chat_core.flow.pausing import OWN, edit_notices, edited, left, open_turn
from chat_core.flow.rules import Rules
from chat_core.jsonvalue import same
from chat_core.response import FinishReason
from chat_core.turn import Turn, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.approval import Decisions
    from chat_core.codec.effects import Flow
    from chat_core.flow.bench import Bench, Work
    from chat_core.flow.call import Call
    from chat_core.flow.judging import Judged
    from chat_core.flow.pausing import OpenTurn
    from chat_core.flow.structured import Structured
    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import ToolResult
    from chat_core.request import Request
    from chat_core.response import Notice, Response

T = TypeVar("T")

_UNCLAIMED = Claim(Rules())
"""Of conversations without a journal: there is nothing to take."""


@overload
def converse(
    call: Call, request: Request, rules: Rules, *, decisions: Decisions | None = None, structured: None = None
) -> Flow[Turn[None]]: ...
@overload
def converse(
    call: Call, request: Request, rules: Rules, *, decisions: Decisions | None = None, structured: Structured[T]
) -> Flow[Turn[T]]: ...
def converse(
    call: Call,
    request: Request,
    rules: Rules,
    *,
    decisions: Decisions | None = None,
    structured: Structured[Any] | None = None,
) -> Flow[Turn[Any]]:
    """Take a conversation to the end of a turn.

    Args:
        call: asks the model.
        request: what is asked; its messages are the history.
        rules: how tools are run.
        decisions: about calls that a paused history ends with, by the id of the call; `None` = nothing was paused.
        structured: the form of the answer; `None` = text.

    Raises:
        StepsExceeded: the model went on calling tools.
        OutputInvalid: the answer does not fit, after all tries.
        ToolFailed: a tool failed, and that was asked to be raised.
        DecisionRefused: a decision does not fit the history; nothing has run.
        AlreadyResumed: another process has taken up the paused turn; nothing has run.
        ChatError: the call failed; `messages` is the history so far.
    """
    return _Conversation(call, request, rules, structured).run(decisions)


class _Conversation(Generic[T]):
    """One turn at work."""

    __slots__ = (
        "_call", "_claim", "_messages", "_notices", "_request", "_responses", "_resumes", "_rules", "_structured",
        "_unsaved",
    )  # fmt: skip

    def __init__(self, call: Call, request: Request, rules: Rules, structured: Structured[T] | None) -> None:
        self._call = call
        self._request = request
        self._rules = rules
        self._structured = structured
        self._messages = request.messages
        self._responses: tuple[Response, ...] = ()
        self._notices: tuple[Notice, ...] = (
            rules.notices if structured is None else (*rules.notices, *structured.notices)
        )
        self._claim = _UNCLAIMED if rules.journal is None else Claim(rules)
        self._unsaved: tuple[OpenTurn, Bench] | None = None
        self._resumes = False

    def run(self, decisions: Decisions | None) -> Flow[Turn[T]]:
        try:
            if decisions is not None:
                turn = yield from self._resumed(decisions)
                if turn is not None:
                    return turn
            return (yield from self._answered())
        except Cancelled as leaving:
            yield from self._claim.release()
            return self._left(leaving)
        except ChatError as error:
            self._keep_results()
            error.messages, error.responses = self._messages, self._responses
            raise

    # the model's steps

    def _answered(self) -> Flow[Turn[T]]:
        for _ in range(self._rules.max_steps):
            response = yield from self._asked()
            self._responses += (response,)
            self._messages += (response.message,)
            turn = yield from self._after(response)
            if turn is not None:
                return turn
        raise StepsExceeded(
            f"the model went on after {self._rules.max_steps} answers: raise max_steps=, or carry on with the error's "
            "`messages`",
            partial=self._responses[-1] if self._responses else None,
        )

    def _asked(self) -> Flow[Response]:
        request = self._request
        if self._messages is not request.messages:
            request = replace(request, messages=self._messages)
        flow = self._call(self._structured.asked(request) if self._structured is not None else request)
        if self._structured is not None:
            flow = self._structured.watched(flow)
        if self._notices or self._rules.journal is not None:  # else nothing stands between a stream and its driver
            flow = Seen(self._amended).through(flow)
        response = yield from flow
        self._notices = ()
        return response

    def _amended(self, response: Response) -> Response:
        """Add what the conversation knows: what was edited, and the name of a turn whose calls a journal keeps."""
        if self._notices:
            response = replace(response, notices=(*self._notices, *response.notices))
        message = response.message
        if self._rules.journal is not None and message.tool_calls and OWN not in message.meta:
            named = {**message.meta, OWN: cast("JSONObject", {"turn": self._rules.fresh()})}
            response = replace(response, message=replace(message, meta=named))
        return response

    def _after(self, response: Response) -> Flow[Turn[T] | None]:
        """Do what an answer asks for; return the turn, if that ends it."""
        if self._structured is not None and self._structured.answer(response) is not None:
            return (yield from self._answer_called(self._structured, response))
        if response.tool_calls:
            return (yield from self._tools_run())
        if response.finish_reason is FinishReason.PAUSE:  # the service wants the history again, to go on
            return None
        if self._structured is None:
            return self._turn()
        return (yield from self._output(self._structured, response))

    # structured output

    def _output(self, structured: Structured[T], response: Response) -> Flow[Turn[T] | None]:
        """Check an answer that is the last one; have the model try again if it does not fit."""
        try:
            value = structured.value_of(response, text_of(self._responses))
        except OutputInvalid as fault:
            again = structured.again(response, fault)
            if again is None:
                fault.partial = response
                raise
            self._messages += again
            return None
        yield from emit(OutputDelta(value, final=True))
        return replace(self._turn(), output=value)

    def _answer_called(self, structured: Structured[T], response: Response) -> Flow[Turn[T] | None]:
        """Check an answer that came as a call. If it fits, it ends the turn, and its sibling calls do not run."""
        turn = open_turn(self._messages)
        answer = structured.answer(response)
        if turn is None or answer is None:
            raise AssertionError  # the caller has seen the call
        place = turn.calls.index(answer)
        try:
            value = structured.value_of(response, response.text)
        except OutputInvalid as fault:
            complaint = structured.complaint_of(answer, fault)
            if structured.again(response, fault) is None:
                fault.partial = response
                self._messages = turn.answered(_closed(turn, place, complaint))
                raise
            return (yield from self._tools_run({place: complaint}))
        self._messages = turn.answered(_closed(turn, place, structured.accepted(answer)))
        yield from emit(OutputDelta(value, final=True))
        return replace(self._turn(), output=value)

    # tools

    def _tools_run(self, results: Mapping[int, ToolResult] | None = None) -> Flow[Turn[T] | None]:
        turn = open_turn(self._messages)
        if turn is None:
            raise AssertionError  # the caller has seen calls
        return (yield from self._worked(replace(turn, results=results or {}), {}))

    def _worked(self, turn: OpenTurn, decisions: Decisions) -> Flow[Turn[T] | None]:
        """Answer the calls that can be answered; return the turn, if it is paused or a tool has ended it."""
        from chat_core.flow.bench import Bench  # noqa: PLC0415 - an answer without calls does without
        from chat_core.flow.judging import Judge, waiting  # noqa: PLC0415 - as above

        judge = Judge(self._rules, self._request.tools, turn.before)
        judged: dict[int, Judged] = {}
        for place, call in enumerate(turn.calls):
            if place not in turn.results:
                judged[place] = yield from judge.judge(call, decisions.get(call.id))
        if self._resumes and any(item.pending is None for item in judged.values()):  # else it is left to others
            self._notices += yield from self._claim.take(turn)
        turn = self._with_edits(turn, judged)
        self._messages = turn.answered(turn.results)
        yield from self._kept()
        bench = Bench(self._rules, turn.before)
        bench.results.update(turn.results)
        self._unsaved = (turn, bench)
        for place, item in judged.items():
            if item.result is not None:
                bench.results[place] = item.result
                yield from emit(ToolEnd(item.call, item.result))
        try:
            yield from bench.run(self._works(turn, judged))
        except ToolFailed:
            yield from self._claim.release()
            raise
        self._keep_results()
        yield from self._kept()
        yield from self._claim.end()
        pending = yield from waiting(turn, judged, self._request.tools, self._rules.signer)
        if pending:
            return replace(self._turn(), status="paused", pending=pending)
        return self._turn() if bench.ended else None

    def _works(self, turn: OpenTurn, judged: Mapping[int, Judged]) -> tuple[Work, ...]:
        from chat_core.flow.bench import Work  # noqa: PLC0415 - as above

        name = turn.turn_id
        return tuple(
            Work(place, item.call, *item.ready, key=f"{name}/{place}" if name is not None else None)
            for place, item in judged.items()
            if item.ready is not None
        )

    def _with_edits(self, turn: OpenTurn, judged: Mapping[int, Judged]) -> OpenTurn:
        """Put edited arguments into the history, before anything runs with them."""
        edits: dict[int, JSONObject] = {
            place: item.call.arguments
            for place, item in judged.items()
            if item.call.arguments is not None and not same(item.call.arguments, turn.calls[place].arguments)
        }
        self._notices += edit_notices(turn.calls, edits)
        return replace(turn, messages=edited(turn.messages, edits)) if edits else turn

    # turns that were paused

    def _resumed(self, decisions: Decisions) -> Flow[Turn[T] | None]:
        """Take up a history whose last calls are open; one whose calls are all answered just goes on."""
        from chat_core.flow.judging import check_decisions  # noqa: PLC0415 - as above

        turn = open_turn(self._messages)
        moment = (yield from now()).wall
        check_decisions(decisions, turn, self._request.tools, self._rules.signer, moment)
        if turn is None:
            raise DecisionRefused("nothing was paused: the history does not end with calls; use complete() or stream()")
        if len(turn.results) == len(turn.calls):
            return None
        self._resumes = True
        paused = yield from self._worked(turn, decisions)
        self._resumes = False
        return paused

    def _kept(self) -> Flow[None]:
        if self._rules.keep is not None:
            yield from self._rules.keep(self._messages, self._responses)

    # ends

    def _keep_results(self) -> None:
        """Put what has been answered into the history, also when the turn fails in the middle of it."""
        if self._unsaved is not None:
            turn, bench = self._unsaved
            self._unsaved = None
            self._messages = turn.answered(bench.results)

    def _turn(self) -> Turn[T]:
        return Turn(messages=self._messages, responses=self._responses, output=cast("T", None))

    def _left(self, leaving: Cancelled) -> Turn[T]:
        """Return how far a turn had come that the program has left."""
        self._keep_results()
        messages, cut = left(self._messages, leaving.partial)
        return Turn(status="cancelled", messages=messages, responses=(*self._responses, *cut), output=cast("T", None))


def _closed(turn: OpenTurn, place: int, result: ToolResult) -> dict[int, ToolResult]:
    """Answer the call that gave the final answer, and close its siblings, which do not run."""
    from chat_core.functions import failed  # noqa: PLC0415 - as above

    closed = {at: failed(call, "not run: the final answer was given") for at, call in enumerate(turn.calls)}
    return {**closed, place: result}
