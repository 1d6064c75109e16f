"""Saved histories: messages, requests, responses and parts as JSON, and back.

Law: `load(dump(value)) == value`, also through JSON text and in later versions. Defaults are left out, so a changed
default, like a changed name, is a new `VERSION`; a new part is not: older readers keep it as `Opaque`.
"""

from __future__ import annotations

from chat_core.history.reading import load
from chat_core.history.tables import HISTORY, PARTS, RECORDS, RESULTS, SOURCES, TOOLS, UNTAGGED, VERSION, Saved
from chat_core.history.writing import dump

__all__ = [
    "HISTORY", "PARTS", "RECORDS", "RESULTS", "SOURCES", "TOOLS", "UNTAGGED", "VERSION", "Saved", "dump", "load"
]  # fmt: skip
