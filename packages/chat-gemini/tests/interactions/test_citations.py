from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from interacting import ORIGIN

from chat_core.errors import DecodeError
from chat_core.parts import Citation, Text
from chat_gemini.interactions.citations import decode_annotations, encode_annotations

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

WORDS = "Zürich 🏔 ist groß."


def place(part: str) -> tuple[int, int, int, int]:
    """Return where a part of the words stands, in characters and in bytes."""
    start = WORDS.index(part)
    before, until = WORDS[:start].encode(), WORDS[: start + len(part)].encode()
    return start, start + len(part), len(before), len(until)


def test_bytes_are_read_as_characters_and_written_as_bytes() -> None:
    start, stop, first, last = place("groß")
    data: list[JSON] = [{"type": "url_citation", "url": "u", "title": "t", "start_index": first, "end_index": last}]
    (citation,) = decode_annotations(data, WORDS, ORIGIN)
    expected = Citation(url="u", title="t", start=start, end=stop, meta={ORIGIN: {"type": "url_citation"}})
    assert citation == expected
    assert encode_annotations(Text(WORDS, citations=(citation,)), ORIGIN) == data


@pytest.mark.parametrize(
    "data",
    [
        {"type": "file_citation", "document_uri": "files/1", "file_name": "a.pdf", "page_number": 2, "media_id": "m"},
        {"type": "place_citation", "name": "Bern", "url": "u", "place_id": "p", "review_snippets": [{"title": "a"}]},
        {"type": "word_info", "text": "ist", "start_offset": "1s", "start_index": 0, "end_index": 1},
        {"type": "speech_annotation", "speaker": "a"},
        {"type": "url_citation", "url": 7, "start_index": 2, "end_index": 900},  # inside a character, behind the end
        {"start_index": True, "end_index": -1},
    ],
)
def test_an_annotation_goes_back_as_it_came(data: dict[str, JSON]) -> None:
    (citation,) = decode_annotations([data], WORDS, ORIGIN)
    assert encode_annotations(Text(WORDS, citations=(citation,)), ORIGIN) == [data]


def test_citations_of_others_are_not_sent() -> None:
    assert encode_annotations(Text("a", citations=(Citation(url="u"),)), ORIGIN) == []


@pytest.mark.parametrize("data", ["a", ["a"], {}])
def test_annotations_that_are_no_objects_are_an_error(data: JSON) -> None:
    with pytest.raises(DecodeError):
        decode_annotations(data, WORDS, ORIGIN)
