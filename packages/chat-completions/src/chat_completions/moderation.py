"""Moderation of the services that speak this wire: `/moderations`.

Law: categories and scores are the service's own, by its names. One text is sent alone, several as a list; where a
picture is among them, all are sent as the parts of one input.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeGuard

from chat_completions.beside import document, meta_of, posted, text_of, usage_of
from chat_core import media
from chat_core.codec.moderation import Judgement, ModerationResponse
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import rest
from chat_core.parts import URL, Media

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_completions.provider import Completions
    from chat_core.codec.moderation import ModerationRequest
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject

PATH = "/moderations"
TYPES = "category_applied_input_types"
TABLES = ("categories", "category_scores", TYPES)
"""What is said of each category; a member of another type than the others stays in `meta`."""


@dataclass(frozen=True, slots=True)
class CompletionsModeration:
    """Judges texts and pictures; implements `chat_core.codec.moderation.Moderation`."""

    provider: Completions

    def encode(self, request: ModerationRequest) -> WireRequest:
        """Spell the request.

        Raises:
            UnsupportedContent: the service judges no such media.
        """
        body: JSONObject = {"model": request.model} if request.model else {}
        return posted(self.provider, PATH, {**body, "input": self._input(request.inputs), **request.extra}, ())

    def _input(self, inputs: tuple[str | Media, ...]) -> JSON:
        texts = [item for item in inputs if isinstance(item, str)]
        if len(texts) == len(inputs):
            return texts[0] if len(texts) == 1 else [*texts]
        if self.provider.preset.moderation == "mistral":
            raise UnsupportedContent(f"{self.provider.name} judges texts alone")
        return [_part(item) for item in inputs]

    def decode(self, request: ModerationRequest, reply: WireResponse) -> ModerationResponse:
        """Read the judgements.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        origin, data = self.provider.origin(request.model), document(reply)
        match data.get("results"):
            case list(items) if len(items) == _expected(request) or "input" in request.extra:
                results = tuple(_judgement(item, origin) for item in items)
            case list(items):
                raise DecodeError(f"{len(items)} judgements came for {_expected(request)} inputs")
            case _:
                raise DecodeError(f"a moderation reply without `results`, which has {sorted(data)}")
        return ModerationResponse(
            results=results,
            model=text_of(data, "model"),
            id=text_of(data, "id"),
            usage=usage_of(data.get("usage")),
            meta=meta_of(origin, rest(data, {"results", "model", "id", "usage"})),
            raw=data,
        )


def _expected(request: ModerationRequest) -> int:
    """Return how many judgements there have to be: what nobody has judged is not harmless."""
    return len(request.inputs) if all(isinstance(item, str) for item in request.inputs) else 1


def _part(item: str | Media) -> JSON:
    if isinstance(item, str):
        return {"type": "text", "text": item}
    if item.kind != "image":
        raise UnsupportedContent(f"texts and pictures can be judged, no {item.kind}")
    url = item.source.url if isinstance(item.source, URL) else media.data_url(item)
    return {"type": "image_url", "image_url": {"url": url}}


def _judgement(data: JSON, origin: str) -> Judgement:
    if not isinstance(data, dict):
        raise DecodeError(f"a judgement is no object but {type(data).__name__}")
    tables = {key: _table(data, key) for key in TABLES}
    categories = {name: value for name, value in tables["categories"].items() if isinstance(value, bool)}
    scores = {name: float(value) for name, value in tables["category_scores"].items() if _is_number(value)}
    types = {name: words for name, value in tables[TYPES].items() if (words := _words(value)) is not None}
    match data.get("flagged"):
        case bool(flagged):
            pass
        case None:
            flagged = any(categories.values())
        case other:
            raise DecodeError(f"flagged is neither true nor false but {other!r:.50}")
    kept: tuple[Mapping[str, object], ...] = (categories, scores, types)
    odd: JSONObject = {key: left for key, known in zip(TABLES, kept, strict=True) if (left := rest(tables[key], known))}
    return Judgement(
        flagged=flagged,
        categories=categories,
        scores=scores,
        input_types=types,
        meta=meta_of(origin, {**rest(data, {"flagged", *TABLES}), **odd}),
    )


def _is_number(value: JSON) -> TypeGuard[float]:
    """Tell whether a value is a number that a score can be: an integer of hundreds of digits is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < sys.float_info.max


def _words(value: JSON) -> tuple[str, ...] | None:
    words = tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else None
    return words if isinstance(value, list) and words is not None and len(words) == len(value) else None


def _table(data: JSONObject, key: str) -> JSONObject:
    """Return an object without the members that are null: categories that the model does not know."""
    match data.get(key):
        case None:
            return {}
        case dict(table):
            return rest(table, ())
        case other:
            raise DecodeError(f"{key} is no object but {type(other).__name__}")
