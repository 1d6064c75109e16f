"""What a function says about its parameters: their names, types, defaults and descriptions.

Law: reading a signature runs nothing of the function and loads no schema library. What a `functools.partial` has
bound is bound: nobody else sees it or sets it.
"""

from __future__ import annotations

import inspect
import sys
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast, get_type_hints

from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType

_FIXES: dict[object, str] = {
    inspect.Parameter.POSITIONAL_ONLY: "a model names its arguments: remove the `/` behind it",
    inspect.Parameter.VAR_POSITIONAL: "a model names its arguments: take a list instead, or, if a decorator put it "
    "there, use functools.wraps in the decorator",
}


def signature_of(function: Callable[..., object]) -> inspect.Signature:
    """Return the signature without what a `functools.partial` has bound; the annotations are as written.

    Raises:
        ConfigurationError: it cannot be read, or a parameter cannot be given by name.
    """
    try:
        signature = _read(function)
    except (TypeError, ValueError):
        raise ConfigurationError(
            f"the signature of {name_of(function)!r} cannot be read: wrap it in a function"
        ) from None
    bound = bound_names(function)
    kept = [parameter for parameter in signature.parameters.values() if parameter.name not in bound]
    for parameter in kept:
        if (fix := _FIXES.get(parameter.kind)) is not None:
            raise ConfigurationError(f"parameter {parameter.name!r} of the tool {name_of(function)!r}: {fix}")
    return signature.replace(parameters=kept)


def bound_names(function: Callable[..., object]) -> frozenset[str]:
    """Return the parameters that a `functools.partial` gives by name."""
    names: set[str] = set()
    while isinstance(function, partial):
        names |= function.keywords.keys()
        function = cast("Callable[..., object]", function.func)
    return frozenset(names)


def innermost(function: Callable[..., object]) -> Callable[..., object]:
    """Return the function that was written with `def`: without partials, decorators and binding to an object."""
    while isinstance(function, partial):
        function = function.func
    function = inspect.unwrap(getattr(function, "__func__", function))
    if inspect.isroutine(function):
        return function
    return cast("Callable[..., object]", inspect.unwrap(type(function).__call__))


def name_of(function: object) -> str:
    """Return the name of a function; of any other object, that of its class."""
    while isinstance(function, partial):
        function = cast("object", function.func)
    name: object = getattr(function, "__name__", None)
    return name if isinstance(name, str) else type(function).__name__


def document_of(function: Callable[..., object]) -> str | None:
    """Return the docstring of a function; of an object that can be called, that of its `__call__`."""
    return inspect.getdoc(innermost(function))


def hints_of(
    function: Callable[..., object], parameters: Mapping[str, inspect.Parameter], names: Mapping[str, object]
) -> dict[str, object]:
    """Return the types of parameters, forward references resolved; `Annotated` is kept, a missing one is left out.

    Args:
        function: the function.
        parameters: those of its parameters to look at.
        names: what its annotations mention that is no global of its module: see `local_names`.

    Raises:
        ConfigurationError: an annotation names what cannot be found.
    """
    asked = {name: p.annotation for name, p in parameters.items() if p.annotation is not inspect.Parameter.empty}
    scope = cast("dict[str, object]", getattr(innermost(function), "__globals__", {}))
    holder = SimpleNamespace(__annotations__=asked)
    try:
        return get_type_hints(holder, scope, dict(names), include_extras=True)
    except NameError as error:
        missing = f"{error}: import it outside `if TYPE_CHECKING`, or define it before the function"
        raise ConfigurationError(f"the types of the tool {name_of(function)!r} cannot be read: {missing}") from None


def local_names(function: Callable[..., object], frame: Mapping[str, object]) -> dict[str, object]:
    """Return what the annotations of a function that is defined inside another mention of that one's local names."""
    written = innermost(function)
    if "<locals>" not in getattr(written, "__qualname__", ""):
        return {}
    texts = [p.annotation for p in _read(function).parameters.values() if isinstance(p.annotation, str)]
    mentioned = {name for text in texts for name in _mentioned(text)}
    return {name: frame[name] for name in mentioned if name in frame}


def callers_names() -> Mapping[str, object]:
    """Return the local names of the place that called the caller."""
    here = inspect.currentframe()
    frame = None if here is None or here.f_back is None else here.f_back.f_back
    return {} if frame is None else frame.f_locals


def _read(function: Callable[..., object]) -> inspect.Signature:
    if sys.version_info >= (3, 14):
        from annotationlib import Format  # noqa: PLC0415 - not in older Pythons

        return inspect.signature(function, annotation_format=Format.FORWARDREF)
    return inspect.signature(function)


def _mentioned(annotation: str) -> set[str]:
    try:
        return _names(compile(annotation, "<annotation>", "eval"))
    except SyntaxError:
        return set()


def _names(code: CodeType) -> set[str]:
    return {*code.co_names, *(text for text in code.co_consts if isinstance(text, str) and text.isidentifier())}
