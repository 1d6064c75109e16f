"""Loading one plugin: import it, check its hooks, ask what it offers. The one place that uses pluggy.

Law: a fault stays with the plugin that has it. Each plugin has a hook manager of its own, so none can see or change
what another one offers; whatever goes wrong is a `Fault` that says why and how to mend it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache, partial, update_wrapper
from importlib import import_module
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from chat_core.errors import BrokenPlugin, ChatError
from chat_core.plugins import hooks
from chat_core.plugins.entries import BLOCK
from chat_core.plugins.spec import API, OFFERS, ProviderSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluggy import PluginManager  # noqa: TID251 - plugins/ is the place for it

    from chat_core.codec.provider import Provider
    from chat_core.plugins.entries import Entry
    from chat_core.plugins.spec import Kind, ProviderConfig, Spec

_FIELDS: Mapping[str, type] = {
    "name": str,
    "aliases": tuple,
    "env": tuple,
    "settings": frozenset,
    "base_url_env": tuple,
    "api": int,
}
"""What a plugin's author may get wrong without a type checker."""

_PROVIDERS = (
    "name", "channels", "capabilities", "encode", "authorize", "decode", "decoder", "decode_error", "origin", "accepts"
)  # fmt: skip
"""What a provider has: see `codec.provider.Provider`."""

State: TypeAlias = Literal["ready", "broken", "outdated", "conflict", "blocked"]


class Fault(Exception):
    """Why a plugin, or one of its names, cannot be used.

    Attributes:
        state: the sort of trouble.
        why: what is wrong.
        fix: what to do about it.
    """

    def __init__(self, state: State, why: str, fix: str) -> None:
        """Keep what a report needs."""
        super().__init__(why)
        self.state: State = state
        self.why = why
        self.fix = fix


class Plugin:
    """A plugin that was imported and whose hooks are right.

    Attributes:
        entry: the entry that it was first found by.
        faults: what is wrong with parts of it; the rest can be used.
    """

    def __init__(self, entry: Entry) -> None:
        """Import the plugin and check its hooks.

        Raises:
            Fault: it cannot be imported, or a hook has the wrong signature.
        """
        self.entry = entry
        self.faults: list[Fault] = []
        self._hooks = _registered(entry, self.faults)
        self._offers: dict[Kind, tuple[Spec, ...]] = {}

    def offers(self, kind: Kind) -> tuple[Spec, ...]:
        """Return what it offers of a kind; a spec of another api is left out and reported.

        Raises:
            Fault: the hook raised, or yielded something else than specs.
        """
        if kind not in self._offers:
            hook, wanted = OFFERS[kind]
            specs: list[Spec] = []
            for value in self.call(hook):
                if not isinstance(value, wanted):
                    raise Fault("broken", f"{hook} yields {value!r:.80}, not {wanted.__name__}", _mend(self.entry))
                specs.append(value)
            self._offers[kind] = tuple(_watched(spec, self.entry) for spec in specs if self._is_usable(spec))
        return self._offers[kind]

    def call(self, hook: str, **arguments: object) -> list[object]:
        """Call a hook and return what the plugin answered; iterables are read to their end.

        Raises:
            Fault: the hook raised.
        """
        try:
            answers: list[object] = getattr(self._hooks.hook, hook)(**arguments)
            return [value for answer in answers for value in _values(answer)]
        except (Exception, SystemExit) as error:
            raise Fault("broken", f"{hook} raised {described(error)}", _mend(self.entry)) from error

    def _is_usable(self, spec: Spec) -> bool:
        fault = _misfit(spec, self.entry)
        if fault is not None:
            self.faults.append(fault)
        return fault is None


def _watched(spec: Spec, entry: Entry) -> Spec:
    """Have what a plugin's `load` does wrong told as its fault."""
    if not isinstance(spec, ProviderSpec):
        return spec
    return replace(spec, load=update_wrapper(partial(_made, spec, entry), spec.load))


def _made(spec: ProviderSpec, entry: Entry, config: ProviderConfig) -> Provider:
    """Make a provider.

    Raises:
        BrokenPlugin: `load` raised what is no error of this library, or made no provider; the cause is the `Fault`.
    """
    try:
        return _require_provider(spec, entry, _loaded(spec, entry, config))
    except Fault as fault:
        raise BrokenPlugin(f"{entry.package}: {fault.why}. Fix: {fault.fix}") from fault


def _loaded(spec: ProviderSpec, entry: Entry, config: ProviderConfig) -> Provider:
    try:
        return spec.load(config)
    except ChatError:  # of what the user has set up: it says so itself
        raise
    except (Exception, SystemExit) as error:
        raise Fault("broken", f"`load` of {spec.name!r} raised {described(error)}", _mend(entry)) from error


def _require_provider(spec: ProviderSpec, entry: Entry, made: Provider) -> Provider:
    lacking = [name for name in _PROVIDERS if not hasattr(made, name)]
    if lacking:
        why = f"`load` of {spec.name!r} gave {type(made).__name__}, which is no provider: it lacks {', '.join(lacking)}"
        raise Fault("broken", why, _mend(entry))
    return made


def _values(answer: object) -> Iterable[object]:
    if answer is None:
        return ()
    if isinstance(answer, str) or not isinstance(answer, Iterable):
        return (answer,)
    return tuple(cast("Iterable[object]", answer))


def _misfit(spec: Spec, entry: Entry) -> Fault | None:
    for field, wanted in _FIELDS.items():
        value: object = getattr(spec, field, None)
        if hasattr(spec, field) and not isinstance(value, wanted):
            return Fault(
                "broken", f"`{field}` of {spec.name!r} is {value!r:.80}, not a {wanted.__name__}", _mend(entry)
            )
    if not callable(spec.load):
        return Fault("broken", f"`load` of {spec.name!r} cannot be called", _mend(entry))
    for name in (spec.name, *spec.aliases):
        if not re.fullmatch(r"[^\s:]+", name):
            return Fault("broken", f"{name!r} cannot be a name: it is empty, or has a colon or blanks", _mend(entry))
    if spec.api > API:
        fix = "upgrade chat-core"
    elif spec.api < API:
        fix = f"upgrade {entry.distribution}"
    else:
        return None
    return Fault("outdated", f"{spec.name!r} is made for plugin api {spec.api}; this chat-core has api {API}", fix)


def _registered(entry: Entry, faults: list[Fault]) -> PluginManager:
    from pluggy import PluginManager, PluginValidationError  # noqa: PLC0415, TID251 - paid by whoever loads a plugin, and this is the place

    try:
        subject = _imported(entry.target)
    except (Exception, SystemExit) as error:
        raise Fault("broken", f"importing {entry.target} raised {described(error)}", _mend(entry)) from error
    manager = PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    try:
        manager.register(subject, entry.target)
    except PluginValidationError as error:
        why = " ".join(str(error).split())
        fix = f"take only the arguments that chat_core.plugins.hooks declares; users: {_mend(entry)}"
        raise Fault("broken", f"a hook has the wrong signature: {why}", fix) from error
    callers = manager.get_hookcallers(subject) or []
    known = ", ".join(sorted(_hook_names()))
    if not callers:
        raise Fault("broken", f"{entry.target} implements no hook", f"mark one with `hookimpl`: {known}")
    faults += [
        Fault(
            "outdated", f"there is no hook {caller.name}; the others work", f"upgrade chat-core; its hooks are {known}"
        )
        for caller in callers
        if not caller.has_spec()
    ]
    return manager


def _imported(target: str) -> object:
    module, _, path = target.partition("[")[0].partition(":")
    subject: object = import_module(module.strip())
    for name in filter(None, path.strip().split(".")):
        subject = getattr(subject, name)
    return subject


@cache
def _hook_names() -> frozenset[str]:
    return frozenset(name for name in vars(hooks) if name.startswith("chat_"))


def _mend(entry: Entry) -> str:
    return f"upgrade or uninstall {entry.distribution}, or set {BLOCK}={entry.label}"


def described(error: BaseException) -> str:
    """Return an exception's class and message in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text:.300}" if text else type(error).__name__
