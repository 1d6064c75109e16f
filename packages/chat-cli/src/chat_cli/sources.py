"""`-T`: what a word on the command line names tools by, and the tools that it names.

Law: a name is looked for where its form says: a path is a file, a word is an installed set or else a module, and a
dotted name is a module or else a tool in one. The current folder is searched for tools only. A file without `@tool` was
named to be used: its public functions that have annotations and a docstring are the tools.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from inspect import signature
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING

import click

from chat_cli.exits import LOG
from chat_core.errors import ChatError, ConfigurationError
from chat_core.functions import FunctionTool, toolset
from chat_core.plugins.registry import registry

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from types import ModuleType

    from chat_core.tools import AnyTool

SUFFIX = ".py"


def tools(sources: Iterable[str]) -> tuple[AnyTool | FunctionTool, ...]:
    """Import tools.

    Raises:
        click.UsageError: a source names none, or fails when it is imported.
    """
    return tuple(found for source in sources for found in _tools(source))


def _tools(source: str) -> tuple[AnyTool | FunctionTool, ...]:
    try:
        if source in registry().names("tools"):  # what is installed needs nothing of the folder that somebody is in
            return toolset(registry().tools(source).load())
        with _here():
            return toolset(_named(source))
    except ChatError as error:
        raise click.UsageError(f"-T {source}: {error.message}") from error
    except Exception as error:
        if os.environ.get(LOG):
            raise
        raise click.UsageError(
            f"-T {source}: importing it raised {type(error).__name__}: {error} (with {LOG}=debug it says where)"
        ) from error


def _named(source: str) -> object:
    """Return what gives the tools, or what `toolset` looks up."""
    if not source.strip():
        raise ConfigurationError("it is empty: name a module, a file or an installed set")
    path, name = _split(source)
    if os.sep in path or path.endswith(SUFFIX):
        module = _loaded(Path(path).expanduser())
        return _member(module, name) if name else _of_file(module)
    return source if name or _is_module(source) else _dotted(source)


def _split(source: str) -> tuple[str, str]:
    """Part a place from the name behind its last colon; the colon of a drive is part of the place."""
    place, _, name = source.rpartition(":")
    return (place, name) if place and name.replace(".", "").isidentifier() else (source, "")


def _dotted(source: str) -> str:
    """Read a dotted name that is no module as one of a tool in a module."""
    module, _, name = source.rpartition(".")
    if not module:
        sets = ", ".join(registry().names("tools")) or "none"
        raise ConfigurationError(f"there is no such module or installed set; sets: {sets}. A file: ./{source}{SUFFIX}")
    return f"{module}:{name}"


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ModuleNotFoundError, ValueError) as error:
        if (
            isinstance(error, ModuleNotFoundError)
            and error.name is not None
            and not f"{name}.".startswith(f"{error.name}.")
        ):
            raise  # what is above it is there, and lacks a module of its own
        return False


def _loaded(path: Path) -> ModuleType:
    """Run a file as a module of its own."""
    if not path.is_file():
        raise ConfigurationError(f"there is no file {path}")
    name = f"chat_tools_{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"{path} is no Python file: its name has to end with {SUFFIX}")
    module = module_from_spec(spec)
    sys.modules[name] = module  # where the types in its signatures are looked up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _of_file(module: ModuleType) -> object:
    """Return the tools of a file: what is under `@tool` or in its `__all__`, or else its plain functions.

    Raises:
        ConfigurationError: it has none.
    """
    listed: list[str] | None = getattr(module, "__all__", None)
    found = {name: getattr(module, name, None) for name in (vars(module) if listed is None else listed)}
    if any(isinstance(value, FunctionTool) for value in found.values()):
        return module
    plain = [value for name, value in found.items() if not name.startswith("_") and _is_plain(value, module)]
    if not plain:
        raise ConfigurationError(
            "it defines no tool: write @tool above its functions, or give them annotations and a docstring"
        )
    return plain


def _is_plain(value: object, module: ModuleType) -> bool:
    """Tell whether a value is a function of a file that says what it takes and what it is for."""
    if not isinstance(value, FunctionType) or value.__module__ != module.__name__ or not value.__doc__:
        return False
    return signature(value).parameters.keys() <= value.__annotations__.keys()


def _member(module: ModuleType, name: str) -> object:
    found: object = module
    for step in name.split(".") if name else ():
        if not hasattr(found, step):
            raise ConfigurationError(f"it has no {name!r}")
        found = getattr(found, step)
    return found


@contextmanager
def _here() -> Generator[None]:
    """Search the current folder: first while tools are imported, and last when they import something later."""
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
        if folder not in sys.path:
            sys.path.append(folder)
