from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import pytest
from toy import MemoryTransport, Toy, World, said

from chat_core import calls
from chat_core.codec.capabilities import (
    Model,
    ModelPage,
    Models,
    TokenCount,
    TokenCounter,
)
from chat_core.codec.wire import WireRequest, WireResponse
from chat_core.errors import ConfigurationError, DecodeError, UnsupportedCapability
from chat_core.functions import tool
from chat_core.messages import system, user
from chat_core.options import Options
from chat_core.plugins.registry import registry
from chat_core.plugins.spec import ToolsSpec
from chat_core.request import Request
from chat_core.setup import Arguments, Setup, set_up
from chat_core.tools import Tool, ToolChoice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from chat_core.codec.effects import Flow
    from chat_core.codec.provider import Provider
    from chat_core.flow.call import Call
    from chat_core.flow.compose import Middleware
    from chat_core.response import Response

LOOK = Tool(name="look")


def toy(
    provider: Provider | None = None, options: Options | None = None, middleware: Sequence[Middleware] = ()
) -> Setup:
    return set_up(
        Arguments(
            model="toy-1",
            provider=Toy() if provider is None else provider,
            transport=MemoryTransport(),
            options=options,
            middleware=middleware,
        )
    )


@pytest.mark.parametrize("content", ["Hi", user("Hi"), [user("Hi")], (user("Hi"),)])
def test_words_a_message_and_a_history_become_a_request(content: calls.Content) -> None:
    options = Options(temperature=0)
    request = calls.ask(toy(options=options), content, {}).request
    assert request == Request(model="toy-1", messages=(user("Hi"),), options=options)


def test_a_whole_request_is_sent_as_it_is() -> None:
    request = Request(model="toy-2", messages=(system("Be brief"), user("Hi")), tools=(LOOK,))
    assert calls.ask(toy(options=Options(temperature=0)), request, {}).request == request


def test_of_a_whole_request_only_what_the_call_says_is_replaced() -> None:
    request = Request(model="toy-2", messages=(user("Hi"),), tools=(LOOK,), options=Options(top_k=1, seed=2))
    asking: calls.Asking = {
        "model": "toy-3",
        "options": Options(seed=3),
        "tools": [Tool(name="see")],
        "tool_choice": ToolChoice(mode="none"),
    }
    assert calls.ask(toy(), request, asking).request == replace(
        request,
        model="toy-3",
        options=Options(top_k=1, seed=3),
        tools=(Tool(name="see"),),
        tool_choice=ToolChoice(mode="none"),
    )


def test_functions_are_declared_by_their_schema_and_run_by_their_name() -> None:
    @tool
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    asked = calls.ask(toy(), "Hi", {"tools": [add, LOOK], "max_steps": 3, "context": "c"})
    assert asked.request.tools == (add.declaration, LOOK)
    assert asked.rules.functions == {"add": add}
    assert (asked.rules.max_steps, asked.rules.context) == (3, "c")


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="two tools are called look"):
        calls.ask(toy(), "Hi", {"tools": [LOOK, tool(lambda: "", name="look")]})


def test_a_set_of_tools_is_found_by_its_name_or_missed_with_what_is_installed() -> None:
    with pytest.raises(ConfigurationError, match="no installed package offers the tools 'nowhere'"):
        calls.ask(toy(), "Hi", {"tools": ["nowhere"]})


@pytest.mark.parametrize("name", ["max_steps", "tool_concurrency"])
def test_a_rule_that_makes_no_sense_is_refused(name: str) -> None:
    asking = cast("calls.Asking", {name: 0})
    with pytest.raises(ConfigurationError, match=f"{name}= is at least 1"):
        calls.ask(toy(), "Hi", asking)


def test_a_history_holds_messages() -> None:
    with pytest.raises(TypeError, match="a history holds messages, not dict"):
        calls.ask(toy(), [{"role": "user"}], {})  # type: ignore[list-item] # pyright: ignore[reportArgumentType] - the mistake tested


def test_middleware_goes_around_the_call_the_first_one_outermost() -> None:
    seen: list[str] = []

    def noting(word: str) -> Middleware:
        def middleware(call: Call) -> Call:
            def noted(request: Request) -> Flow[Response]:
                seen.append(word)
                return call(request)

            return noted

        return middleware

    setup = toy(middleware=(noting("outer"), noting("inner")))
    made = World(said("Hello")).run(calls.complete(calls.ask(setup, "Hi", {}), None, stream=False))
    assert (made.text, seen) == ("Hello", ["outer", "inner"])


class Pages:
    """Three pages, or ones that go round in circles."""

    def __init__(self, *nexts: str | None) -> None:
        self.nexts = nexts

    def encode(self, *, after: str | None = None) -> WireRequest:
        return WireRequest(url="http://toy.example/models", method="GET", headers={"x-after": str(after)})

    def decode(self, reply: WireResponse) -> ModelPage:
        number = int(reply.body)
        return ModelPage(models=(Model(id=f"m{number}"),), next=self.nexts[number])


class Counter:
    def encode(self, request: Request) -> WireRequest:
        return WireRequest(url="http://toy.example/count", body={"tools": len(request.tools)})

    def decode(self, request: Request, reply: WireResponse) -> TokenCount:
        return TokenCount(input_tokens=len(request.messages) + int(reply.body))


@dataclass(frozen=True)
class Able(Toy):
    """A toy with further capabilities."""

    able: Mapping[type, object] = field(default_factory=dict[type, object])

    @property
    def capabilities(self) -> Mapping[type, object]:
        return self.able


def number(value: int) -> WireResponse:
    return WireResponse(body=str(value).encode())


def test_models_come_from_all_pages() -> None:
    world = World(number(0), number(1), number(2))
    models = world.run(calls.models(toy(provider=Able(able={Models: Pages("b", "c", None)}))))
    assert [model.id for model in models] == ["m0", "m1", "m2"]
    assert [sent.wire.headers["x-after"] for sent in world.sent] == ["None", "b", "c"]


def test_a_model_list_that_goes_round_in_circles_ends() -> None:
    setup = toy(provider=Able(able={Models: Pages("b", "b")}))
    with pytest.raises(DecodeError, match="goes round in circles"):
        World(number(0), number(1)).run(calls.models(setup))


def test_tokens_are_counted() -> None:
    asked = calls.ask(toy(provider=Able(able={TokenCounter: Counter()})), "Hi", {"tools": [LOOK]})
    world = World(number(4))
    assert world.run(calls.count_tokens(asked)).input_tokens == 5
    assert world.sent[0].body == b'{"tools":1}'


ASKED = Request(model="toy-1", messages=(user("Hi"),))
FLOWS: tuple[tuple[str, Callable[[Setup], Flow[object]]], ...] = (
    ("model list", calls.models),
    ("token count", lambda setup: calls.count_tokens(calls.ask(setup, ASKED, {}))),
)


@pytest.mark.parametrize(("word", "flow"), FLOWS)
def test_a_capability_that_is_missing_is_an_error_that_says_who_has_it(
    word: str, flow: Callable[[Setup], Flow[object]]
) -> None:
    world = World()
    with pytest.raises(UnsupportedCapability, match=f"toy has no {word}; installed providers that have: .*replay"):
        world.run(flow(toy()))
    assert world.effects == []


def test_a_module_of_tools_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = 'from chat_core import tool\n\n\n@tool\ndef look() -> str:\n    "Look."\n    return "seen"\n'
    (tmp_path / "of_tools.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert [*calls.ask(toy(), "Hi", {"tools": ["of_tools:look"]}).rules.functions] == ["look"]


def test_an_installed_set_of_tools_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    @tool
    def look() -> str:
        """Look."""
        return "seen"

    monkeypatch.setattr(registry(), "_added", {})
    registry().add(ToolsSpec(name="calls-test-set", load=lambda: (look,), api=1))
    assert [*calls.ask(toy(), "Hi", {"tools": ["calls-test-set", LOOK_AGAIN]}).rules.functions] == ["look"]


LOOK_AGAIN = Tool(name="look_again")
