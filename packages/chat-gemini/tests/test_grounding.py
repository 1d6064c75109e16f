"""Bytes to characters, and what is cited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.parts import Citation
from chat_gemini.grounding import grounded, recited

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

CHUNKS: list[JSON] = [
    {"web": {"uri": "https://a.example", "title": "A"}},
    {"retrievedContext": {"text": "Words of B.", "title": "B"}},
]
TEXT = "Über 🏔 Täler."


def metadata(*supports: JSONObject) -> JSONObject:
    return {"groundingChunks": CHUNKS, "groundingSupports": [*supports]}


def segment(words: str, text: str = TEXT, **more: JSON) -> JSONObject:
    start = text.encode().index(words.encode())
    return {"startIndex": start, "endIndex": start + len(words.encode()), "text": words, **more}


def test_offsets_in_bytes_become_offsets_in_characters() -> None:
    support: JSONObject = {"segment": segment("Täler"), "groundingChunkIndices": [0], "confidenceScores": [0.5]}
    ((index, citation),) = grounded(metadata(support), {0: TEXT}, "o")
    assert index == 0
    assert citation == Citation(
        url="https://a.example", title="A", start=7, end=12, meta={"o": {"confidenceScore": 0.5}}
    )
    assert TEXT[7:12] == "Täler"


def test_each_source_of_a_segment_is_a_citation() -> None:
    support: JSONObject = {"segment": segment("Über"), "groundingChunkIndices": [0, 1]}
    found = [citation for _, citation in grounded(metadata(support), {0: TEXT}, "o")]
    assert found == [
        Citation(url="https://a.example", title="A", start=0, end=4),
        Citation(title="B", quote="Words of B.", start=0, end=4),
    ]


def test_the_part_that_is_named_goes_before_the_others_and_the_words_decide() -> None:
    named: JSONObject = {"segment": segment("Täler", partIndex=2), "groundingChunkIndices": [0]}
    assert [index for index, _ in grounded(metadata(named), {0: TEXT, 2: TEXT}, "o")] == [2]
    assert [index for index, _ in grounded(metadata(named), {0: TEXT, 2: "other"}, "o")] == [0]
    assert list(grounded(metadata(named), {0: "other"}, "o")) == []


def test_a_segment_at_the_beginning_leaves_its_start_out() -> None:
    support: JSONObject = {"segment": {"endIndex": 5, "text": "Über"}, "groundingChunkIndices": [0]}
    assert [(citation.start, citation.end) for _, citation in grounded(metadata(support), {0: TEXT}, "o")] == [(0, 4)]


def test_what_is_malformed_or_points_nowhere_cites_nothing() -> None:
    broken: list[JSONObject] = [{"segment": segment("Über"), "groundingChunkIndices": [7]}, {"segment": 3}, {}]
    assert list(grounded(metadata(*broken), {0: TEXT}, "o")) == []
    assert list(grounded("no object", {0: TEXT}, "o")) == []


def test_what_was_recited_has_its_place_in_all_texts_together() -> None:
    data: JSONObject = {"citations": [{"startIndex": 6, "endIndex": 9, "uri": "https://a.example", "license": "mit"}]}
    ((index, citation),) = recited(data, {0: "Öde. ", 2: "Über"}, "o")
    assert index == 2
    assert citation == Citation(url="https://a.example", start=0, end=2, meta={"o": {"license": "mit"}})


def test_what_was_recited_without_a_place_is_cited_by_the_only_text() -> None:
    data: JSONObject = {"citationSources": [{"uri": "https://a.example"}, {}]}
    assert list(recited(data, {1: "a"}, "o")) == [(1, Citation(url="https://a.example"))]
    assert list(recited(data, {1: "a", 2: "b"}, "o")) == []
