"""One typed interface to every language model. Names are loaded when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_core.achat import AsyncChat as AsyncChat
    from chat_core.chat import Chat as Chat
    from chat_core.errors import ChatError as ChatError
    from chat_core.events import Event as Event
    from chat_core.history import dump as dump
    from chat_core.history import load as load
    from chat_core.messages import Message as Message
    from chat_core.messages import assistant as assistant
    from chat_core.messages import system as system
    from chat_core.messages import tool as tool
    from chat_core.messages import user as user
    from chat_core.options import Options as Options
    from chat_core.parts import URL as URL
    from chat_core.parts import Citation as Citation
    from chat_core.parts import FileID as FileID
    from chat_core.parts import Inline as Inline
    from chat_core.parts import Json as Json
    from chat_core.parts import Media as Media
    from chat_core.parts import Opaque as Opaque
    from chat_core.parts import Part as Part
    from chat_core.parts import Reasoning as Reasoning
    from chat_core.parts import Refusal as Refusal
    from chat_core.parts import Text as Text
    from chat_core.parts import ToolCall as ToolCall
    from chat_core.parts import ToolResult as ToolResult
    from chat_core.request import OutputFormat as OutputFormat
    from chat_core.request import Request as Request
    from chat_core.response import FinishReason as FinishReason
    from chat_core.response import Notice as Notice
    from chat_core.response import Response as Response
    from chat_core.response import Usage as Usage
    from chat_core.tools import NativeTool as NativeTool
    from chat_core.tools import Tool as Tool
    from chat_core.tools import ToolChoice as ToolChoice
    from chat_core.turn import Turn as Turn

_MODULES = {
    "achat": ("AsyncChat",),
    "chat": ("Chat",),
    "errors": ("ChatError",),
    "events": ("Event",),
    "history": ("dump", "load"),
    "messages": ("Message", "assistant", "system", "tool", "user"),
    "options": ("Options",),
    "parts": (
        "Citation", "FileID", "Inline", "Json", "Media", "Opaque", "Part", "Reasoning", "Refusal", "Text", "ToolCall",
        "ToolResult", "URL",
    ),
    "request": ("OutputFormat", "Request"),
    "response": ("FinishReason", "Notice", "Response", "Usage"),
    "tools": ("NativeTool", "Tool", "ToolChoice"),
    "turn": ("Turn",),
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
