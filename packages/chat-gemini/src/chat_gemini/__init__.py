"""Translate between chat-core and Google's Gemini APIs. Names are loaded when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_gemini.interactions.options import InteractionsOptions as InteractionsOptions
    from chat_gemini.interactions.provider import Interactions as Interactions
    from chat_gemini.live.options import GeminiLiveOptions as GeminiLiveOptions
    from chat_gemini.options import GeminiOptions as GeminiOptions
    from chat_gemini.options import code_execution as code_execution
    from chat_gemini.options import computer_use as computer_use
    from chat_gemini.options import file_search as file_search
    from chat_gemini.options import google_maps as google_maps
    from chat_gemini.options import google_search as google_search
    from chat_gemini.options import image as image
    from chat_gemini.options import mcp_server as mcp_server
    from chat_gemini.options import native_tool as native_tool
    from chat_gemini.options import safety as safety
    from chat_gemini.options import url_context as url_context
    from chat_gemini.options import voice as voice
    from chat_gemini.options import voices as voices
    from chat_gemini.places import Place as Place
    from chat_gemini.places import developer as developer
    from chat_gemini.places import vertex as vertex
    from chat_gemini.provider import Gemini as Gemini

_MODULES = {
    "interactions.options": ("InteractionsOptions",),
    "interactions.provider": ("Interactions",),
    "live.options": ("GeminiLiveOptions",),
    "options": (
        "GeminiOptions", "code_execution", "computer_use", "file_search", "google_maps", "google_search", "image",
        "mcp_server", "native_tool", "safety", "url_context", "voice", "voices",
    ),
    "places": ("Place", "developer", "vertex"),
    "provider": ("Gemini",),
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
