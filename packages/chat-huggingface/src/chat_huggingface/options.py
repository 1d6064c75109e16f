"""What Hugging Face can be told in chat: the options and tools of its wire, which chat-completions has."""

from __future__ import annotations

from chat_completions.options import CompletionsOptions, native_tool

__all__ = ["CompletionsOptions", "native_tool"]
