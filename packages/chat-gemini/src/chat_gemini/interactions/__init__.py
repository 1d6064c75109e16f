"""Gemini's Interactions wire: steps, chained on the service or replayed, in the background, with agents.

Names are loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_gemini.interactions.options import InteractionsOptions as InteractionsOptions
    from chat_gemini.interactions.options import code_execution as code_execution
    from chat_gemini.interactions.options import computer_use as computer_use
    from chat_gemini.interactions.options import file_search as file_search
    from chat_gemini.interactions.options import google_maps as google_maps
    from chat_gemini.interactions.options import google_search as google_search
    from chat_gemini.interactions.options import mcp_server as mcp_server
    from chat_gemini.interactions.options import native_tool as native_tool
    from chat_gemini.interactions.options import retrieval as retrieval
    from chat_gemini.interactions.options import tool_search as tool_search
    from chat_gemini.interactions.options import url_context as url_context
    from chat_gemini.interactions.provider import Interactions as Interactions

_MODULES = {
    "options": (
        "InteractionsOptions", "code_execution", "computer_use", "file_search", "google_maps", "google_search",
        "mcp_server", "native_tool", "retrieval", "tool_search", "url_context",
    ),
    "provider": ("Interactions",),
}  # fmt: skip
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = list(_HOME)  # pyright: ignore[reportUnsupportedDunderAll] - made from the table, so that no name is missing


def __getattr__(name: str) -> object:
    """Load a public name's module when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(_HOME)
