"""What OpenAI can be told: the options and tools of its wire, which chat-responses has."""

from __future__ import annotations

from chat_responses.options import (
    ResponsesOptions,
    apply_patch,
    approval,
    code_interpreter,
    computer,
    custom_tool,
    file_search,
    grammar,
    image_generation,
    mcp_server,
    native_tool,
    shell,
    tool_search,
    web_search,
)

__all__ = [
    "ResponsesOptions",
    "apply_patch",
    "approval",
    "code_interpreter",
    "computer",
    "custom_tool",
    "file_search",
    "grammar",
    "image_generation",
    "mcp_server",
    "native_tool",
    "shell",
    "tool_search",
    "web_search",
]
