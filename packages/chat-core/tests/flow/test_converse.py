from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from scripted import Model, call, called, results, said
from toy import World

from chat_core.approval import Approve, Ask, Defer, Pending, Reject, Result, Run
from chat_core.errors import (
    ConfigurationError,
    DecisionRefused,
    ServerError,
    StepsExceeded,
    ToolFailed,
)
from chat_core.events import ApprovalRequest, ResponseEnd, ToolEnd, ToolProgress, ToolStart
from chat_core.flow.converse import converse
from chat_core.flow.rules import Rules
from chat_core.functions import EndTurn, ToolContext, tool
from chat_core.history import dump, load
from chat_core.messages import Message, user
from chat_core.parts import Reasoning, Text, ToolCall, ToolResult
from chat_core.request import Request
from chat_core.response import FinishReason
from chat_core.signing import Signer
from chat_core.stores.memory import MemoryJournal
from chat_core.tools import NativeTool, Tool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.approval import Decision, Verdict
    from chat_core.functions import FunctionTool
    from chat_core.jsonvalue import JSON
    from chat_core.parts import Meta
    from chat_core.turn import Turn

ran: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    ran.clear()


@tool
def weather(city: str) -> str:
    """Tell the weather of a city."""
    ran.append(city)
    return f"sunny in {city}"


@tool(approval=True)
def delete(path: str) -> str:
    """Delete a file."""
    ran.append(path)
    return f"deleted {path}"


@tool
def broken() -> str:
    """Fail."""
    ran.append("broken")
    raise ValueError("the disk is on fire")


@tool
def done(word: str) -> EndTurn:
    """End the turn."""
    return EndTurn(word)


@tool
def counting(context: ToolContext[str]) -> str:
    """Report progress."""
    context.progress(1)
    context.progress(2)
    return context.deps


TOOLS: tuple[FunctionTool[..., object], ...] = (weather, delete, broken, done, counting)


def rules(**changes: object) -> Rules:
    return Rules(functions={each.name: each for each in TOOLS}, **changes)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of settings


def asked(*messages: Message, tools: tuple[Tool | NativeTool, ...] | None = None) -> Request:
    declared = tuple(each.declaration for each in TOOLS) if tools is None else tools
    return Request(model="m", messages=messages or (user("Hi"),), tools=declared)


def turn_of(
    model: Model,
    *messages: Message,
    decisions: Mapping[str, Decision] | None = None,
    world: World | None = None,
    **changes: object,
) -> Turn[None]:
    flow = converse(model, asked(*messages), rules(**changes), decisions=decisions)
    return (world if world is not None else World()).run(flow)


def paused(*calls: ToolCall) -> Turn[None]:
    turn = turn_of(Model(called(*calls)))
    assert turn.status == "paused"
    return turn


# running


def test_an_answer_without_calls_is_a_turn() -> None:
    turn = turn_of(Model(said("Hello")))
    assert (turn.status, turn.text, turn.messages[0]) == ("complete", "Hello", user("Hi"))


def test_a_called_tool_runs_and_the_model_is_told() -> None:
    model = Model(called(call("1", "weather", city="Paris")), said("It is sunny."))
    turn = turn_of(model)
    assert ran == ["Paris"]
    assert results(turn.messages[2]) == {"1": ("sunny in Paris", False)}
    assert model.asked[1].messages == turn.messages[:3]
    assert (turn.text, turn.usage.input_tokens, len(turn.responses)) == ("It is sunny.", 20, 2)


def test_results_stand_in_the_order_of_the_calls_whoever_ends_first() -> None:
    calls = [call(str(number), "weather", city=str(number)) for number in range(5)]
    turn = turn_of(Model(called(*calls), said("ok")), concurrency=2)
    assert list(results(turn.messages[2])) == ["0", "1", "2", "3", "4"]


def test_events_tell_what_tools_do() -> None:
    world = World()
    turn_of(Model(called(call("1", "counting")), said("ok")), world=world, context="deps")
    told = [event for event in world.events if isinstance(event, ToolStart | ToolProgress | ToolEnd)]
    assert told[0] == ToolStart(call("1", "counting"))
    assert told[1:3] == [ToolProgress("1", 1), ToolProgress("1", 2)]
    assert isinstance(told[3], ToolEnd)
    assert told[3].result.content == (Text("deps"),)


def test_calls_with_one_id_are_answered_each() -> None:
    twice = (call("same", "weather", city="a"), call("same", "weather", city="b"))
    turn = turn_of(Model(called(*twice), said("ok")))
    assert ran == ["a", "b"]
    assert len(turn.messages[2].parts) == len(twice)


def test_a_service_that_wants_the_history_again_gets_it() -> None:
    model = Model(said("…", reason=FinishReason.PAUSE), said("done"))
    assert turn_of(model).text == "…done"
    assert len(model.asked[1].messages) == len(model.asked[0].messages) + 1


def test_a_tool_may_end_the_turn() -> None:
    model = Model(called(call("1", "done", word="bye")))
    turn = turn_of(model)
    assert turn.status == "complete"
    assert results(turn.messages[-1]) == {"1": ("bye", False)}


# what goes wrong is told to the model

BAD_CALLS = (
    (call("1", "nothing"), "there is no tool 'nothing'"),
    (call("1", "weather"), "city"),
    (call("1", "weather", city=["Paris"]), "city"),
    (ToolCall(id="1", name="weather", raw='{"city": "Par'), "Par"),
    (call("1", "broken"), "the disk is on fire"),
)


@pytest.mark.parametrize(("bad", "words"), BAD_CALLS)
def test_a_call_that_fails_is_answered_with_an_error_and_its_siblings_run(bad: ToolCall, words: str) -> None:
    model = Model(called(bad, call("2", "weather", city="Rome")), said("Sorry"))
    turn = turn_of(model)
    told = results(turn.messages[2])
    assert words in told["1"][0]
    assert told["1"][1]
    assert told["2"] == ("sunny in Rome", False)
    assert turn.text == "Sorry"


@pytest.mark.parametrize(("bad", "words"), BAD_CALLS)
def test_the_same_ends_the_turn_if_errors_are_to_be_raised(bad: ToolCall, words: str) -> None:
    with pytest.raises(ToolFailed) as caught:
        turn_of(Model(called(bad)), raise_on_tool_error=True)
    assert words in str(caught.value)
    assert caught.value.messages[-1].tool_calls == (bad,)


def test_what_siblings_gave_is_kept_when_a_failed_tool_ends_the_turn() -> None:
    with pytest.raises(ToolFailed) as caught:
        turn_of(Model(called(call("1", "weather", city="x"), call("2", "broken"))), raise_on_tool_error=True)
    assert results(caught.value.messages[-1]) == {"1": ("sunny in x", False)}


def test_an_error_that_is_raised_has_the_tools_own_error_as_its_cause() -> None:
    with pytest.raises(ToolFailed) as caught:
        turn_of(Model(called(call("1", "broken"))), raise_on_tool_error=True)
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_model_that_never_stops_calling_is_stopped_with_its_history() -> None:
    model = Model(*(called(call(str(number), "weather", city="x")) for number in range(3)))
    with pytest.raises(StepsExceeded) as caught:
        turn_of(model, max_steps=3)
    assert len(caught.value.messages) == 7
    assert caught.value.messages[-1].role == "tool"
    assert len(caught.value.responses) == 3
    assert caught.value.partial is caught.value.responses[-1]
    assert turn_of(Model(said("on")), *caught.value.messages).text == "on"


def test_a_failed_call_says_how_far_the_conversation_had_come() -> None:
    model = Model(called(call("1", "weather", city="x")), ServerError("oops", status=500))
    with pytest.raises(ServerError) as caught:
        turn_of(model)
    assert results(caught.value.messages[-1]) == {"1": ("sunny in x", False)}


# approval


def test_a_tool_that_needs_approval_pauses_the_turn_after_its_siblings_have_run() -> None:
    world = World()
    first, second = call("1", "delete", path="a"), call("2", "weather", city="Rome")
    turn = turn_of(Model(called(first, second)), world=world)
    assert (turn.status, ran) == ("paused", ["Rome"])
    assert turn.pending == (Pending(call=first, why="approval"),)
    assert results(turn.messages[-1]) == {"2": ("sunny in Rome", False)}
    assert world.events[-1] == ApprovalRequest(turn.pending[0])


def judging(call: ToolCall) -> Verdict | None:
    table: dict[object, Verdict] = {"run": Run(), "ask": Ask("why"), "defer": Defer("later"), "no": Reject("never")}
    return table.get((call.arguments or {}).get("path"))


def _nonsense(_: ToolCall) -> str:
    return "yes"


def _all(_: ToolCall) -> Run:
    return Run()


@pytest.mark.parametrize(
    ("path", "why", "reason"), [("ask", "approval", "why"), ("defer", "deferred", "later"), ("other", "approval", "")]
)
def test_a_policy_comes_before_the_tools_own_word(path: str, why: str, reason: str) -> None:
    turn = turn_of(Model(called(call("1", "delete", path=path))), policy=judging)
    assert [(each.why, each.reason) for each in turn.pending] == [(why, reason)]


def test_a_policy_can_let_a_call_run_or_refuse_it() -> None:
    model = Model(called(call("1", "delete", path="run"), call("2", "delete", path="no")), said("ok"))
    turn = turn_of(model, policy=judging)
    assert ran == ["run"]
    assert results(turn.messages[2])["2"] == ("never", True)


def test_a_policy_that_says_something_else_is_a_wrong_set_up() -> None:
    with pytest.raises(ConfigurationError, match="Run"):
        turn_of(Model(called(call("1", "delete", path="x"))), policy=_nonsense)


def test_a_paused_turn_goes_on_elsewhere_from_its_saved_history() -> None:
    turn = paused(call("1", "delete", path="a"), call("2", "weather", city="Rome"))
    saved = load(dump(turn.messages), tuple)
    ran.clear()
    model = Model(said("gone"))
    resumed = turn_of(model, *saved, decisions={"1": Approve()})
    assert ran == ["a"]
    assert list(results(resumed.messages[2])) == ["1", "2"]
    assert (resumed.text, resumed.status) == ("gone", "complete")
    assert model.asked[0].messages == resumed.messages[:3]


def test_a_rejected_call_is_answered_with_the_reason() -> None:
    turn = paused(call("1", "delete", path="a"))
    resumed = turn_of(Model(said("ok")), *turn.messages, decisions={"1": Reject("too dangerous")})
    assert ran == []
    assert results(resumed.messages[2]) == {"1": ("too dangerous", True)}


def test_a_result_from_elsewhere_answers_a_call() -> None:
    turn = paused(call("1", "delete", path="a"))
    resumed = turn_of(Model(said("ok")), *turn.messages, decisions={"1": Result({"freed": 12})})
    assert ran == []
    assert results(resumed.messages[2]) == {"1": ("{'freed': 12}", False)}


def test_a_turn_can_be_decided_piece_by_piece() -> None:
    turn = paused(call("1", "delete", path="a"), call("2", "delete", path="b"))
    half = turn_of(Model(), *turn.messages, decisions={"2": Approve()})
    assert (half.status, ran, half.responses) == ("paused", ["b"], ())
    assert [each.call.id for each in half.pending] == ["1"]
    whole = turn_of(Model(said("ok")), *half.messages, decisions={"1": Approve()})
    assert ran == ["b", "a"]
    assert list(results(whole.messages[2])) == ["1", "2"]


def test_an_edited_call_runs_as_edited_and_forks_the_history() -> None:
    origin = "toy@toy.example/toy"
    first = ToolCall(id="1", name="delete", arguments={"path": "a"}, meta={origin: {"item": "x"}})
    answer = called(first)
    thinking = Reasoning("hm", signature="s", meta={origin: {"y": 1}})
    answer = type(answer)(
        message=Message(role="assistant", parts=(thinking, first), meta={origin: {"id": "r"}}),
        finish_reason=FinishReason.TOOL_CALLS,
    )
    turn = turn_of(Model(answer))
    world = World()
    resumed = turn_of(Model(said("ok")), *turn.messages, decisions={"1": Approve({"path": "b"})}, world=world)
    assert ran == ["b"]
    edited = resumed.messages[1]
    assert edited.parts == (Reasoning("hm"), ToolCall(id="1", name="delete", arguments={"path": "b"}))
    assert edited.meta == {}
    (notice,) = resumed.response.notices
    assert (notice.feature, notice.requested, notice.applied) == (
        "arguments of delete", {"path": "a"}, {"path": "b"},
    )  # fmt: skip
    assert isinstance(end := world.events[-1], ResponseEnd)
    assert end.response.notices == resumed.response.notices


@tool(approval=True)
def note(value: object) -> str:
    """Write something down."""
    ran.append(repr(value))
    return "noted"


@pytest.mark.parametrize("edit", [{"n": [True]}, {"n": [1.0]}, {"n": [1, 1]}, {}, None])
def test_the_history_says_what_ran_also_where_python_calls_it_equal(edit: JSON) -> None:
    history = (user("Hi"), called(call("1", "note", value={"n": [1]})).message)
    request = Request(model="m", messages=history, tools=(note.declaration,))
    flow = converse(
        Model(said("ok")), request, Rules(functions={"note": note}), decisions={"1": Approve({"value": edit})}
    )
    resumed = World().run(flow)
    assert ran == [repr(edit)]
    assert repr(resumed.messages[1].tool_calls[0].arguments) == repr({"value": edit})
    assert len(resumed.response.notices) == 1


def test_the_same_arguments_are_no_edit() -> None:
    turn = paused(call("1", "delete", path="a"))
    resumed = turn_of(Model(said("ok")), *turn.messages, decisions={"1": Approve({"path": "a"})})
    assert resumed.response.notices == ()


def test_an_edit_is_noticed_once() -> None:
    turn = paused(call("1", "delete", path="a"))
    model = Model(called(call("2", "weather", city="x")), said("ok"))
    resumed = turn_of(model, *turn.messages, decisions={"1": Approve({"path": "b"})})
    assert [len(response.notices) for response in resumed.responses] == [1, 0]


@pytest.mark.parametrize("meta", [{}, {"chat": {"turn": "another"}}])
def test_an_approved_call_runs_once_whatever_its_answer_is_called(meta: Meta) -> None:
    journal, signer = MemoryJournal(), Signer("a secret of sixteen")
    turn = turn_of(Model(called(call("1", "delete", path="a"))), journal=journal, signer=signer)
    decisions = {"1": Approve(token=turn.pending[0].token)}
    turn_of(Model(said("ok")), *turn.messages, decisions=decisions, journal=journal, signer=signer)
    assert ran == ["a"]
    renamed = (turn.messages[0], replace(turn.messages[1], meta=meta))
    with pytest.raises(DecisionRefused, match="another call"):
        turn_of(Model(said("ok")), *renamed, decisions=decisions, journal=journal, signer=signer)
    assert ran == ["a"]


class Counting(MemoryJournal):
    """Counts what is claimed."""

    claimed = 0

    def claim(self, turn: str, owner: str, *, now: float, until: float) -> bool:
        self.claimed += 1
        return super().claim(turn, owner, now=now, until=until)


def test_only_the_turn_that_was_paused_is_claimed() -> None:
    journal = Counting()
    turn = turn_of(Model(called(call("1", "delete", path="a"))), journal=journal)
    model = Model(called(call("2", "weather", city="x")), said("ok"))
    assert turn_of(model, *turn.messages, decisions={"1": Approve()}, journal=journal).text == "ok"
    assert journal.claimed == 1


def test_a_turn_that_has_a_name_keeps_it() -> None:
    answer = called(call("1", "weather", city="x"))
    named = replace(answer, message=replace(answer.message, meta={"chat": {"turn": "mine"}}))
    turn = turn_of(Model(named, said("ok")), journal=MemoryJournal())
    assert turn.messages[1].meta == {"chat": {"turn": "mine"}}


REFUSED = (
    ({"2": Approve()}, "no call '2' waits"),
    ({"1": Approve({"file": "b"})}, "path"),
    ({"1": Approve({})}, "path"),
)


@pytest.mark.parametrize(("decisions", "words"), REFUSED)
def test_a_decision_that_does_not_fit_is_refused_before_anything_runs(
    decisions: Mapping[str, Decision], words: str
) -> None:
    turn = paused(call("1", "delete", path="a"))
    with pytest.raises(DecisionRefused, match=words):
        turn_of(Model(), *turn.messages, decisions=decisions)
    assert ran == []


def test_of_calls_that_share_an_id_none_is_approved_for_the_other() -> None:
    harmless, harmful = call("same", "delete", path="a"), call("same", "delete", path="/")
    turn = signed(harmful, harmless)
    shown = {"same": Approve(token=turn.pending[1].token)}
    assert "several calls" in refusal(turn.messages, shown["same"], call_id="same")
    resumed = turn_of(Model(said("ok")), *turn.messages, decisions={"same": Reject("No.")})
    assert [part.is_error for part in resumed.messages[2].parts if isinstance(part, ToolResult)] == [True, True]
    assert ran == []


@pytest.mark.parametrize("word", [False, True, 0, "no", None, {"approve": False}, Reject, Approve])
@pytest.mark.parametrize("signer", [None, Signer(b"0123456789abcdef")])
def test_what_is_no_decision_is_no_yes(word: object, signer: Signer | None) -> None:
    turn = paused(call("1", "delete", path="a"))
    decisions = cast("Mapping[str, Decision]", {"1": word})
    with pytest.raises(DecisionRefused, match=r"a decision is Approve\(\), Reject\(…\) or Result\(…\)"):
        turn_of(Model(), *turn.messages, decisions=decisions, signer=signer)
    assert ran == []


@pytest.mark.parametrize("word", [False, True, "deny", 0, Reject])
def test_a_policy_that_says_no_verdict_runs_nothing(word: object) -> None:
    with pytest.raises(ConfigurationError, match="delete did not run"):
        turn_of(Model(called(call("1", "delete", path="a"))), policy=lambda _: word)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - the mistake tested
    assert ran == []


def test_an_approved_call_whose_tool_was_forgotten_is_refused() -> None:
    turn = paused(call("1", "delete", path="a"))
    request = Request(model="m", messages=turn.messages)
    with pytest.raises(DecisionRefused, match="as tools="):
        World().run(converse(Model(), request, Rules(), decisions={"1": Approve()}))


def test_a_history_without_open_calls_cannot_be_resumed() -> None:
    with pytest.raises(DecisionRefused, match="nothing was paused"):
        turn_of(Model(), user("Hi"), decisions={})


def test_a_history_whose_calls_are_all_answered_goes_on() -> None:
    turn = turn_of(Model(called(call("1", "weather", city="x")), said("ok")))
    assert turn_of(Model(said("again")), *turn.messages[:3], decisions={}).text == "again"
    assert ran == ["x"]


def test_calls_without_a_decision_are_judged_anew() -> None:
    turn = paused(call("1", "delete", path="a"))
    assert turn_of(Model(said("ok")), *turn.messages, decisions={}, policy=_all).text == "ok"
    assert ran == ["a"]


def test_a_declared_tool_without_a_function_waits_for_its_result() -> None:
    bash = NativeTool(provider="claude", data={"type": "bash_20250124", "name": "bash"})
    request = asked(tools=(Tool(name="mine"), bash))
    model = Model(called(call("1", "mine"), call("2", "bash", command="ls")))
    turn = World().run(converse(model, request, Rules()))
    assert [each.why for each in turn.pending] == ["result", "result"]
    with pytest.raises(DecisionRefused, match="Result"):
        World().run(converse(Model(), asked(*turn.messages, tools=request.tools), Rules(), decisions={"1": Approve()}))


# signed approvals

KEY = b"0123456789abcdef"


def signed(*calls: ToolCall, time: float = 1000.0) -> Turn[None]:
    return turn_of(Model(called(*calls)), signer=Signer(KEY), world=World(time=time))


def test_a_signed_approval_is_taken() -> None:
    turn = signed(call("1", "delete", path="a"))
    token = turn.pending[0].token
    assert token is not None
    decision = pickle.loads(pickle.dumps(Approve(token=token)))
    turn_of(Model(said("ok")), *turn.messages, decisions={"1": decision}, signer=Signer(b"x" * 16, KEY))
    assert ran == ["a"]


def changed(turn: Turn[None], **arguments: object) -> tuple[Message, ...]:
    return (turn.messages[0], called(call("1", "delete", **arguments)).message)


def refusal(messages: tuple[Message, ...], decision: Decision, time: float = 1000.0, call_id: str = "1") -> str:
    with pytest.raises(DecisionRefused) as caught:
        turn_of(Model(), *messages, decisions={call_id: decision}, signer=Signer(KEY), world=World(time=time))
    assert ran == []
    return str(caught.value)


def test_an_approval_without_its_token_of_another_call_or_too_late_is_refused() -> None:
    turn = signed(call("1", "delete", path="a"))
    token = turn.pending[0].token
    other = signed(call("1", "delete", path="b")).pending[0].token
    assert "no valid token" in refusal(turn.messages, Approve())
    assert "no valid token" in refusal(turn.messages, Result("fine"))
    assert "no valid token" in refusal(turn.messages, Approve(token="1.x.ö"))
    assert "another call" in refusal(turn.messages, Approve(token=other))
    assert "another call" in refusal(changed(turn, path="/etc"), Approve(token=token))
    assert "another call" in refusal((user("Bye"), *turn.messages[1:]), Approve(token=token))
    assert "expired" in refusal(turn.messages, Approve(token=token), time=1000.0 + 8 * 24 * 3600)
    resumed = turn_of(Model(said("ok")), *turn.messages, decisions={"1": Reject()}, signer=Signer(KEY))
    assert resumed.text == "ok"


def test_a_token_is_bound_to_the_schema_that_was_shown() -> None:
    turn = signed(call("1", "delete", path="a"))
    request = asked(*turn.messages, tools=(Tool(name="delete", parameters={"type": "object"}),))
    decisions = {"1": Approve(token=turn.pending[0].token)}
    with pytest.raises(DecisionRefused, match="another call"):
        World().run(converse(Model(), request, rules(signer=Signer(KEY)), decisions=decisions))


def test_a_short_key_is_refused_and_a_key_is_never_shown() -> None:
    with pytest.raises(ConfigurationError, match="at least 16 bytes"):
        Signer("short")
    assert KEY.decode() not in repr(Signer(KEY))


def test_a_result_of_another_call_in_the_same_message_is_kept() -> None:
    turn = paused(call("1", "delete", path="a"))
    stray = ToolResult(call_id="stray", content=(Text("?"),))
    resumed = turn_of(
        Model(said("ok")), *turn.messages, Message(role="tool", parts=(stray,)), decisions={"1": Reject()}
    )
    assert list(results(resumed.messages[2])) == ["1", "stray"]


def test_the_history_in_an_error_is_that_of_this_conversation_also_when_a_policy_has_one_of_its_own() -> None:
    def asking_elsewhere(_: ToolCall) -> Run:
        error = ServerError("the judge is out", status=500)
        error.messages = (user("May it?"),)
        raise error

    with pytest.raises(ServerError) as caught:
        turn_of(Model(called(call("1", "weather", city="x"))), policy=asking_elsewhere)
    assert caught.value.messages[0] == user("Hi")
