from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_completions.citations import decode_annotations, decode_sources, encode_annotation
from chat_core.errors import DecodeError
from chat_core.parts import Citation

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

FULL: JSONObject = {
    "type": "url_citation",
    "odd": 1,
    "url_citation": {"url": "u", "title": "t", "content": "q", "start_index": 0, "end_index": 4, "deep": 2},
}


def test_an_annotation_is_a_citation_with_its_leftovers() -> None:
    (citation,) = decode_annotations([FULL], "o")
    assert (citation.url, citation.title, citation.quote, citation.start, citation.end) == ("u", "t", "q", 0, 4)
    assert citation.meta == {"o": {"type": "url_citation", "odd": 1, "url_citation": {"deep": 2}}}


@pytest.mark.parametrize(
    "data",
    [
        FULL,
        {"type": "file", "file": {"hash": "h"}},
        {"type": "url_citation", "url_citation": {"url": 3, "start_index": "x"}},
    ],
)
def test_an_annotation_goes_back_as_it_came(data: JSONObject) -> None:
    (citation,) = decode_annotations([data], "o")
    assert encode_annotation(citation, citation.meta["o"]) == data


@pytest.mark.parametrize("data", [{}, [1]])
def test_malformed_annotations_are_decode_errors(data: JSON) -> None:
    with pytest.raises(DecodeError):
        decode_annotations(data, "o")


def test_listed_sources_have_the_titles_of_the_results() -> None:
    found = decode_sources(["a", "b", 3], [{"url": "b", "title": "B"}, "odd"])
    assert found == [Citation(url="a"), Citation(url="b", title="B")]
    assert decode_sources(None, None) == []
