from __future__ import annotations

import datetime as dt
import pickle

import pytest

from chat_completions.plugin import chat_providers
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.capabilities import Embeddings, Models
from chat_core.codec.provider import Provider, Secret, capability
from chat_core.codec.wire import WireRequest, WireResponse
from chat_core.errors import ConfigurationError, ProviderError
from chat_core.keys import kept

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def test_it_is_a_provider() -> None:
    provider: Provider = Completions(PRESETS["openai-chat"])
    assert provider.name == "openai-chat"
    assert provider.channels == {"http"}


def test_arguments_go_before_the_preset() -> None:
    provider = Completions(PRESETS["openai-chat"], base_url="https://a.test/v1/", name="mine", headers={"x": "1"})
    assert (provider.name, provider.url("/models"), provider.headers) == (
        "mine",
        "https://a.test/v1/models",
        {"x": "1"},
    )
    assert provider.origin("m") == "mine@a.test/chat"


def test_a_service_without_a_common_address_asks_for_one() -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        Completions(PRESETS["azure"])


@pytest.mark.parametrize(("name", "headers"), [("groq", {"authorization": "Bearer k"}), ("azure", {"api-key": "k"})])
def test_the_key_goes_where_the_service_wants_it(name: str, headers: dict[str, str]) -> None:
    provider = Completions(PRESETS[name], base_url="https://a.test/v1")
    assert provider.authorize(WireRequest(url="https://a.test"), b"", Secret("k"), NOW) == headers


def test_a_password_in_an_address_is_in_no_origin() -> None:
    assert Completions(PRESETS["groq"], base_url="https://me:word@a.test:81/v1").origin("m") == "groq@a.test:81/chat"


def test_it_accepts_its_own_origins_only() -> None:
    router = Completions(PRESETS["openrouter"])
    assert router.origin("one/m") == "openrouter@openrouter.ai/one"
    assert router.origin("m") == "openrouter@openrouter.ai/chat"
    assert router.accepts(router.origin("one/m"))
    assert not router.accepts(Completions(PRESETS["groq"]).origin("m"))


def test_a_preset_says_what_else_there_is() -> None:
    assert capability(Completions(PRESETS["openai-chat"]), Embeddings) is not None
    assert capability(Completions(PRESETS["groq"]), Embeddings) is None
    assert capability(Completions(PRESETS["groq"]), Models) is not None


def test_equal_configurations_are_equal_values() -> None:
    provider = Completions(PRESETS["groq"], headers={"x": "1"})
    assert provider == Completions(PRESETS["groq"], headers={"x": "1"})
    assert hash(provider) == hash(Completions(PRESETS["groq"]))
    assert pickle.loads(pickle.dumps(provider)) == provider


def test_errors_are_decoded() -> None:
    error = Completions(PRESETS["groq"]).decode_error(WireResponse(status=500, body=b"<html>"))
    assert isinstance(error, ProviderError)
    assert error.status == 500


def test_configured_headers_show_in_no_repr() -> None:
    assert "hidden" not in repr(Completions(PRESETS["openai-chat"], headers={"x-gateway-key": "hidden"}))


def test_a_path_may_lead_beside_the_last_segment_of_the_address() -> None:
    provider = Completions(PRESETS["vllm"], base_url="https://a.test/deep/v1")
    assert provider.url("/../tokenize") == "https://a.test/deep/tokenize"
    assert provider.url("/../../x") == "https://a.test/x"
    assert provider.url("/../../../x") == "https://a.test/x"


def test_an_access_token_of_azure_goes_as_a_bearer_and_before_the_key() -> None:
    (spec,) = [spec for spec in chat_providers() if spec.name == "azure"]
    provider = Completions(PRESETS["azure"], base_url="https://mine.example/v1")
    environ = {"AZURE_OPENAI_AD_TOKEN": "t", "AZURE_OPENAI_API_KEY": "k", "CHAT_HOME": "/nonexistent"}
    wire = WireRequest(url="https://mine.example/v1")
    for header in ({"authorization": "Bearer t"}, {"api-key": "k"}):
        key = kept(spec, environ)
        found = key.found() if key is not None else None
        assert found is not None
        assert provider.authorize(wire, b"", found[0], NOW) == header
        del environ[found[1]]
