"""Hugging Face's own client, and ours, ask the same: of a server with one task, and at the same addresses."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from chat_core import Chat
from chat_core.codec.capabilities import EmbeddingRequest
from chat_core.codec.classification import ClassificationRequest
from chat_core.codec.rerank import RerankRequest
from chat_core.flow.retry import NEVER
from chat_core.messages import user
from chat_core.request import OutputFormat, Request
from chat_core.testing.loopback import Answer, Loopback
from chat_huggingface.classification import TaskClassification
from chat_huggingface.embeddings import HuggingFaceEmbeddings
from chat_huggingface.presets import TGI
from chat_huggingface.provider import HuggingFace
from chat_huggingface.rerank import HuggingFaceRerank

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject

hub = pytest.importorskip("huggingface_hub", reason="Hugging Face's client is not installed")
MODEL = "owner/model"
SCHEMA: JSONObject = {"type": "object", "properties": {"a": {"type": "integer"}}}
LABELS: JSON = [{"label": "a", "score": 0.75}, {"label": "b", "score": 0.25}]
SAID: JSON = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "{}"}, "finish_reason": "stop"}]}

Ask = tuple["JSON", "Callable[[Any], object]", "Callable[[Chat], object]"]

TASKS: dict[str, Ask] = {
    "vectors": (
        [[0.5], [0.5]],
        lambda theirs: theirs.feature_extraction(["one", "two"], prompt_name="query", normalize=True),
        lambda ours: ours.embed(["one", "two"], purpose="query", extra={"normalize": True}),
    ),
    "classes of the model": (
        [LABELS],
        lambda theirs: theirs.text_classification("one", top_k=2, function_to_apply="sigmoid"),
        lambda ours: ours.classify("one", top_n=2, extra={"parameters": {"function_to_apply": "sigmoid"}}),
    ),
    "given labels": (
        LABELS,
        lambda theirs: theirs.zero_shot_classification(
            "one", ["a", "b"], multi_label=True, hypothesis_template="It is {}."
        ),
        lambda ours: ours.classify("one", labels=["a", "b"], multi_label=True, hypothesis="It is {}."),
    ),
    "similar sentences": (
        [0.5, 0.25],
        lambda theirs: theirs.sentence_similarity("query", ["one", "two"]),
        lambda ours: ours.rerank("query", ["one", "two"]),
    ),
}


def asked(answer: JSON, ask: Callable[[str], object]) -> tuple[str, Any]:
    """Ask a server that gives this answer, and return where and what it was asked."""
    body = json.dumps(answer).encode()
    with Loopback(Answer(headers={"content-type": "application/json"}, pieces=(body,))) as server:
        ask(server.address)
        (one,) = server.asked
    return one.path.rstrip("/"), _said(json.loads(one.body))


def _said(body: Any) -> Any:  # noqa: ANN401 - a body as a server reads it
    """Leave out what says nothing: their empty parameters, and that there is to be no stream."""
    return {key: value for key, value in body.items() if value not in ({}, False)}


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_asked_for_as_their_client_does_it(task: str) -> None:
    answer, theirs, ours = TASKS[task]

    def our(address: str) -> object:
        provider = HuggingFace(server="endpoint", base_url=address)
        return ours(Chat("m", provider=provider, api_key="hf_k", retry=NEVER))

    assert asked(answer, our) == asked(answer, lambda address: theirs(hub.InferenceClient(address, token="hf_k")))


def test_a_schema_is_sent_to_a_server_as_their_client_does_it() -> None:
    def their(address: str) -> object:
        form = {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}
        client = hub.InferenceClient(address, token="hf_k")
        return client.chat_completion([{"role": "user", "content": "Hi"}], response_format=form)

    def our(address: str) -> object:
        provider = HuggingFace(TGI, server="tgi", base_url=address)
        request = Request(model="dummy", messages=(user("Hi"),), output=OutputFormat(schema=SCHEMA, name="a"))
        return Chat("dummy", provider=provider, api_key="hf_k", retry=NEVER).complete(request)

    path, body = asked(SAID, our)
    assert (path, body) == asked(SAID, their)
    assert next(iter(body)) == "model"


def test_the_service_is_asked_at_their_addresses() -> None:
    tasks = import_module("huggingface_hub.inference._providers").PROVIDERS["hf-inference"]
    provider = HuggingFace()
    text, labels = ("a",), ("x", "y")
    wires = {
        "feature-extraction": HuggingFaceEmbeddings(provider).encode(EmbeddingRequest(model=MODEL, inputs=text)),
        "sentence-similarity": HuggingFaceRerank(provider).encode(
            RerankRequest(model=MODEL, query="q", documents=text)
        ),
        "text-classification": TaskClassification(provider).encode(ClassificationRequest(model=MODEL, inputs=text)),
        "zero-shot-classification": TaskClassification(provider).encode(
            ClassificationRequest(model=MODEL, inputs=text, labels=labels)
        ),
    }
    for task, wire in wires.items():
        assert wire.url == tasks[task]._prepare_url("hf_k", MODEL), task
