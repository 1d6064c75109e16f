"""Functions as tools: `@tool`, and sets of tools from modules, objects and mappings.

Law: nothing is declared by accident. A module gives the tools that it defines, an object its methods that are tools;
what cannot be a tool is refused where it is named.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from types import MethodType, ModuleType
from typing import TYPE_CHECKING, cast, overload

from chat_core.errors import ConfigurationError
from chat_core.functions import signatures
from chat_core.functions.function_tool import Approval, Bound, FunctionTool, P, R_co, ToolContext
from chat_core.functions.results import EndTurn, failed, result_of
from chat_core.parts import no_meta
from chat_core.tools import AnyTool, NativeTool, Tool

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import Meta

__all__ = ["Approval", "Bound", "EndTurn", "FunctionTool", "ToolContext", "failed", "result_of", "tool", "toolset"]


@overload
def tool(function: Callable[P, R_co], /) -> FunctionTool[P, R_co]: ...
@overload
def tool(
    function: Callable[P, R_co],
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    parameters: JSONObject | None = None,
    strict: bool | None = None,
    approval: Approval = False,
    timeout: float | None = None,
    idempotent: bool = False,
    meta: Meta | None = None,
) -> FunctionTool[P, R_co]: ...
@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    parameters: JSONObject | None = None,
    strict: bool | None = None,
    approval: Approval = False,
    timeout: float | None = None,
    idempotent: bool = False,
    meta: Meta | None = None,
) -> Callable[[Callable[P, R_co]], FunctionTool[P, R_co]]: ...
def tool(  # noqa: PLR0913 - one keyword per fact about a tool
    function: Callable[P, R_co] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    parameters: JSONObject | None = None,
    strict: bool | None = None,
    approval: Approval = False,
    timeout: float | None = None,
    idempotent: bool = False,
    meta: Meta | None = None,
) -> object:
    """Make a tool of a function: as `@tool`, as `@tool(…)`, or as `tool(function, …)`.

    The keywords are the attributes of `FunctionTool`; without `name` it is called as the function is.

    Raises:
        ConfigurationError: the function cannot be a tool; the message names the fix.
    """

    def decorate(function: Callable[P, R_co], frame: Mapping[str, object] | None = None) -> FunctionTool[P, R_co]:
        return FunctionTool(
            function=function,
            name=_name(function) if name is None else name,
            description=description,
            parameters=parameters,
            strict=strict,
            approval=approval,
            timeout=timeout,
            idempotent=idempotent,
            meta=no_meta() if meta is None else meta,
            names=_local(function, signatures.callers_names() if frame is None else frame),
        )

    return decorate if function is None else decorate(function, signatures.callers_names())


def toolset(*sources: object) -> tuple[AnyTool | FunctionTool, ...]:
    """Collect tools, in order.

    A source is a tool; a function; a module, which gives the tools that it defines under public names, or those in its
    `__all__`; a text `package.module` or `package.module:name`; a mapping, whose keys are the names; an object whose
    methods are tools; or an iterable of sources.

    Raises:
        ConfigurationError: a source gives no tool; the message names the fix.
    """
    return tuple(found for source in sources for found in _tools(source))


def _tools(source: object) -> Iterator[AnyTool | FunctionTool]:
    match source:
        case FunctionTool() | Tool() | NativeTool():
            yield cast("AnyTool | FunctionTool", source)
        case str():
            yield from _tools(_named(source))
        case ModuleType():
            yield from _of_module(source)
        case Mapping():
            items = cast("Mapping[str, object]", source).items()
            yield from (_renamed(name, value) for name, value in items)
        case _:
            yield from _of_object(source)


def _of_object(source: object) -> Iterator[AnyTool | FunctionTool]:
    if methods := [] if isinstance(source, type) else _methods(source):
        yield from methods
    elif isinstance(source, Iterable):
        yield from toolset(*cast("Iterable[object]", source))
    elif callable(source) and not isinstance(source, type):
        yield tool(source)
    else:
        fix = "give functions, modules, or objects (not classes) with methods under @tool"
        raise ConfigurationError(f"{_kind(source)} is no tool and has none: {fix}")


def _of_module(module: ModuleType) -> Iterator[FunctionTool]:
    listed: list[str] | None = getattr(module, "__all__", None)
    names = list(vars(module)) if listed is None else listed
    values = ((name, getattr(module, name, None)) for name in names)
    found = [
        cast("FunctionTool", value)
        for name, value in values
        if isinstance(value, FunctionTool)
        and (listed is not None or (not name.startswith("_") and _home(cast("FunctionTool", value)) == module.__name__))
    ]
    if not found:
        raise ConfigurationError(f"the module {module.__name__!r} defines no tool: write @tool above its functions")
    yield from found


def _methods(source: object) -> list[FunctionTool]:
    """Return the methods of an object that are tools, those of its bases first, bound to it."""
    names = dict.fromkeys(name for kind in reversed(type(source).__mro__) for name in vars(kind))
    return [
        found
        for name in names
        if isinstance(_bare(inspect.getattr_static(source, name)), FunctionTool)
        and (found := _bound(getattr(source, name))) is not None
    ]


def _bare(value: object) -> object:
    return cast("object", value.__func__) if isinstance(value, staticmethod | classmethod) else value


def _bound(value: object) -> FunctionTool | None:
    """Return the tool that an attribute is; a `classmethod` of newer Pythons wraps it in a plain method."""
    if isinstance(value, MethodType) and isinstance(value.__func__, FunctionTool):
        return cast("FunctionTool", value.__func__).__get__(value.__self__)
    return cast("FunctionTool", value) if isinstance(value, FunctionTool) else None


def _renamed(name: str, value: object) -> AnyTool | FunctionTool:
    match value:
        case FunctionTool() | Tool():
            return replace(cast("FunctionTool | Tool", value), name=name)
        case _ if callable(value):
            return tool(value, name=name)
        case _:
            raise ConfigurationError(f"{name!r} in a mapping of tools is no function: {_kind(value)}")


def _named(text: str) -> object:
    """Return what `package.module` or `package.module:name` names."""
    module, _, name = text.partition(":")
    try:
        value: object = import_module(module)
    except (ModuleNotFoundError, ValueError, TypeError) as error:  # no such module, no name, a relative one
        if isinstance(error, ModuleNotFoundError) and not f"{module}.".startswith(f"{error.name}."):
            raise  # the module is there, and lacks one of its own
        raise ConfigurationError(f"no module {module!r} for tools: give 'package.module:name'") from None
    for step in name.split(".") if name else ():
        if not hasattr(value, step):
            raise ConfigurationError(f"the module {module!r} has no {name!r}")
        value = getattr(value, step)
    return value


def _home(found: FunctionTool) -> str:
    return signatures.innermost(found.function).__module__


def _name(function: object) -> str:
    """Return what a tool is called that was given no name."""
    name = signatures.name_of(function)
    if not callable(function) and not isinstance(function, classmethod):  # which is refused with its own fix
        raise ConfigurationError(f"a tool is made of a function, not of {name}")
    if name == "<lambda>":
        raise ConfigurationError("a lambda has no name: tool(…, name='…')")
    return name


def _kind(source: object) -> str:
    """Name what was given by its type: its `repr` may hold anything."""
    return f"the class {source.__name__}" if isinstance(source, type) else type(source).__name__


def _local(function: object, frame: Mapping[str, object]) -> dict[str, object]:
    return signatures.local_names(function, frame) if callable(function) else {}
