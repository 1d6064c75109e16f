"""Choosing among what plugins offer: the spec of a name, and the errors when there is none or there are several.

Law: an error names the packages that it is about, and the fix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from chat_core.errors import ConfigurationError, UnknownProvider, UnsupportedTransport
from chat_core.plugins.entries import BLOCK
from chat_core.plugins.loading import Fault, Plugin
from chat_core.plugins.packages import package_of
from chat_core.plugins.spec import OFFERS, ProviderConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chat_core.plugins.entries import Entry
    from chat_core.plugins.spec import Kind, ProviderSpec, Spec

S = TypeVar("S", bound="Spec")

KINDS: Mapping[type, Kind] = {spec: kind for kind, (_, spec) in OFFERS.items()}
"""The kind of entry that a class of specs belongs to."""

FEW, NEAR = 8, 2
"""How many names an error lists at most: of all, and of those that are like the one that was asked for."""

LISTED = "`python -m chat_core plugins`"
"""What lists them all."""

_MISSING: Mapping[Kind, type[ConfigurationError]] = {"provider": UnknownProvider, "transport": UnsupportedTransport}


def loaded(entry: Entry) -> Plugin | Fault:
    """Load the plugin behind an entry, or return why it cannot be used."""
    try:
        return Plugin(entry)
    except Fault as fault:
        return fault


def picked(kind: type[S], name: str, plugin: Plugin) -> S:
    """Pick the spec of a name from what one plugin offers.

    Raises:
        Fault: it offers no such thing, though its metadata says so.
    """
    for spec in plugin.offers(KINDS[kind]):
        if isinstance(spec, kind) and name in (spec.name, *spec.aliases):
            return spec
    for fault in plugin.faults:  # the reason why it is missing
        if repr(name) in fault.why:
            raise fault
    entry = plugin.entry
    fix = f"upgrade or uninstall {entry.distribution}"
    why = f"{entry.target} offers no {KINDS[kind]} {name!r}, though its metadata says so"
    raise Fault("broken", "; ".join([why, *(fault.why for fault in plugin.faults)]), fix)


def conflict(name: str, entries: Iterable[Entry]) -> ConfigurationError:
    """Return the error for a name that several packages claim."""
    packages = sorted(entry.package for entry in entries)
    blocks = " or ".join(f"{BLOCK}={package.split()[0]}" for package in packages)
    return ConfigurationError(f"{name!r} is claimed by {' and by '.join(packages)}. Uninstall one, or set {blocks}")


def missing(kind: Kind, message: str) -> ConfigurationError:
    """Return the error for a name that nobody offers, in the class of its kind."""
    return _MISSING[kind](message) if kind in _MISSING else ConfigurationError(message)


def unknown(kind: Kind, name: str, names: Sequence[str]) -> ConfigurationError:
    """Return the error for a name that no installed package offers: what to do comes first."""
    package = package_of(name if kind == "provider" else f"{kind}.{name}")
    why = f"no installed package offers the {kind} {name!r}"
    if package is not None:
        return missing(kind, f"{why}. Install {package}, which offers it: python -m pip install {package}")
    near = _near(name, names)
    guess = f"{near} If not, install" if near else "Install"
    return missing(
        kind, f"{why}. {guess} the package that offers it: python -m pip install PACKAGE. {_installed(names)}"
    )


def no_provider(name: str, names: Sequence[str]) -> UnknownProvider:
    """Return the error for the name of a model that says no provider, and that no plugin knows."""
    first, slash, rest = name.partition("/")
    if name in names:
        return UnknownProvider(f"{name!r} is a provider and no model: write {name}:MODEL")
    if slash and first in names:
        return UnknownProvider(f"{name!r} names no provider: write {first}:{rest}")
    said = " ".join(filter(None, (_near(name, names), _installed(names))))
    return UnknownProvider(f"{name!r} names no provider: write PROVIDER:{name}. {said}")


def _near(name: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for an error

    near = get_close_matches(name, names, n=NEAR)
    return f"Did you mean {' or '.join(map(repr, near))}?" if near else ""


def _installed(names: Sequence[str]) -> str:
    """List names, or say where they are listed: a screen of them would hide the fix."""
    if len(names) > FEW:
        return f"{LISTED} lists what is installed"
    return f"Installed: {', '.join(names) or 'none'}"


def has(spec: ProviderSpec, capability: type) -> bool:
    """Tell whether a provider has a capability."""
    try:
        return capability in spec.load(ProviderConfig()).capabilities
    except Exception:  # noqa: BLE001 - a provider that needs more settings is not worth an error inside of an error
        return False
