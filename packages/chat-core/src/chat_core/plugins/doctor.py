"""The examination of every plugin: load each alone, compare what they claim, report.

Law: what is written here is what a user would meet: a plugin without a problem works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import BrokenPlugin, ChatError
from chat_core.plugins.definitions import located
from chat_core.plugins.entries import ALLOW, BLOCK, Gate
from chat_core.plugins.loading import Fault, described
from chat_core.plugins.report import PluginReport, Problem
from chat_core.plugins.settings import FILE, config_home
from chat_core.plugins.spec import OFFERS, ProviderConfig, ProviderSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chat_core.plugins.entries import Entry
    from chat_core.plugins.registry import Registry
    from chat_core.plugins.spec import Kind, Spec


def examine(registry: Registry) -> tuple[PluginReport, ...]:
    """Load every plugin that the environment lets in and report on all."""
    modules = _by_module(registry.entries())
    offers: dict[str, dict[str, tuple[str, ...]]] = {}
    problems: dict[str, list[Problem]] = {target: [] for target in modules}
    for target, entries in modules.items():
        offers[target] = _offered(registry, entries, problems[target])
    for target, entries in modules.items():
        problems[target] += _quarrels(registry, target, entries, offers)
    reports = [_report(entries, tuple(offers[target]), problems[target]) for target, entries in modules.items()]
    gate = Gate.of(registry.environ)
    for entries in _by_module(registry.entries(barred=True)).values():
        variable = gate.bars(entries[0])
        fix = f"take it out of {BLOCK}" if variable == BLOCK else f"add it to {ALLOW}"
        reports.append(_report(entries, (), [Problem(state="blocked", why=f"kept out by {variable}", fix=fix)]))
    return (*reports, *_configured(registry))


def _configured(registry: Registry) -> Iterator[PluginReport]:
    """Report on the providers that the user's configuration file defines; nothing when it defines none."""
    try:
        settings = registry.settings()
    except ChatError as error:
        problem = Problem(state="broken", why=error.message, fix="correct the file")
        yield _of_file(str(config_home(registry.environ) / FILE), (), [problem], [])
        return
    problems: list[Problem] = []
    notes: list[str] = []
    for name in settings.providers:
        try:
            notes += _defined(registry, name)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a strange provider, the report goes on
            why = error.message if isinstance(error, ChatError) else f"provider {name!r}: {described(error)}"
            problems.append(Problem(state="broken", why=why, fix=f"correct [providers.{name}] in {settings.path}"))
    if settings.providers:
        yield _of_file(str(settings.path), tuple(settings.providers), problems, notes)


def _of_file(path: str, names: tuple[str, ...], problems: list[Problem], notes: list[str]) -> PluginReport:
    return PluginReport(
        distribution=FILE,
        version="",
        target=path,
        entries=names,
        problems=tuple(problems),
        notes=tuple(notes),
    )


def _defined(registry: Registry, name: str) -> Iterator[str]:
    """Load a provider of the file; say whom it takes the place of."""
    spec = registry.provider(name)
    spec.load(ProviderConfig(base_url=located(spec, environ=registry.environ).url))
    for owner in registry.rivals(name):
        yield f"{name} is used as this file has it, in place of what {owner.package} offers"


def _by_module(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Group entries by distribution and module; several distributions may point to one module."""
    modules: dict[str, list[Entry]] = {}
    for entry in entries:
        modules.setdefault(entry.target, []).append(entry)
    return modules


def _report(entries: list[Entry], offers: tuple[str, ...], problems: list[Problem]) -> PluginReport:
    first = entries[0]
    return PluginReport(
        distribution=first.distribution,
        version=first.version,
        target=first.target,
        entries=tuple(entry.label for entry in entries),
        offers=offers,
        problems=tuple(problems),
    )


def _offered(registry: Registry, entries: list[Entry], problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    """Load a plugin; return its offers, each with its aliases, and note what is wrong."""
    try:
        plugin = registry.load(entries[0])
    except Fault as fault:
        problems.append(_problem(fault))
        return {}
    offers: dict[str, tuple[str, ...]] = {}
    for kind in OFFERS:
        try:
            specs = plugin.offers(kind)
        except Fault as fault:
            problems.append(_problem(fault))
            return {}
        problems += map(_problem, filter(None, map(_unmade, specs)))
        offers |= {_label(kind, spec.name): tuple(_label(kind, name) for name in spec.aliases) for spec in specs}
    problems += map(_problem, plugin.faults)
    names = {*offers, *(alias for aliases in offers.values() for alias in aliases)}
    for entry in entries:
        if entry.kind in OFFERS and entry.label not in names and not problems:
            why = f"the metadata lists {entry.label}, but the plugin does not offer it"
            problems.append(Problem(state="broken", why=why, fix=f"upgrade or uninstall {entry.distribution}"))
    return offers


def _unmade(spec: Spec) -> Fault | None:
    """Return why a provider that is offered cannot be made; one that wants to be told its address can."""
    if not isinstance(spec, ProviderSpec):
        return None
    try:
        spec.load(ProviderConfig())
    except BrokenPlugin as error:
        return error.__cause__ if isinstance(error.__cause__, Fault) else None
    except ChatError:
        pass
    return None


def _quarrels(
    registry: Registry, target: str, entries: list[Entry], offers: dict[str, dict[str, tuple[str, ...]]]
) -> Iterator[Problem]:
    """Find the names that another plugin has, or claims as well."""
    claimed = {label for offer, aliases in offers[target].items() for label in (offer, *aliases)}
    for label in sorted(claimed | {entry.label for entry in entries}):
        owners = [owner for owner in registry.rivals(label) if owner.target != target]
        if label in registry.built_in and owners:
            fix = f"upgrade or uninstall {entries[0].distribution}"
            yield Problem(state="conflict", why=f"{label} is built in; what is built in is used", fix=fix)
        elif owners and any(entry.label == label for entry in entries):
            names = " and by ".join(sorted({entries[0].package, *(owner.package for owner in owners)}))
            fix = f"uninstall one, or name one in {BLOCK}"
            yield Problem(state="conflict", why=f"{label} is claimed by {names}; none is used", fix=fix)
        elif owners:
            fix = f"upgrade {entries[0].distribution}"
            yield Problem(state="conflict", why=f"{label} belongs to {owners[0].package}, which is used", fix=fix)
        elif not registry.rivals(label):
            yield from _shared_claims(label, target, offers)


def _shared_claims(label: str, target: str, offers: dict[str, dict[str, tuple[str, ...]]]) -> Iterator[Problem]:
    others = sorted(
        other
        for other, offered in offers.items()
        if other != target and any(label in (offer, *aliases) for offer, aliases in offered.items())
    )
    if others:
        why = f"{label} is claimed by {' and by '.join(sorted([target, *others]))}; none is used"
        yield Problem(state="conflict", why=why, fix=f"name one in {BLOCK}")


def _label(kind: Kind, name: str) -> str:
    return name if kind == "provider" else f"{kind}.{name}"


def _problem(fault: Fault) -> Problem:
    return Problem(state=fault.state, why=fault.why, fix=fault.fix)
