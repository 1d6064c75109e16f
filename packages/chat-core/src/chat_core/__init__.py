"""One typed interface to every language model. Names are loaded when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_core.achat import AsyncChat as AsyncChat
    from chat_core.approval import Approve as Approve
    from chat_core.approval import Ask as Ask
    from chat_core.approval import Defer as Defer
    from chat_core.approval import Pending as Pending
    from chat_core.approval import Reject as Reject
    from chat_core.approval import Result as Result
    from chat_core.approval import Run as Run
    from chat_core.asession import AsyncSession as AsyncSession
    from chat_core.chat import Chat as Chat
    from chat_core.errors import ChatError as ChatError
    from chat_core.events import Event as Event
    from chat_core.functions import EndTurn as EndTurn
    from chat_core.functions import FunctionTool as FunctionTool
    from chat_core.functions import ToolContext as ToolContext
    from chat_core.functions import tool as tool
    from chat_core.functions import toolset as toolset
    from chat_core.history import dump as dump
    from chat_core.history import load as load
    from chat_core.messages import Message as Message
    from chat_core.messages import assistant as assistant
    from chat_core.messages import system as system
    from chat_core.messages import tool_results as tool_results
    from chat_core.messages import user as user
    from chat_core.options import Options as Options
    from chat_core.outputs import Output as Output
    from chat_core.outputs import output as output
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
    from chat_core.plugins.adding import add_provider as add_provider
    from chat_core.request import OutputFormat as OutputFormat
    from chat_core.request import Request as Request
    from chat_core.response import FinishReason as FinishReason
    from chat_core.response import Notice as Notice
    from chat_core.response import Response as Response
    from chat_core.response import Usage as Usage
    from chat_core.session import Session as Session
    from chat_core.sessions.summaries import Summarise as Summarise
    from chat_core.sessions.trimming import DropOldest as DropOldest
    from chat_core.signing import Signer as Signer
    from chat_core.tools import NativeTool as NativeTool
    from chat_core.tools import Tool as Tool
    from chat_core.tools import ToolChoice as ToolChoice
    from chat_core.turn import Turn as Turn

_MODULES = {
    "achat": ("AsyncChat",),
    "approval": ("Approve", "Ask", "Defer", "Pending", "Reject", "Result", "Run"),
    "asession": ("AsyncSession",),
    "chat": ("Chat",),
    "errors": ("ChatError",),
    "events": ("Event",),
    "functions": ("EndTurn", "FunctionTool", "ToolContext", "tool", "toolset"),
    "history": ("dump", "load"),
    "messages": ("Message", "assistant", "system", "tool_results", "user"),
    "options": ("Options",),
    "outputs": ("Output", "output"),
    "parts": (
        "Citation", "FileID", "Inline", "Json", "Media", "Opaque", "Part", "Reasoning", "Refusal", "Text", "ToolCall",
        "ToolResult", "URL",
    ),
    "plugins.adding": ("add_provider",),
    "request": ("OutputFormat", "Request"),
    "response": ("FinishReason", "Notice", "Response", "Usage"),
    "session": ("Session",),
    "signing": ("Signer",),
    "sessions.summaries": ("Summarise",),
    "tools": ("NativeTool", "Tool", "ToolChoice"),
    "sessions.trimming": ("DropOldest",),
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
