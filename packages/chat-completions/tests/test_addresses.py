from __future__ import annotations

import pytest

from chat_completions.addresses import ADDED, FILLED, address, variables
from chat_completions.plugin import chat_providers
from chat_completions.presets import PRESETS


@pytest.mark.parametrize(
    ("variable", "value", "url"),
    [
        # the vendors' own clients: what they make of the value, less the endpoint
        ("OPENAI_BASE_URL", "https://proxy.example/v1/", "https://proxy.example/v1"),
        ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com/", "https://r.openai.azure.com/openai/v1"),
        ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com/openai/v1/", "https://r.openai.azure.com/openai/v1"),
        ("GROQ_BASE_URL", "https://api.groq.com", "https://api.groq.com/openai/v1"),
        ("CEREBRAS_BASE_URL", "https://api.cerebras.ai", "https://api.cerebras.ai/v1"),
        ("TOGETHER_BASE_URL", "https://api.together.ai", "https://api.together.ai/v1"),
        ("FIREWORKS_BASE_URL", "https://proxy.example", "https://proxy.example/v1"),
        ("PERPLEXITY_BASE_URL", "https://api.perplexity.ai", "https://api.perplexity.ai"),
        ("GOOGLE_GEMINI_BASE_URL", "https://g.example", "https://g.example/v1beta/openai"),
        ("DATABRICKS_HOST", "https://w.azuredatabricks.net", "https://w.azuredatabricks.net/serving-endpoints"),
        ("DATABRICKS_HOST", "w.azuredatabricks.net", "https://w.azuredatabricks.net/serving-endpoints"),
        ("INFERENCE_URL", "https://eu.inference.heroku.com", "https://eu.inference.heroku.com/v1"),
        ("CLOUDFLARE_ACCOUNT_ID", "0a1b", "https://api.cloudflare.com/client/v4/accounts/0a1b/ai/v1"),
        ("SNOWFLAKE_ACCOUNT", "org-acc", "https://org-acc.snowflakecomputing.com/api/v2/cortex/v1"),
        ("AWS_REGION", "eu-west-1", "https://bedrock-mantle.eu-west-1.api.aws/v1"),
        ("OLLAMA_HOST", "", "http://127.0.0.1:11434/v1"),
        ("OLLAMA_HOST", "gpu", "http://gpu:11434/v1"),
        ("OLLAMA_HOST", " 'gpu:1234' ", "http://gpu:1234/v1"),
        ("OLLAMA_HOST", ":1234", "http://127.0.0.1:1234/v1"),
        ("OLLAMA_HOST", "0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("OLLAMA_HOST", "http://gpu", "http://gpu:80/v1"),
        ("OLLAMA_HOST", "https://gpu/ollama/", "https://gpu:443/ollama/v1"),
        ("OLLAMA_HOST", "ollama.com", "https://ollama.com:443/v1"),
        ("OLLAMA_HOST", "[::1]", "http://[::1]:11434/v1"),
        ("OLLAMA_HOST", "[::1]:80", "http://[::1]:80/v1"),
        ("OLLAMA_BASE_URL", "http://localhost:11434", "http://localhost:11434/v1"),
        ("OLLAMA_BASE_URL", "http://localhost:11434/v1", "http://localhost:11434/v1"),
    ],
)
def test_a_variable_means_what_the_vendors_own_client_makes_of_it(variable: str, value: str, url: str) -> None:
    assert address(variable, value) == url


def test_every_row_has_the_variable_of_its_name_first() -> None:
    assert variables(PRESETS["openai-chat"]) == ("OPENAI_CHAT_BASE_URL", "OPENAI_BASE_URL", "OPENAI_API_BASE")
    assert variables(PRESETS["gemini-openai"]) == ("GEMINI_OPENAI_BASE_URL", "GOOGLE_GEMINI_BASE_URL")
    assert {spec.name: spec.base_url_env for spec in chat_providers()} == {
        name: variables(row) for name, row in PRESETS.items()
    }


def test_every_variable_with_a_rule_belongs_to_a_row() -> None:
    assert {*ADDED, *FILLED} <= {variable for row in PRESETS.values() for variable in variables(row)}


def test_the_usual_address_of_a_row_is_what_the_rule_makes_of_its_host() -> None:
    for variable, name in (
        ("GROQ_BASE_URL", "groq"),
        ("CEREBRAS_BASE_URL", "cerebras"),
        ("TOGETHER_BASE_URL", "together"),
    ):
        usual = PRESETS[name].base_url or ""
        assert address(variable, usual.removesuffix(ADDED[variable])) == usual
