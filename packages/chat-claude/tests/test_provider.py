"""The endpoint, the headers, and whose private data is accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chat_claude.options import ClaudeOptions, cache
from chat_claude.plugin import chat_providers
from chat_claude.provider import VERTEX, Claude, Surface
from chat_core.codec.capabilities import Models, TokenCounter
from chat_core.codec.framers import SSE
from chat_core.codec.provider import Provider, Secret, capability
from chat_core.codec.wire import WireRequest
from chat_core.errors import UnsupportedTransport
from chat_core.keys import kept
from chat_core.messages import user
from chat_core.options import Options
from chat_core.parts import Text
from chat_core.request import Request

ASK = Request(model="claude-x", messages=(user("Hi"),))
CLAUDE = Claude()
FOUNDRY = Claude(name="foundry", base_url="https://res.services.ai.azure.com/anthropic")
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_claude_is_a_provider() -> None:
    provider: Provider = CLAUDE
    assert provider.name == "claude"
    assert provider.channels == {"http"}
    assert capability(provider, Models) is not None
    assert capability(provider, TokenCounter) is not None


def test_a_request_goes_to_the_messages_endpoint_with_version_and_no_secret() -> None:
    wire = CLAUDE.encode(ASK)
    assert wire.url == "https://api.anthropic.com/v1/messages"
    assert wire.headers == {
        "content-type": "application/json",
        "accept": "application/json",
        "anthropic-version": "2023-06-01",
    }
    assert wire.framer is None


def test_a_streamed_request_says_so_in_body_header_and_framer() -> None:
    wire = CLAUDE.encode(ASK, stream=True)
    assert isinstance(wire.body, dict)
    assert wire.body["stream"] is True
    assert wire.headers["accept"] == "text/event-stream"
    assert wire.framer is SSE


def test_betas_become_one_header() -> None:
    request = replace(ASK, options=Options(native=(ClaudeOptions(betas=("a-1", "b-2")),)))
    assert CLAUDE.encode(request).headers["anthropic-beta"] == "a-1,b-2"
    assert CLAUDE.parse({"model": "m", "messages": []}, headers={"Anthropic-Beta": "a-1, b-2"}).options.native == (
        ClaudeOptions(betas=("a-1", "b-2")),
    )


def test_configured_headers_win() -> None:
    wire = Claude(headers={"anthropic-version": "2099-01-01", "anthropic-workspace-id": "w"}).encode(ASK)
    assert wire.headers["anthropic-version"] == "2099-01-01"
    assert wire.headers["anthropic-workspace-id"] == "w"


def test_vertex_takes_the_model_in_the_address_and_the_version_in_the_body() -> None:
    vertex = Claude(base_url="https://eu-aiplatform.googleapis.com/v1/publishers/anthropic/models", surface=VERTEX)
    wire = vertex.encode(replace(ASK, model="claude-x@20260101"), stream=True)
    assert wire.url.endswith("/models/claude-x@20260101:streamRawPredict")
    assert isinstance(wire.body, dict)
    assert wire.body["anthropic_version"] == "vertex-2023-10-16"
    assert "model" not in wire.body
    assert "anthropic-version" not in wire.headers
    assert vertex.encode(ASK).url.endswith(":rawPredict")


def test_a_model_name_cannot_leave_its_place_in_the_address() -> None:
    vertex = Claude(base_url="https://h.example/models", surface=VERTEX)
    assert vertex.encode(replace(ASK, model="../x?y")).url == "https://h.example/models/..%2Fx%3Fy:rawPredict"


@pytest.mark.parametrize(
    ("surface", "header"),
    [(Surface(), {"x-api-key": "k"}), (Surface(auth="bearer"), {"authorization": "Bearer k"})],
)
def test_the_credential_goes_where_the_surface_takes_it(surface: Surface, header: dict[str, str]) -> None:
    wire = WireRequest(url="https://h.example")
    assert Claude(surface=surface).authorize(wire, b"", Secret("k"), NOW) == header


def test_an_access_token_goes_as_a_bearer() -> None:
    wire = WireRequest(url="https://api.anthropic.com/v1/messages")
    assert Claude().authorize(wire, b"", Secret("t", bearer=True), NOW) == {"authorization": "Bearer t"}
    (spec,) = chat_providers()
    key = kept(spec, {"ANTHROPIC_AUTH_TOKEN": "t", "CHAT_HOME": "/nonexistent"})
    assert key is not None
    assert key.found() == (Secret("t", bearer=True), "ANTHROPIC_AUTH_TOKEN")
    both = kept(spec, {"ANTHROPIC_AUTH_TOKEN": "t", "ANTHROPIC_API_KEY": "k", "CHAT_HOME": "/nonexistent"})
    assert both is not None
    assert both.found() == (Secret("k"), "ANTHROPIC_API_KEY")  # as Anthropic's own client has it


def test_configured_headers_show_in_no_repr() -> None:
    assert "secret" not in repr(Claude(headers={"authorization": "Bearer secret"}))


def test_only_http_is_spoken() -> None:
    with pytest.raises(UnsupportedTransport, match="websocket"):
        CLAUDE.encode(ASK, channel="websocket")


def test_an_origin_names_provider_host_and_family() -> None:
    assert CLAUDE.origin("claude-x") == "claude@api.anthropic.com/claude"


@pytest.mark.parametrize(
    ("origin", "accepted"),
    [
        ("claude@api.anthropic.com/claude", True),
        ("mine@api.anthropic.com/claude", True),
        ("foundry@res.services.ai.azure.com/claude", True),
        ("vertex@us-east5-aiplatform.googleapis.com/claude", True),
        ("evil@notapi.anthropic.com.example/claude", False),
        ("kimi@api.anthropic.com/kimi", False),
        ("openai@api.openai.com/gpt", False),
        ("nonsense", False),
    ],
)
def test_private_data_of_sister_surfaces_is_accepted_and_no_other(origin: str, accepted: bool) -> None:
    assert CLAUDE.accepts(origin) is accepted
    assert FOUNDRY.accepts(origin) is accepted


def test_a_compatible_service_accepts_its_own_data_only() -> None:
    kimi = Claude(name="kimi", base_url="https://kimi.example/anthropic", family="kimi")
    assert kimi.accepts(kimi.origin("k2"))
    assert not kimi.accepts(CLAUDE.origin("claude-x"))
    assert not CLAUDE.accepts(kimi.origin("k2"))


def test_marked_adds_keys_under_the_origin_and_keeps_the_others() -> None:
    part = CLAUDE.marked(Text("a", meta={"x": {"y": 1}}), "m", cache_control=cache(ttl="1h"))
    assert part.meta == {
        "x": {"y": 1},
        "claude@api.anthropic.com/claude": {"cache_control": {"type": "ephemeral", "ttl": "1h"}},
    }
