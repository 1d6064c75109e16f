"""How environment variables spell the address of a service, and what that is here.

Law: a variable that is set for a vendor's own client means the same address here. Clients differ in whether the
version belongs to the address, and some name an account and no address: the tables say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.host import host_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_completions.preset import Preset

ADDED: Mapping[str, str] = {
    "AZURE_OPENAI_ENDPOINT": "/openai/v1",
    "CEREBRAS_BASE_URL": "/v1",
    "DATABRICKS_HOST": "/serving-endpoints",
    "FIREWORKS_BASE_URL": "/v1",
    "GOOGLE_GEMINI_BASE_URL": "/v1beta/openai",
    "GROQ_BASE_URL": "/openai/v1",
    "HEROKU_INFERENCE_URL": "/v1",
    "INFERENCE_URL": "/v1",
    "OLLAMA_BASE_URL": "/v1",
    "OLLAMA_HOST": "/v1",
    "TOGETHER_BASE_URL": "/v1",
}
"""What comes after a variable's value, unless it is there; other variables hold the address with its version."""

FILLED: Mapping[str, str] = {
    "AWS_DEFAULT_REGION": "https://bedrock-mantle.{}.api.aws/v1",
    "AWS_REGION": "https://bedrock-mantle.{}.api.aws/v1",
    "CLOUDFLARE_ACCOUNT_ID": "https://api.cloudflare.com/client/v4/accounts/{}/ai/v1",
    "SNOWFLAKE_ACCOUNT": "https://{}.snowflakecomputing.com/api/v2/cortex/v1",
}
"""Variables that name an account or a region, and the address that it is part of."""

OLLAMA_PORT = 11434
"""The port that a value of `OLLAMA_HOST` without scheme and port means."""


def variables(preset: Preset) -> tuple[str, ...]:
    """List the variables that may hold a row's address: `NAME_BASE_URL`, then those that the row names."""
    pattern = f"{preset.name.upper().replace('-', '_')}_BASE_URL"
    return tuple(dict.fromkeys((pattern, *preset.base_url_env)))


def address(variable: str, value: str) -> str:
    """Return the address that a variable's value means."""
    if variable in FILLED:
        return FILLED[variable].format(value)
    found = host_url(value, port=OLLAMA_PORT, secure={"ollama.com"}) if variable == "OLLAMA_HOST" else value
    if variable == "DATABRICKS_HOST" and "://" not in found:
        found = f"https://{found}"
    found = found.rstrip("/")
    added = ADDED.get(variable, "")
    return found if found.endswith(added) else f"{found}{added}"
