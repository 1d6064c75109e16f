"""`@tool` in its spellings, and sets of tools from whatever holds some."""

from __future__ import annotations

import functools
import subprocess
import sys
from types import ModuleType
from typing import TYPE_CHECKING, assert_type

import pytest

from chat_core.errors import ConfigurationError
from chat_core.functions import FunctionTool, tool, toolset
from chat_core.tools import NativeTool, Tool

if TYPE_CHECKING:
    from collections.abc import Iterator

DECLARED = Tool(name="declared")
NATIVE = NativeTool(provider="p", data={})
SOURCE = """
from chat_core.functions import tool
from {other} import elsewhere

@tool
def first(a: int) -> int: return a

@tool(name="2nd")
def second(a: int) -> int: return a

@tool
def _private(a: int) -> int: return a

def plain(a: int) -> int: return a
group = [first, plain]
"""


@tool
def twice(number: int) -> int:
    return number * 2


def half(number: int) -> float:
    return number / 2


class Box:
    def __init__(self) -> None:
        self.kept: list[str] = []

    def plain(self) -> None: ...

    @tool
    def put(self, text: str) -> int:
        self.kept.append(text)
        return len(self.kept)

    @staticmethod
    @tool
    def fixed() -> None: ...


class BiggerBox(Box):
    @classmethod
    @tool
    def make(cls) -> None: ...

    @tool
    def put(self, text: str, place: int) -> int:  # type: ignore[override] # pyright: ignore[reportIncompatibleVariableOverride] - as a program may
        self.kept.insert(place, text)
        return len(self.kept)

    @property
    def broken(self) -> str:
        raise OSError


@pytest.fixture(name="module")
def a_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made: ModuleType | None = None
    for name, source in (
        ("made_other", "from chat_core.functions import tool\n@tool\ndef elsewhere(): ...\n"),
        ("made_tools", SOURCE.format(other="made_other")),
    ):
        made = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, made)
        exec(source, made.__dict__)
    assert made is not None
    return made


def names(*sources: object) -> list[str]:
    return [it.name if isinstance(it, FunctionTool | Tool) else "native" for it in toolset(*sources)]


def test_the_decorator_has_three_spellings() -> None:
    @tool()
    def called(number: int) -> str:
        return str(number)

    assert_type(twice(2), int)
    assert_type(called(2), str)
    assert_type(tool(half)(2), float)
    assert_type(tool(half, name="h")(2), float)
    assert [it.name for it in (twice, called, tool(half), tool(half, name="h"))] == ["twice", "called", "half", "h"]


@pytest.mark.parametrize(
    ("function", "fix"),
    [(lambda: 1, "a lambda has no name: tool"), (Box().plain, None), (functools.partial(half), None)],
)
def test_a_tool_is_called_as_its_function_is(function: object, fix: str | None) -> None:
    if fix is None:
        assert tool(function).name in {"plain", "half"}  # type: ignore[call-overload] # pyright: ignore - any object is tried
    else:
        with pytest.raises(ConfigurationError, match=fix):
            tool(function)  # type: ignore[call-overload] # pyright: ignore - any object is tried


def test_something_else_is_no_function_and_is_not_shown() -> None:
    with pytest.raises(ConfigurationError, match=r"made of a function, not of Tool$"):
        tool(DECLARED)  # type: ignore[call-overload] # pyright: ignore - what is refused
    with pytest.raises(ConfigurationError, match="write @classmethod above @tool"):
        tool(classmethod(half))  # type: ignore[call-overload, arg-type] # pyright: ignore - what is refused


def test_tools_functions_and_declarations_are_taken_in_order() -> None:
    assert toolset(twice, DECLARED, NATIVE) == (twice, DECLARED, NATIVE)
    assert toolset() == ()
    assert names(half, [twice, (DECLARED,)], iter([NATIVE])) == ["half", "twice", "declared", "native"]


def test_a_module_gives_the_public_tools_that_it_defines(module: ModuleType) -> None:
    assert names(module) == ["first", "2nd"]
    assert names("made_tools") == ["first", "2nd"]


def test_a_module_that_lists_its_names_gives_those(module: ModuleType) -> None:
    module.__dict__["__all__"] = ["_private", "elsewhere", "plain"]
    assert names(module) == ["_private", "elsewhere"]


def test_a_text_names_a_thing_inside_a_module(module: ModuleType) -> None:
    assert names("made_tools:second", "made_tools:plain", "made_tools:group") == ["2nd", "plain", "first", "plain"]
    assert toolset("made_tools:first") == (module.first,)


def test_a_mapping_names_its_tools() -> None:
    made = toolset({"a": half, "b": twice, "c": DECLARED, "d": Box().plain})
    assert names(*made) == ["a", "b", "c", "d"]
    assert [it.declaration.name for it in made if isinstance(it, FunctionTool)] == ["a", "b", "d"]


def test_an_object_gives_its_methods_that_are_tools_bound_to_it() -> None:
    box, bigger = Box(), BiggerBox()
    assert names(box) == ["put", "fixed"]
    assert names(bigger) == ["put", "fixed", "make"]
    put = toolset(bigger)[0]
    assert isinstance(put, FunctionTool)
    assert put("a", 0) == 1
    assert (box.kept, bigger.kept) == ([], ["a"])
    assert put.declaration.parameters is not None
    assert put.declaration.parameters["required"] == ["text", "place"]


@pytest.mark.parametrize(
    ("source", "fix"),
    [
        (3, "int is no tool and has none: give functions, modules"),
        (None, "is no tool and has none"),
        (Box, "objects \\(not classes\\)"),
        ("no_such_module.tools", "no module 'no_such_module.tools' for tools: give 'package.module:name'"),
        ("chat_core:no_such_name", "the module 'chat_core' has no 'no_such_name'"),
        ("", "no module ''"),
        (".relative", "no module '.relative'"),
        (sys, "the module 'sys' defines no tool: write @tool above its functions"),
        ({"a": 3}, "'a' in a mapping of tools is no function: int"),
    ],
    ids=repr,
)
def test_a_source_without_tools_names_the_fix(source: object, fix: str) -> None:
    with pytest.raises(ConfigurationError, match=fix):
        toolset(source)


def test_a_module_that_fails_to_import_something_of_its_own_says_so(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("tools")
    (folder / "needs_another.py").write_text("import another_that_is_missing\n")
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    with pytest.raises(ModuleNotFoundError, match="another_that_is_missing"):
        toolset("needs_another")


def test_declaring_tools_loads_no_schema_library() -> None:
    program = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "from chat_core.functions import tool, toolset\n"
        "@tool\ndef f(a: int, b: list[str]) -> str:\n    'Words.'\n"
        "toolset(f, {'g': f}); assert f(1, []) is None\n"
        "print(*{'pydantic', 'pydantic_core', 'asyncio', 'httpx', 'json'} & set(sys.modules))\n"
        "f.declaration\nassert 'pydantic' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def endless() -> Iterator[int]:
    yield 1


def test_a_generator_is_no_plain_source() -> None:
    with pytest.raises(ConfigurationError, match="is a generator"):
        toolset(endless)
