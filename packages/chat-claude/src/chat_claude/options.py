"""What only Claude can be told: options beside the portable ones, and the tools Anthropic declares itself.

Law: fields are named and shaped as the wire has them, so that a new key inside one needs no new release. Modes and
dated tool types are made by the functions here; which beta header one needs stands in its docstring.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, ClassVar, Literal

from chat_core.frozen import dataclass
from chat_core.options import NativeOptions
from chat_core.tools import NativeTool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.jsonvalue import JSON, JSONObject

PROVIDER = "claude"
"""The wire family that reads these options and tools."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ClaudeOptions(NativeOptions):
    """Options of the Anthropic Messages wire; `None` = not sent.

    Attributes:
        betas: names for the header `anthropic-beta`.
        thinking: how to think, made by `adaptive`, `budget`, `between_tools` or `no_thinking`.
        cache_control: marks the last block that can be cached, made by `cache`.
        output_config: what `output_config` holds beside effort and format, such as `task_budget`.
        metadata: what `metadata` holds beside the user's id.
        container: the code execution container to go on with: its id, or an object with `id` and `skills`.
        context_management: server-side edits of the context: `{"edits": [...]}`.
        mcp_servers: remote MCP servers, made by `mcp_server`.
        speed: `standard` or `fast`.
        inference_geo: where to run the model.
        diagnostics: `{"previous_message_id": ...}` asks why the prompt cache missed.
        compaction: `{"type": "summarize", ...}` asks for a summary of the conversation instead of an answer.
        fallbacks: `default`, or the models to try when the first one refuses.
        fallback_credit_token: a token that a refusal came with.
        thread: `{"type": "create"}` or `{"type": "continue", "previous_message_id": ...}`.
        billing_policy: who pays.
        body_version: `anthropic_version` in the body, for hosts that take the model in the address.
    """

    provider: ClassVar[str] = PROVIDER
    betas: tuple[str, ...] = ()
    thinking: JSONObject | None = field(default=None, hash=False)
    cache_control: JSONObject | None = field(default=None, hash=False)
    output_config: JSONObject | None = field(default=None, hash=False)
    metadata: JSONObject | None = field(default=None, hash=False)
    container: str | JSONObject | None = field(default=None, hash=False)
    context_management: JSONObject | None = field(default=None, hash=False)
    mcp_servers: tuple[JSONObject, ...] | None = field(default=None, hash=False, repr=False)  # they hold tokens
    speed: str | None = None
    inference_geo: str | None = None
    diagnostics: JSONObject | None = field(default=None, hash=False)
    compaction: JSONObject | None = field(default=None, hash=False)
    fallbacks: str | tuple[JSONObject, ...] | None = field(default=None, hash=False)
    fallback_credit_token: str | None = field(default=None, repr=False)
    thread: JSONObject | None = field(default=None, hash=False)
    billing_policy: str | JSONObject | None = field(default=None, hash=False)
    body_version: str | None = None


PLAIN_FIELDS = (
    "cache_control", "container", "context_management", "mcp_servers", "speed", "inference_geo", "diagnostics",
    "compaction", "fallbacks", "fallback_credit_token", "thread", "billing_policy",
)  # fmt: skip
"""Fields of `ClaudeOptions` that are body fields of the same name and shape."""

Display = Literal["summarized", "omitted"]


def adaptive(*, display: Display | None = None) -> JSONObject:
    """Let the model decide how much to think; `Options.reasoning_effort` steers it."""
    return _given({"type": "adaptive", "display": display})


def budget(tokens: int, *, display: Display | None = None) -> JSONObject:
    """Think with at most `tokens` tokens (models up to 4.6); the same as `Options.reasoning_tokens`."""
    return _given({"type": "enabled", "budget_tokens": tokens, "display": display})


def between_tools() -> JSONObject:
    """Think in short notes between tool calls only."""
    return {"type": "between_tools"}


def no_thinking() -> JSONObject:
    """Switch thinking off; the same as `Options.reasoning_effort="none"`."""
    return {"type": "disabled"}


def cache(*, ttl: Literal["5m", "1h"] | None = None) -> JSONObject:
    """Mark the end of a prompt prefix to cache: a value of `cache_control`."""
    return _given({"type": "ephemeral", "ttl": ttl})


def mcp_server(url: str, name: str, *, authorization_token: str | None = None) -> JSONObject:
    """Name a remote MCP server for `ClaudeOptions.mcp_servers`; beta `mcp-client-2025-11-20`."""
    return _given({"type": "url", "url": url, "name": name, "authorization_token": authorization_token})


def web_search(
    *,
    max_uses: int | None = None,
    allowed_domains: Sequence[str] | None = None,
    blocked_domains: Sequence[str] | None = None,
    user_location: JSONObject | None = None,
    version: str = "20260318",
    **more: JSON,
) -> NativeTool:
    """Search the web; at most one of `allowed_domains` and `blocked_domains`."""
    return _dated(
        "web_search",
        version,
        max_uses=max_uses,
        allowed_domains=_strings(allowed_domains),
        blocked_domains=_strings(blocked_domains),
        user_location=user_location,
        **more,
    )


def web_fetch(
    *,
    max_uses: int | None = None,
    allowed_domains: Sequence[str] | None = None,
    blocked_domains: Sequence[str] | None = None,
    citations: bool | None = None,
    max_content_tokens: int | None = None,
    version: str = "20260318",
    **more: JSON,
) -> NativeTool:
    """Fetch pages and PDFs whose addresses are in the conversation."""
    return _dated(
        "web_fetch",
        version,
        max_uses=max_uses,
        allowed_domains=_strings(allowed_domains),
        blocked_domains=_strings(blocked_domains),
        citations=None if citations is None else {"enabled": citations},
        max_content_tokens=max_content_tokens,
        **more,
    )


def code_execution(*, version: str = "20260521", **more: JSON) -> NativeTool:
    """Run code in Anthropic's container."""
    return _dated("code_execution", version, **more)


def bash(*, version: str = "20250124", **more: JSON) -> NativeTool:
    """Ask for shell commands, which the program runs."""
    return _dated("bash", version, **more)


def text_editor(*, max_characters: int | None = None, version: str = "20250728", **more: JSON) -> NativeTool:
    """Ask for file views and edits, which the program does."""
    return _native(
        {
            "type": f"text_editor_{version}",
            "name": "str_replace_based_edit_tool",
            "max_characters": max_characters,
            **more,
        }
    )


def memory(*, version: str = "20250818", **more: JSON) -> NativeTool:
    """Ask for reads and writes of a memory folder, which the program does."""
    return _dated("memory", version, **more)


def computer(*, configs: JSONObject | None = None, version: str = "20260801", **more: JSON) -> NativeTool:
    """Ask for clicks, keys and screenshots, which the program does: the toolset of 2026."""
    return _native({"type": f"computer_toolset_{version}", "configs": configs, **more})


def computer_screen(width: int, height: int, *, version: str = "20251124", **more: JSON) -> NativeTool:
    """Ask for clicks, keys and screenshots: the older single tool; beta `computer-use-2025-11-24`."""
    return _dated("computer", version, display_width_px=width, display_height_px=height, **more)


def browser(*, configs: JSONObject | None = None, version: str = "20260801", **more: JSON) -> NativeTool:
    """Ask for actions in a browser, which the program does."""
    return _native({"type": f"browser_toolset_{version}", "configs": configs, **more})


def tool_search(*, by: Literal["bm25", "regex"] = "bm25", version: str = "20251119", **more: JSON) -> NativeTool:
    """Let the model search the tools that are declared with `defer_loading`."""
    return _dated(f"tool_search_tool_{by}", version, **more)


def mcp_toolset(
    server: str, *, default_config: JSONObject | None = None, configs: JSONObject | None = None, **more: JSON
) -> NativeTool:
    """Offer the tools of a server in `ClaudeOptions.mcp_servers`; beta `mcp-client-2025-11-20`."""
    data: JSONObject = {"type": "mcp_toolset", "mcp_server_name": server, "default_config": default_config}
    return _native({**data, "configs": configs, **more})


def advisor(
    model: str, *, max_uses: int | None = None, max_tokens: int | None = None, version: str = "20260301", **more: JSON
) -> NativeTool:
    """Let the model ask another one for advice; beta `advisor-tool-2026-03-01`."""
    return _dated("advisor", version, model=model, max_uses=max_uses, max_tokens=max_tokens, **more)


def _dated(name: str, version: str, **settings: JSON) -> NativeTool:
    return _native({"type": f"{name}_{version}", "name": name, **settings})


def _native(data: JSONObject) -> NativeTool:
    return NativeTool(provider=PROVIDER, data=_given(data))


def _given(data: Mapping[str, JSON]) -> JSONObject:
    return {key: value for key, value in data.items() if value is not None}


def _strings(values: Sequence[str] | None) -> list[JSON] | None:
    return None if values is None else list(values)
