"""Chat: where it goes, with what; and that the provider is a value."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from importlib.metadata import entry_points

import pytest

from chat_core.codec.capabilities import Embeddings, Models, StructuredOutput, TokenCounter
from chat_core.codec.classification import Classification
from chat_core.codec.entailment import Entailments
from chat_core.codec.provider import Provider, Secret
from chat_core.codec.rerank import Rerank
from chat_core.codec.tokenization import Tokenization
from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedCapability
from chat_core.messages import user
from chat_core.options import Options
from chat_core.plugins.registry import Registry
from chat_core.plugins.spec import ProviderConfig
from chat_core.request import Request
from chat_huggingface.presets import HUGGINGFACE, ROWS, TEI, TGI, Server
from chat_huggingface.provider import HuggingFace

ASKED = Request(model="owner/model:fastest", messages=(user("Hi"),), options=Options(temperature=0, top_k=3))


def test_it_is_a_provider_that_asks_the_router() -> None:
    provider: Provider = HuggingFace()
    assert provider.name == "huggingface"
    assert provider.channels == {"http"}
    assert provider.encode(ASKED).url == "https://router.huggingface.co/v1/chat/completions"


def test_the_model_comes_first_in_the_body_with_its_suffix() -> None:
    wire = HuggingFace().encode(ASKED, stream=True)
    assert isinstance(wire.body, dict)
    assert dump(wire.body).startswith(b'{"model":"owner/model:fastest","temperature":0,"top_k":3,')
    assert list(wire.body)[-1] == "messages"


def test_a_host_behind_the_router_can_be_the_address() -> None:
    provider = HuggingFace(base_url="https://router.huggingface.co/together/v1")
    assert provider.encode(ASKED).url == "https://router.huggingface.co/together/v1/chat/completions"


@pytest.mark.parametrize(
    ("server", "offered"),
    [
        ("hf-inference", {Classification, Embeddings, Entailments, Models, Rerank, StructuredOutput}),
        ("endpoint", {Classification, Embeddings, Entailments, Rerank, StructuredOutput}),
        ("tei", {Classification, Embeddings, Entailments, Models, Rerank, Tokenization}),
        ("tgi", {Models, StructuredOutput, TokenCounter, Tokenization}),
    ],
)
def test_it_offers_what_the_server_has(server: Server, offered: set[type]) -> None:
    assert HuggingFace(server=server).capabilities.keys() == offered


def test_models_of_several_vendors_have_origins_of_their_own() -> None:
    provider = HuggingFace()
    assert provider.origin("owner/model:groq") == "huggingface@router.huggingface.co/owner"
    assert not provider.accepts("claude@api.anthropic.com/claude")


def test_a_server_without_chat_refuses_it() -> None:
    with pytest.raises(UnsupportedCapability, match="no chat"):
        HuggingFace(TEI, server="tei").encode(ASKED)


def test_what_the_server_ignores_is_a_notice() -> None:
    asked = Request(model="m", messages=(user("Hi"),), options=Options(n=2, top_k=3))
    wire = HuggingFace(TGI, server="tgi").encode(asked)
    assert sorted(notice.feature for notice in wire.notices) == ["n", "top_k"]


def test_the_key_is_in_the_header_and_nowhere_else() -> None:
    provider = HuggingFace(headers={"x-a": "canary"})
    wire = provider.encode(ASKED)
    headers = provider.authorize(wire, b"", Secret("hf_canary"), datetime(2026, 1, 1, tzinfo=UTC))
    assert headers == {"authorization": "Bearer hf_canary"}
    assert "canary" not in repr(wire) + repr(provider)


def test_it_is_a_value() -> None:
    provider = HuggingFace(name="work", server="endpoint", batch=3, classes={"LABEL_0": "neutral"}, pooling="first")
    assert provider == HuggingFace(
        HUGGINGFACE, name="work", server="endpoint", batch=3, classes={"LABEL_0": "neutral"}, pooling="first"
    )
    assert provider != HuggingFace(name="work")
    assert pickle.loads(pickle.dumps(provider)) == provider
    assert copy.copy(provider) == provider
    assert hash(provider) == hash(copy.deepcopy(provider))


def test_the_rows_are_the_names_that_are_installed() -> None:
    found = entry_points(group="chat_core.plugins")
    assert {entry.name for entry in found if entry.value == "chat_huggingface.plugin"} == ROWS.keys()
    loaded = Registry().provider("tei").load(ProviderConfig(name="mine", settings={"batch": 8}))
    assert loaded == HuggingFace(TEI, server="tei", name="mine", batch=8)
