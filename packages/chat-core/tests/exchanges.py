"""Histories as conversations have them: system messages, questions, answers, calls with their results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from scripted import call

from chat_core.codec.answers import require_answers
from chat_core.messages import assistant, system, tool_results, user
from chat_core.parts import Inline, Media, Text, ToolResult
from chat_core.request import Request
from chat_core.sessions.trimming import Means

if TYPE_CHECKING:
    from chat_core.codec.effects import Flow
    from chat_core.messages import Message
    from chat_core.response import Response

words = st.text("abcdefgh ", min_size=1, max_size=60)
IMAGE = Media(kind="image", source=Inline(b"\x89PNG" * 1000), mime="image/png")


def result(call_id: str, text: str) -> ToolResult:
    return ToolResult(call_id=call_id, content=(Text(text),))


@st.composite
def histories(draw: st.DrawFn, exchanges: int = 6, *, paused: bool = False) -> tuple[Message, ...]:
    """Make a history of whole exchanges; a paused one ends with calls that wait."""
    messages: list[Message] = [system(text) for text in draw(st.lists(words, max_size=2))]
    number = 0
    for _ in range(draw(st.integers(1, exchanges))):
        messages += [user(text) for text in draw(st.lists(words, min_size=1, max_size=2))]
        for count in draw(st.lists(st.integers(1, 2), max_size=3)):
            ids = [f"c{number + place}" for place in range(count)]
            number += count
            messages.append(assistant("see", *(call(each, "act", key=each) for each in ids)))
            answers = [result(each, draw(words)) for each in ids]
            messages += [tool_results(each) for each in answers] if draw(st.booleans()) else [tool_results(*answers)]
        messages.append(assistant(draw(words)))
        if draw(st.integers(0, 4)) == 0:
            messages.append(system(draw(words)))
    if paused:
        messages += [
            user("go on"),
            assistant(call("open", "act"), call("wait", "act")),
            tool_results(result("open", "x")),
        ]
    return tuple(messages)


CALLS = (assistant(call("a", "act"), call("b", "act")), tool_results(result("a", "1")), tool_results(result("b", "2")))


def assert_sendable(messages: tuple[Message, ...], whole: tuple[Message, ...]) -> None:
    """Require what every window owes: pairs, order, system messages, and a user's words first."""
    require_answers(messages)
    called: set[str] = set()
    for message in messages:
        called |= {each.id for each in message.tool_calls}
        assert {part.call_id for part in message.parts if isinstance(part, ToolResult)} <= called
    places = [next(at for at, each in enumerate(whole) if each is message) for message in messages]
    assert places == sorted(set(places))
    assert [each for each in messages if each.role == "system"] == [each for each in whole if each.role == "system"]
    assert next(each.role for each in messages if each.role != "system") == "user"


def talk(exchanges: int, first: int = 0) -> tuple[Message, ...]:
    turns = [(user(f"q{number}"), assistant(f"r{number}")) for number in range(first, first + exchanges)]
    return tuple(message for turn in turns for message in turn)


def length(messages: tuple[Message, ...]) -> int:
    return len(messages)


def never(request: Request) -> Flow[Response]:
    raise AssertionError(request)
    yield


def remote(messages: tuple[Message, ...]) -> Flow[int]:
    yield from ()
    return 1000 * len(messages)


MEANS = Means(request=Request(model="m", messages=()), call=never, count=remote)
