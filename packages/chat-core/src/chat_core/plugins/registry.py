"""The registry: finds providers, transports, stores and tools by name.

Law: only the asked entry is imported, and a module is registered once however many names point to it. A name belongs
to the entry of that name: two distributions with one name is an error that names both; what a plugin claims beyond its
entries counts only where no entry has that name. A fault stays with its plugin and is warned about once.
"""

from __future__ import annotations

import os
import warnings
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from chat_core.errors import BrokenPlugin, ConfigurationError, UnknownProvider, UnsupportedTransport
from chat_core.plugins.entries import BLOCK, Entry, Gate, installed
from chat_core.plugins.loading import Fault, Plugin
from chat_core.plugins.report import PluginWarning
from chat_core.plugins.spec import OFFERS, ProviderConfig, ProviderSpec, StoreSpec, ToolsSpec, TransportSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from chat_core.jsonvalue import JSON
    from chat_core.plugins.spec import Kind, Spec
    from chat_core.transport.protocol import AsyncTransport, Transport

S = TypeVar("S", bound="Spec")

BUILT_IN = tuple(
    Entry(label, "chat_core.plugins.builtin")
    for label in ("replay", "transport.demo", "transport.httpx", "transport.httpx2")
)
"""What this package offers itself; no plugin can take these names."""

_KINDS: Mapping[type, Kind] = {spec: kind for kind, (_, spec) in OFFERS.items()}
_MISSING: Mapping[Kind, type[ConfigurationError]] = {"provider": UnknownProvider, "transport": UnsupportedTransport}


class Registry:
    """What is installed, by kind and name."""

    def __init__(
        self,
        *,
        index: Callable[[], Iterable[Entry]] = installed,
        environ: Mapping[str, str] = os.environ,
        built_in: Iterable[Entry] = BUILT_IN,
    ) -> None:
        """Make a registry; nothing is read before the first question.

        Args:
            index: reads the entries of installed packages.
            environ: the environment, for the lists of plugins let in and kept out.
            built_in: entries that need no metadata, whose names cannot be taken.
        """
        self._index = index
        self.environ = environ
        self.built_in = {entry.label: entry for entry in built_in}
        self._entries: tuple[Entry, ...] | None = None
        self._plugins: dict[str, Plugin | Fault] = {}
        self._added: dict[tuple[Kind, str], Spec] = {}
        self._transports: dict[str, Transport | AsyncTransport] = {}
        self._warned: set[str] = set()

    # what is asked

    def provider(self, name: str) -> ProviderSpec:
        """Find the provider that users call `name`.

        Raises:
            UnknownProvider: no installed package offers it; the message lists what is installed.
            BrokenPlugin: the package that offers it cannot be loaded.
            ConfigurationError: several packages claim the name.
        """
        return self._find(ProviderSpec, name)

    def transport(self, name: str) -> Transport | AsyncTransport:
        """Return the transport of a name: one instance for all clients of the process.

        Raises:
            UnsupportedTransport: no installed package offers it.
            BrokenPlugin, ConfigurationError: as `provider`.
        """
        if name not in self._transports:
            self._transports.setdefault(name, self._find(TransportSpec, name).load())
        return self._transports[name]

    def store(self, name: str) -> StoreSpec:
        """Find a store; raises as `provider`, with `ConfigurationError` for an unknown name."""
        return self._find(StoreSpec, name)

    def tools(self, name: str) -> ToolsSpec:
        """Find a set of tools; raises as `store`."""
        return self._find(ToolsSpec, name)

    def add(self, spec: Spec) -> None:
        """Offer something for this process only.

        Raises:
            ConfigurationError: one of its names is taken.
        """
        kind = _KINDS[type(spec)]
        names = (spec.name, *spec.aliases)
        for name in names:
            if (kind, name) in self._added or any(entry.name == name for entry in self.entries(kind)):
                raise ConfigurationError(f"the {kind} name {name!r} is taken")
        self._added |= {(kind, name): spec for name in names}

    def names(self, kind: Kind) -> tuple[str, ...]:
        """List the names of a kind without importing anything."""
        added = [name for added_kind, name in self._added if added_kind == kind]
        return tuple(sorted({*added, *(entry.name for entry in self.entries(kind))}))

    def resolve_model(self, name: str) -> str:
        """Ask every plugin which provider a bare model name means; returns `provider:model`.

        Raises:
            UnknownProvider: no plugin knows it.
            ConfigurationError: plugins disagree.
        """
        answers = {
            str(answer): plugin.entry.package for plugin, answer in self._answers("chat_resolve_model", name=name)
        }
        if len(answers) > 1:
            listed = ", ".join(f"{answer} ({package})" for answer, package in sorted(answers.items()))
            raise ConfigurationError(f"the model name {name!r} means several things: {listed}; write one of them")
        for answer in answers:
            return answer
        if name in self.names("provider"):
            raise UnknownProvider(f"{name!r} is a provider and no model: write {name}:MODEL")
        raise UnknownProvider(
            f"{name!r} names no provider: write provider:model, such as {self._example()}:{name}. "
            f"Installed: {', '.join(self.names('provider'))}"
        )

    def add_commands(self, cli: object) -> None:
        """Let every plugin add its commands to a command line."""
        for _ in self._answers("chat_commands", cli=cli):
            pass

    def observe(self, event: Mapping[str, JSON]) -> None:
        """Show an event to every plugin that observes; nobody calls this unless the user asked for it."""
        for _ in self._answers("chat_observe", event=event):
            pass

    def offering(self, capability: type) -> tuple[str, ...]:
        """List the providers that have a capability; this loads all of them."""
        return tuple(sorted({spec.name for _, spec in self._all(ProviderSpec) if _has(spec, capability)}))

    # what reports ask too

    def entries(self, kind: Kind | None = None, *, barred: bool = False) -> tuple[Entry, ...]:
        """List the entries of a kind, or all; `barred` picks those that the environment keeps out instead."""
        if self._entries is None:
            self._entries = tuple(self._index())
        gate = Gate.of(self.environ)
        found = [entry for entry in self._entries if (gate.bars(entry) is not None) is barred]
        own = () if barred else tuple(self.built_in.values())
        return tuple(entry for entry in (*own, *found) if kind is None or entry.kind == kind)

    def close(self) -> None:
        """Close the transports that were handed out; they open new connections when they are used again."""
        for transport in tuple(self._transports.values()):
            close: Callable[[], None] | None = getattr(transport, "close", None)
            if close is not None:
                close()

    def refresh(self) -> None:
        """Read the metadata again: packages were installed or removed since."""
        self._entries = None

    def load(self, entry: Entry) -> Plugin:
        """Load the plugin behind an entry, once.

        Raises:
            Fault: it cannot be used.
        """
        if entry.target not in self._plugins:
            self._plugins.setdefault(entry.target, _loaded(entry))
        plugin = self._plugins[entry.target]
        if isinstance(plugin, Fault):
            raise plugin
        return plugin

    def rivals(self, label: str) -> tuple[Entry, ...]:
        """List the entries of one label that point to different plugins; only the built-in one where there is one."""
        if label in self.built_in:
            return (self.built_in[label],)
        return tuple({entry.target: entry for entry in self.entries() if entry.label == label}.values())

    # how it is found

    def _find(self, kind: type[S], name: str) -> S:
        spec = self._added.get((_KINDS[kind], name)) or self._indexed(kind, name) or self._claimed(kind, name)
        if isinstance(spec, kind):
            return spec
        raise self._unknown(_KINDS[kind], name)

    def _indexed(self, kind: type[S], name: str) -> S | None:
        label = name if kind is ProviderSpec else f"{_KINDS[kind]}.{name}"
        rivals = [entry for entry in self.rivals(label) if entry.kind == _KINDS[kind]]
        if len(rivals) > 1:
            raise _conflict(label, rivals)
        for entry in rivals:
            try:
                return _picked(kind, name, self.load(entry))
            except Fault as fault:
                raise BrokenPlugin(f"{entry.package}: {fault.why}. Fix: {fault.fix}") from fault.__cause__
        return None

    def _claimed(self, kind: type[S], name: str) -> S | None:
        claims = {
            plugin.entry.target: (plugin.entry, spec)
            for plugin, spec in self._all(kind)
            if name in (spec.name, *spec.aliases)
        }
        if len(claims) > 1:
            raise _conflict(name, [entry for entry, _ in claims.values()])
        return next((spec for _, spec in claims.values()), None)

    def _all(self, kind: type[S]) -> Iterator[tuple[Plugin, S]]:
        for plugin in self._each():
            try:
                specs = plugin.offers(_KINDS[kind])
            except Fault as fault:
                self._warn(plugin.entry, fault)
                continue
            yield from ((plugin, spec) for spec in specs if isinstance(spec, kind))

    def _answers(self, hook: str, **arguments: object) -> Iterator[tuple[Plugin, object]]:
        for plugin in self._each():
            try:
                answers = plugin.call(hook, **arguments)
            except Fault as fault:
                self._warn(plugin.entry, fault)
                continue
            yield from ((plugin, answer) for answer in answers)

    def _each(self) -> Iterator[Plugin]:
        """Load every plugin; one that cannot be loaded is left out, with a warning."""
        for entry in {entry.target: entry for entry in self.entries()}.values():
            try:
                yield self.load(entry)
            except Fault as fault:
                self._warn(entry, fault)

    def _warn(self, entry: Entry, fault: Fault) -> None:
        text = f"plugin {entry.package}: {fault.why}. Fix: {fault.fix}"
        if text not in self._warned:
            self._warned.add(text)
            warnings.warn(text, PluginWarning, stacklevel=2)

    def _unknown(self, kind: Kind, name: str) -> ConfigurationError:
        for entry in self.entries(kind, barred=True):
            if entry.name == name:
                variable = Gate.of(self.environ).bars(entry)
                return _error(kind, f"the {kind} {name!r} of {entry.package} is kept out by {variable}")
        names = self.names(kind)
        near = get_close_matches(name, names, n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        return _error(
            kind,
            f"no installed package offers the {kind} {name!r}.{guess} Installed: {', '.join(names) or 'none'}. "
            "Install the package that offers it: python -m pip install PACKAGE",
        )

    def _example(self) -> str:
        return next((name for name in self.names("provider") if name != "replay"), "replay")


def _loaded(entry: Entry) -> Plugin | Fault:
    try:
        return Plugin(entry)
    except Fault as fault:
        return fault


def _picked(kind: type[S], name: str, plugin: Plugin) -> S:
    for spec in plugin.offers(_KINDS[kind]):
        if isinstance(spec, kind) and name in (spec.name, *spec.aliases):
            return spec
    for fault in plugin.faults:  # the reason why it is missing
        if repr(name) in fault.why:
            raise fault
    entry = plugin.entry
    fix = f"upgrade or uninstall {entry.distribution}"
    why = f"{entry.target} offers no {_KINDS[kind]} {name!r}, though its metadata says so"
    raise Fault("broken", "; ".join([why, *(fault.why for fault in plugin.faults)]), fix)


def _conflict(name: str, entries: Iterable[Entry]) -> ConfigurationError:
    packages = sorted(entry.package for entry in entries)
    blocks = " or ".join(f"{BLOCK}={package.split()[0]}" for package in packages)
    return ConfigurationError(f"{name!r} is claimed by {' and by '.join(packages)}. Uninstall one, or set {blocks}")


def _error(kind: Kind, message: str) -> ConfigurationError:
    return _MISSING[kind](message) if kind in _MISSING else ConfigurationError(message)


def _has(spec: ProviderSpec, capability: type) -> bool:
    try:
        return capability in spec.load(ProviderConfig()).capabilities
    except Exception:  # noqa: BLE001 - a provider that needs more settings is not worth an error inside of an error
        return False


@cache
def registry() -> Registry:
    """Return the registry of this process; the transports that it hands out are closed at the process's exit."""
    import atexit  # noqa: PLC0415 - a registry of one's own needs none

    found = Registry()
    atexit.register(found.close)
    return found
