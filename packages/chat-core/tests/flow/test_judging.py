from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from scripted import Model, call, called, results, said
from toy import MemoryTransport, World

from chat_core.approval import Ask, Reject, Result, Run
from chat_core.codec.effects import now
from chat_core.errors import Cancelled
from chat_core.flow.converse import converse
from chat_core.flow.drive import run
from chat_core.flow.rules import Rules
from chat_core.functions import tool
from chat_core.messages import Message, assistant, user
from chat_core.parts import Opaque
from chat_core.request import Request
from chat_core.response import FinishReason, Response

if TYPE_CHECKING:
    from chat_core.approval import Decisions, Policy, Verdict
    from chat_core.codec.effects import Flow
    from chat_core.functions import Approval
    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import ToolCall
    from chat_core.turn import Turn


def look() -> str:
    """Look."""
    return "seen"


def turn_of(
    model: Model,
    *messages: Message,
    approval: Approval = False,
    decisions: Decisions | None = None,
    **changes: object,
) -> Turn[None]:
    made = tool(look, approval=approval)
    request = Request(model="m", messages=messages or (user("Hi"),), tools=(made.declaration,))
    rules = Rules(functions={"look": made}, **changes)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of settings
    return World().run(converse(model, request, rules, decisions=decisions))


def says(verdict: Verdict | bool | None) -> Policy:
    def policy(_: ToolCall) -> Verdict | None:
        return verdict  # type: ignore[return-value] # pyright: ignore[reportReturnType] - a tool's own may say yes or no

    return policy


@pytest.mark.parametrize(
    ("policy", "own", "waits"),
    [
        (None, False, False),
        (None, True, True),
        (None, says(True), True),
        (None, says(False), False),
        (None, says(None), True),
        (None, says(Ask()), True),
        (says(Run()), True, False),
        (says(Run()), says(True), False),
        (says(Ask()), says(False), True),
        (says(None), says(True), True),
        (says(None), True, True),
    ],
)
def test_the_policy_beats_the_tool(policy: Policy | None, own: Approval, waits: bool) -> None:
    turn = turn_of(Model(called(call("1", "look")), said("ok")), approval=own, policy=policy)
    assert (turn.status == "paused") is waits


def test_a_tool_that_a_message_declares_waits_for_its_result() -> None:
    added: JSONObject = {"type": "additional_tools", "tools": [{"type": "function", "name": "later"}]}
    block = Message(role="system", parts=(Opaque(origin="o", kind="additional_tools", data=added),))
    turn = turn_of(Model(called(call("1", "later")), said("ok")), user("Hi"), block)
    assert [(waits.call.name, waits.why) for waits in turn.pending] == [("later", "result")]


def test_a_policy_may_have_to_be_awaited() -> None:
    async def policy(_: ToolCall) -> Verdict:
        await asyncio.sleep(0)
        return Reject("never")

    model = Model(called(call("1", "look")), said("ok"))
    made = tool(look)
    request = Request(model="m", messages=(user("Hi"),), tools=(made.declaration,))
    turn = run(converse(model, request, Rules(functions={"look": made}, policy=policy)), MemoryTransport())
    assert results(turn.messages[2]) == {"1": ("never", True)}


def test_a_result_from_elsewhere_may_be_an_error() -> None:
    messages = turn_of(Model(called(call("1", "look"))), approval=True).messages
    decisions = {"1": Result("no way", is_error=True)}
    resumed = turn_of(Model(said("ok")), *messages, approval=True, decisions=decisions)
    assert results(resumed.messages[2]) == {"1": ("no way", True)}


def test_what_must_not_be_lost_is_kept_before_tools_run_and_after() -> None:
    kept: list[int] = []

    def keep(messages: tuple[Message, ...], responses: tuple[Response, ...]) -> Flow[None]:
        yield from now()
        kept.append(len(messages) + 10 * len(responses))

    turn_of(Model(called(call("1", "look")), said("ok")), keep=keep)
    assert kept == [12, 13]


def test_a_turn_that_was_left_holds_what_was_received() -> None:
    left = Cancelled("left", partial=Response(message=assistant("Once")))
    turn = turn_of(Model(called(call("1", "look")), left))
    assert (turn.status, turn.text, turn.response.finish_reason) == ("cancelled", "Once", FinishReason.CANCELLED)
    assert [message.role for message in turn.messages] == ["user", "assistant", "tool", "assistant"]
