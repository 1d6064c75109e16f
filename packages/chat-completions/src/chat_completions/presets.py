"""The table of services that speak the chat completions wire: one row each, data only.

Law: a row says what differs from the defaults of `Preset`; an unknown service is `COMPATIBLE`, the safe subset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_completions.preset import ALL_MEDIA, Preset

if TYPE_CHECKING:
    from collections.abc import Mapping

CAP = {"max_tokens": "max_completion_tokens"}
SAMPLING = {"top_k": "top_k", "min_p": "min_p"}
BUDGET = {"reasoning_tokens": "reasoning.max_tokens"}

MODELS = frozenset({"models"})
EMBEDDINGS = MODELS | {"embeddings"}
ALL = EMBEDDINGS | {"completions"}
NOTHING = frozenset[str]()

IGNORED_BY_OLLAMA = "the service ignores it"
REFUSED = "the service refuses it"

ROWS: tuple[Preset, ...] = (
    # vendors of models
    Preset(
        name="openai",
        base_url="https://api.openai.com/v1",
        env=("OPENAI_API_KEY",),
        capabilities=ALL,
        names=CAP,
        media=frozenset({"image", "image_url", "audio", "file", "file_id"}),
        allowed_tools=True,
    ),
    Preset(
        name="azure",
        env=("AZURE_OPENAI_API_KEY",),
        auth_header="api-key",
        auth_scheme="",
        capabilities=EMBEDDINGS,
        names=CAP,
        media=frozenset({"image", "image_url", "audio"}),
        allowed_tools=True,
    ),
    Preset(
        name="groq",
        base_url="https://api.groq.com/openai/v1",
        env=("GROQ_API_KEY",),
        names=CAP,
        unsupported={
            "logprobs": REFUSED,
            "top_logprobs": REFUSED,
            "logit_bias": REFUSED,
            "frequency_penalty": REFUSED,
            "presence_penalty": REFUSED,
        },
        reasoning_field="reasoning",
        media=frozenset({"image", "image_url"}),
    ),
    Preset(name="deepseek", base_url="https://api.deepseek.com", env=("DEEPSEEK_API_KEY",), json_schema=False),
    Preset(name="xai", base_url="https://api.x.ai/v1", env=("XAI_API_KEY",), names=CAP),
    Preset(
        name="mistral",
        base_url="https://api.mistral.ai/v1",
        env=("MISTRAL_API_KEY",),
        capabilities=EMBEDDINGS,
        embeddings="mistral",
        names={"seed": "random_seed"},
        unsupported={"logit_bias": REFUSED, "logprobs": REFUSED, "top_logprobs": REFUSED, "user": REFUSED},
        stream_usage=False,
        empty_content="",
    ),
    Preset(name="moonshot", base_url="https://api.moonshot.ai/v1", env=("MOONSHOT_API_KEY",), forced_tools=False),
    Preset(name="zai", base_url="https://api.z.ai/api/paas/v4", env=("ZAI_API_KEY", "Z_AI_API_KEY")),
    Preset(
        name="alibaba",
        base_url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        env=("DASHSCOPE_API_KEY",),
        capabilities=EMBEDDINGS,
        names={"top_k": "top_k", "reasoning_tokens": "thinking_budget"},
    ),
    Preset(
        name="perplexity",
        base_url="https://api.perplexity.ai",
        env=("PERPLEXITY_API_KEY",),
        capabilities=EMBEDDINGS,
        embeddings="perplexity",
        names={"top_k": "top_k"},
    ),
    Preset(
        name="voyage",
        base_url="https://api.voyageai.com/v1",
        env=("VOYAGE_API_KEY",),
        capabilities=frozenset({"embeddings"}),
        embeddings="voyage",
    ),
    Preset(
        name="gemini-openai",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        env=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        capabilities=EMBEDDINGS,
    ),
    # clouds that serve models of others
    Preset(
        name="bedrock-mantle",
        base_url="https://bedrock-mantle.us-east-1.api.aws/v1",
        env=("AWS_BEARER_TOKEN_BEDROCK",),
        names=CAP,
        reasoning_field="reasoning",
    ),
    Preset(
        name="cerebras", base_url="https://api.cerebras.ai/v1", env=("CEREBRAS_API_KEY",), reasoning_field="reasoning"
    ),
    Preset(
        name="together",
        base_url="https://api.together.ai/v1",
        env=("TOGETHER_API_KEY",),
        capabilities=ALL,
        names=SAMPLING,
        reasoning_field="reasoning",
    ),
    Preset(
        name="fireworks",
        base_url="https://api.fireworks.ai/inference/v1",
        env=("FIREWORKS_API_KEY",),
        capabilities=ALL,
        names=SAMPLING,
    ),
    Preset(
        name="crusoe",
        base_url="https://api.inference.crusoecloud.com/v1",
        env=("CRUSOE_API_KEY",),
        names=SAMPLING,
        reasoning_field="reasoning",
    ),
    Preset(
        name="doubleword",
        base_url="https://api.doubleword.ai/v1",
        env=("DOUBLEWORD_API_KEY",),
        capabilities=EMBEDDINGS,
        names=SAMPLING,
    ),
    Preset(name="avian", base_url="https://api.avian.io/v1", env=("AVIAN_API_KEY",)),
    Preset(
        name="venice",
        base_url="https://api.venice.ai/api/v1",
        env=("VENICE_API_KEY",),
        capabilities=EMBEDDINGS,
        names=SAMPLING,
    ),
    Preset(name="databricks", env=("DATABRICKS_TOKEN",), capabilities=EMBEDDINGS, names={"top_k": "top_k"}),
    Preset(name="snowflake", env=("SNOWFLAKE_PAT", "SNOWFLAKE_TOKEN"), capabilities=NOTHING, names=CAP),
    Preset(name="cloudflare", env=("CLOUDFLARE_API_TOKEN",), capabilities=EMBEDDINGS, names={"top_k": "top_k"}),
    Preset(
        name="heroku",
        base_url="https://us.inference.heroku.com/v1",
        env=("HEROKU_API_KEY", "INFERENCE_KEY"),
        capabilities=EMBEDDINGS,
    ),
    Preset(
        name="copilot",
        base_url="https://api.githubcopilot.com",
        env=("GITHUB_COPILOT_TOKEN",),
        capabilities=EMBEDDINGS,
    ),
    # routers: many vendors behind one address
    Preset(
        name="openrouter",
        base_url="https://openrouter.ai/api/v1",
        env=("OPENROUTER_API_KEY",),
        capabilities=EMBEDDINGS,
        routed=True,
        names={**SAMPLING, **BUDGET},
        reasoning_field="reasoning",
    ),
    Preset(
        name="vercel-gateway",
        base_url="https://ai-gateway.vercel.sh/v1",
        env=("AI_GATEWAY_API_KEY", "VERCEL_OIDC_TOKEN"),
        capabilities=EMBEDDINGS,
        routed=True,
        names=BUDGET,
        reasoning_field="reasoning",
    ),
    Preset(
        name="huggingface",
        base_url="https://router.huggingface.co/v1",
        env=("HF_TOKEN", "HUGGINGFACE_API_KEY"),
        capabilities=EMBEDDINGS,
        routed=True,
        names=SAMPLING,
        reasoning_field="reasoning",
    ),
    Preset(
        name="portkey",
        base_url="https://api.portkey.ai/v1",
        env=("PORTKEY_API_KEY",),
        auth_header="x-portkey-api-key",
        auth_scheme="",
        capabilities=ALL,
        routed=True,
    ),
    Preset(
        name="litellm",
        base_url="http://localhost:4000/v1",
        env=("LITELLM_API_KEY",),
        capabilities=ALL,
        routed=True,
        names={"top_k": "top_k"},
    ),
    # servers to run oneself
    Preset(
        name="vllm",
        base_url="http://localhost:8000/v1",
        capabilities=ALL,
        names={**SAMPLING, "reasoning_tokens": "thinking_token_budget"},
        reasoning_field="reasoning",
    ),
    Preset(name="llamacpp", base_url="http://localhost:8080/v1", capabilities=ALL, names=SAMPLING, tool_media=True),
    Preset(
        name="ollama-openai",
        base_url="http://localhost:11434/v1",
        env=("OLLAMA_API_KEY",),
        capabilities=ALL,
        unsupported={"logit_bias": IGNORED_BY_OLLAMA, "n": IGNORED_BY_OLLAMA, "user": IGNORED_BY_OLLAMA},
        reasoning_field="reasoning",
        media=frozenset({"image"}),
        strict_tools=False,
        forced_tools=False,
    ),
    Preset(
        name="lmstudio",
        base_url="http://localhost:1234/v1",
        capabilities=ALL,
        names={"top_k": "top_k"},
        json_object=False,
    ),
    Preset(name="mistralrs", base_url="http://localhost:1234/v1", capabilities=ALL, names=SAMPLING),
    Preset(name="gpustack", env=("GPUSTACK_API_KEY",), capabilities=EMBEDDINGS, names=SAMPLING),
)

COMPATIBLE = Preset(
    name="compatible",
    stream_usage=False,
    media=ALL_MEDIA,
    plain_strings=True,
    unsupported={
        "parallel_tool_calls": "not every compatible service knows it",
        "service_tier": "not every compatible service knows it",
    },
    strict_tools=False,
    forced_tools=False,
)
"""The row for a service that the table does not have: the subset that every server takes."""

PRESETS: Mapping[str, Preset] = {row.name: row for row in (*ROWS, COMPATIBLE)}
"""Every row by its name."""
