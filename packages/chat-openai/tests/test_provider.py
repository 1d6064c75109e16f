"""OpenAI: what it offers, and where."""

from __future__ import annotations

import copy
import pickle
from importlib import import_module

import pytest

import chat_openai
from chat_core.codec.capabilities import EmbeddingRequest, Embeddings, Models, StructuredOutput, TokenCounter, Unchain
from chat_core.codec.images import Images
from chat_core.codec.live import Live
from chat_core.codec.moderation import Moderation
from chat_core.codec.provider import Provider, Secret, capability
from chat_core.codec.speech import Speech, SpeechRequest
from chat_core.codec.transcription import Transcription
from chat_core.codec.wire import WireResponse, dump
from chat_core.messages import user
from chat_core.plugins.registry import Registry
from chat_core.plugins.spec import ProviderConfig
from chat_core.request import Request
from chat_openai.provider import OpenAI
from chat_responses.presets import OPENAI

REQUEST = Request(model="m", messages=(user("Hi"),))


def test_it_is_a_provider_over_both_channels() -> None:
    provider: Provider = OpenAI()
    assert provider.name == "openai"
    assert provider.channels == {"http", "websocket"}
    assert provider.encode(REQUEST).url == "https://api.openai.com/v1/responses"


def test_it_offers_what_openai_has() -> None:
    offered = OpenAI().capabilities
    answers = {Live, StructuredOutput, TokenCounter, Unchain}
    assert offered.keys() == {Embeddings, Images, Models, Moderation, Speech, Transcription, *answers}


def test_pictures_and_sound_have_the_same_address_and_headers() -> None:
    provider = OpenAI(base_url="https://eu.api.openai.com/v1", headers={"openai-project": "p"})
    speech = capability(provider, Speech)
    assert speech is not None
    wire = speech.encode(SpeechRequest(model="m", text="Hi"))
    assert (wire.url, wire.headers["openai-project"]) == ("https://eu.api.openai.com/v1/audio/speech", "p")


def test_what_is_beside_answers_has_the_same_address_and_headers() -> None:
    provider = OpenAI(base_url="https://eu.api.openai.com/v1", headers={"openai-project": "p"})
    models = capability(provider, Models)
    embeddings = capability(provider, Embeddings)
    assert models is not None
    assert embeddings is not None
    wire = models.encode()
    assert (wire.url, wire.headers["openai-project"]) == ("https://eu.api.openai.com/v1/models", "p")
    asked = embeddings.encode(EmbeddingRequest(model="e", inputs=("a",), purpose="query"))
    assert asked.url == "https://eu.api.openai.com/v1/embeddings"
    assert [notice.feature for notice in asked.notices] == ["purpose"]


def test_tokens_are_counted_at_their_endpoint() -> None:
    counter = capability(OpenAI(), TokenCounter)
    assert counter is not None
    wire = counter.encode(REQUEST)
    assert wire.url == "https://api.openai.com/v1/responses/input_tokens"
    assert dump(wire.body if isinstance(wire.body, dict) else None) == (
        b'{"model":"m","input":[{"role":"user","content":"Hi"}]}'
    )
    counted = counter.decode(REQUEST, WireResponse(body=b'{"object":"response.input_tokens","input_tokens":11}'))
    assert counted.input_tokens == 11


def test_it_is_installed_and_takes_the_settings_of_its_wire() -> None:
    spec = Registry().provider("openai")
    assert spec.env == ("OPENAI_API_KEY",)
    provider = spec.load(ProviderConfig(name="mine", base_url="https://a.test/v1", settings={"whole_tools": False}))
    assert isinstance(provider, OpenAI)
    assert (provider.name, provider.base_url, provider.preset.whole_tools) == ("mine", "https://a.test/v1", False)


def test_the_key_is_in_the_header_and_nowhere_else() -> None:
    provider = OpenAI()
    wire = provider.encode(REQUEST)
    from datetime import UTC, datetime  # noqa: PLC0415 - for this test only

    headers = provider.authorize(wire, b"", Secret("sk-canary"), datetime(2026, 1, 1, tzinfo=UTC))
    assert headers == {"authorization": "Bearer sk-canary"}
    assert "sk-canary" not in repr(wire) + repr(provider)


def test_it_is_a_value() -> None:
    provider = OpenAI(OPENAI, name="work")
    assert provider == OpenAI(OPENAI, name="work")
    assert pickle.loads(pickle.dumps(provider)) == provider
    assert copy.copy(provider) == provider


@pytest.mark.parametrize("name", chat_openai.__all__)
def test_public_names_are_there(name: str) -> None:
    assert getattr(import_module("chat_openai"), name) is not None
    assert name in dir(chat_openai)


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = chat_openai.nothing
