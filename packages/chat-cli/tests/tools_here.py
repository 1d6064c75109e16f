"""Tools for tests; run from this folder, or by path."""

from __future__ import annotations

import os
import time
from pathlib import Path

from chat_core.functions import ToolContext, tool

RAN = "CHAT_TEST_RAN"
"""The variable that names a file, to which each run of the tool adds a line."""

SLOW = "CHAT_TEST_SLOW"
"""The variable that makes the tool wait until somebody stops it."""


@tool
def get_weather(city: str, context: ToolContext[None]) -> str:
    """Tell the weather of a city."""
    context.progress({"asking": city})
    if RAN in os.environ:
        with Path(os.environ[RAN]).open("a", encoding="utf-8") as file:
            file.write(f"{city}\n")
    while SLOW in os.environ and not context.cancelled:
        time.sleep(0.01)
    if city == "Atlantis":
        raise LookupError("sunk")
    return f"21 degrees in {city}"
