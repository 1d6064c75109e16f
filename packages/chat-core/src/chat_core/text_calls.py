"""Vectors, ranking, classes, entailment, stances, tokens: arguments become requests and flows, as in `calls` for chat.

Law: more texts than an exchange takes go in several, see `text_exchanges`. What was not sent as asked is in `notices`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from chat_core.calls import required
from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse, Embeddings
from chat_core.codec.provider import capability
from chat_core.errors import ChatError
from chat_core.setup import Changes
from chat_core.text_exchanges import asked, cut, each, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chat_core.codec.classification import ClassificationRequest, ClassificationResponse
    from chat_core.codec.effects import Flow
    from chat_core.codec.entailment import EntailmentResponse
    from chat_core.codec.rerank import RerankResponse
    from chat_core.codec.tokenization import TokenizationResponse
    from chat_core.jsonvalue import JSON
    from chat_core.setup import Setup
    from chat_core.stances import StanceResponse

Inputs: TypeAlias = "str | Sequence[str | tuple[int, ...]] | EmbeddingRequest"
"""What can be embedded: a text, texts or token ids, or a whole request."""

Texts: TypeAlias = "str | Iterable[str]"
"""A text, or several."""

Pairs: TypeAlias = "Iterable[tuple[str, str]]"
"""Premises, each with its hypothesis."""


class Embedding(Changes, total=False):
    """What can be said of texts to be turned into vectors: see `chat_core.codec.capabilities.EmbeddingRequest`."""

    dimensions: int | None
    purpose: str | None
    encoding: str | None
    user: str | None
    extra: Mapping[str, JSON]


class Ranking(Changes, total=False):
    """What can be said of documents to be ordered: see `chat_core.codec.rerank.RerankRequest`."""

    top_n: int | None
    extra: Mapping[str, JSON]


class Classifying(Changes, total=False):
    """What can be said of texts to be sorted: see `chat_core.codec.classification.ClassificationRequest`."""

    labels: Sequence[str]
    multi_label: bool
    hypothesis: str | None
    top_n: int | None
    extra: Mapping[str, JSON]


class Comparing(Changes, total=False):
    """What can be said of sentences to be compared: see `chat_core.codec.entailment.EntailmentRequest`."""

    extra: Mapping[str, JSON]


class Judging(Changes, total=False):
    """What can be said of stances to be found: `hypothesis` as in `chat_core.stances.HYPOTHESIS`."""

    hypothesis: str | None
    extra: Mapping[str, JSON]


class Tokenizing(Changes, total=False):
    """What can be said of texts to be cut: see `chat_core.codec.tokenization.TokenizationRequest`."""

    special: bool
    extra: Mapping[str, JSON]


def embed(setup: Setup, inputs: Inputs, asking: Embedding) -> Flow[EmbeddingResponse]:
    """Turn texts into vectors.

    Raises:
        DecodeError: there is not one vector for each text: which is whose would be a guess.
    """
    offered = required(setup, Embeddings, capability(setup.provider, Embeddings))
    if isinstance(inputs, EmbeddingRequest):
        request = replace(inputs, **_own(asking))
    else:
        request = EmbeddingRequest(model=setup.model, inputs=_inputs(inputs), **_own(asking))
    parts = [replace(request, inputs=some) for some in cut(request.inputs, getattr(offered, "most_inputs", None))]
    return (yield from asked(setup, offered, parts))


def rerank(setup: Setup, query: str, documents: Iterable[str], asking: Ranking) -> Flow[RerankResponse]:
    """Order documents by a query.

    Raises:
        ValueError: `top_n` is below 1.
    """
    from chat_core.codec.rerank import Rerank, RerankRequest  # noqa: PLC0415 - few programs rank

    offered = required(setup, Rerank, capability(setup.provider, Rerank))
    request = RerankRequest(model=setup.model, query=query, documents=_texts(documents, "documents"), **_own(asking))
    _require_some(request.top_n)
    most: int | None = getattr(offered, "most_inputs", None)
    parts = [replace(request, documents=some) for some in cut(request.documents, most)]

    def ordered(found: list[RerankResponse]) -> RerankResponse:
        if len(found) == 1 or most is None:
            return found[0]
        placed = [replace(one, index=at * most + one.index) for at, part in enumerate(found) for one in part.results]
        best = sorted(placed, key=lambda one: one.score, reverse=True)
        return replace(joined(found), results=tuple(best[: request.top_n]))

    return (yield from each(setup, offered, parts, ordered))


def classify(setup: Setup, texts: Texts, asking: Classifying) -> Flow[ClassificationResponse]:
    """Sort texts into classes.

    Raises:
        ValueError: `hypothesis` has no place for the class, a label is there twice, or `top_n` is below 1.
    """
    from chat_core.codec.classification import ClassificationRequest  # noqa: PLC0415 - few programs sort texts

    given = _own(asking)
    labels = _texts(given.pop("labels", ()), "labels")
    request = ClassificationRequest(model=setup.model, inputs=_texts(texts, "texts"), labels=labels, **given)
    return (yield from _classified(setup, request))


def _classified(setup: Setup, request: ClassificationRequest) -> Flow[ClassificationResponse]:
    from chat_core.codec.classification import Classification  # noqa: PLC0415 - as in `classify`

    offered = required(setup, Classification, capability(setup.provider, Classification))
    if request.hypothesis is not None and "{}" not in request.hypothesis:
        raise ValueError(f"hypothesis={request.hypothesis!r:.80} has no {{}} for the class")
    if len(set(request.labels)) < len(request.labels):
        raise ValueError(f"labels= names a class twice, and each would get a share only: {request.labels!r:.200}")
    _require_some(request.top_n)
    most, pairs = offered.most_inputs, getattr(offered, "most_pairs", None)
    if request.labels and pairs is not None:
        most = max(1, pairs // len(request.labels))
    parts = [replace(request, inputs=some) for some in cut(request.inputs, most)]
    return (yield from asked(setup, offered, parts))


def _require_some(top_n: int | None) -> None:
    if top_n is not None and top_n < 1:
        raise ValueError(f"top_n={top_n} is none of them: it is at least 1, and without it all come back")


def entail(setup: Setup, pairs: Pairs, asking: Comparing) -> Flow[EntailmentResponse]:
    """Tell whether hypotheses follow from premises."""
    from chat_core.codec.entailment import EntailmentRequest, Entailments  # noqa: PLC0415 - few programs compare

    offered = required(setup, Entailments, capability(setup.provider, Entailments))
    request = EntailmentRequest(model=setup.model, pairs=_pairs(pairs), **_own(asking))
    parts = [replace(request, pairs=some) for some in cut(request.pairs, offered.most_inputs)]
    return (yield from asked(setup, offered, parts))


def stance(setup: Setup, texts: Texts, target: str, asking: Judging) -> Flow[StanceResponse]:
    """Tell what texts think of something.

    Raises:
        ValueError: `hypothesis` has no place for the class.
    """
    from chat_core import stances  # noqa: PLC0415 - as in `classify`

    given = _own(asking)
    request = stances.request(setup.model, _texts(texts, "texts"), target, given.pop("hypothesis", None))
    try:
        return stances.read(target, (yield from _classified(setup, replace(request, **given))))
    except ChatError as error:
        if error.finished is not None:
            error.finished = stances.read(target, cast("ClassificationResponse", error.finished))
        raise


def tokenize(setup: Setup, texts: Texts, asking: Tokenizing) -> Flow[TokenizationResponse]:
    """Cut texts into tokens."""
    from chat_core.codec.tokenization import Tokenization, TokenizationRequest  # noqa: PLC0415 - few programs do

    offered = required(setup, Tokenization, capability(setup.provider, Tokenization))
    request = TokenizationRequest(model=setup.model, inputs=_texts(texts, "texts"), **_own(asking))
    parts = [replace(request, inputs=some) for some in cut(request.inputs, offered.most_inputs)]
    return (yield from asked(setup, offered, parts))


def _own(asking: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asking.items() if name not in Changes.__annotations__}


def _inputs(given: object) -> tuple[str | tuple[int, ...], ...]:
    """Return several texts or lists of token ids as they are, and one text as the only one.

    Raises:
        TypeError: something is neither: for programs without a type checker.
    """
    many = (given,) if isinstance(given, str) else tuple(cast("Iterable[object]", given))
    for item in many:
        if not isinstance(item, str | tuple | list):
            raise TypeError(f"inputs are texts or token ids of texts, and {type(item).__name__} is neither")
    return cast("tuple[str | tuple[int, ...], ...]", many)


def _texts(given: object, what: str) -> tuple[str, ...]:
    """Return several texts as they are, and one as the only one.

    Raises:
        TypeError: something is no text: for programs without a type checker.
    """
    many = (given,) if isinstance(given, str) else tuple(cast("Iterable[object]", given))
    for item in many:
        if not isinstance(item, str):
            raise TypeError(f"{what} are texts, and {type(item).__name__} is none")
    return cast("tuple[str, ...]", many)


def _pairs(given: object) -> tuple[tuple[str, str], ...]:
    many = tuple(cast("Iterable[object]", given))
    for item in many:
        match item:
            case (str(), str()):
                pass
            case _:
                raise TypeError(f"pairs are (premise, hypothesis), and {item!r:.80} is none")
    return tuple((premise, hypothesis) for premise, hypothesis in cast("tuple[tuple[str, str], ...]", many))
