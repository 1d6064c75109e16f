"""The index of plugins: which entry points are installed, and which of them the environment lets in.

Law: metadata only; nothing of a plugin is imported here. The name and version of a distribution are read when somebody
asks for them: that costs more than finding the entry.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from chat_core.frozen import dataclass
from chat_core.plugins.folders import entry_points, normalized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.metadata import Distribution, EntryPoint

    from chat_core.plugins.spec import Kind

GROUP = "chat_core.plugins"
ALLOW = "CHAT_PLUGINS"
"""Variable that lists the only plugins let in: entry names or distributions, separated by commas."""
BLOCK = "CHAT_PLUGINS_BLOCK"
"""Variable that lists plugins kept out; it wins over `CHAT_PLUGINS`."""

_KINDS: tuple[Kind, ...] = ("transport", "store", "tools", "command")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry point of the group: `claude`, or `kind.name` for what is no provider.

    Attributes:
        label: the entry's name as its package spells it.
        target: the module, or `module:object`, that implements the hooks.
        source: the distribution that it comes from, or the folder of its metadata; `None` for what this package has
            built in.
    """

    label: str
    target: str
    source: Distribution | str | None = None

    @property
    def kind(self) -> Kind:
        """What the entry offers; a dotted name with an unknown first word is a provider's."""
        first, dot, _ = self.label.partition(".")
        for kind in _KINDS:
            if dot and first == kind:
                return kind
        return "provider"

    @property
    def name(self) -> str:
        """The name inside its kind."""
        return self.label if self.kind == "provider" else self.label.partition(".")[2]

    @property
    def distribution(self) -> str:
        """The name of the distribution."""
        return _field(self.source, "Name") if self.source is not None else "chat-core"

    @property
    def version(self) -> str:
        """The version of the distribution."""
        return _field(self.source, "Version") if self.source is not None else "built in"

    @property
    def package(self) -> str:
        """Distribution and version, for messages."""
        return f"{self.distribution} {self.version}"


def opened(source: Distribution | str) -> Distribution:
    """Return the distribution that an entry comes from."""
    from importlib.metadata import Distribution  # noqa: PLC0415 - the import costs more than the reading

    return Distribution.at(source) if isinstance(source, str) else source


def _field(source: Distribution | str, key: str) -> str:
    try:
        value = opened(source).metadata[key]
    except Exception:  # noqa: BLE001 - damaged metadata of a stranger's package must not stop the report about it
        return "?"
    return str(value) if value else "?"


def installed() -> tuple[Entry, ...]:
    """Read the entries of every installed distribution."""
    try:
        found = entry_points(GROUP, sys.path, sys.meta_path)
    except (OSError, ValueError):  # damaged metadata: the slow way knows which
        found = None
    if found is not None:
        return tuple(Entry(*point) for point in found)
    from importlib import metadata  # noqa: PLC0415 - the import costs more than the reading

    try:
        points: Iterable[EntryPoint] = metadata.entry_points(group=GROUP)
    except Exception:  # noqa: BLE001 - one damaged entry_points.txt anywhere fails the whole call
        points = _one_by_one(metadata.distributions())
    return tuple(Entry(point.name, point.value, point.dist) for point in points)


def _one_by_one(distributions: Iterable[Distribution]) -> Iterator[EntryPoint]:
    """Read distribution by distribution and leave out the ones that cannot be read; the first of a name wins."""
    seen: set[str] = set()
    for distribution in distributions:
        try:
            points = distribution.entry_points.select(group=GROUP)
        except Exception:  # noqa: BLE001, S112 - that package has a problem of its own; ours are listed all the same
            continue
        name = normalized(_field(distribution, "Name")) if points else ""
        if name not in seen:
            seen |= {name} - {""}
            yield from points


@dataclass(frozen=True, slots=True)
class Gate:
    """Which entries the environment lets in."""

    allowed: frozenset[str] | None = None
    blocked: frozenset[str] = frozenset()

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Gate:
        """Read the two variables; an empty `CHAT_PLUGINS` lets nothing in."""
        allowed = _listed(environ[ALLOW]) if ALLOW in environ else None
        return cls(allowed, _listed(environ[BLOCK]) if BLOCK in environ else frozenset())

    def bars(self, entry: Entry) -> str | None:
        """Name the variable that keeps an entry out; `None` when it may come in."""
        if self.allowed is None and not self.blocked:
            return None
        names = {entry.label, normalized(entry.distribution)}
        if names & self.blocked:
            return BLOCK
        return None if self.allowed is None or names & self.allowed else ALLOW


def _listed(value: str) -> frozenset[str]:
    names = [name.strip() for name in value.split(",")]
    return frozenset(form for name in names if name for form in (name, normalized(name)))
