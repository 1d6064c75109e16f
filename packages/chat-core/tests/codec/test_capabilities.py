"""Capabilities are values, and vectors need no third-party type."""

from __future__ import annotations

from array import array

from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse, Model, ModelPage, TokenCount


def test_vectors_are_arrays_with_the_buffer_protocol() -> None:
    response = EmbeddingResponse(vectors=(array("f", [0.5, -1.0]), array("b", [1, -2])))
    assert memoryview(response.vectors[0]).format == "f"
    assert response == EmbeddingResponse(vectors=(array("f", [0.5, -1.0]), array("b", [1, -2])), raw={"any": 1})
    assert hash(response) == hash(EmbeddingResponse(vectors=()))


def test_requests_are_equal_by_content() -> None:
    assert EmbeddingRequest(model="m", inputs=("a",)) == EmbeddingRequest(model="m", inputs=("a",), extra={})
    assert EmbeddingRequest(model="m", inputs=((1, 2),)) != EmbeddingRequest(model="m", inputs=((1, 3),))


def test_a_page_says_where_the_next_one_begins() -> None:
    page = ModelPage(models=(Model(id="a", created=0.0),), next="a", raw=[1])
    assert page == ModelPage(models=(Model(id="a", created=0.0),), next="a")
    assert ModelPage(models=()).next is None
    assert TokenCount(input_tokens=0) == TokenCount(input_tokens=0, raw={"n": 0})
