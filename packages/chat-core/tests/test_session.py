"""Sessions of both colours: what a step leaves behind, however it ends."""

from __future__ import annotations

import asyncio
import gc
import inspect
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scripted import USED, call, called, said
from talking import COLOURS, TOOLS, Colour, Talk, Wire

import chat_core
from chat_core import Approve, AsyncSession, Chat, DropOldest, Result, Session, Signer, Summarise, output
from chat_core.codec.wire import dump
from chat_core.errors import (
    ConfigurationError,
    DecisionRefused,
    DecodeError,
    Overloaded,
    StepsExceeded,
    StoreConflict,
    StoreError,
    StoreMissing,
    UnansweredToolCall,
)
from chat_core.events import ResponseStart, TextDelta, ToolEnd
from chat_core.jsonvalue import parse
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.options import Options
from chat_core.parts import Text, ToolCall, ToolResult
from chat_core.request import Request
from chat_core.response import FinishReason, Response, Usage
from chat_core.sessions.summaries import SUMMARY
from chat_core.stores.memory import MemoryJournal, MemoryStore
from chat_core.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chat_core.jsonvalue import JSON
    from chat_core.stores.records import Conversation, Entry

HELLO = (user("Hi"), assistant("Ho"))


@pytest.fixture(params=COLOURS, ids=repr)
def colour(request: pytest.FixtureRequest) -> Colour:
    made: Colour = request.param
    return made


def kept(store: MemoryStore, session: Talk | AsyncSession) -> tuple[Message, ...]:
    held = session.held if isinstance(session, Talk) else session
    return tuple(node.message for node in store.history(store.conversation(held.id).head))


# The two are twins

NAMES = ["fork", "load", "open", "resume", "resume_stream", "send", "stream", "undo"]


def methods(kind: type) -> dict[str, Callable[..., object]]:
    found = {name: getattr(value, "__func__", value) for name, value in vars(kind).items() if name[0] != "_"}
    return {name: value for name, value in found.items() if inspect.isfunction(value)}


def test_both_have_the_same_methods() -> None:
    assert sorted(methods(Session)) == sorted(methods(AsyncSession)) == NAMES


@pytest.mark.parametrize("name", ["__init__", *NAMES])
def test_a_method_of_both_has_the_same_parameters_and_the_same_documentation(name: str) -> None:
    one, other = (getattr(vars(kind)[name], "__func__", vars(kind)[name]) for kind in (Session, AsyncSession))
    assert one.__doc__ == other.__doc__
    assert one.__doc__
    assert _plain(one) == _plain(other)


def _plain(method: Callable[..., object]) -> str:
    return str(inspect.signature(method)).replace("Async", "").replace("ADrive", "Drive")


@pytest.mark.parametrize("name", ["session", "asession"])
def test_a_front_door_is_short(name: str) -> None:
    source = Path(chat_core.__path__[0], f"{name}.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 180


# Steps


def test_a_session_holds_what_was_said(colour: Colour) -> None:
    wire = Wire(said("Ho"), said("fine"))
    session = colour.session(wire, system="Be brief")
    assert session.held.last is None
    turn = session.send("Hi")
    assert (turn.text, turn.status) == ("Ho", "complete")
    session.send(user("How", " are you?"), options=Options(top_k=1))
    assert session.held.messages == (system("Be brief"), *HELLO, user("How", " are you?"), assistant("fine"))
    assert session.held.last is not None
    assert session.held.last.messages == session.held.messages
    assert [request.messages for request in wire.model.asked] == [session.held.messages[:2], session.held.messages[:4]]
    assert [request.options for request in wire.model.asked] == [Options(), Options(top_k=1)]
    assert session.held.usage == Usage(input_tokens=20, output_tokens=2)
    assert re.fullmatch(r"(Async)?Session\(toy:toy-1, 5 messages\)", repr(session.held))


def test_a_session_begins_with_what_was_said_before_or_with_a_name_of_a_model(colour: Colour) -> None:
    session = colour.session(Wire(said("ok")), messages=HELLO)
    session.send("again")
    assert session.held.messages[:3] == (*HELLO, user("again"))
    named = colour.demo()
    assert named.send("Hello").text


def test_what_holds_for_each_step_can_be_told_otherwise(colour: Colour) -> None:
    wire = Wire(said("a"), said("b"))
    session = colour.session(wire, options=Options(seed=1, top_k=2))
    session.send("x", options=Options(seed=3), tools=[TOOLS[0]])
    session.send("y")
    first, second = wire.model.asked
    assert first.options == Options(seed=3, top_k=2)
    assert [getattr(each, "name", None) for each in first.tools] == ["act"]
    assert (second.options, len(second.tools)) == (Options(seed=1, top_k=2), 2)


def test_a_session_streams(colour: Colour) -> None:
    session = colour.session(Wire(said("Ho")))
    events, turn = session.stream("Hi")
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["Ho"]
    assert turn is not None
    assert turn.messages == session.held.messages == HELLO


def test_an_output_is_a_value(colour: Colour) -> None:
    session = colour.session(Wire(said('{"value":[1,2]}'), said('{"value":[3]}')))
    assert session.answer("count", output(list[int])).output == [1, 2]
    _, turn = session.stream_answer("on", output(list[int]))
    assert turn is not None
    assert turn.output == [3]


def test_a_step_that_gave_nothing_changes_nothing(colour: Colour) -> None:
    session = colour.session(Wire(Overloaded("busy"), said("Ho")), system="s")
    with pytest.raises(Overloaded) as caught:
        session.send("Hi")
    assert session.held.messages == caught.value.messages == (system("s"),)
    session.send("Hi")
    assert list(session.held.messages) == [system("s"), *HELLO]


def test_a_stream_that_was_left_before_the_model_said_anything_changes_nothing(colour: Colour) -> None:
    session = colour.session(Wire(said("Ho")))
    assert session.stream("Hi", 0) == ([], None)
    assert session.held.messages == ()
    session.send("Hi")
    assert list(session.held.messages) == [*HELLO]


def test_a_stream_that_is_dropped_leaves_the_session_to_the_next_step() -> None:
    session = Session(Chat("replay:demo"))
    stream = session.stream("story")
    assert isinstance(next(stream), ResponseStart)
    del stream
    gc.collect()
    assert session.messages == ()
    assert session.send("Hello").status == "complete"


def test_what_had_come_when_a_stream_was_left_stays(colour: Colour) -> None:
    session = colour.demo()
    events, turn = session.stream("story", 20)
    assert turn is not None
    assert (turn.status, len(turn.responses), len(events)) == ("cancelled", 1, 20)
    assert session.held.messages == turn.messages
    assert [message.role for message in session.held.messages] == ["user", "assistant"]
    assert session.send("Hello").status == "complete"


def test_what_tools_did_stays_when_the_model_fails_afterwards_and_the_session_goes_on(colour: Colour) -> None:
    wire = Wire(called(call("a", "act", key="k")), Overloaded("busy"), said("done"))
    session = colour.session(wire)
    with pytest.raises(Overloaded) as caught:
        session.send("Hi")
    assert [message.role for message in session.held.messages] == ["user", "assistant", "tool"]
    assert caught.value.messages == session.held.messages
    assert session.held.waiting == ()
    assert session.held.usage == USED
    assert session.resume({}).text == "done"
    assert [message.role for message in session.held.messages] == ["user", "assistant", "tool", "assistant"]


def test_the_history_of_another_conversation_that_failed_meanwhile_is_none_of_this_one(colour: Colour) -> None:
    def policy(_: ToolCall) -> None:
        error = Overloaded("a judge is busy")
        error.messages = (user("Be fair."), assistant("Yes."), user("Is this call fine?"), assistant("Well,"))
        raise error

    session = colour.session(Wire(called(call("a", "act", key="k"))), messages=HELLO, policy=policy)
    with pytest.raises(Overloaded):
        session.send("Hi")
    assert session.held.messages == (*HELLO, user("Hi"), called(call("a", "act", key="k")).message)


def test_a_complaint_that_was_never_answered_is_not_in_the_history(colour: Colour) -> None:
    session = colour.session(Wire(said("no list"), Overloaded("busy")))
    with pytest.raises(Overloaded):
        session.answer("count", output(list[int]))
    assert session.held.messages == (user("count"), assistant("no list"))


def test_a_step_limit_keeps_what_was_done(colour: Colour) -> None:
    session = colour.session(Wire(called(call("a", "act", key="k"))), max_steps=1)
    with pytest.raises(StepsExceeded):
        session.send("Hi")
    assert [message.role for message in session.held.messages] == ["user", "assistant", "tool"]
    assert session.held.usage == USED


# Pauses


def test_a_paused_session_waits_for_decisions(colour: Colour) -> None:
    wire = Wire(called(call("a", "act", key="x"), call("b", "guarded", key="y")), said("done"))
    session = colour.session(wire)
    turn = session.send("Hi")
    assert (turn.status, [each.call.id for each in session.held.pending]) == ("paused", ["b"])
    assert [each.id for each in session.held.waiting] == ["b"]
    with pytest.raises(UnansweredToolCall, match=r"guarded \(b\): answer them first by resume\(decisions\)"):
        session.send("well?")
    assert len(session.held.messages) == 3
    with pytest.raises(DecisionRefused, match="no call 'z' waits"):
        session.resume({"z": Approve()})
    assert session.held.pending == turn.pending
    turn = session.resume({"b": Approve()})
    assert (turn.text, session.held.pending, session.held.waiting) == ("done", (), ())
    assert [message.role for message in session.held.messages] == ["user", "assistant", "tool", "assistant"]
    assert len(wire.model.asked) == 2


def test_a_resumed_session_streams_and_an_edit_is_in_the_history(colour: Colour) -> None:
    session = colour.session(Wire(called(call("a", "guarded", key="x")), said("done")))
    session.send("Hi")
    events, turn = session.resume_stream({"a": Approve({"key": "y"})})
    assert [event.result.content for event in events if isinstance(event, ToolEnd)] == [(Text("did y"),)]
    assert session.held.messages[1].tool_calls[0].arguments == {"key": "y"}
    assert turn is not None
    assert turn.responses[0].notices[0].feature == "arguments of guarded"


def test_results_can_be_said_by_the_program(colour: Colour) -> None:
    session = colour.session(Wire(called(call("a", "guarded", key="x")), said("done")))
    session.send("Hi")
    session.send(tool_results(ToolResult(call_id="a", content=(Text("mine"),))))
    assert [message.role for message in session.held.messages] == ["user", "assistant", "tool", "assistant"]


def test_where_nothing_waits_there_is_nothing_to_resume(colour: Colour) -> None:
    session = colour.session(Wire(said("Ho")))
    session.send("Hi")
    with pytest.raises(DecisionRefused, match=r"nothing was paused"):
        session.resume({})


def test_one_step_goes_at_a_time() -> None:
    session = Session(Chat("replay:demo"))
    with session.stream("story") as stream:
        next(stream)
        for step in (lambda: session.send("Hello"), session.undo, session.fork):
            with pytest.raises(RuntimeError, match="another step of this session is at work"):
                step()
    assert session.send("Hello").status == "complete"


def test_one_step_goes_at_a_time_among_tasks() -> None:
    async def main() -> None:
        session = AsyncSession("replay:demo")
        async with session.stream("story") as stream:
            await anext(stream)
            with pytest.raises(RuntimeError, match="another step of this session is at work"):
                await session.send("Hello")

    asyncio.run(main())


def test_a_cancelled_task_keeps_what_had_come() -> None:
    store = MemoryStore()

    async def main() -> AsyncSession:
        session = AsyncSession("replay:demo", store=store)

        async def steps() -> None:
            async for event in session.stream("story"):
                if isinstance(event, TextDelta):
                    seen.set()

        seen = asyncio.Event()
        task = asyncio.ensure_future(steps())
        await seen.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return session

    session = asyncio.run(main())
    assert [message.role for message in session.messages] == ["user", "assistant"]
    assert kept(store, session) == session.messages


def test_a_whole_request_is_refused(colour: Colour) -> None:
    session = colour.session(Wire())
    with pytest.raises(TypeError, match="a session holds the history"):
        session.send(Request(model="m", messages=HELLO[:1]))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - the mistake tested


def test_a_setting_that_there_is_not_is_refused(colour: Colour) -> None:
    with pytest.raises(TypeError, match=r"there is no setting sytem="):
        colour.session(Wire(), sytem="x")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] - the mistake tested
    with pytest.raises(TypeError, match=r"there is no setting system="):
        colour.load(Wire(), {}, system="x")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] - the mistake tested
    with pytest.raises(TypeError, match="a history holds messages, not str"):
        colour.session(Wire(), messages=["Hi"])  # type: ignore[list-item] # pyright: ignore[reportArgumentType] - the mistake tested


# Ways back and aside


def test_exchanges_are_taken_back_whole(colour: Colour) -> None:
    wire = Wire(said("Ho"), called(call("a", "act", key="k")), said("done"), said("again"))
    session = colour.session(wire, system="s")
    session.send("Hi")
    session.send("act")
    taken = session.undo()
    assert [message.role for message in taken] == ["user", "assistant", "tool", "assistant"]
    assert session.held.messages == (system("s"), *HELLO)
    assert session.held.last is None
    assert session.held.usage == Usage(input_tokens=30, output_tokens=3)  # it was paid
    session.send("act")
    assert len(session.undo(2)) == 4
    assert list(session.held.messages) == [system("s")]
    with pytest.raises(ValueError, match="1 exchanges cannot be taken back: there are 0"):
        session.undo()


def test_a_fork_shares_the_past_and_nothing_else(colour: Colour) -> None:
    wire = Wire(said("Ho"), said("one"), said("two"))
    session = colour.session(wire)
    session.send("Hi")
    fork, early = session.fork(), session.fork(1)
    session.send("a")
    fork.send("b")
    assert session.held.messages == (*HELLO, user("a"), assistant("one"))
    assert fork.held.messages == (*HELLO, user("b"), assistant("two"))
    assert early.held.messages == HELLO[:1]
    assert (type(fork.held), len({session.held.id, fork.held.id, early.held.id})) == (type(session.held), 3)
    assert (fork.held.usage, early.held.usage) == (Usage(input_tokens=20, output_tokens=2), Usage())
    with pytest.raises(ValueError, match="at=9: the history has 4 messages"):
        session.fork(9)


def test_a_fork_of_a_paused_session_can_be_decided_otherwise(colour: Colour) -> None:
    session = colour.session(Wire(called(call("a", "guarded", key="x")), said("yes"), said("no")))
    session.send("Hi")
    fork = session.fork()
    assert fork.held.pending == session.held.pending
    assert session.resume({"a": Approve()}).text == "yes"
    assert fork.resume({"a": Result("mine")}).text == "no"


# Saved


def test_a_session_is_saved_as_json_and_goes_on(colour: Colour) -> None:
    signer = Signer("a secret of sixteen")
    wire = Wire(said("Ho"), said("sum"), called(call("a", "guarded", key="x")), said("done"))
    trim = Summarise(4, to=0.5, counter=len)
    session = colour.session(wire, trim=trim, title="t", messages=(*HELLO, *HELLO), signer=signer)
    session.send("Hi")
    wire.model = Wire(called(call("a", "guarded", key="x")), said("done")).model
    session.send("act")
    data = parse(dump(session.held.save()))
    loaded = colour.load(wire, data, trim=trim, signer=signer)
    for name in ("id", "messages", "pending", "usage", "waiting"):
        assert getattr(loaded.held, name) == getattr(session.held, name)
    token = loaded.held.pending[0].token
    assert token is not None
    assert loaded.resume({"a": Approve(token=token)}).text == "done"
    assert wire.model.asked[-1].messages[0].text.startswith(SUMMARY)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (5, "reads what save"),
        ({"version": 1, "type": "session"}, "reads what save"),
        ({"version": 2, "type": "session"}, "update chat-core"),
        ({"window": {"at": 9, "head": None}}, "its window is damaged"),
        ({"usage": 4}, "its usage is damaged"),
        ({"pending": [{"call": "a"}]}, "a call that waits is damaged"),
        ({"history": {"version": 1, "type": "history"}}, "messages"),
    ],
    ids=["no object", "no history", "newer", "window", "usage", "pending", "history"],
)
def test_a_damaged_save_is_an_error(colour: Colour, data: JSON, fault: str) -> None:
    session = colour.session(Wire(said("Ho")))
    session.send("Hi")
    whole = session.held.save()
    broken: JSON = data if not isinstance(data, dict) or "version" in data else {**whole, **data}
    with pytest.raises(DecodeError, match=fault):
        colour.load(Wire(), broken)


# Stores


def test_a_conversation_is_kept_as_it_grows_and_opened_again(colour: Colour) -> None:
    store, wire = MemoryStore(), Wire(said("Ho"), said("fine"))
    session = colour.session(wire, store=store, system="s", title="talk")
    assert (session.held.head, store.conversations()) == (None, ())
    session.send("Hi")
    (there,) = store.conversations()
    assert (there.id, there.title, there.model, there.head) == (session.held.id, "talk", "toy:toy-1", session.held.head)
    opened = colour.open(wire, store, session.held.id)
    for name in ("messages", "usage", "head"):
        assert getattr(opened.held, name) == getattr(session.held, name)
    opened.send("How are you?")
    nodes = store.history(store.conversation(session.held.id).head)
    assert [node.message for node in nodes] == list(opened.held.messages)
    answers = [node.entry.response for node in nodes]
    assert [answer is not None for answer in answers] == [False, False, True, False, True]
    assert answers[2] == Response(message=assistant("Ho"), finish_reason=FinishReason.STOP, usage=USED)
    assert [node.entry.at is not None for node in nodes] == [False, True, True, True, True]


def test_a_failed_first_step_begins_no_conversation(colour: Colour) -> None:
    store = MemoryStore()
    session = colour.session(Wire(Overloaded("busy")), store=store)
    with pytest.raises(Overloaded):
        session.send("Hi")
    assert store.conversations() == ()


def test_calls_are_in_the_store_before_tools_run(colour: Colour) -> None:
    store, seen = MemoryStore(), list[tuple[Message, ...]]()

    def look(key: str) -> str:
        seen.append(tuple(node.message for node in store.history(store.conversations()[0].head)))
        return key

    wire = Wire(called(call("a", "look", key="k")), said("done"))
    session = colour.session(wire, store=store)
    session.send("Hi", tools=[chat_core.tool(look)])
    assert [[message.role for message in each] for each in seen] == [["user", "assistant"]]
    assert seen[0][1].tool_calls[0].id == "a"
    assert len(store.marks([f"{seen[0][1].meta['chat']['turn']}/0"])) == 1  # the store is the journal


def test_a_journal_of_ones_own_stays(colour: Colour) -> None:
    store, journal = MemoryStore(), MemoryJournal()
    wire = Wire(called(call("a", "act", key="k")), said("done"))
    session = colour.session(wire, store=store, journal=journal)
    session.send("Hi")
    name = f"{session.held.messages[1].meta['chat']['turn']}/0"
    assert (len(journal.marks([name])), len(store.marks([name]))) == (1, 0)


def test_an_opened_conversation_that_was_paused_goes_on(colour: Colour) -> None:
    store, wire = MemoryStore(), Wire(called(call("a", "act", key="x"), call("b", "guarded", key="y")), said("done"))
    session = colour.session(wire, store=store)
    session.send("Hi")
    opened = colour.open(wire, store, session.held.id)
    assert ([each.id for each in opened.held.waiting], opened.held.pending) == (["b"], ())
    assert opened.resume({}).status == "paused"
    assert [each.call.id for each in opened.held.pending] == ["b"]
    assert opened.resume({"b": Approve({"key": "z"})}).text == "done"
    assert kept(store, opened) == opened.held.messages
    assert opened.held.messages[1].tool_calls[1].arguments == {"key": "z"}
    assert store.describe()["nodes"] == 3 + 2 + 2  # nodes stay; the edited answer and its results, all results, the end


def test_what_is_taken_back_stays_in_the_store_as_nodes(colour: Colour) -> None:
    store, wire = MemoryStore(), Wire(said("Ho"), said("x"))
    session = colour.session(wire, store=store)
    session.send("Hi")
    before = session.held.head
    session.send("more")
    session.undo()
    assert (kept(store, session), session.held.head, store.describe()["nodes"]) == (HELLO, before, 4)
    session.undo()
    assert (kept(store, session), session.held.head) == ((), None)


def test_a_fork_is_a_conversation_of_the_store_that_shares_nodes(colour: Colour) -> None:
    store, wire = MemoryStore(), Wire(said("Ho"), said("x"), said("y"))
    session = colour.session(wire, store=store, title="t")
    session.send("Hi")
    session.send("more")
    fork = session.fork(2, id="other")
    assert (fork.held.id, kept(store, fork), store.conversation("other").title) == ("other", HELLO, "t")
    assert store.describe()["nodes"] == 4
    fork.send("else")
    assert (kept(store, fork), kept(store, session)) == (fork.held.messages, session.held.messages)


def test_a_second_writer_is_told_and_can_keep_both(colour: Colour) -> None:
    store, wire = MemoryStore(), Wire(said("Ho"), said("first"), said("second"), said("on"))
    one = colour.session(wire, store=store)
    one.send("Hi")
    other = colour.open(wire, store, one.held.id)
    one.send("a")
    with pytest.raises(StoreConflict, match=r"somebody else has written.*Session\.open.*fork\(\)") as caught:
        other.send("b")
    assert caught.value.head == one.held.head
    assert caught.value.messages == other.held.messages == (*HELLO, user("b"), assistant("second"))
    fork = other.fork()
    assert kept(store, fork) == other.held.messages
    fork.send("c")
    assert kept(store, one) == one.held.messages
    other.undo()  # nobody but this session knew of it
    with pytest.raises(StoreConflict):
        other.undo()
    assert list(other.held.messages) == [*HELLO]


def test_a_fork_of_what_somebody_has_taken_back_is_written_anew(colour: Colour) -> None:
    store, wire = MemoryStore(), Wire(said("Ho"), said("more"))
    one = colour.session(wire, store=store)
    one.send("Hi")
    other = colour.open(wire, store, one.held.id)
    one.undo()
    fork = other.fork()
    assert kept(store, fork) == HELLO


def test_an_id_that_is_taken_is_refused_when_the_conversation_begins(colour: Colour) -> None:
    store = MemoryStore()
    store.create(now=1.0, id="a")
    session = colour.session(Wire(said("Ho")), store=store, id="a")
    with pytest.raises(StoreConflict, match="there is a conversation 'a' already"):
        session.send("Hi")


def test_a_conversation_that_is_not_there_cannot_be_opened(colour: Colour) -> None:
    with pytest.raises(StoreMissing, match="no conversation 'a'"):
        colour.open(Wire(), MemoryStore(), "a")


class Weak(MemoryStore):
    """A store that fails for a while."""

    fails = 0

    def append(self, conversation: str, entries: Sequence[Entry], *, head: str | None, now: float) -> str:
        if self.fails:
            self.fails -= 1
            raise StoreError("no room")
        return super().append(conversation, entries, head=head, now=now)


def test_what_a_store_could_not_keep_is_written_with_the_next_step(colour: Colour) -> None:
    store, wire = Weak(), Wire(said("Ho"), said("x"))
    session = colour.session(wire, store=store)
    store.fails = 1
    with pytest.raises(StoreError, match="no room") as caught:
        session.send("Hi")
    assert caught.value.messages == session.held.messages == HELLO
    assert [each.text for each in caught.value.responses] == ["Ho"]
    session.send("more")
    assert kept(store, session) == session.held.messages


class Silent(MemoryStore):
    """A store that does for a while what it is asked, and then breaks off."""

    breaks: frozenset[str] = frozenset()

    def create(
        self, *, now: float, id: str | None = None, title: str = "", model: str = "", tags: Sequence[str] = ()
    ) -> Conversation:
        made = super().create(now=now, id=id, title=title, model=model, tags=tags)
        self._break_off("create")
        return made

    def append(self, conversation: str, entries: Sequence[Entry], *, head: str | None, now: float) -> str:
        new = super().append(conversation, entries, head=head, now=now)
        self._break_off("append")
        return new

    def move(self, conversation: str, to: str | None, *, head: str | None, now: float) -> Conversation:
        moved = super().move(conversation, to, head=head, now=now)
        self._break_off("move")
        return moved

    def _break_off(self, method: str) -> None:
        if method in self.breaks:
            self.breaks -= {method}
            raise StoreError("broke off")


@pytest.mark.parametrize("method", ["create", "append"])
def test_what_was_written_without_an_answer_is_no_conflict(colour: Colour, method: str) -> None:
    store, wire = Silent(), Wire(said("Ho"), said("x"), said("y"))
    session = colour.session(wire, store=store)
    store.breaks = frozenset({method})
    with pytest.raises(StoreError, match="broke off"):
        session.send("Hi")
    session.send("more")
    session.send("and more")
    assert kept(store, session) == session.held.messages


def test_what_was_taken_back_without_an_answer_is_no_conflict(colour: Colour) -> None:
    store, wire = Silent(), Wire(said("Ho"), said("x"), said("y"))
    session = colour.session(wire, store=store)
    session.send("Hi")
    session.send("more")
    store.breaks = frozenset({"move"})
    with pytest.raises(StoreError, match="broke off"):
        session.undo()
    session.undo()
    session.send("other")
    assert kept(store, session) == session.held.messages


def test_sessions_of_one_store_share_its_thread(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db")
    before = threading.active_count()
    sessions = [Session("replay:demo", store=store) for _ in range(5)]
    for session in sessions:
        session.send("Hello")
    assert threading.active_count() - before <= 1


def test_without_a_store_that_keeps_them_no_tool_runs(colour: Colour) -> None:
    store, wire, ran = Weak(), Wire(called(call("a", "look", key="k")), said("done")), list[str]()

    def look(key: str) -> None:
        ran.append(key)

    session = colour.session(wire, store=store)
    store.fails = 1
    with pytest.raises(StoreError, match="no room"):
        session.send("Hi", tools=[chat_core.tool(look)])
    assert ran == []
    assert [each.id for each in session.held.waiting] == ["a"]


def test_a_store_that_fails_beside_a_service_is_a_note(colour: Colour) -> None:
    store, wire = Weak(), Wire(said("no list"), Overloaded("busy"))
    session = colour.session(wire, store=store)
    store.fails = 1
    with pytest.raises(Overloaded) as caught:
        session.answer("count", output(list[int]))
    assert caught.value.__notes__ == ["the store has failed too: no room"]
    assert len(session.held.messages) == 2


class Slow(MemoryStore):
    """A store whose second write takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.go = threading.Event()

    def append(self, conversation: str, entries: Sequence[Entry], *, head: str | None, now: float) -> str:
        self.begun.set()
        assert self.go.wait(10)
        return super().append(conversation, entries, head=head, now=now)


def test_a_write_in_which_the_program_left_is_finished_and_the_session_knows_it() -> None:
    store = Slow()

    async def main() -> AsyncSession:
        session = AsyncSession("replay:demo", store=store)
        task = asyncio.ensure_future(session.send("Hello"))
        await asyncio.to_thread(store.begun.wait, 10)
        task.cancel()
        asyncio.get_running_loop().call_later(1.5, store.go.set)  # longer than jobs have to end
        with pytest.raises(asyncio.CancelledError):
            await task
        assert kept(store, session) == session.messages
        assert len(session.messages) == 2
        await session.send("story")
        return session

    session = asyncio.run(main())
    assert kept(store, session) == session.messages


# Trimming


def test_what_is_sent_is_trimmed_and_the_history_is_whole(colour: Colour) -> None:
    wire, store = Wire(*(said(f"r{number}") for number in range(6))), MemoryStore()
    session = colour.session(wire, system="s", trim=DropOldest(6, to=0.5, counter=len), store=store)
    turns = [session.send(f"q{number}") for number in range(6)]
    assert len(session.held.messages) == 13
    assert kept(store, session) == session.held.messages == turns[-1].messages
    sent = [[message.text for message in request.messages] for request in wire.model.asked]
    assert sent[2] == ["s", "q0", "r0", "q1", "r1", "q2"]
    assert sent[3:] == [["s", "q3"], ["s", "q3", "r3", "q4"], ["s", "q3", "r3", "q4", "r4", "q5"]]
    assert [len(turn.response.notices) for turn in turns] == [0, 0, 0, 1, 1, 1]


def test_the_cost_of_summaries_counts(colour: Colour) -> None:
    wire = Wire(said("sum"), said("Ho"))
    session = colour.session(wire, messages=(*HELLO, *HELLO), trim=Summarise(3, counter=len))
    session.send("now")
    assert session.held.usage == Usage(input_tokens=20, output_tokens=2)
    assert [message.text for message in wire.model.asked[1].messages] == [SUMMARY + "sum", "now"]


def test_a_summary_that_fails_changes_nothing(colour: Colour) -> None:
    session = colour.session(Wire(Overloaded("busy")), messages=(*HELLO, *HELLO), trim=Summarise(3, counter=len))
    with pytest.raises(Overloaded) as caught:
        session.send("now")
    assert session.held.messages == caught.value.messages == (*HELLO, *HELLO)


def test_undoing_behind_a_cut_sends_the_beginning_again(colour: Colour) -> None:
    wire = Wire(said("x"), said("y"))
    session = colour.session(wire, messages=(*HELLO, *HELLO), trim=DropOldest(4, to=0.5, counter=len))
    session.send("now")
    assert len(wire.model.asked[0].messages) == 1
    session.undo(2)
    session.send("again")
    assert len(wire.model.asked[1].messages) == 3


def test_a_cut_for_words_that_were_never_answered_does_not_hide_what_goes_on(colour: Colour) -> None:
    wire = Wire(called(call("a", "act", key="k")), Overloaded("busy"), Overloaded("busy"), said("done"))
    session = colour.session(wire, messages=HELLO, trim=DropOldest(5, to=0.2, counter=len))
    for words in ("act", "and now"):
        with pytest.raises(Overloaded):
            session.send(words)
    assert session.resume({}).text == "done"
    assert [[message.role for message in request.messages] for request in wire.model.asked] == [
        ["user", "assistant", "user"],
        ["user", "assistant", "user", "assistant", "tool"],
        ["user"],
        ["user", "assistant", "user", "assistant", "tool"],
    ]


def test_a_paused_turn_is_trimmed_when_it_goes_on(colour: Colour) -> None:
    calls = [called(call(f"c{number}", "guarded", key="k")) for number in range(3)]
    wire = Wire(*calls, said("done"))
    session = colour.session(wire, messages=HELLO, trim=DropOldest(5, to=1, counter=len))
    session.send("act")
    turns = [session.resume({f"c{number}": Approve()}) for number in range(3)]
    assert turns[-1].text == "done"
    assert [message.role for message in session.held.messages] == [
        "user", "assistant", "user", *("assistant", "tool") * 3, "assistant",
    ]  # fmt: skip
    assert [[message.role for message in request.messages] for request in wire.model.asked[2:]] == [
        ["user", *("assistant", "tool") * 2],
        ["user", *("assistant", "tool") * 2],
    ]


def test_where_calls_are_signed_a_paused_turn_goes_on_with_what_was_sent(colour: Colour) -> None:
    wire = Wire(called(call("a", "guarded", key="x")), said("done"))
    limit = [100]

    def counter(messages: Sequence[Message]) -> int:
        return len(messages) + 100 - limit[0]

    session = colour.session(
        wire, messages=HELLO, trim=DropOldest(100, counter=counter), signer=Signer("a secret of sixteen")
    )
    session.send("act")
    limit[0] = 0
    assert session.resume({"a": Approve(token=session.held.pending[0].token)}).text == "done"
    assert len(wire.model.asked[1].messages) == 5


def test_the_service_counts_when_asked_to(colour: Colour) -> None:
    session = colour.demo(trim=DropOldest(1, counter="provider"))
    turn = session.send("Hello")
    (notice,) = turn.response.notices
    assert notice.feature == "history"
    assert notice.applied == {"messages": 1, "tokens": 11}


def _last(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return messages[-1:]


def test_a_function_trims_too_and_its_faults_are_errors_before_anything_is_sent(colour: Colour) -> None:
    wire = Wire(said("x"))
    session = colour.session(wire, messages=(*HELLO, *HELLO), trim=_last)
    session.send("now")
    assert wire.model.asked[0].messages == (user("now"),)
    broken = colour.session(wire, system="s", trim=_last)
    with pytest.raises(ConfigurationError, match="system messages"):
        broken.send("now")


def test_an_answer_by_a_tool_is_part_of_the_history(colour: Colour) -> None:
    wire = Wire(called(call("a", "final_answer", value=[1])))
    session = colour.session(wire)
    turn = session.answer("count", output(list[int], strategy="tool"))
    assert turn.output == [1]
    assert [message.role for message in session.held.messages] == ["user", "assistant", "tool"]


# Killed


DYING = """
import os, sys
sys.path[:] = {path!r}
from chat_core import Session, tool
from chat_core.stores.sqlite import SqliteStore

def get_weather(city: str) -> str:
    open({mark!r}, "a").write(city)
    os._exit(9)

session = Session("replay:demo", store=SqliteStore({file!r}), id="a", tools=[tool(get_weather)])
session.send("How is the weather?")
"""


def test_a_program_that_was_killed_while_a_tool_ran_goes_on_without_running_it_again(tmp_path: Path) -> None:
    file, mark = tmp_path / "talks.db", tmp_path / "mark"
    program = DYING.format(path=sys.path, mark=str(mark), file=str(file))
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 9

    def get_weather(city: str) -> str:
        raise AssertionError(city)

    session = Session.open("replay:demo", SqliteStore(file), "a", tools=[chat_core.tool(get_weather)])
    assert [message.role for message in session.messages] == ["user", "assistant"]
    assert [each.name for each in session.waiting] == ["get_weather"]
    assert session.resume({}).status == "complete"
    (result,) = session.messages[2].parts
    assert isinstance(result, ToolResult)
    assert isinstance(result.content[0], Text)
    assert result.content[0].text.startswith("interrupted")
    assert mark.read_text(encoding="utf-8") == "Oslo"
