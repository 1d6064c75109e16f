"""The Responses wire for chat-core. Names are loaded when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_responses.options import ResponsesOptions as ResponsesOptions
    from chat_responses.options import apply_patch as apply_patch
    from chat_responses.options import approval as approval
    from chat_responses.options import code_interpreter as code_interpreter
    from chat_responses.options import computer as computer
    from chat_responses.options import custom_tool as custom_tool
    from chat_responses.options import file_search as file_search
    from chat_responses.options import grammar as grammar
    from chat_responses.options import image_generation as image_generation
    from chat_responses.options import mcp_server as mcp_server
    from chat_responses.options import native_tool as native_tool
    from chat_responses.options import shell as shell
    from chat_responses.options import tool_search as tool_search
    from chat_responses.options import web_search as web_search
    from chat_responses.preset import Preset as Preset
    from chat_responses.presets import COMPATIBLE as COMPATIBLE
    from chat_responses.presets import OPENAI as OPENAI
    from chat_responses.presets import PRESETS as PRESETS
    from chat_responses.provider import Responses as Responses
    from chat_responses.realtime.options import RealtimeOptions as RealtimeOptions

_MODULES = {
    "options": (
        "ResponsesOptions", "apply_patch", "approval", "code_interpreter", "computer", "custom_tool", "file_search",
        "grammar", "image_generation", "mcp_server", "native_tool", "shell", "tool_search", "web_search",
    ),
    "preset": ("Preset",),
    "presets": ("COMPATIBLE", "OPENAI", "PRESETS"),
    "provider": ("Responses",),
    "realtime.options": ("RealtimeOptions",),
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
