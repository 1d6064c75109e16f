"""What plugins cost: fifty that are installed, and one that is asked for, in fresh interpreters."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from installed import install, provider

if TYPE_CHECKING:
    from pathlib import Path

BUDGET = 0.015
"""Seconds of CPU for finding one of fifty plugins, on top of what importlib.metadata takes to read them."""

PROGRAM = """
import sys
from time import process_time
sys.path[:] = {path!r}
import importlib.metadata, pluggy, dataclasses, difflib, warnings  # what the machine costs, whoever is installed
from chat_core.plugins import registry, loading
began = process_time()
importlib.metadata.entry_points(group="chat_core.plugins")
middle = process_time()
registry.Registry().provider("p{wanted}")
print(process_time() - middle - (middle - began), [name for name in sys.modules if name.startswith("mod_p")])
"""


def test_fifty_installed_plugins_cost_little_more_than_reading_their_metadata(tmp_path: Path) -> None:
    for number in range(50):
        install(
            tmp_path, f"chat-p{number}", {f"p{number}": f"mod_p{number}"}, **{f"mod_p{number}": provider(f"p{number}")}
        )
    costs: list[float] = []
    for wanted in (7, 23, 42):
        program = PROGRAM.format(path=[str(tmp_path), *sys.path], wanted=wanted)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        cost, _, loaded = done.stdout.partition(" ")
        assert loaded.strip() == f"['mod_p{wanted}']"
        costs.append(float(cost))
    assert min(costs) < BUDGET
