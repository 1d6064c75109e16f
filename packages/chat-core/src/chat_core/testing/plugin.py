"""Laws of plugins: what an installed package costs before anybody asks for its provider.

Law: judged in a process of its own, where nothing is loaded yet.
"""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from dataclasses import is_dataclass
from typing import TYPE_CHECKING

from chat_core.plugins.registry import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.testing.subject import Subject

BUDGET = 0.050
"""Most seconds of processor time that importing a plugin module may take, beyond that of core's hooks."""

HEAVY = frozenset({
    "aiohttp", "anyio", "asyncio", "httpx", "httpx2", "importlib.metadata", "json", "logging", "pluggy", "pydantic",
    "pydantic_core", "requests", "socket", "ssl", "urllib3", "websockets",
})  # fmt: skip
"""Modules that are loaded when somebody asks, and not before."""

CODEC = ("provider", "encode", "decode", "stream", "parse")
"""Names of modules of a provider's package that a plugin module must not load."""

_PROBE = """
import sys
sys.path[:] = {path!r}
import time, importlib, chat_core.plugins.hooks, chat_core.plugins.spec
before, began = set(sys.modules), time.process_time()
plugin = importlib.import_module({module!r})
names = [name for spec in plugin.chat_providers() for name in (spec.name, *spec.aliases)]
print(time.process_time() - began)
print(*sorted(set(sys.modules) - before))
print(*names)
"""


def name_resolves(subject: Subject) -> Iterator[str]:
    """Yield whether the registry finds another provider, or none, by the name."""
    if subject.entry is None:
        return
    found = registry().provider(subject.entry)
    if subject.entry not in (found.name, *found.aliases):
        yield f"the registry finds {found.name!r}"
    if subject.provider.name not in (found.name, *found.aliases):
        yield f"the provider calls itself {subject.provider.name!r}"
    if subject.load() != subject.provider:
        yield "loading it twice gives unequal providers"


def plugin_is_light(subject: Subject) -> Iterator[str]:
    """Yield what importing the plugin module loads too early."""
    entry = next((entry for entry in registry().entries("provider") if entry.name == subject.entry), None)
    if entry is None:
        yield f"no installed package has an entry point {subject.entry!r}"
        return
    module = entry.target.partition(":")[0]
    program = _PROBE.format(path=sys.path, module=module)
    done = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    if done.returncode:
        yield f"importing {module} fails: {done.stderr[-400:]}"
        return
    seconds, loaded, names = (line.split() for line in done.stdout.splitlines())
    package = module.rpartition(".")[0]
    heavy = HEAVY | {type(subject.provider).__module__, *(f"{package}.{name}" for name in CODEC)}
    if early := heavy & set(loaded):
        yield f"importing {module} loads {', '.join(sorted(early))}: import them inside of `load`"
    if float(seconds[0]) > BUDGET:
        yield f"importing {module} takes {float(seconds[0]) * 1000:.0f} ms, more than {BUDGET * 1000:.0f}"
    if subject.entry not in names:
        yield f"{module} offers {', '.join(names)}, not {subject.entry!r}"


def provider_is_a_value(subject: Subject) -> Iterator[str]:
    """Yield in which way a provider is no value."""
    provider = subject.provider
    copies: list[tuple[str, object]] = [("copied", copy.copy(provider))]
    if is_dataclass(provider):
        copies.append(("pickled", pickle.loads(pickle.dumps(provider))))  # noqa: S301 - what was made in the same line
    for how, other in copies:
        if other != provider:
            yield f"it is another provider when it is {how}"
        elif hash(other) != hash(provider):
            yield f"it has another hash when it is {how}"
    if not provider.name or ":" in provider.name:
        yield f"{provider.name!r} is no name that can stand before a colon"
    if not provider.channels:
        yield "it speaks over no channel"
