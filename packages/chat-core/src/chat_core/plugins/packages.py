"""Which package offers a name that is not installed: a table of the packages of this project.

Law: it is read where a name was not found, and nowhere else: what is installed comes from metadata.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGES: Mapping[str, tuple[str, ...]] = {
    "chat-aiohttp": ("transport.aiohttp",),
    "chat-claude": ("anthropic", "claude"),
    "chat-completions": (
        "alibaba", "avian", "azure", "bedrock-mantle", "cerebras", "cloudflare", "compatible", "copilot", "crusoe",
        "databricks", "deepseek", "doubleword", "fireworks", "gemini-openai", "gpustack", "groq", "heroku",
        "litellm", "llamacpp", "lmstudio", "mistral", "mistralrs", "moonshot", "ollama-openai",
        "openai-chat", "openrouter", "perplexity", "portkey", "snowflake", "together", "venice", "vercel-gateway",
        "vllm", "voyage", "xai", "zai",
    ),
    "chat-gemini": ("gemini", "gemini-interactions", "vertex"),
    "chat-huggingface": ("huggingface", "tei", "tgi"),
    "chat-local": ("command.local", "local", "transport.local"),
    "chat-ollama": ("command.ollama", "ollama"),
    "chat-openai": ("openai",),
    "chat-responses": (
        "azure-responses", "bedrock-mantle-responses", "copilot-responses", "deepseek-responses", "llamacpp-responses",
        "lmstudio-responses", "mistralrs-responses", "openrouter-responses", "responses", "vllm-responses",
        "xai-responses",
    ),
    "chat-store-postgres": ("store.postgres",),
}  # fmt: skip
"""What each package offers, as its entries are called: a bare name is a provider."""


def package_of(label: str) -> str | None:
    """Return the package that offers an entry; `None` when it is none of this project's."""
    return next((package for package, labels in PACKAGES.items() if label in labels), None)
