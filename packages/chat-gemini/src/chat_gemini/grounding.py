"""Sources of an answer: `groundingMetadata` and `citationMetadata` → `Citation`s.

Law: the service counts bytes, we count characters. A support says which words it means: where its offsets do not show
them, in the part it names or in another, nothing is cited. All of it stays in the response's `meta` as it came, and so
do chunks that support nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.parts import Citation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.jsonvalue import JSON, JSONObject

CHUNKS = ("web", "retrievedContext", "maps", "image")
"""Members of a chunk that hold a source."""


def grounded(metadata: JSON, texts: Mapping[int, str], origin: str) -> Iterator[tuple[int, Citation]]:
    """Yield the citations that supports make, each with the index of its text.

    Args:
        metadata: the candidate's `groundingMetadata`.
        texts: the answer's texts, by the indexes of their parts.
        origin: whose private data the rest of a support is.
    """
    chunks = _list(metadata, "groundingChunks")
    encoded = {index: text.encode("utf-8", "surrogatepass") for index, text in texts.items()}
    for support in _objects(metadata, "groundingSupports"):
        place = _place(support.get("segment"), encoded)
        if place is None:
            continue
        index, start, end = place
        scores = support.get("confidenceScores")
        for at, number in enumerate(_numbers(support.get("groundingChunkIndices"))):
            if number < len(chunks) and (source := _source(chunks[number])) is not None:
                score = scores[at] if isinstance(scores, list) and at < len(scores) else None
                meta: JSONObject = {} if score is None else {"confidenceScore": score}
                yield index, _citation(source, start, end, meta, origin)


def recited(metadata: JSON, texts: Mapping[int, str], origin: str) -> Iterator[tuple[int, Citation]]:
    """Yield the citations of what the model took from elsewhere, each with the index of its text.

    One without a place is of the whole text, if there is a single one.
    """
    encoded = {index: text.encode("utf-8", "surrogatepass") for index, text in texts.items()}
    for item in (*_objects(metadata, "citations"), *_objects(metadata, "citationSources")):
        start, end = item.get("startIndex", 0), item.get("endIndex")
        licence = item.get("license")
        meta: JSONObject = {} if licence is None else {"license": licence}
        if end is None and len(texts) == 1 and item.get("uri") is not None:
            yield next(iter(texts)), _citation(item, None, None, meta, origin)
        elif isinstance(start, int) and isinstance(end, int) and (place := _within(start, end, encoded)) is not None:
            index, first, last = place
            yield index, _citation(item, first, last, meta, origin)


def _citation(source: JSONObject, start: int | None, end: int | None, meta: JSONObject, origin: str) -> Citation:
    url, title, quote = source.get("uri"), source.get("title"), source.get("text")
    return Citation(
        url=url if isinstance(url, str) else None,
        title=title if isinstance(title, str) else None,
        quote=quote if isinstance(quote, str) else None,
        start=start,
        end=end,
        meta={origin: meta} if meta else {},
    )


def _source(chunk: JSON) -> JSONObject | None:
    if not isinstance(chunk, dict):
        return None
    return next((found for key in CHUNKS if isinstance(found := chunk.get(key), dict)), None)


def _place(segment: JSON, texts: Mapping[int, bytes]) -> tuple[int, int, int] | None:
    """Find a segment: in the part it names first, then in the others."""
    if not isinstance(segment, dict):
        return None
    start, end, part = segment.get("startIndex", 0), segment.get("endIndex"), segment.get("partIndex", 0)
    words = segment.get("text")
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(words, str)):
        return None
    wanted = words.encode("utf-8", "surrogatepass")
    for index in sorted(texts, key=lambda index: (index != part, index)):
        text = texts[index]
        if 0 <= start <= end and text[start:end] == wanted:
            return index, _characters(text, start), _characters(text, end)
    return None


def _within(start: int, end: int, texts: Mapping[int, bytes]) -> tuple[int, int, int] | None:
    """Find a span of all texts together; one that is not inside of a single text has no place."""
    passed = 0
    for index in sorted(texts):
        text = texts[index]
        if 0 <= start - passed <= end - passed <= len(text):
            return index, _characters(text, start - passed), _characters(text, end - passed)
        passed += len(text)
    return None


def _characters(text: bytes, at: int) -> int:
    """Return how many characters end at or before a byte."""
    return len(text[:at].decode("utf-8", "ignore"))


def _list(data: JSON, key: str) -> list[JSON]:
    items = data.get(key) if isinstance(data, dict) else None
    return items if isinstance(items, list) else []


def _objects(data: JSON, key: str) -> list[JSONObject]:
    return [item for item in _list(data, key) if isinstance(item, dict)]


def _numbers(data: JSON) -> list[int]:
    items = data if isinstance(data, list) else []
    return [item for item in items if isinstance(item, int) and item >= 0]
