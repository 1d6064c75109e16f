"""Live sessions over real sockets, in both colours: what is heard and said, when, and what is left behind."""

from __future__ import annotations

import asyncio
import gc
import inspect
import threading
import time
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from living import Blocking, Looped, Side, answer_of, serving, until
from peers import PATIENCE

from chat_core import Approve, AsyncChat, Chat, Reject, Result, ToolContext, system, tool, user
from chat_core.alivesession import AsyncLiveSession
from chat_core.approval import Ask
from chat_core.codec.provider import Secret
from chat_core.demo import Demo
from chat_core.errors import (
    AuthenticationFailed,
    ConfigurationError,
    DecisionRefused,
    DecodeError,
    ProviderError,
    TimedOut,
    ToolFailed,
    TransportError,
    UnsupportedCapability,
    UnsupportedContent,
    UnsupportedTransport,
)
from chat_core.events import ApprovalRequest, ResponseEnd, TextDelta, ToolEnd, ToolProgress, ToolStart
from chat_core.live import (
    FrameInput,
    InputTranscript,
    Interrupted,
    NativeInput,
    Reconnected,
    SessionError,
    SessionStart,
)
from chat_core.livesession import LiveSession
from chat_core.livesessions.shown import closed
from chat_core.parts import Inline, Json, Media, Text, ToolResult
from chat_core.response import FinishReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from living import Colour, Session
    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request as Asked
    from websockets.http11 import Response as Answered
    from wspeers import WSServer

    from chat_core.codec.wire import WireRequest
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import ToolCall

SOON = 2.0
"""Seconds within which something that must not wait for anything else has happened."""


@pytest.fixture(params=["blocking", "asyncio"])
def colour(request: pytest.FixtureRequest) -> Iterator[Colour]:
    found = Blocking() if request.param == "blocking" else Looped()
    yield found
    found.close()


@tool
def double(n: int) -> int:
    return 2 * n


def numbers(message: JSONObject) -> list[tuple[str, bool]]:
    """Return the ids and the faults of the results in a message."""
    match message:
        case {"results": list(results)}:
            return [number(result) for result in results]
        case _:
            raise AssertionError(message)


def number(result: JSON) -> tuple[str, bool]:
    match result:
        case {"id": str(call_id), "error": bool(failed)}:
            return call_id, failed
        case _:
            raise AssertionError(result)


def asks(call: ToolCall) -> Ask:
    return Ask(f"{call.name}?")


def bearer(demo: Demo, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:  # noqa: ARG001 - the seam's signature
    return {"authorization": f"Bearer {secret.value}"}


def test_words_go_out_and_an_answer_comes_back(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        assert await side.told("say") == {"say": "Hi", "respond": True}
        await side.answer("Hel", "lo")
        await side.stay()

    with serving(script) as server, colour.live(server.address, instructions="Be kind.") as session:
        session.send("Hi")
        assert answer_of(session) == "Hello"
        assert session.id == "live_0"
        assert [message.text for message in session.messages] == ["Be kind.", "Hi", "Hello"]


def test_the_first_event_says_what_was_not_sent_as_asked(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.stay()

    with serving(script) as server, colour.live(server.address, voice="warm") as session:
        start = session.receive(PATIENCE)
        assert isinstance(start, SessionStart)
        assert [notice.feature for notice in start.notices] == ["voice"]


def test_strict_refuses_before_anything_is_connected(colour: Colour) -> None:
    with pytest.raises(UnsupportedContent, match="voice"):
        colour.live("ws://127.0.0.1:1/", client={"strict": True}, voice="warm").__enter__()


def test_a_tool_runs_and_its_result_goes_back(colour: Colour) -> None:
    async def script(side: Side) -> None:
        assert (await side.begin())["begin"] == {"instructions": "", "tools": ["double"], "resume": None}
        await side.call(("c1", "double", {"n": 2}))
        assert await side.told("results") == {
            "results": [{"id": "c1", "content": [4], "error": False}],
            "respond": True,
        }
        await side.answer("four")
        await side.stay()

    with serving(script) as server, colour.live(server.address, tools=[double]) as session:
        before, _ = until(session, ToolEnd)
        assert [type(event) for event in before if isinstance(event, ResponseEnd | ToolStart)] == [
            ResponseEnd,
            ToolStart,
        ]
        assert answer_of(session) == "four"
        assert [message.role for message in session.messages] == ["assistant", "tool", "assistant"]


def test_results_go_back_as_they_come_and_the_last_one_asks_for_the_answer(colour: Colour) -> None:
    release = threading.Event()

    @tool
    def slow() -> str:
        assert release.wait(PATIENCE)
        return "slow"

    @tool
    async def quick() -> str:
        await asyncio.sleep(0)
        return "quick"

    heard: list[JSONObject] = []

    async def script(side: Side) -> None:
        await side.begin()
        await side.call(("a", "slow", {}), ("b", "quick", {}))
        heard.append(await side.told("results"))
        release.set()
        heard.append(await side.told("results"))
        await side.answer("done")
        await side.stay()

    with serving(script) as server, colour.live(server.address, tools=[slow, quick]) as session:
        until(session, ToolEnd)
        until(session, ToolEnd)
        assert answer_of(session) == "done"
        results = [
            part.call_id for message in session.messages for part in message.parts if isinstance(part, ToolResult)
        ]
    assert [(numbers(message), message["respond"]) for message in heard] == [
        ([("b", False)], False),
        ([("a", False)], True),
    ]
    assert results == ["a", "b"]  # in the order of the calls


def test_every_call_gets_a_reply(colour: Colour) -> None:
    @tool
    def breaks() -> None:
        raise ValueError("no")

    @tool(timeout=0.05)
    def hangs(context: ToolContext) -> None:
        while not context.cancelled:
            time.sleep(0.01)

    said: list[tuple[str, bool]] = []

    async def script(side: Side) -> None:
        await side.begin()
        await side.call(
            ("unknown", "nothing", {}),
            ("unfit", "double", {"n": "x"}),
            ("cut", "double", '{"n": '),
            ("breaks", "breaks", {}),
            ("hangs", "hangs", {}),
        )
        while len(said) < 5:
            said.extend(numbers(await side.told("results")))
        await side.answer("ok")
        await side.stay()

    with serving(script) as server, colour.live(server.address, tools=[double, breaks, hangs]) as session:
        until(session, ResponseEnd)
        assert answer_of(session) == "ok"
    assert sorted(said) == [(name, True) for name in ("breaks", "cut", "hangs", "unfit", "unknown")]


def test_raise_on_tool_error_ends_the_session(colour: Colour) -> None:
    @tool
    def breaks() -> None:
        raise ValueError("no")

    async def script(side: Side) -> None:
        await side.begin()
        await side.call(("c", "breaks", {}))
        await side.stay()

    with (
        serving(script) as server,
        colour.live(server.address, client={"raise_on_tool_error": True}, tools=[breaks]) as session,
        pytest.raises(ToolFailed, match="no"),
    ):
        until(session, Reconnected)


def test_an_interruption_is_said_at_once_while_a_tool_runs(colour: Colour) -> None:
    stopped = threading.Event()

    @tool
    def ten_seconds(context: ToolContext) -> str:
        end = time.monotonic() + 10
        while time.monotonic() < end and not context.cancelled:
            time.sleep(0.005)
        stopped.set()
        return "too late"

    said: list[JSONObject] = []

    async def script(side: Side) -> None:
        await side.begin()
        await side.call(("c", "ten_seconds", {}))
        await side.say({"text": "Well, "})
        said.extend([await side.told("stop"), await side.told("results")])
        await side.say({"interrupted": True})
        await side.stay()

    with serving(script) as server, colour.live(server.address, tools=[ten_seconds]) as session:
        until(session, TextDelta)
        began = time.monotonic()
        session.interrupt(heard=120)
        until(session, Interrupted)
        _, end = until(session, ResponseEnd)
        assert time.monotonic() - began < SOON
        assert stopped.wait(SOON)
    assert end.response.finish_reason is FinishReason.CANCELLED
    assert said[0] == {"stop": 120}
    assert (numbers(said[1]), said[1]["respond"]) == ([("c", True)], False)


def speak_on(session: Session) -> None:
    while True:
        session.send_audio(bytes(64 * 1024), timeout=0.3)


def test_an_interruption_overtakes_sound_that_waits(colour: Colour) -> None:
    reading = threading.Event()
    after: list[int] = []

    async def script(side: Side) -> None:
        await side.begin()
        await asyncio.to_thread(reading.wait, PATIENCE)
        total = 0
        while not isinstance(message := await side.hear(), dict):
            total += len(message)
        assert message == {"stop": None}
        rest = 0
        while not isinstance(message := await side.hear(), dict):
            rest += len(message)
        after.append(rest)
        await side.answer("ok")
        await side.stay()

    with serving(script) as server, colour.live(server.address) as session:
        until(session, SessionStart)
        with pytest.raises(TimedOut, match="was not sent"):
            speak_on(session)
        session.interrupt()
        session.end_turn()
        reading.set()
        assert answer_of(session) == "ok"
    assert after[0] >= 1024 * 1024  # all that had waited here


def test_sound_comes_with_its_words(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.say(
            {"speech": "start", "item": "i1"}, {"speech": "end", "item": "i1"}, b"\x01\x02", {"words": "Good"}
        )
        await side.say({"heard": "Hello?", "item": "i1"}, {"words": "bye"}, {"finish": "stop"})
        await side.stay()

    with serving(script) as server, colour.live(server.address) as session:
        _, heard = until(session, InputTranscript)
        assert heard.text == "Hello?"
        _, end = until(session, ResponseEnd)
        (media,) = end.response.media
        assert media.source == Inline(b"\x01\x02")
        assert [(message.role, message.text) for message in session.messages] == [
            ("user", "Hello?"),
            ("assistant", "Goodbye"),
        ]


def test_a_call_is_approved_while_the_session_goes_on(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.call(("c1", "double", {"n": 1}), ("c2", "double", {"n": 2}), ("c3", "double", {"n": 3}))
        await side.answer("One moment.")
        said: list[tuple[str, bool]] = []
        while len(said) < 3:
            said += numbers(await side.told("results"))
        assert sorted(said) == [("c1", False), ("c2", True), ("c3", False)]
        await side.answer("thanks")
        await side.stay()

    with (
        serving(script) as server,
        colour.live(server.address, client={"policy": asks}, tools=[double]) as session,
    ):
        asked = {until(session, ApprovalRequest)[1].pending.call.id for _ in range(3)}
        assert asked == {"c1", "c2", "c3"}
        with pytest.raises(DecisionRefused, match="waiting: c1, c2, c3"):
            session.decide("c9", Approve())
        with pytest.raises(DecisionRefused, match="do not fit"):
            session.decide("c1", Approve(arguments={"n": "x"}))
        session.decide("c1", Approve(arguments={"n": 21}))
        assert until(session, ToolEnd)[1].result.content == (Json(42),)
        session.decide("c2", Reject("no"))
        session.decide("c3", Result("three"))
        until(session, ToolEnd)
        until(session, ToolEnd)
        assert answer_of(session) == "thanks"


def test_a_call_that_the_model_has_cancelled_gets_no_reply(colour: Colour) -> None:
    seen = threading.Event()

    @tool
    async def waits() -> str:
        try:
            await asyncio.sleep(30)
        finally:
            seen.set()
        return "late"

    heard: list[object] = []

    async def script(side: Side) -> None:
        await side.begin()
        await side.call(("c", "waits", {}))
        await side.told("go")
        await side.say({"cancelled": ["c"]})
        heard.append(await side.told("say"))
        await side.answer("ok")
        await side.stay()

    with serving(script) as server, colour.live(server.address, tools=[waits]) as session:
        until(session, ToolStart)
        session.send(NativeInput("demo", {"go": True}))
        _, end = until(session, ToolEnd)
        assert end.result.is_error
        assert seen.wait(SOON)
        session.send("still there?")
        assert answer_of(session) == "ok"
    assert heard == [{"say": "still there?", "respond": True}]


def test_other_instructions_and_tools_hold_from_then_on(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        update = await side.told("update")
        assert update == {"update": {"instructions": "Be brief.", "tools": ["double"], "resume": None}}
        await side.say({"updated": True})
        await side.call(("c", "double", {"n": 4}))
        await side.told("results")
        await side.answer("8")
        await side.stay()

    with serving(script) as server, colour.live(server.address, instructions="Be kind.") as session:
        session.update(instructions="Be brief.", tools=[double])
        assert until(session, ToolEnd)[1].result.content
        assert answer_of(session) == "8"
        assert session.messages[0] == system("Be brief.")


def test_what_the_wire_cannot_spell_is_refused_and_the_session_goes_on(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        assert await side.hear() == {"say": "Hi", "respond": True}
        await side.answer("ok")
        await side.stay()

    image = Media(kind="image", source=Inline(b"x"), mime="image/png")
    with serving(script) as server, colour.live(server.address) as session:
        for said in (FrameInput(image), user(image)):
            with pytest.raises(UnsupportedContent):
                session.send(said)
        session.send("Hi")
        assert answer_of(session) == "ok"
        assert len(session.messages) == 2


def test_what_is_no_input_is_refused_and_the_session_goes_on(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        assert await side.hear() == b"sound"
        await side.answer("ok")
        await side.stay()

    with serving(script) as server, colour.live(server.address) as session:
        with pytest.raises(TypeError, match=r"send\(\) takes a text, a message, .* not float"):
            session.send(3.5)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - what is tested
        with pytest.raises(TypeError, match=r"send_audio\(\) takes the bytes of samples, not str"):
            session.send_audio("sound")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - what is tested
        session.send_audio(bytearray(b"sound"))
        assert answer_of(session) == "ok"


def test_a_slow_reader_holds_the_service_and_neither_tools_nor_interruptions(colour: Colour) -> None:
    sound = bytes(1024 * 1024)
    count = 64
    sent: list[int] = []
    said = threading.Event()

    async def script(side: Side) -> None:
        await side.begin()
        await side.call(("c", "double", {"n": 2}))

        async def flood() -> None:
            for number in range(count):
                await side.say(sound)
                sent.append(number)
            await side.say({"finish": "stop"})

        flooding = asyncio.create_task(flood())
        await side.told("results")
        await side.told("stop")
        said.set()
        await flooding
        await side.stay()

    with serving(script) as server, colour.live(server.address, tools=[double]) as session:
        while len(sent) < 8:
            time.sleep(0.01)
        last = -1
        while last != len(sent):  # until nothing moves
            last = len(sent)
            time.sleep(0.3)
        assert last < count - 10
        session.interrupt()
        assert said.wait(SOON)
        until(session, ResponseEnd)
        _, end = until(session, ResponseEnd)
        (media,) = end.response.media
        assert isinstance(media.source, Inline)
        assert len(media.source.data) == count * len(sound)


def test_a_connection_that_is_lost_ends_the_answer_and_raises(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.say({"text": "Hel"})
        await asyncio.sleep(0.05)
        side.caller.drop()

    with serving(script) as server, colour.live(server.address) as session:
        _, end = until(session, ResponseEnd)
        assert (end.response.text, end.response.finish_reason) == ("Hel", FinishReason.CANCELLED)
        with pytest.raises(TransportError):
            session.receive(PATIENCE)
        with pytest.raises(TransportError, match="over"):
            session.send("Hello?")


def test_a_session_that_the_service_closes_in_order_ends(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.answer("Bye")
        await side.caller.ws.close()

    with serving(script) as server, colour.live(server.address) as session:
        assert answer_of(session) == "Bye"
        assert session.receive(PATIENCE) is None
        assert session.receive(PATIENCE) is None


def test_the_last_word_of_the_service_is_raised_after_what_came_before(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.say({"text": "Hel"}, {"error": "out of order"})
        await side.stay()

    with serving(script) as server, colour.live(server.address) as session:
        until(session, ResponseEnd)
        with pytest.raises(ProviderError, match="out of order"):
            session.receive(PATIENCE)


def test_what_is_malformed_is_raised(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.say({"finish": 3})
        await side.stay()

    with serving(script) as server, colour.live(server.address) as session:
        until(session, SessionStart)
        with pytest.raises(DecodeError, match="malformed"):
            session.receive(PATIENCE)


def test_silence_is_an_error_where_it_was_given_a_limit(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.stay()

    with serving(script) as server, colour.live(server.address, idle=0.1) as session:
        until(session, SessionStart)
        with pytest.raises(TimedOut, match="idle") as caught:
            session.receive(PATIENCE)
        assert caught.value.phase == "idle"


def test_receive_gives_up_after_its_timeout_and_the_session_goes_on(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.told("say")
        await side.answer("ok")
        await side.stay()

    with serving(script) as server, colour.live(server.address) as session:
        until(session, SessionStart)
        with pytest.raises(TimedOut) as caught:
            session.receive(0.05)
        assert caught.value.phase == "receive"
        session.send("Hi")
        assert answer_of(session) == "ok"


def test_a_lost_connection_is_taken_up_again_with_the_token(colour: Colour) -> None:
    release = threading.Event()

    @tool
    def slow() -> str:
        assert release.wait(PATIENCE)
        return "done"

    async def script(side: Side) -> None:
        begun = await side.begin()
        if side.caller.number == 0:
            await side.say({"token": "t0"})
            await side.call(("c", "slow", {}))
            await asyncio.sleep(0.05)
            side.caller.drop()
            return
        assert begun["begin"] == {"instructions": "", "tools": ["slow"], "resume": "t0"}
        await side.say({"token": "t1"})
        assert numbers(await side.told("results")) == [("c", False)]
        await side.answer("back")
        await side.stay()

    with serving(script) as server, colour.live(server.address, tools=[slow], reconnect=True) as session:
        _, moved = until(session, Reconnected)
        assert isinstance(moved.cause, TransportError)
        release.set()
        assert answer_of(session) == "back"
        assert session.resume_token == "t1"
        assert session.id == "live_1"


def test_a_session_moves_before_the_service_leaves(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        if side.caller.number == 0:
            await side.say({"token": "t0"}, {"text": "a"}, {"ending": 5.0}, {"text": "b"}, {"finish": "stop"})
        else:
            await side.told("say")
            await side.answer("here")
        await side.stay()

    with serving(script) as server, colour.live(server.address, reconnect=True) as session:
        assert answer_of(session) == "ab"  # it was let finish
        assert until(session, Reconnected)[1].cause is None
        session.send("Hi")
        assert answer_of(session) == "here"
        server.callers[0].gone.result(PATIENCE)


def test_a_lost_connection_is_an_error_where_there_is_no_token(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        side.caller.drop()

    with serving(script) as server, colour.live(server.address, reconnect=True) as session:
        with pytest.raises(TransportError):
            until(session, Reconnected)
        assert len(server.callers) == 1


def test_a_service_that_drops_every_connection_is_not_overrun(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.say({"token": "t"})
        await asyncio.sleep(0.01)
        side.caller.drop()

    with serving(script) as server, colour.live(server.address, reconnect=True) as session:
        until(session, Reconnected)
        time.sleep(1)
        assert len(server.callers) <= 5


def test_a_session_that_the_service_refuses_to_go_on_with_is_not_taken_up_again(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.say({"token": "t"})
        await side.caller.ws.close(1008, "against the rules")

    with serving(script) as server, colour.live(server.address, reconnect=True) as session:
        with pytest.raises(TransportError, match="against the rules"):
            until(session, Reconnected)
        assert len(server.callers) == 1


def test_iterating_ends_with_the_session_and_may_be_left_and_taken_up(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.answer("Bye")
        await side.caller.ws.close()

    async def all_of(session: AsyncLiveSession) -> list[object]:
        async for event in session:
            assert isinstance(event, SessionStart)
            break
        return [event async for event in session]

    with serving(script) as server, colour.live(server.address) as session:
        if isinstance(colour, Looped):
            events = colour.run(all_of(session.inner))  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType] - the session of `Looped`
        else:
            assert isinstance(session, LiveSession)
            assert isinstance(next(iter(session)), SessionStart)
            events = list(session)
        assert isinstance(events[-1], ResponseEnd)


def test_an_earlier_session_is_taken_up_by_its_token(colour: Colour) -> None:
    async def script(side: Side) -> None:
        assert (await side.begin())["begin"] == {"instructions": "", "tools": [], "resume": "old"}
        await side.answer("old")
        await side.stay()

    with serving(script) as server, colour.live(server.address, resume="old") as session:
        assert answer_of(session) == "old"


def test_leaving_closes_at_once_and_a_tool_that_goes_on_is_left_alone(colour: Colour) -> None:
    release = threading.Event()

    @tool
    def deaf() -> None:
        release.wait(PATIENCE)

    async def script(side: Side) -> None:
        await side.begin()
        await side.call(("c", "deaf", {}))
        await side.stay()

    with serving(script) as server:
        with colour.live(server.address, tools=[deaf]) as session:
            until(session, ToolStart)
            began = time.monotonic()
        assert time.monotonic() - began < SOON + 1
        server.callers[0].gone.result(SOON)
        assert server.callers[0].ws.close_code == 1000
        release.set()


def test_tools_see_the_context_and_report(colour: Colour) -> None:
    who: ContextVar[str] = ContextVar("who", default="nobody")

    @tool
    def me(context: ToolContext) -> str:
        context.progress("half")
        return who.get()

    async def script(side: Side) -> None:
        await side.begin()
        await side.call(("c", "me", {}))
        await side.told("results")
        await side.stay()

    who.set("somebody")
    with serving(script) as server, colour.live(server.address, tools=[me]) as session:
        assert until(session, ToolProgress)[1].value == "half"
        result = until(session, ToolEnd)[1].result
    assert result.content == (Text("somebody"),)


def refusing(status: int, seen: list[str | None]) -> WSServer:
    """Return a service that refuses all but the second key."""

    def handshake(ws: ServerConnection, asked: Asked) -> Answered | None:
        seen.append(asked.headers.get("authorization"))
        if seen[-1] == "Bearer fresh":
            return None
        return ws.respond(status, '{"error": {"message": "not you"}}')

    async def script(side: Side) -> None:
        await side.begin()
        await side.stay()

    server = serving(script)
    server._handshake = handshake  # pyright: ignore[reportPrivateUsage] - of the same tests
    return server


def test_a_refused_key_is_renewed_once_and_a_refusal_is_the_providers_error(
    colour: Colour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Demo, "authorize", bearer)
    seen: list[str | None] = []
    keys = iter(["stale", "fresh"])
    with refusing(401, seen) as server, colour.live(server.address, client={"api_key": lambda: next(keys)}) as session:
        until(session, SessionStart)
    assert seen == ["Bearer stale", "Bearer fresh"]
    with refusing(401, seen) as server, pytest.raises(AuthenticationFailed, match="not you"):
        colour.live(server.address, client={"api_key": Secret("sk-secret-1234567")}).__enter__()


def test_a_key_that_the_service_repeats_is_in_no_error(colour: Colour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Demo, "authorize", bearer)
    key = "sk-secret-1234567"

    async def script(side: Side) -> None:
        await side.begin()
        await side.say({"failed": f"not with {key}"}, {"error": f"no credit for {key}"})
        await side.stay()

    with serving(script) as server, colour.live(server.address, client={"api_key": Secret(key)}) as session:
        _, failed = until(session, SessionError)
        with pytest.raises(ProviderError, match="no credit") as caught:
            session.receive(PATIENCE)
    for error in (failed.error, caught.value):
        assert key not in f"{error!r} {error.details}"
        assert "[secret]" in str(error)


def test_closing_does_not_wait_for_a_handshake_and_leaves_no_connection(colour: Colour) -> None:
    asked, go_on = threading.Event(), threading.Event()
    failures: list[BaseException] = []
    sockets: list[ServerConnection] = []

    async def handshake(ws: ServerConnection, request: Asked) -> None:  # noqa: ARG001 - whatever is asked
        sockets.append(ws)
        asked.set()
        await asyncio.to_thread(go_on.wait, PATIENCE)

    async def script(side: Side) -> None:
        await side.stay()

    server = serving(script)
    server._handshake = handshake  # type: ignore[assignment] # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue] - of the same tests; it may be awaited

    def enter(session: Session) -> None:
        try:
            session.__enter__()
        except TransportError as error:
            failures.append(error)

    with server:
        session = colour.live(server.address)
        entering = threading.Thread(target=enter, args=(session,))
        entering.start()
        assert asked.wait(PATIENCE)
        session.close()
        entering.join(PATIENCE)
        assert [str(failure) for failure in failures] == [str(closed())]  # the service has not answered yet
        go_on.set()
        (ws,) = sockets
        asyncio.run_coroutine_threadsafe(ws.wait_closed(), server.loop).result(PATIENCE)


def test_fifty_sessions_leave_nothing_behind(colour: Colour) -> None:
    async def script(side: Side) -> None:
        await side.begin()
        await side.call(("c", "double", {"n": 1}))
        await side.told("results")
        await side.answer("ok")
        await side.stay()

    def alike() -> tuple[int, int]:
        return sum(t.name.startswith("chat-") and t.name != "chat-jobs" for t in threading.enumerate()), files()

    with serving(script) as server:
        with colour.live(server.address, tools=[double]) as first:
            until(first, ToolEnd)
        gc.collect()
        before = alike()
        sessions = [colour.live(server.address, tools=[double]) for _ in range(50)]
        for session in sessions:
            session.__enter__()
        for session in sessions:
            until(session, ToolEnd)
            assert answer_of(session) == "ok"
        for session in sessions:
            session.close()
        for caller in server.callers:
            caller.gone.result(PATIENCE)
        end = time.monotonic() + PATIENCE
        while alike() > before and time.monotonic() < end:
            time.sleep(0.02)
        assert alike() <= before
        if isinstance(colour, Looped):
            assert colour.run(tasks()) == 1


async def tasks() -> int:
    await asyncio.sleep(0)
    return len(asyncio.all_tasks())


def files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_provider_without_live_sessions_says_who_has_them() -> None:
    class Silent(Demo):
        @property
        def capabilities(self) -> Mapping[type, object]:
            return {}

    with pytest.raises(UnsupportedCapability, match=r"no live sessions; installed providers that have: .*replay"):
        Chat("demo", provider=Silent()).live()


def test_wrong_settings_are_refused_before_anything_is_connected() -> None:
    chat = Chat("replay:demo")
    with pytest.raises(TypeError, match="no setting voise="):
        chat.live(voise="x")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] - what is tested
    with pytest.raises(ConfigurationError, match="idle="):
        chat.live(idle=0)
    with pytest.raises(TypeError, match="messages="):
        chat.live(messages="Hi")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - what is tested
    with pytest.raises(RuntimeError, match="with"):
        chat.live().send("Hi")


def test_a_transport_without_connections_is_refused() -> None:
    class Bare:
        channel = "http"

        def send(self) -> None: ...
        def asend(self) -> None: ...

    with pytest.raises(UnsupportedTransport, match="websocket"):
        Chat("demo", provider=Demo(), transport=Bare()).live()  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - what is tested


@pytest.mark.parametrize("name", [name for name in vars(LiveSession) if not name.startswith("_")])
def test_both_colours_have_the_same_methods(name: str) -> None:
    one, other = getattr(LiveSession, name), getattr(AsyncLiveSession, name)
    assert inspect.signature(one) == inspect.signature(other)
    assert one.__doc__ == other.__doc__


def test_both_colours_have_the_same_names() -> None:
    def public(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert public(LiveSession) == public(AsyncLiveSession)
    assert set(dir(Chat)) == set(dir(AsyncChat)) - {"__aenter__", "__aexit__"} | {"__enter__", "__exit__"}
