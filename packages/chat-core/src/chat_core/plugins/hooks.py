"""The hooks that a plugin may implement, and the marker for implementations.

Law: importing this module costs nothing: no plugin machinery, no metadata. A plugin module needs no more than this and
`spec`. Each plugin is asked alone: none sees or changes what another one offers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from chat_core.jsonvalue import JSON
    from chat_core.plugins.spec import ProviderSpec, StoreSpec, ToolsSpec, TransportSpec

P = ParamSpec("P")
T = TypeVar("T")

PROJECT = "chat_core"
"""The name under which pluggy finds the marks; `pluggy.HookimplMarker("chat_core")` makes the same ones."""

_IMPL = {
    "wrapper": False,
    "hookwrapper": False,
    "optionalhook": False,
    "tryfirst": False,
    "trylast": False,
    "specname": None,
}
_SPEC = {"firstresult": False, "historic": False, "warn_on_impl": None, "warn_on_impl_args": None}


def hookimpl(function: Callable[P, T]) -> Callable[P, T]:
    """Mark a function of a plugin as the implementation of the hook of the same name."""
    setattr(function, f"{PROJECT}_impl", dict(_IMPL))
    return function


def _hookspec(function: Callable[P, T]) -> Callable[P, T]:
    setattr(function, f"{PROJECT}_spec", dict(_SPEC))
    return function


@_hookspec
def chat_providers() -> Iterable[ProviderSpec]:
    """Yield the providers that the plugin offers; must not import them."""
    return ()


@_hookspec
def chat_transports() -> Iterable[TransportSpec]:
    """Yield the transports that the plugin offers; must not import them."""
    return ()


@_hookspec
def chat_stores() -> Iterable[StoreSpec]:
    """Yield the stores that the plugin offers; must not import them."""
    return ()


@_hookspec
def chat_tools() -> Iterable[ToolsSpec]:
    """Yield the sets of tools that the plugin offers; they are never active by themselves."""
    return ()


@_hookspec
def chat_resolve_model(name: str) -> str | None:
    """Return `provider:model` for a name without a provider; `None` for one that the plugin does not know."""


@_hookspec
def chat_commands(cli: object) -> None:
    """Add commands to the command line.

    Args:
        cli: the command line's own group, as its package documents it.
    """


@_hookspec
def chat_observe(event: Mapping[str, JSON]) -> None:
    """Look at the start, end or retry of a call; changes nothing, and is off unless `CHAT_OBSERVE` is set.

    Args:
        event: what happened, without content and secrets: see `flow.watching`; `type` says which it is.
    """
