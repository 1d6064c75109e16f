"""The demo's live sessions keep the contract; and a codec that breaks a law is found."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar

import pytest

from chat_core.codec.live import Live
from chat_core.codec.wire import Frame, dump
from chat_core.demo import Demo
from chat_core.demo_live import DemoLive, DemoLiveCodec
from chat_core.errors import DecodeError, GrammarError
from chat_core.events import UnknownEvent
from chat_core.live import Interruption, LiveConfig, MessageInput, ResultsInput
from chat_core.messages import user
from chat_core.parts import Text, ToolResult
from chat_core.testing import LiveCase, LiveContract

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chat_core.codec.provider import Provider
    from chat_core.codec.wire import WireJSON
    from chat_core.live import LiveEvent

CONFIG = LiveConfig(model="demo")


def frame(value: WireJSON) -> Frame:
    return Frame(value) if isinstance(value, bytes) else Frame(dump(value).decode())


def frames(*values: WireJSON) -> tuple[Frame, ...]:
    return tuple(map(frame, values))


def call(name: str, arguments: WireJSON) -> tuple[Frame, Frame]:
    return frame({"call": {"id": name, "name": "look"}}), frame({"arguments": arguments})


READY = frame({"ready": "s1"})
FINISH = frame({"finish": "tool_calls"})
USAGE = {"input": 3, "output": 4}

CASES = (
    LiveCase(
        name="words",
        config=CONFIG,
        steps=(
            READY,
            MessageInput(user("Hi")),
            *frames({"reasoning": "hm"}, {"text": "Hel"}, {"text": "lo"}, {"usage": USAGE}, {"finish": "stop"}),
            *frames({"spent": USAGE}, {"failed": "no"}, {"updated": True}, {"token": "t"}, {"ending": 5.0}),
        ),
    ),
    LiveCase(
        name="sound",
        config=CONFIG,
        steps=(
            READY,
            *map(
                frame, ({"speech": "start", "item": "i"}, {"speech": "end", "item": "i"}, {"heard": "Hi", "item": "i"})
            ),
            *frames(b"\x01\x02", {"words": "He"}, b"\x03"),
            Interruption(40),
            frame({"interrupted": True}),
            *frames({"text": "ok"}, {"finish": "stop"}),
        ),
    ),
    LiveCase(
        name="calls",
        config=CONFIG,
        steps=(
            READY,
            *call("a", '{"n": 1}'),
            *call("b", ""),
            FINISH,
            ResultsInput((ToolResult(call_id="a", content=(Text("1"),)),)),
            frame({"cancelled": ["b"]}),
            frame({"error": "out of order"}),
        ),
    ),
)


class TestDemo(LiveContract):
    spec = "replay"
    sessions = CASES
    unknown = frame({"something": 1})
    malformed = (
        frame({"text": 1}),
        frame({"ready": 1}),
        frame({"cancelled": [1]}),
        Frame("[]"),
        Frame("{"),
        call("a", 1),
    )
    ignored: ClassVar[Mapping[str, str]] = {"interrupted": "a mark"}


class Broken(DemoLive):
    """A capability whose codec breaks a law."""

    kind: ClassVar[type[DemoLiveCodec]] = DemoLiveCodec

    def codec(self, config: LiveConfig) -> DemoLiveCodec:
        return self.kind(config, "demo")


def contract(codec: type[DemoLiveCodec]) -> LiveContract:
    class Faulty(Broken):
        kind = codec

    class Of(Demo):
        @property
        def capabilities(self) -> Mapping[type, object]:
            return {Live: Faulty("demo")}

    class Judging(LiveContract):
        provider: ClassVar[Provider | None] = Of()
        sessions: ClassVar[Sequence[LiveCase]] = CASES
        unknown = TestDemo.unknown
        malformed = TestDemo.malformed

    return Judging()


class Endless(DemoLiveCodec):
    def finish(self) -> Iterator[LiveEvent]:
        yield from ()


class Forgetful(DemoLiveCodec):
    def feed(self, frame: Frame) -> Iterator[LiveEvent]:
        if isinstance(frame.data, bytes) or "heard" not in frame.data:
            yield from super().feed(frame)


class Silent(DemoLiveCodec):
    def feed(self, frame: Frame) -> Iterator[LiveEvent]:
        return (event for event in super().feed(frame) if not isinstance(event, UnknownEvent))


class Repeating(DemoLiveCodec):
    def to_send(self) -> tuple[Mapping[str, WireJSON] | bytes, ...]:
        out = super().to_send()
        self._out += out
        return out


class Deaf(DemoLiveCodec):
    def send(self, said: object) -> None:
        if not isinstance(said, ResultsInput) and self.ready:
            super().send(said)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - an input


class Lenient(DemoLiveCodec):
    def feed(self, frame: Frame) -> Iterator[LiveEvent]:
        with contextlib.suppress(DecodeError):
            yield from super().feed(frame)


class Abrupt(DemoLiveCodec):
    """Takes its leave in the middle of an answer, and forgets that one was on."""

    def feed(self, frame: Frame) -> Iterator[LiveEvent]:
        if frame.data == '{"error":"out of order"}':
            self._build = None
        yield from super().feed(frame)


def test_what_is_malformed_and_taken_for_something_else_is_found() -> None:
    with pytest.raises(pytest.fail.Exception, match="taken for something else"):
        contract(Lenient).test_malformed()


def test_an_answer_that_an_error_leaves_open_is_found() -> None:
    case = LiveCase(
        name="abrupt", config=CONFIG, steps=frames({"ready": "s"}, {"text": "a"}, {"error": "out of order"})
    )
    contract(DemoLiveCodec).test_grammar(case)
    with pytest.raises(GrammarError, match="no end"):
        contract(Abrupt).test_grammar(case)


def test_an_answer_without_an_end_is_found() -> None:
    with pytest.raises(GrammarError, match="no end"):
        contract(Endless).test_cut_anywhere(CASES[0])


def test_what_is_lost_is_found() -> None:
    with pytest.raises(AssertionError, match="heard"):
        contract(Forgetful).test_nothing_lost(CASES[1])


def test_what_is_not_surfaced_is_found() -> None:
    with pytest.raises(AssertionError):
        contract(Silent).test_unknown()


def test_what_is_sent_twice_is_found() -> None:
    with pytest.raises(AssertionError, match="again"):
        contract(Repeating).test_to_send_once(CASES[0])


def test_results_that_do_not_go_back_are_found() -> None:
    with pytest.raises(AssertionError, match="no result of a"):
        contract(Deaf).test_results_go_back(CASES[2])


def test_what_is_said_too_early_and_lost_is_found() -> None:
    with pytest.raises(AssertionError):
        contract(Deaf).test_said_early_is_said_all_the_same(CASES[0])
