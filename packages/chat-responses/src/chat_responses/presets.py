"""The table of services that speak the Responses wire: one row each, data only.

Law: a row says what differs from the defaults of `Preset`; an unknown service is `COMPATIBLE`. A vendor that has chat
completions as well is called `VENDOR-responses` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_responses.preset import Preset

if TYPE_CHECKING:
    from collections.abc import Mapping

STATE = frozenset({"state"})
SAFETY = {"user": "safety_identifier"}

OPENAI = Preset(
    name="openai",
    base_url="https://api.openai.com/v1",
    env=("OPENAI_API_KEY",),
    base_url_env=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    capabilities=frozenset({"token_count", "state"}),
    names=SAFETY,
    strict_subset=True,
    whole_tools=True,
    allowed_tools=True,
    websocket="lanes",
    realtime="nested",
    transcriber="gpt-realtime-whisper",
)
"""OpenAI's own service; the package chat-openai offers it, with what it has beside answers."""

ROWS: tuple[Preset, ...] = (
    Preset(
        name="azure-responses",
        env=("AZURE_OPENAI_AD_TOKEN", "AZURE_OPENAI_API_KEY"),
        bearer_env=("AZURE_OPENAI_AD_TOKEN",),
        base_url_env=("AZURE_OPENAI_ENDPOINT",),
        auth_header="api-key",
        auth_scheme="",
        capabilities=STATE,
        strict_subset=True,
        whole_tools=True,
        allowed_tools=True,
        websocket="single",
        realtime="nested",
        transcriber="gpt-realtime-whisper",
    ),
    Preset(
        name="xai-responses",
        base_url="https://api.x.ai/v1",
        env=("XAI_API_KEY",),
        base_url_env=("XAI_BASE_URL",),
        capabilities=STATE,
        websocket="single",
        realtime="mixed",
        transcriber="grok-transcribe",
        runs_undeclared=True,
    ),
    Preset(
        name="bedrock-mantle-responses",
        base_url="https://bedrock-mantle.us-east-1.api.aws/v1",
        env=("AWS_BEARER_TOKEN_BEDROCK",),
        base_url_env=("AWS_BEDROCK_BASE_URL", "AWS_REGION", "AWS_DEFAULT_REGION"),
    ),
    Preset(
        name="deepseek-responses",
        base_url="https://api.deepseek.com",
        env=("DEEPSEEK_API_KEY",),
        base_url_env=("DEEPSEEK_BASE_URL",),
    ),
    Preset(name="copilot-responses", base_url="https://api.githubcopilot.com", env=("GITHUB_COPILOT_TOKEN",)),
    Preset(
        name="openrouter-responses",
        base_url="https://openrouter.ai/api/v1",
        env=("OPENROUTER_API_KEY",),
        base_url_env=("OPENROUTER_BASE_URL",),
        routed=True,
        names={"top_k": "top_k"},
    ),
    Preset(
        name="vllm-responses",
        base_url="http://localhost:8000/v1",
        serve="vllm serve MODEL",
        env=("VLLM_API_KEY",),
        base_url_env=("VLLM_BASE_URL", "VLLM_API_BASE"),
        names={"top_k": "top_k"},
    ),
    Preset(
        name="lmstudio-responses",
        base_url="http://localhost:1234/v1",
        serve="lms server start",
        env=("LM_STUDIO_API_KEY",),
        base_url_env=("LMSTUDIO_BASE_URL", "LM_STUDIO_API_BASE"),
        capabilities=STATE,
    ),
    Preset(
        name="llamacpp-responses",
        base_url="http://localhost:8080/v1",
        serve="llama-server -m MODEL.gguf",
        env=("LLAMA_API_KEY",),
        base_url_env=("LLAMACPP_BASE_URL",),
    ),
    # the port is unverified
    Preset(name="mistralrs-responses", base_url="http://localhost:1234/v1", base_url_env=("MISTRALRS_BASE_URL",)),
)

COMPATIBLE = Preset(
    name="responses",
    unsupported={
        "parallel_tool_calls": "not every compatible service knows it",
        "service_tier": "not every compatible service knows it",
    },
    forced_tools=False,
)
"""The row for a service that the table does not have: the subset that every server takes."""

PRESETS: Mapping[str, Preset] = {row.name: row for row in (*ROWS, COMPATIBLE)}
"""Every row that this package offers, by its name."""
