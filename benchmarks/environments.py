"""The interpreter of each contender: the one at hand, or that of an environment of its own.

Law: another library is never installed beside this workspace, or it would choose our versions. Environments are made
when they are asked for, by uv from pinned names, under `benchmarks/.environments`, and kept.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.roster import Entry

HOME = Path(__file__).parent / ".environments"
PINNED = "pinned.txt"
"""What an environment was made of; one of other names is made anew."""


def interpreter(entry: Entry) -> str | None:
    """Return the interpreter of a contender; `None` = what it needs is not installed."""
    own = environment(entry)
    if entry.install and made_of(own) == entry.install:
        return str(own / "bin" / "python")
    return sys.executable if all(there(name) for name in entry.needs) else None


def environment(entry: Entry) -> Path:
    """Return the folder of a contender's environment; those that install the same share it."""
    return HOME / "+".join(name.partition("==")[0].partition("[")[0] for name in entry.install)


def made_of(folder: Path) -> tuple[str, ...]:
    """Return the names that an environment was made of."""
    note = folder / PINNED
    return tuple(note.read_text(encoding="utf-8").split("\n")[:-1]) if note.exists() else ()


def there(name: str) -> bool:
    """Tell whether a module can be imported here, without importing it."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # of the package that would hold it
        return False


def make(entry: Entry) -> None:
    """Make a contender's environment unless it is there.

    Raises:
        subprocess.CalledProcessError: uv could not; it has said why.
    """
    folder = environment(entry)
    if not entry.install or made_of(folder) == entry.install:
        return
    uv = (sys.executable, "-m", "uv", "--quiet")
    subprocess.run([*uv, "venv", "--clear", "--python", sys.executable, str(folder)], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run([*uv, "pip", "install", "--compile-bytecode", "--python", python, *entry.install], check=True)
    (folder / PINNED).write_text("".join(f"{name}\n" for name in entry.install), encoding="utf-8")
