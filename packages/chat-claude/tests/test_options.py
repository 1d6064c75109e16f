"""Options and native tools are spelled as the wire has them."""

from __future__ import annotations

import pytest

from chat_claude import options
from chat_claude.options import ClaudeOptions
from chat_claude.provider import Claude
from chat_core.codec.wire import dump
from chat_core.jsonvalue import JSON, JSONObject, parse_object
from chat_core.messages import user
from chat_core.options import NativeOptions, Options
from chat_core.request import Request
from chat_core.tools import NativeTool

TOOLS: dict[str, tuple[NativeTool, JSONObject]] = {
    "web_search": (
        options.web_search(max_uses=2, allowed_domains=["a.example"]),
        {"type": "web_search_20260318", "name": "web_search", "max_uses": 2, "allowed_domains": ["a.example"]},
    ),
    "older web_search": (
        options.web_search(version="20250305", blocked_domains=("b.example",)),
        {"type": "web_search_20250305", "name": "web_search", "blocked_domains": ["b.example"]},
    ),
    "web_fetch": (
        options.web_fetch(citations=False, use_cache=True),
        {"type": "web_fetch_20260318", "name": "web_fetch", "citations": {"enabled": False}, "use_cache": True},
    ),
    "code_execution": (options.code_execution(), {"type": "code_execution_20260521", "name": "code_execution"}),
    "bash": (options.bash(), {"type": "bash_20250124", "name": "bash"}),
    "text_editor": (
        options.text_editor(max_characters=9),
        {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool", "max_characters": 9},
    ),
    "memory": (options.memory(), {"type": "memory_20250818", "name": "memory"}),
    "computer": (options.computer(), {"type": "computer_toolset_20260801"}),
    "computer_screen": (
        options.computer_screen(800, 600, enable_zoom=True),
        {
            "type": "computer_20251124",
            "name": "computer",
            "display_width_px": 800,
            "display_height_px": 600,
            "enable_zoom": True,
        },
    ),
    "browser": (options.browser(configs={"a": 1}), {"type": "browser_toolset_20260801", "configs": {"a": 1}}),
    "tool_search": (
        options.tool_search(by="regex"),
        {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"},
    ),
    "mcp_toolset": (
        options.mcp_toolset("docs", default_config={"enabled": False}),
        {"type": "mcp_toolset", "mcp_server_name": "docs", "default_config": {"enabled": False}},
    ),
    "advisor": (
        options.advisor("claude-y", max_uses=1),
        {"type": "advisor_20260301", "name": "advisor", "model": "claude-y", "max_uses": 1},
    ),
}


@pytest.mark.parametrize("name", TOOLS)
def test_a_native_tool_is_declared_as_the_wire_has_it(name: str) -> None:
    tool, data = TOOLS[name]
    assert tool == NativeTool(provider="claude", data=data)


@pytest.mark.parametrize(
    ("made", "wire"),
    [
        (options.adaptive(), {"type": "adaptive"}),
        (options.adaptive(display="omitted"), {"type": "adaptive", "display": "omitted"}),
        (
            options.budget(2048, display="summarized"),
            {"type": "enabled", "budget_tokens": 2048, "display": "summarized"},
        ),
        (options.between_tools(), {"type": "between_tools"}),
        (options.no_thinking(), {"type": "disabled"}),
        (options.cache(), {"type": "ephemeral"}),
        (options.mcp_server("https://m.example", "m"), {"type": "url", "url": "https://m.example", "name": "m"}),
    ],
)
def test_settings_are_plain_wire_objects(made: JSON, wire: JSON) -> None:
    assert made == wire


FULL = ClaudeOptions(
    thinking=options.adaptive(),
    cache_control=options.cache(),
    output_config={"task_budget": {"type": "tokens", "total": 9}},
    metadata={"trace": "t"},
    container={"id": "c", "skills": []},
    context_management={"edits": []},
    mcp_servers=(options.mcp_server("https://m.example", "m"),),
    speed="fast",
    inference_geo="eu",
    diagnostics={"previous_message_id": "m1"},
    compaction={"type": "summarize"},
    fallbacks=({"model": "claude-y"},),
    fallback_credit_token="token",
    thread={"type": "create"},
    billing_policy="mine",
    extra={"new_field": [1]},
)


def test_every_option_is_sent_and_read_again() -> None:
    request = Request(model="m", messages=(user("Hi"),), options=Options(max_tokens=9, native=(FULL,)))
    wire = Claude().encode(request).body
    assert isinstance(wire, dict)
    body = parse_object(dump(wire))
    assert body == {
        "model": "m",
        "max_tokens": 9,
        "thinking": {"type": "adaptive"},
        "output_config": {"task_budget": {"type": "tokens", "total": 9}},
        "metadata": {"trace": "t"},
        "cache_control": {"type": "ephemeral"},
        "container": {"id": "c", "skills": []},
        "context_management": {"edits": []},
        "mcp_servers": [{"type": "url", "url": "https://m.example", "name": "m"}],
        "speed": "fast",
        "inference_geo": "eu",
        "diagnostics": {"previous_message_id": "m1"},
        "compaction": {"type": "summarize"},
        "fallbacks": [{"model": "claude-y"}],
        "fallback_credit_token": "token",
        "thread": {"type": "create"},
        "billing_policy": "mine",
        "new_field": [1],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    }
    assert Claude().parse(body) == request


class OtherOptions(NativeOptions):
    provider = "other"


def test_options_of_another_provider_are_left_alone_without_a_word() -> None:
    request = Request(model="m", messages=(user("Hi"),), options=Options(max_tokens=9, native=(OtherOptions(),)))
    assert Claude().encode(request).notices == ()


def test_tokens_show_in_no_repr() -> None:
    server = options.mcp_server("https://a.test", "a", authorization_token="hidden")
    assert "hidden" not in repr(ClaudeOptions(mcp_servers=(server,), fallback_credit_token="hidden"))
