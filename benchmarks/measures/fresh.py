"""Fresh processes: what an import costs, and the way to the first text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.bench import say
from benchmarks.processes import SpoiltError, lived, surroundings
from benchmarks.replies import Recipe
from benchmarks.roster import WIRES

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.roster import Entry

CORE = {
    "chat-core, client made": "import chat_core; chat_core.Chat('openai-chat:m', api_key='k')",
    "chat-core, client in a loop made": "import asyncio, chat_core; chat_core.AsyncChat('openai-chat:m', api_key='k')",
    "httpx, client made": "import httpx; httpx.AsyncClient(trust_env=False)",
}
"""What else is imported in the environment of this workspace."""


def imports(bench: Bench) -> None:
    """Measure imports, over the bare interpreter of the same environment."""
    say("  import")
    found = [(entry.name, python, entry.imported, entry) for entry, python in bench.installed() if entry.imported]
    here = {name: (python, entry) for name, python, _, entry in found}
    for name, statement in CORE.items():
        if name.partition(",")[0] in here:
            python, entry = here[name.partition(",")[0]]
            found.append((name, python, statement, entry))
    spent: dict[str, list[tuple[float, float]]] = {}
    for number in range(bench.sizes.fresh + 1):
        for name, python, statement, entry in list(found):
            variables = surroundings(entry)
            try:
                bare = lived(python, "-c", "pass", variables=variables)
                life = lived(python, "-c", statement, variables=variables)
            except SpoiltError as error:
                bench.fail(name, f"import: {error}")
                found.remove((name, python, statement, entry))
                continue
            if number:  # the first one may compile
                over = (life.cpu - bare.cpu) * 1e3, (life.memory - bare.memory) / 1024
                spent.setdefault(name, []).append(over)
    for name, rows in spent.items():
        bench.figures.add("import", "CPU", name, "ms over Python", (cpu for cpu, _ in rows))
        bench.figures.add("import", "memory", name, "MB over Python", (memory for _, memory in rows))


def cold(bench: Bench) -> None:
    """Measure fresh processes up to the first text of a stream."""
    for wire in WIRES:
        say(f"  cold: {wire}")
        base = bench.upstream.base(Recipe("text", 5))
        racing = [pair for pair in bench.installed() if wire in pair[0].wires and not pair[0].socket]
        spent: dict[str, list[tuple[float, float]]] = {}
        for number in range(bench.sizes.fresh + 1):
            for entry, python in list(racing):
                try:
                    times = fresh(entry, python, wire, base)
                except SpoiltError as error:
                    bench.fail(entry.name, f"cold {wire}: {error}")
                    racing.remove((entry, python))
                    continue
                if number:
                    spent.setdefault(entry.name, []).append(times)
        for name, rows in spent.items():
            bench.figures.add("cold", wire, name, "ms CPU", (cpu * 1e3 for cpu, _ in rows))
            bench.figures.add("cold-wall", wire, name, "ms", (wall * 1e3 for _, wall in rows))


def fresh(entry: Entry, python: str, wire: str, base: str) -> tuple[float, float]:
    """Return the processor time and the time of the world that a fresh process takes to its first text.

    Raises:
        SpoiltError: it has none.
    """
    life = lived(python, "-m", entry.module, "first", wire, base, variables=surroundings(entry))
    lines = [line for line in life.said.splitlines() if line[:1].isdigit()]
    if not lines:
        raise SpoiltError("no text came")
    cpu, at = lines[0].split()
    return float(cpu), float(at) - life.began
