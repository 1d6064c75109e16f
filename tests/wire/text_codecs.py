"""The codecs of what services offer for texts beside chat: ranking, tokens, and the tasks of Hugging Face.

Law: a recorded request is read back through our own values, and spelled again by the code that users run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.codecs import Capability

from chat_completions import rerank, tokenization
from chat_completions.presets import COMPATIBLE, PRESETS
from chat_completions.provider import Completions
from chat_completions.settings import changed
from chat_core.codec.capabilities import EmbeddingRequest
from chat_core.codec.classification import ClassificationRequest
from chat_core.codec.rerank import RerankRequest
from chat_core.codec.tokenization import TokenizationRequest
from chat_huggingface import classification, embeddings
from chat_huggingface.provider import HuggingFace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wire.corpus import Exchange

    from chat_core.jsonvalue import JSON

_ANYWHERE = "https://llm.example/v1"
_UNKNOWN = tuple(f"document {place}" for place in range(100))
"""Documents of a request that is not known: replies name them by their places."""


def text_codec(exchange: Exchange) -> Capability:
    """Return the codec of an exchange about texts."""
    return _CODECS[exchange.wire](exchange)


def _rerank(exchange: Exchange) -> Capability:
    row = PRESETS.get(exchange.api.removesuffix("-rerank"), COMPATIBLE)
    offered = rerank.CompletionsRerank(Completions(row, base_url=_ANYWHERE))
    asked = exchange.asked
    request = RerankRequest(model="", query="", documents=_UNKNOWN) if asked is None else offered.parse(asked)
    return Capability(
        offered.provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request)) if asked is not None else None,
        "openai_rerank",
        rerank.IGNORED,
    )


def _tokens(exchange: Exchange) -> Capability:
    settings: dict[str, JSON] = {"tokenization": exchange.wire.removesuffix("-tokenize")}
    offered = tokenization.CompletionsTokenization(Completions(changed(COMPATIBLE, settings), base_url=_ANYWHERE))
    asked = exchange.asked
    request = TokenizationRequest(model="", inputs=("",)) if asked is None else offered.parse(asked)
    return Capability(
        offered.provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request)) if asked is not None else None,
        "openai_tokenization",
        tokenization.IGNORED,
    )


def _features(exchange: Exchange) -> Capability:
    offered = embeddings.HuggingFaceEmbeddings(HuggingFace())
    model = exchange.path.partition("/feature-extraction/")[2]
    asked = exchange.asked
    request = EmbeddingRequest(model=model, inputs=("",)) if asked is None else offered.parse(asked, model=model)
    return Capability(
        offered.provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request)) if asked is not None else None,
        "huggingface_tasks",
        embeddings.IGNORED,
    )


def _tasks(_: Exchange) -> Capability:
    offered = classification.TaskClassification(HuggingFace())
    request = ClassificationRequest(model="", inputs=("",))
    return Capability(
        offered.provider,
        lambda reply: offered.decode(request, reply),
        None,
        "huggingface_tasks",
        classification.IGNORED,
    )


_CODECS: dict[str, Callable[[Exchange], Capability]] = {
    "cohere-rerank": _rerank,
    "together-rerank": _rerank,
    "cohere-tokenize": _tokens,
    "huggingface-feature-extraction": _features,
    "huggingface-tasks": _tasks,
}
