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
COUNTING = ALL | {"token_count"}
AUDIO = frozenset({"speech", "transcription"})
MEDIA = AUDIO | {"images"}
LISTENS = frozenset({"transcription"})
RANKS = frozenset({"rerank"})
SERVES = COUNTING | LISTENS | RANKS | {"tokenization"}
NOTHING = frozenset[str]()

IGNORED = "the service ignores it"
REFUSED = "the service refuses it"

ROWS: tuple[Preset, ...] = (
    # vendors of models
    Preset(
        name="openai-chat",
        base_url="https://api.openai.com/v1",
        env=("OPENAI_API_KEY",),
        base_url_env=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
        capabilities=ALL | MEDIA | {"moderation"},
        names=CAP,
        media=frozenset({"image", "image_url", "audio", "file", "file_id"}),
        allowed_tools=True,
        strict_subset=True,
    ),
    Preset(
        name="azure",
        env=("AZURE_OPENAI_AD_TOKEN", "AZURE_OPENAI_API_KEY"),
        bearer_env=("AZURE_OPENAI_AD_TOKEN",),
        base_url_env=("AZURE_OPENAI_ENDPOINT",),
        auth_header="api-key",
        auth_scheme="",
        capabilities=EMBEDDINGS | MEDIA,
        names=CAP,
        media=frozenset({"image", "image_url", "audio"}),
        allowed_tools=True,
        strict_subset=True,
    ),
    Preset(
        name="groq",
        base_url="https://api.groq.com/openai/v1",
        env=("GROQ_API_KEY",),
        capabilities=MODELS | AUDIO,
        audio="groq",
        names=CAP,
        unsupported={
            "logprobs": REFUSED,
            "top_logprobs": REFUSED,
            "logit_bias": REFUSED,
            "frequency_penalty": REFUSED,
            "presence_penalty": REFUSED,
            "n": "the service gives one answer",
        },
        reasoning_field="reasoning",
        media=frozenset({"image", "image_url"}),
    ),
    Preset(
        name="deepseek",
        base_url="https://api.deepseek.com",
        env=("DEEPSEEK_API_KEY",),
        strict_tools=False,  # it takes them below /beta only
        json_schema=False,
    ),
    Preset(
        name="xai",
        base_url="https://api.x.ai/v1",
        env=("XAI_API_KEY",),
        capabilities=MODELS | {"images"},
        images="xai",
        names=CAP,
        unsupported={"logit_bias": REFUSED},
    ),
    Preset(
        name="mistral",
        base_url="https://api.mistral.ai/v1",
        env=("MISTRAL_API_KEY",),
        capabilities=EMBEDDINGS | AUDIO | {"moderation"},
        embeddings="mistral",
        audio="mistral",
        moderation="mistral",
        names={"seed": "random_seed"},
        unsupported={"logit_bias": REFUSED, "logprobs": REFUSED, "top_logprobs": REFUSED, "user": REFUSED},
        stream_usage=False,
        empty_content="",
    ),
    Preset(
        name="moonshot",
        base_url="https://api.moonshot.ai/v1",
        env=("MOONSHOT_API_KEY", "MOONSHOTAI_API_KEY"),
        base_url_env=("MOONSHOTAI_BASE_URL",),
        forced_tools=False,
    ),
    Preset(name="zai", base_url="https://api.z.ai/api/paas/v4", env=("ZAI_API_KEY", "Z_AI_API_KEY")),
    Preset(
        name="alibaba",
        base_url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        env=("DASHSCOPE_API_KEY", "ALIBABA_API_KEY"),
        capabilities=EMBEDDINGS,
        names={"top_k": "top_k", "reasoning_tokens": "thinking_budget"},
    ),
    Preset(
        name="perplexity",
        base_url="https://api.perplexity.ai",
        env=("PERPLEXITY_API_KEY", "PERPLEXITYAI_API_KEY"),
        models_path="/v1/models",  # and chat is not below /v1
        capabilities=EMBEDDINGS,
        embeddings="perplexity",
        names={"top_k": "top_k"},
    ),
    Preset(
        name="voyage",
        base_url="https://api.voyageai.com/v1",
        env=("VOYAGE_API_KEY",),
        capabilities=RANKS | {"embeddings"},
        embeddings="voyage",
        rerank="voyage",
    ),
    Preset(
        name="gemini-openai",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        env=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        base_url_env=("GOOGLE_GEMINI_BASE_URL",),
        capabilities=EMBEDDINGS,
    ),
    # clouds that serve models of others
    Preset(
        name="bedrock-mantle",
        base_url="https://bedrock-mantle.us-east-1.api.aws/v1",
        env=("AWS_BEARER_TOKEN_BEDROCK",),
        base_url_env=("AWS_BEDROCK_BASE_URL", "AWS_REGION", "AWS_DEFAULT_REGION"),
        names=CAP,
        reasoning_field="reasoning",
    ),
    Preset(
        name="cerebras",
        base_url="https://api.cerebras.ai/v1",
        env=("CEREBRAS_API_KEY",),
        capabilities=MODELS | {"completions"},
        reasoning_field="reasoning",
    ),
    Preset(
        name="together",
        base_url="https://api.together.ai/v1",
        env=("TOGETHER_API_KEY",),
        capabilities=ALL | MEDIA | RANKS,
        images="together",
        audio="together",
        names={**SAMPLING, "top_logprobs": "logprobs"},  # a number, where others have a flag beside it
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
        name="doubleword",  # host and key variable unverified
        base_url="https://api.doubleword.ai/v1",
        env=("DOUBLEWORD_API_KEY",),
        capabilities=EMBEDDINGS,
        names=SAMPLING,
    ),
    # the key variable of avian is unverified
    Preset(name="avian", base_url="https://api.avian.io/v1", env=("AVIAN_API_KEY",)),
    Preset(
        name="venice",
        base_url="https://api.venice.ai/api/v1",
        env=("VENICE_API_KEY", "VENICE_AI_API_KEY"),
        capabilities=EMBEDDINGS | {"images", "speech"},
        images="venice",
        audio="venice",
        names=SAMPLING,
    ),
    Preset(
        name="databricks",
        env=("DATABRICKS_TOKEN", "DATABRICKS_API_KEY"),
        base_url_env=("DATABRICKS_API_BASE", "DATABRICKS_HOST"),
        capabilities=frozenset({"embeddings"}),  # its list of models is of another shape
        names={"top_k": "top_k"},
        stream_usage=False,  # it reports the usage of a stream unasked, and knows no `stream_options`
    ),
    Preset(
        name="snowflake",
        env=("SNOWFLAKE_PAT", "SNOWFLAKE_TOKEN"),
        base_url_env=("SNOWFLAKE_ACCOUNT",),
        capabilities=NOTHING,
        names=CAP,
    ),
    Preset(
        name="cloudflare",
        env=("CLOUDFLARE_API_TOKEN",),
        base_url_env=("CLOUDFLARE_ACCOUNT_ID",),
        capabilities=frozenset({"embeddings"}),  # its list of models is of another shape
        names={"top_k": "top_k"},
    ),
    Preset(
        name="heroku",
        base_url="https://us.inference.heroku.com/v1",
        env=("HEROKU_INFERENCE_KEY", "INFERENCE_KEY"),
        base_url_env=("HEROKU_INFERENCE_URL", "INFERENCE_URL"),
        models_path="/../available-models",
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
        capabilities=EMBEDDINGS | MEDIA | RANKS,
        embeddings="openrouter",
        images="openrouter",
        audio="openrouter",
        routed=True,
        names={**SAMPLING, **BUDGET},
        reasoning_field="reasoning",
    ),
    Preset(
        name="vercel-gateway",
        base_url="https://ai-gateway.vercel.sh/v1",
        env=("AI_GATEWAY_API_KEY", "VERCEL_AI_GATEWAY_API_KEY", "VERCEL_OIDC_TOKEN"),
        capabilities=EMBEDDINGS,
        routed=True,
        names=BUDGET,
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
        env=("LITELLM_API_KEY", "LITELLM_PROXY_API_KEY"),
        base_url_env=("LITELLM_PROXY_API_BASE",),
        capabilities=ALL | RANKS,
        routed=True,
        names={"top_k": "top_k"},
    ),
    # servers to run oneself
    Preset(
        name="vllm",
        base_url="http://localhost:8000/v1",
        serve="vllm serve MODEL",
        env=("VLLM_API_KEY",),
        base_url_env=("VLLM_API_BASE",),
        capabilities=SERVES,
        counting="vllm",
        audio="vllm",
        names={**SAMPLING, "reasoning_tokens": "thinking_token_budget"},
        unsupported={"user": IGNORED},
        reasoning_field="reasoning",
    ),
    Preset(
        name="llamacpp",
        base_url="http://localhost:8080/v1",
        serve="llama-server -m MODEL.gguf",
        env=("LLAMA_API_KEY",),
        capabilities=SERVES,
        tokenization="llamacpp",
        audio="llamacpp",
        names=SAMPLING,
        tool_media=True,
    ),
    Preset(
        name="ollama-openai",
        base_url="http://localhost:11434/v1",
        serve="ollama serve",
        env=("OLLAMA_API_KEY",),
        base_url_env=("OLLAMA_HOST", "OLLAMA_BASE_URL"),
        capabilities=ALL,
        unsupported={"logit_bias": IGNORED, "n": IGNORED, "user": IGNORED},
        reasoning_field="reasoning",
        media=frozenset({"image"}),
        strict_tools=False,
        forced_tools=False,
    ),
    Preset(
        name="lmstudio",
        base_url="http://localhost:1234/v1",
        serve="lms server start",
        env=("LM_STUDIO_API_KEY",),
        base_url_env=("LM_STUDIO_API_BASE",),
        capabilities=ALL,
        names={"top_k": "top_k"},  # unverified, as the next line is
        json_object=False,
    ),
    # the port of mistralrs and the key variable of gpustack are unverified
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
