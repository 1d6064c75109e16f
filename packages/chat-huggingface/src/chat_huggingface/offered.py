"""What each kind of server offers beside chat, by protocol.

Law: the table decides, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_completions.models import CompletionsModels
from chat_completions.output import CompletionsOutput
from chat_core.codec.capabilities import Embeddings, Models, StructuredOutput, TokenCounter
from chat_core.codec.classification import Classification
from chat_core.codec.entailment import Entailments
from chat_core.codec.rerank import Rerank
from chat_core.codec.tokenization import Tokenization
from chat_huggingface.classification import TaskClassification
from chat_huggingface.count_tokens import ChatTokens
from chat_huggingface.embeddings import HuggingFaceEmbeddings
from chat_huggingface.entailment import HuggingFaceEntailments
from chat_huggingface.models import ServedModel
from chat_huggingface.predictions import ServerClassification
from chat_huggingface.rerank import HuggingFaceRerank
from chat_huggingface.tokenization import HuggingFaceTokenization

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_huggingface.presets import Server
    from chat_huggingface.provider import HuggingFace

_TASKS: Mapping[type, Callable[[HuggingFace], object]] = {
    Embeddings: HuggingFaceEmbeddings,
    Classification: TaskClassification,
    Entailments: HuggingFaceEntailments,
    Rerank: HuggingFaceRerank,
}

OFFERED: Mapping[Server, Mapping[type, Callable[[HuggingFace], object]]] = {
    "hf-inference": {**_TASKS, Models: CompletionsModels},
    "endpoint": _TASKS,
    "tei": {**_TASKS, Classification: ServerClassification, Tokenization: HuggingFaceTokenization, Models: ServedModel},
    "tgi": {Tokenization: HuggingFaceTokenization, TokenCounter: ChatTokens, Models: CompletionsModels},
}
"""Protocols and what implements them, by the server that answers."""


def offered(provider: HuggingFace) -> dict[type, object]:
    """Return the capabilities of a server."""
    found: dict[type, object] = {protocol: make(provider) for protocol, make in OFFERED[provider.server].items()}
    return found if provider.server == "tei" else {StructuredOutput: CompletionsOutput(provider.preset), **found}
