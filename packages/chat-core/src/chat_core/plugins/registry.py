"""The registry: finds providers, transports, stores and tools by name.

Law: only the asked entry is imported, and a module is registered once however many names point to it. A name belongs
to the entry of that name: two distributions with one name is an error that names both; what a plugin claims beyond its
entries counts only where no entry has that name. A fault stays with its plugin and is warned about once. What the
user's configuration file says of a provider is the user's own wish, and goes before what is installed.
"""

from __future__ import annotations

import os
import warnings
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from chat_core.errors import BrokenPlugin, ConfigurationError, UnknownProvider
from chat_core.plugins.definitions import DEFAULT, defined, derived, located
from chat_core.plugins.entries import Entry, Gate, installed
from chat_core.plugins.loading import Fault
from chat_core.plugins.picking import KINDS, conflict, has, loaded, missing, no_provider, picked, unknown
from chat_core.plugins.report import PluginWarning
from chat_core.plugins.settings import SettingsFile
from chat_core.plugins.spec import ProviderConfig, ProviderSpec, StoreSpec, ToolsSpec, TransportSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from chat_core.jsonvalue import JSON
    from chat_core.plugins.definitions import Definition
    from chat_core.plugins.loading import Plugin
    from chat_core.plugins.settings import UserSettings
    from chat_core.plugins.spec import Kind, Spec
    from chat_core.transport.protocol import AsyncTransport, Transport

S = TypeVar("S", bound="Spec")

BUILT_IN = tuple(
    Entry(label, "chat_core.plugins.builtin")
    for label in (
        "replay",
        *("store.memory", "store.sqlite"),
        *("transport.auto", "transport.demo", "transport.httpx", "transport.httpx2", "transport.websocket"),
    )
)
"""What this package offers itself; no plugin can take these names."""


class Registry:
    """What is installed, by kind and name."""

    def __init__(
        self,
        *,
        index: Callable[[], Iterable[Entry]] = installed,
        environ: Mapping[str, str] = os.environ,
        built_in: Iterable[Entry] = BUILT_IN,
        settings: Callable[[], UserSettings] | None = None,
    ) -> None:
        """Make a registry; nothing is read before the first question.

        Args:
            index: reads the entries of installed packages.
            environ: the environment, for the lists of plugins let in and kept out.
            built_in: entries that need no metadata, whose names no package can take.
            settings: reads what the user's configuration file says; `None` = the one that the environment names.
        """
        self._index = index
        self.environ = environ
        self.built_in = {entry.label: entry for entry in built_in}
        self.settings = SettingsFile(environ) if settings is None else settings
        self._entries: tuple[Entry, ...] | None = None
        self._plugins: dict[str, Plugin | Fault] = {}
        self._added: dict[tuple[Kind, str], Spec] = {}
        self._transports: dict[str, Transport | AsyncTransport] = {}
        self._warned: set[str] = set()

    # what is asked

    def provider(self, name: str) -> ProviderSpec:
        """Find the provider that users call `name`.

        Raises:
            UnknownProvider: no installed package offers it; the message says what to do.
            BrokenPlugin: the package that offers it cannot be loaded.
            ConfigurationError: several packages claim the name, or the configuration file is wrong.
        """
        if ("provider", name) in self._added:
            return self._find(ProviderSpec, name)
        definition = self.definition(name)
        if definition is not None:
            return self.derived(definition)
        spec = self._find(ProviderSpec, name)
        others = (self.definition(other) for other in (spec.name, *spec.aliases))
        definition = next(filter(None, others), None)  # it holds for the provider, whichever name it is called by
        return spec if definition is None else self.derived(definition)

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
        kind = KINDS[type(spec)]
        names = (spec.name, *spec.aliases)
        for name in names:
            if (kind, name) in self._added or any(entry.name == name for entry in self.entries(kind)):
                raise ConfigurationError(f"the {kind} name {name!r} is taken")
        self._added |= {(kind, name): spec for name in names}

    def define(self, definition: Definition) -> ProviderSpec:
        """Offer a provider that the program defines, for this process only; the same again is no error.

        Raises:
            ConfigurationError: its name is taken, or a setting is wrong.
        """
        held = self._added.get(("provider", definition.name))
        if isinstance(held, ProviderSpec) and held.definition == definition:
            return held
        spec = self.derived(definition)
        spec.load(ProviderConfig(base_url=located(spec, environ=self.environ).url))
        self.add(spec)
        return spec

    def names(self, kind: Kind) -> tuple[str, ...]:
        """List the names of a kind without importing anything."""
        added = [name for added_kind, name in self._added if added_kind == kind]
        own = self.settings().providers if kind == "provider" else ()
        return tuple(sorted({*added, *own, *(entry.name for entry in self.entries(kind))}))

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
        raise no_provider(name, self.names("provider"))

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
        return tuple(sorted({spec.name for _, spec in self._all(ProviderSpec) if has(spec, capability)}))

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
            self._plugins.setdefault(entry.target, loaded(entry))
        plugin = self._plugins[entry.target]
        if isinstance(plugin, Fault):
            raise plugin
        return plugin

    def rivals(self, label: str) -> tuple[Entry, ...]:
        """List the entries of one label that point to different plugins; only the built-in one where there is one."""
        if label in self.built_in:
            return (self.built_in[label],)
        return tuple({entry.target: entry for entry in self.entries() if entry.label == label}.values())

    def definition(self, name: str) -> Definition | None:
        """Return what the configuration file says of a provider; `None` when it says nothing.

        Raises:
            ConfigurationError: the file is wrong, or what it says of this provider.
        """
        settings = self.settings()
        if name not in settings.providers:
            return None
        return defined(name, settings.providers[name], str(settings.path))

    def derived(self, definition: Definition) -> ProviderSpec:
        """Return the spec of a defined provider; what it is like is looked for among what is installed and added.

        Raises:
            ConfigurationError: what it is like is not there, or does not know a setting.
        """
        like = definition.like
        if like is None:
            offered = any(entry.name == definition.name for entry in self.entries("provider"))
            like = definition.name if offered else DEFAULT
        try:
            return derived(definition, self._find(ProviderSpec, like))
        except UnknownProvider as error:
            raise UnknownProvider(f"{definition.source}: provider {definition.name!r}: {error.message}") from None

    # how it is found

    def _find(self, kind: type[S], name: str) -> S:
        spec = self._added.get((KINDS[kind], name)) or self._indexed(kind, name) or self._claimed(kind, name)
        if isinstance(spec, kind):
            return spec
        raise self._unknown(KINDS[kind], name)

    def _indexed(self, kind: type[S], name: str) -> S | None:
        label = name if kind is ProviderSpec else f"{KINDS[kind]}.{name}"
        rivals = [entry for entry in self.rivals(label) if entry.kind == KINDS[kind]]
        if len(rivals) > 1:
            raise conflict(label, rivals)
        for entry in rivals:
            try:
                return picked(kind, name, self.load(entry))
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
            raise conflict(name, [entry for entry, _ in claims.values()])
        return next((spec for _, spec in claims.values()), None)

    def _all(self, kind: type[S]) -> Iterator[tuple[Plugin, S]]:
        for plugin in self._each():
            try:
                specs = plugin.offers(KINDS[kind])
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
        if kind == "provider" and not name.strip():
            return missing(kind, "no provider is named: write provider:model")
        for entry in self.entries(kind, barred=True):
            if entry.name == name:
                variable = Gate.of(self.environ).bars(entry)
                return missing(kind, f"the {kind} {name!r} of {entry.package} is kept out by {variable}")
        return unknown(kind, name, self.names(kind))


@cache
def registry() -> Registry:
    """Return the registry of this process; the transports that it hands out are closed at the process's exit."""
    import atexit  # noqa: PLC0415 - a registry of one's own needs none

    found = Registry()
    atexit.register(found.close)
    return found
