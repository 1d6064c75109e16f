"""Translate between chat-core and the Anthropic Messages wire. Names are loaded when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_claude.options import ClaudeOptions as ClaudeOptions
    from chat_claude.options import adaptive as adaptive
    from chat_claude.options import advisor as advisor
    from chat_claude.options import bash as bash
    from chat_claude.options import between_tools as between_tools
    from chat_claude.options import browser as browser
    from chat_claude.options import budget as budget
    from chat_claude.options import cache as cache
    from chat_claude.options import code_execution as code_execution
    from chat_claude.options import computer as computer
    from chat_claude.options import computer_screen as computer_screen
    from chat_claude.options import mcp_server as mcp_server
    from chat_claude.options import mcp_toolset as mcp_toolset
    from chat_claude.options import memory as memory
    from chat_claude.options import no_thinking as no_thinking
    from chat_claude.options import text_editor as text_editor
    from chat_claude.options import tool_search as tool_search
    from chat_claude.options import web_fetch as web_fetch
    from chat_claude.options import web_search as web_search
    from chat_claude.provider import ANTHROPIC as ANTHROPIC
    from chat_claude.provider import VERTEX as VERTEX
    from chat_claude.provider import Claude as Claude
    from chat_claude.provider import Surface as Surface

_MODULES = {
    "options": (
        "ClaudeOptions", "adaptive", "advisor", "bash", "between_tools", "browser", "budget", "cache", "code_execution",
        "computer", "computer_screen", "mcp_server", "mcp_toolset", "memory", "no_thinking", "text_editor",
        "tool_search", "web_fetch", "web_search",
    ),
    "provider": ("ANTHROPIC", "Claude", "Surface", "VERTEX"),
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
