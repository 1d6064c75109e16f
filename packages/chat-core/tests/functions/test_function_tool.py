"""A function tool is the function, its declaration, and the check of its arguments."""

from __future__ import annotations

import asyncio
import copy
import functools
import inspect
import pickle
import weakref
from dataclasses import dataclass, replace
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any, assert_type, cast

import pytest

from chat_core.approval import Ask
from chat_core.errors import ConfigurationError
from chat_core.functions import Bound, FunctionTool, ToolContext, tool
from chat_core.parts import Text, ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from chat_core.jsonvalue import JSON
    from chat_core.tools import Tool


@tool
def double(number: int, times: int = 1) -> int:
    """Double a number.

    Args:
        number: which one
        times: how often
    """
    return number << times


@tool(name="wait", timeout=2.5, idempotent=True, strict=True, meta={"o": {"k": 1}})
async def wait_for(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "waited"


def halve(number: int) -> float:
    return number / 2


class Counter:
    def __init__(self, start: int) -> None:
        self.count = start

    @tool
    def add(self, number: int) -> int:
        """Add to the count."""
        self.count += number
        return self.count

    @staticmethod
    @tool
    def fixed(number: int) -> int:
        return number

    @classmethod
    @tool
    def make(cls, start: int) -> Counter:
        return cls(start)


class Reports:
    """What a job is given, kept."""

    def __init__(self) -> None:
        self.cancelled = False
        self.said: list[object] = []

    def __call__(self, event: object, /) -> None:
        if not self.cancelled:
            self.said.append(event)


def call(name: str = "f", /, **arguments: JSON) -> ToolCall:
    return ToolCall(id="c1", name=name, arguments=arguments)


def context(made: ToolCall, deps: object = None, report: Reports | None = None) -> ToolContext[object]:
    return ToolContext(made, deps, (), report or Reports())


def ready(made: Bound | ToolResult) -> Bound:
    assert isinstance(made, Bound)
    return made


def said(made: Bound | ToolResult) -> str:
    assert isinstance(made, ToolResult)
    assert made.is_error
    assert (made.call_id, made.name) == ("c1", "f")
    (part,) = made.content
    assert isinstance(part, Text)
    return part.text


def ran(made: FunctionTool, /, **arguments: JSON) -> object:
    asked = call(made.name, **arguments)
    return made.run(ready(made.bind(asked)), context(asked))


def test_a_decorated_function_stays_that_function() -> None:
    assert double(3) == 6
    assert double(3, times=2) == 12
    assert_type(double(3), int)
    assert asyncio.run(wait_for(0.0)) == "waited"
    assert inspect.signature(double) == inspect.signature(double.function)
    with pytest.raises(TypeError, match="unexpected keyword"):
        double(3, many=1)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] - what type checkers see as well


def test_its_declaration_is_made_from_signature_and_docstring() -> None:
    declared = double.declaration
    assert (declared.name, declared.description, declared.strict) == ("double", "Double a number.", None)
    assert declared.parameters == {
        "type": "object",
        "additionalProperties": False,
        "required": ["number"],
        "properties": {
            "number": {"type": "integer", "description": "which one"},
            "times": {"type": "integer", "description": "how often", "default": 1},
        },
    }


def test_what_is_said_about_a_tool_goes_into_the_declaration() -> None:
    declared = wait_for.declaration
    assert (declared.name, declared.description, declared.strict) == ("wait", None, True)
    assert declared.meta == {"o": {"k": 1}}
    assert (wait_for.timeout, wait_for.idempotent) == (2.5, True)
    assert tool(halve, description="Half.").declaration.description == "Half."
    assert replace(double, name="twice").declaration.name == "twice"


def test_a_declaration_is_made_once_also_by_many_threads() -> None:
    made = tool(halve)
    seen: list[Tool] = []
    together = Barrier(8)

    def look() -> None:
        together.wait()
        seen.append(made.declaration)

    threads = [Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in seen}) == 1


def test_a_call_runs_with_checked_arguments() -> None:
    assert ready(double.bind(call(number="3"))).arguments == {"number": 3}
    assert ran(double, number=3, times=2) == 12
    assert asyncio.run(wait_for.run(ready(wait_for.bind(call(seconds=0))), context(call()))) == "waited"  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - it is awaitable


def test_arguments_that_do_not_fit_are_answered() -> None:
    assert said(double.bind(call(number="many", town=1))) == (
        "The arguments of f do not fit its schema:\n"
        '- number: Input should be a valid integer, unable to parse string as an integer; got "many"\n'
        "- town: Extra inputs are not permitted\n"
        "Call it again with what it asks for."
    )


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ('{"number": 3', "cannot be read: not valid JSON (Expecting ',' delimiter: line 1 column 13 (char 12)): {\"nu"),
        ("[3]", "cannot be read: expected a JSON object, got list: [3]"),
        ('{"number": NaN}', "cannot be read: not valid JSON (NaN is not JSON)"),
        (None, "came without arguments"),
        ("{}", "were not understood: {}"),
    ],
)
def test_arguments_that_do_not_parse_are_answered_and_never_run(raw: str | None, words: str) -> None:
    assert words in said(double.bind(ToolCall(id="c1", name="f", raw=raw)))


def test_what_is_quoted_of_arguments_is_bounded() -> None:
    assert len(said(double.bind(ToolCall(id="c1", name="f", raw='{"number": ' + "9" * 100_000)))) < 500
    assert len(said(double.bind(call(**{f"k{n}": "v" * 1000 for n in range(1000)})))) < 2500


def test_an_empty_text_of_arguments_calls_a_function_without_parameters() -> None:
    nothing = tool(lambda: "ran", name="f")
    asked = ToolCall(id="c1", name="f", arguments={}, raw="")
    assert nothing.run(ready(nothing.bind(asked)), context(asked)) == "ran"


def test_a_context_is_handed_in_by_its_annotation_and_kept_out_of_the_schema() -> None:
    @tool
    def look(city: str, here: ToolContext[str], maybe: ToolContext | None = None) -> tuple[object, ...]:
        assert here is maybe
        here.progress("half")
        return city, here.deps, here.call.id, here.messages, here.cancelled

    assert look.declaration.parameters == {
        "type": "object",
        "additionalProperties": False,
        "required": ["city"],
        "properties": {"city": {"type": "string"}},
    }
    report, asked = Reports(), call(city="Oslo")
    assert look.run(ready(look.bind(asked)), context(asked, "deps", report)) == ("Oslo", "deps", "c1", (), False)
    assert report.said == ["half"]
    report.cancelled = True
    assert look.run(ready(look.bind(asked)), context(asked, "deps", report)) == ("Oslo", "deps", "c1", (), True)
    assert report.said == ["half"]


def test_a_model_cannot_give_the_context_itself() -> None:
    @tool(name="f")
    def free(here: ToolContext, **more: str) -> object:
        return here, more

    assert "here: Extra inputs are not permitted" in said(free.bind(call(here="forged")))


def test_what_a_partial_has_bound_is_neither_shown_nor_set_by_a_model() -> None:
    def read(path: str, *, key: str, **more: str) -> tuple[object, ...]:
        return path, key, more

    bound = tool(functools.partial(read, key="sealed"), name="f")
    assert "sealed" not in repr((bound, bound.declaration))
    assert ran(bound, path="p", other="o") == ("p", "sealed", {"other": "o"})
    assert "key: Extra inputs are not permitted" in said(bound.bind(call(path="p", key="forged")))


def test_methods_are_bound_to_their_object() -> None:
    one, other = Counter(1), Counter(10)
    assert one.add(1) == 2
    assert_type(one.add(0), int)
    assert ran(other.add, number=5) == 15
    assert one.count == 2
    assert one.add.declaration is other.add.declaration
    assert one.add.declaration.description == "Add to the count."
    assert one.add == one.add
    assert one.add != other.add
    kind: Any = Counter  # type checkers know no descriptor under these two
    assert kind.fixed(3) == kind(1).fixed(3) == 3
    assert kind.make(3).count == 3


def test_a_schema_written_by_hand_is_sent_as_it_is_and_arguments_are_handed_over() -> None:
    def remote(here: ToolContext, **arguments: object) -> object:
        return here.call.name, arguments

    schema: dict[str, JSON] = {"type": "object", "properties": {"a": {"type": "array"}}, "x-vendor": 1}
    made = tool(remote, name="f", parameters=schema)
    assert made.declaration.parameters is schema
    assert ran(made, a="3", b=[None]) == ("f", {"a": "3", "b": [None]})
    assert "here: Extra inputs are not permitted" in said(made.bind(call(here=1)))


def test_local_types_are_found_wherever_the_decorator_stands() -> None:
    @dataclass
    class Local:
        size: int

    @tool
    def bare(one: Local) -> int:
        return one.size

    @tool()
    def called(many: list[Local]) -> int:
        return sum(one.size for one in many)

    def plain(one: Local | None) -> bool:
        return one is None

    assert ran(bare, one={"size": 3}) == 3
    assert ran(called, many=[{"size": 3}, {"size": 4}]) == 7
    assert ran(tool(plain), one=None) is True


def test_types_that_are_defined_later_are_found() -> None:
    assert ran(later, what={"size": 3}) == 3


@tool
def later(what: Later) -> int:
    return what.size


@dataclass
class Later:
    size: int


def by_place(number: int, /) -> int:
    return number


def any_number(*numbers: int) -> object:
    return numbers


def numbers() -> Iterator[int]:
    yield 1


UNWRAPPED = cast("object", classmethod(halve))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - never called


async def async_numbers() -> AsyncIterator[int]:
    yield 1


@pytest.mark.parametrize(
    ("function", "fix"),
    [
        (by_place, "remove the `/`"),
        (any_number, "take a list instead"),
        (numbers, "generator: return one value, and report on the way by `progress`"),
        (async_numbers, "generator: return one value"),
        (Counter, "is no function"),
        ("text", "is no function"),
        (staticmethod(halve), "is a staticmethod: write @staticmethod above @tool"),
        (UNWRAPPED, "is a classmethod: write @classmethod above @tool"),
    ],
)
def test_what_cannot_be_a_tool_is_refused_where_it_is_declared(function: Callable[..., object], fix: str) -> None:
    with pytest.raises(ConfigurationError, match=fix):
        tool(function, name="f")


@pytest.mark.parametrize("name", ["", "a b", "wetter_für", "x" * 65, "a.b", "a\n"])
def test_a_name_that_no_wire_takes_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="1 to 64 letters, digits, _ and -"):
        tool(halve, name=name)


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_timeout_without_time_is_refused(seconds: float) -> None:
    with pytest.raises(ConfigurationError, match="give seconds above 0"):
        tool(halve, timeout=seconds)


def test_a_type_that_has_no_schema_is_refused_when_it_is_needed() -> None:
    @tool
    def odd(counter: Counter) -> None: ...

    with pytest.raises(ConfigurationError, match="no JSON Schema can be made for the tool 'odd'"):
        _ = odd.declaration


COUNTER = Counter(5)


@pytest.mark.parametrize(
    "made",
    [
        double,
        wait_for,
        tool(halve, name="half", approval=True, meta={"o": {"k": 1}}),
        tool(functools.partial(halve, 4)),
    ],
    ids=lambda made: made.name,
)
def test_tools_copy_pickle_compare_and_hash(made: FunctionTool) -> None:
    for twin in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert twin.name == made.name
        assert twin.declaration == made.declaration
        if made.name != "halve":  # two partials are never equal
            assert twin == made
            assert hash(twin) == hash(made)
    assert weakref.ref(made)() is made


def test_a_decorated_function_pickles_by_its_name_and_a_method_by_its_object() -> None:
    assert pickle.loads(pickle.dumps(double)) is double
    assert pickle.loads(pickle.dumps(Counter(7).add))(1) == 8
    assert pickle.loads(pickle.dumps(Counter.add)) is Counter.add


def test_tools_differ_by_function_and_by_what_is_said_about_them() -> None:
    def ask(_: ToolCall) -> Ask:
        return Ask("sure?")

    assert tool(halve) == tool(halve)
    assert tool(halve, approval=ask).approval is ask
    assert len({tool(halve), tool(halve), tool(halve, timeout=1), tool(halve, approval=ask), double}) == 4


def test_the_object_of_a_method_stays_out_of_repr() -> None:
    class Vault:
        def __repr__(self) -> str:
            return "sealed"

        @tool
        def open_it(self) -> None: ...

    assert "sealed" not in repr((Vault().open_it, tool(Vault().open_it.function)))
