"""What the environment's variables mean: what Ollama's own server and clients make of them."""

from __future__ import annotations

import pytest

from chat_core import Chat
from chat_core.errors import ConfigurationError
from chat_core.plugins.definitions import located
from chat_core.plugins.registry import registry
from chat_ollama.addresses import DEFAULT, VARIABLES, address


@pytest.mark.parametrize(
    ("variable", "value", "url"),
    [
        ("OLLAMA_HOST", "1.2.3.4", "http://1.2.3.4:11434"),
        ("OLLAMA_HOST", ":56789", "http://127.0.0.1:56789"),
        ("OLLAMA_HOST", "http://example.com", "http://example.com:80"),
        ("OLLAMA_HOST", "https://example.com", "https://example.com:443"),
        ("OLLAMA_HOST", "example.com:56789/path/", "http://example.com:56789/path"),
        ("OLLAMA_HOST", "[::1]", "http://[::1]:11434"),
        ("OLLAMA_HOST", "0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("OLLAMA_HOST", "ollama.com", "https://ollama.com:443"),
        ("OLLAMA_BASE_URL", "http://gpu:11434", "http://gpu:11434"),
        ("OLLAMA_BASE_URL", "http://gpu:11434/v1/", "http://gpu:11434"),
        ("OLLAMA_BASE_URL", "http://gpu:11434/api", "http://gpu:11434"),
        ("OLLAMA_BASE_URL", "https://proxy.example/ollama", "https://proxy.example/ollama"),
    ],
)
def test_a_variable_means_what_ollamas_clients_make_of_it(variable: str, value: str, url: str) -> None:
    assert address(variable, value) == url


def test_the_address_for_all_clients_goes_before_the_host_and_an_empty_variable_says_nothing() -> None:
    spec = registry().provider("ollama")
    both = {"OLLAMA_BASE_URL": "http://one:1", "OLLAMA_HOST": "two"}
    assert spec.base_url_env == VARIABLES
    assert located(spec, environ=both).url == "http://one:1"
    assert located(spec, environ={**both, "OLLAMA_BASE_URL": " "}).url == "http://two:11434"
    assert located(spec, environ={}).url is None
    assert DEFAULT == "http://127.0.0.1:11434"


def test_a_host_with_a_password_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLLAMA_BASE_URL", raising=False)
    monkeypatch.setenv("OLLAMA_HOST", "me:canary@gpu")
    with pytest.raises(ConfigurationError, match="OLLAMA_HOST is no address") as caught:
        Chat("ollama:m")
    assert "canary" not in str(caught.value)
