"""A program's calls on a server of its own, in both colours: `answering_here` says what kind of server that is."""

from __future__ import annotations

import asyncio
from array import array
from typing import TYPE_CHECKING

import pytest
from answering_here import Tei

from chat_core import AsyncChat, Chat, add_provider
from chat_core.errors import InvalidRequest, NotFound, UnsupportedCapability
from chat_core.flow.retry import NEVER
from chat_huggingface import HuggingFace

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[Tei]:
    with Tei() as server:
        yield server


def chat(server: Tei) -> Chat:
    provider = HuggingFace(server="tei", base_url=server.address, batch=4)
    return Chat("m", provider=provider, api_key="k", retry=NEVER)


def test_texts_become_vectors_with_the_models_own_prompt(server: Tei) -> None:
    with Chat("tei:m", base_url=server.address) as own:
        found = own.embed(["aa", "be"], purpose="query", dimensions=2)
    assert found.vectors == (array("f", [2, 1]), array("f", [0, 2]))  # a and e, of which the prompt has one
    assert found.usage is not None
    assert found.usage.input_tokens == 2
    assert server.bodies == [{"inputs": ["aa", "be"], "prompt_name": "query", "dimensions": 2}]
    assert (server.last.path, "authorization" in server.last.headers) == ("/embed", False)


def test_documents_are_ranked(server: Tei) -> None:
    found = chat(server).rerank("the red fox", ["a cat", "the fox", "a red fox of the woods"], top_n=2)
    assert [(one.index, one.document) for one in found.results] == [(2, "a red fox of the woods"), (1, "the fox")]
    assert [notice.feature for notice in found.notices] == ["top_n"]
    assert server.last.headers["authorization"] == "Bearer k"


def test_more_documents_than_the_server_takes_are_ranked_among_each_other(server: Tei) -> None:
    documents = ["a cat", "a cow", "a dog", "the fox", "a hen", "the red fox"]
    found = chat(server).rerank("the red fox", documents, top_n=2)
    assert [(one.index, one.document) for one in found.results] == [(5, "the red fox"), (3, "the fox")]
    assert [len(body["texts"]) for body in server.bodies] == [4, 2]


def test_many_labels_are_many_pairs_and_go_in_several_requests(server: Tei) -> None:
    found = chat(server).classify(
        ["about foxes", "about cows"], labels=["foxes", "cows", "hens"], hypothesis="about {}"
    )
    assert [one.best.name for one in found.results] == ["foxes", "cows"]
    assert [len(body["inputs"]) for body in server.bodies] == [3, 3]


def test_more_pairs_than_the_server_takes_go_in_several_requests(server: Tei) -> None:
    pairs = [("the fox is red", "the fox is red"), ("the fox is red", "a cow gave milk")] * 3
    found = chat(server).entail(pairs)
    assert [one.label for one in found.results] == ["entailment", "contradiction"] * 3
    assert [len(body["inputs"]) for body in server.bodies] == [4, 2]
    assert found.usage is not None
    assert found.usage.input_tokens == 6


def test_a_text_is_sorted_into_given_labels(server: Tei) -> None:
    found = chat(server).classify("all about foxes", labels=["foxes", "cows"], hypothesis="all about {}")
    assert found.results[0].best.name == "foxes"
    assert sum(found.results[0].scores.values()) == pytest.approx(1)
    assert server.bodies == [
        {"inputs": [["all about foxes", "all about foxes"], ["all about foxes", "all about cows"]], "raw_scores": True}
    ]


def test_stances_are_told_by_the_same_server(server: Tei) -> None:
    found = chat(server).stance(["I am in favor of foxes", "I am against foxes"], "foxes", hypothesis="I am {}")
    assert [one.label for one in found.results] == ["favor", "against"]
    assert len(server.asked) == 2  # three sentences for each text, and four at once


def test_tokens_have_places_in_the_text(server: Tei) -> None:
    text = "🦊 föx runs"
    found = chat(server).tokenize([text], special=True)
    *words, end = found.results[0]
    assert [text[token.start : token.end] for token in words] == ["🦊", "föx", "runs"]
    assert (end.special, end.start) == (True, None)


def test_the_model_that_it_runs_is_listed(server: Tei) -> None:
    (model,) = chat(server).models()
    assert (model.id, model.context_tokens) == ("owner/model", 512)


def test_the_other_colour_says_the_same(server: Tei) -> None:
    provider = HuggingFace(server="tei", base_url=server.address, batch=4)

    async def main() -> tuple[object, ...]:
        async with AsyncChat("m", provider=provider, api_key="k") as own:
            embedded = await own.embed("aa")
            judged = await own.entail([("the fox", "the fox")] * 5)
            return embedded.vectors, judged.results

    with chat(server) as own:
        assert asyncio.run(main()) == (own.embed("aa").vectors, own.entail([("the fox", "the fox")] * 5).results)


def test_a_server_that_takes_less_than_it_is_said_to_names_the_fix(server: Tei) -> None:
    wide = HuggingFace(server="tei", base_url=server.address)
    with Chat("m", provider=wide, api_key="k", retry=NEVER) as own, pytest.raises(InvalidRequest) as raised:
        own.tokenize(["a"] * 5)
    assert raised.value.status == 413
    assert "--max-client-batch-size" in str(raised.value)


def test_a_server_that_is_not_said_to_be_one_names_the_fix(server: Tei) -> None:
    with (
        Chat("huggingface:owner/m", base_url=server.address, api_key="k", retry=NEVER) as own,
        pytest.raises(NotFound, match="server='tei'"),
    ):
        own.embed("a")
    assert server.last.path == "/hf-inference/models/owner/m/pipeline/feature-extraction"


def test_a_server_without_chat_says_what_it_has(server: Tei) -> None:
    with chat(server) as own, pytest.raises(UnsupportedCapability, match="has no chat"):
        own.complete("Hi")
    assert server.asked == []


def test_a_server_can_be_defined_by_name(server: Tei) -> None:
    add_provider("huggingface-server-test", like="huggingface", base_url=server.address, server="tei", batch=2)
    with Chat("huggingface-server-test:m") as own:
        assert len(own.tokenize(["a", "b", "c"]).results) == 3
    assert [len(body["inputs"]) for body in server.bodies] == [2, 1]
