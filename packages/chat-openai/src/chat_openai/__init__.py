"""OpenAI for chat-core: its Responses wire, and what it has beside answers. Names are loaded when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_openai.background import cancel as cancel
    from chat_openai.background import delete as delete
    from chat_openai.background import resume as resume
    from chat_openai.background import retrieve as retrieve
    from chat_openai.background import wait as wait
    from chat_openai.compaction import Compacted as Compacted
    from chat_openai.compaction import compact as compact
    from chat_openai.conversations import Conversation as Conversation
    from chat_openai.options import ResponsesOptions as ResponsesOptions
    from chat_openai.options import apply_patch as apply_patch
    from chat_openai.options import approval as approval
    from chat_openai.options import code_interpreter as code_interpreter
    from chat_openai.options import computer as computer
    from chat_openai.options import custom_tool as custom_tool
    from chat_openai.options import file_search as file_search
    from chat_openai.options import grammar as grammar
    from chat_openai.options import image_generation as image_generation
    from chat_openai.options import mcp_server as mcp_server
    from chat_openai.options import native_tool as native_tool
    from chat_openai.options import shell as shell
    from chat_openai.options import tool_search as tool_search
    from chat_openai.options import web_search as web_search
    from chat_openai.provider import OpenAI as OpenAI
    from chat_openai.realtime import RealtimeOptions as RealtimeOptions
    from chat_openai.realtime import client_secret as client_secret

_MODULES = {
    "provider": ("OpenAI",),
    "background": ("cancel", "delete", "resume", "retrieve", "wait"),
    "compaction": ("Compacted", "compact"),
    "conversations": ("Conversation",),
    "realtime": ("RealtimeOptions", "client_secret"),
    "options": (
        "ResponsesOptions", "apply_patch", "approval", "code_interpreter", "computer", "custom_tool", "file_search",
        "grammar", "image_generation", "mcp_server", "native_tool", "shell", "tool_search", "web_search",
    ),
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
