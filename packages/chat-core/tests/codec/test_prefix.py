"""What is kept of histories is never seen, and saves the work."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import Tiny

from chat_core.codec import prefix
from chat_core.codec.prefix import Prefixes
from chat_core.codec.wire import dump
from chat_core.errors import UnansweredToolCall, UnsupportedContent
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.options import Options
from chat_core.parts import URL, Json, Media, Opaque, Reasoning, Text, ToolCall, ToolResult
from chat_core.request import Request

if TYPE_CHECKING:
    from chat_core.codec.wire import WireRequest
    from chat_core.jsonvalue import JSON
    from chat_core.messages import Role
    from chat_core.parts import Part
    from chat_core.response import Notice

TALK = (user("Hi"), assistant("Hello"), user("How are you?"), assistant("Fine"), user("Good"))


@dataclass(frozen=True)
class Counting(Tiny):
    """Counts the messages that it spells."""

    spelled: list[int] = field(default_factory=list[int], compare=False)

    def messages(self, request: Request, notices: list[Notice]) -> list[JSON]:
        self.spelled.append(len(request.messages))
        return super().messages(request, notices)


class Whole(Counting):
    """Looks at the history as a whole, and says so."""

    def separable(self, request: Request) -> bool:
        del request
        return False


def asked(*messages: Message, **options: float) -> Request:
    return Request(model="m", messages=messages, options=Options(temperature=options.get("temperature")))


def both(
    prefixes: Prefixes, provider: Tiny, request: Request, *, stream: bool = True
) -> tuple[WireRequest, WireRequest]:
    """Return a request as it is spelled with what is kept, and as the provider spells it."""
    kept = prefixes.encode(provider, request, channel="http", stream=stream)
    return kept, provider.encode(request, channel="http", stream=stream)


def same(kept: WireRequest, whole: WireRequest) -> bool:
    bodies = [wire.body for wire in (kept, whole)]
    assert all(isinstance(body, dict) for body in bodies)
    return dump(kept.body) == dump(whole.body) and replace(kept, body=None) == replace(whole, body=None)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - JSON bodies


def test_a_turn_more_costs_the_turn() -> None:
    prefixes, provider = Prefixes(long=2), Counting()
    assert same(*both(prefixes, provider, asked(*TALK)))
    longer = asked(*TALK, assistant("And you?"), user("Fine too"))
    provider.spelled.clear()
    prefixes.encode(provider, longer, channel="http", stream=True)
    assert sum(provider.spelled) == 3  # what was new the last time is kept now, and the words of the user are new
    assert same(*both(prefixes, provider, longer))


def test_nothing_is_kept_of_short_histories_of_others_and_of_sockets() -> None:
    for provider, channel, long in ((Counting(), "http", 6), (Whole(), "http", 2), (Counting(), "websocket", 2)):
        prefixes = Prefixes(long=long)
        for _ in range(2):
            prefixes.encode(provider, asked(*TALK), channel=channel, stream=True)
        assert provider.spelled == [5, 5]


def test_instructions_stand_once_and_first() -> None:
    prefixes, provider = Prefixes(long=2), Counting()
    history = (system("Be brief."), system("Be kind."), *TALK)
    assert same(*both(prefixes, provider, asked(*history)))
    assert same(*both(prefixes, provider, asked(*history, assistant("a"), user("b"))))


def test_another_history_another_setting_and_another_provider_are_not_mixed_up() -> None:
    prefixes, provider = Prefixes(long=2), Counting()
    for request in (
        asked(*TALK),
        asked(*TALK, temperature=0.5),
        asked(*TALK[:2], user("How old are you?"), assistant("Fine"), user("Good")),
        asked(*TALK[:3]),
        replace(asked(*TALK), model="n"),
    ):
        assert same(*both(prefixes, provider, request))
        assert same(*both(prefixes, provider, request, stream=False))
        assert same(*both(prefixes, Counting(), request))


def test_what_cannot_be_sent_is_refused_as_ever() -> None:
    prefixes, provider = Prefixes(long=2), Counting()
    call = ToolCall(id="c", name="f", arguments={})
    with pytest.raises(UnansweredToolCall):
        prefixes.encode(provider, asked(*TALK, assistant(call), user("x")), channel="http", stream=True)
    media = user(Media(kind="image", source=URL("https://x.example")))
    with pytest.raises(UnsupportedContent):
        prefixes.encode(provider, asked(media, *TALK[1:]), channel="http", stream=True)


def test_few_histories_are_kept_and_none_that_are_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    prefixes, provider = Prefixes(long=2), Counting()
    first = asked(*TALK)
    prefixes.encode(provider, first, channel="http", stream=True)
    for number in range(prefix.MOST):
        talk = (user(f"{number}"), *TALK[1:])
        prefixes.encode(provider, asked(*talk), channel="http", stream=True)
    provider.spelled.clear()
    prefixes.encode(provider, first, channel="http", stream=True)
    assert sum(provider.spelled) == 5  # it had been forgotten
    monkeypatch.setattr(prefix, "MAX_BYTES", 10)
    prefixes = Prefixes(long=2)
    for _ in range(2):
        provider.spelled.clear()
        assert same(*both(prefixes, provider, first))
    assert sum(provider.spelled) == 10


OTHERS: list[Part] = [
    Json({"a": 1}),
    Reasoning("t"),
    Reasoning("t", meta={"tiny": {"x": 1}}),
    Reasoning("t", meta={"other@o/o": {}}),
    Opaque(origin="x", kind="k", data={"a": 1}),
    ToolCall(id="e", name="f", executed=True),
]
ROLES: list[Role] = ["user", "assistant", "user", "assistant", "system"]
texts = st.sampled_from(["a", "b", ""]).map(Text)
parts = st.lists(st.one_of(texts, texts, st.sampled_from(OTHERS)), max_size=2)


def spoken(role: Role, content: list[Part]) -> tuple[Message, ...]:
    return (Message(role=role, parts=tuple(content)),)


turns = st.one_of(
    st.builds(spoken, st.sampled_from(ROLES), parts),
    st.just((assistant(ToolCall(id="c", name="f", arguments={})), tool_results(ToolResult(call_id="c")))),
    st.just((user("a"), assistant("b"))),
)


@given(st.lists(turns, max_size=8))
def test_what_comes_out_is_what_the_provider_gives(conversation: list[tuple[Message, ...]]) -> None:
    prefixes, provider = Prefixes(long=1), Tiny()
    messages: tuple[Message, ...] = ()
    for turn in conversation:
        messages = (*messages, *turn)
        assert same(*both(prefixes, provider, asked(*messages)))
