"""What local models offer beside chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.capabilities import Embeddings, Models, StructuredOutput, TokenCounter
from chat_core.codec.classification import Classification
from chat_core.codec.entailment import Entailments
from chat_core.codec.rerank import Rerank
from chat_core.codec.tokenization import Tokenization
from chat_local.classification import LocalClassification
from chat_local.count_tokens import LocalTokenCounter
from chat_local.embeddings import LocalEmbeddings
from chat_local.entailment import LocalEntailments
from chat_local.models import LocalModels
from chat_local.output import LocalOutput
from chat_local.rerank import LocalRerank
from chat_local.tokenization import LocalTokenization

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_local.provider import Local


def offers(provider: Local) -> Mapping[type, object]:
    """Return the capabilities, by protocol."""
    return {
        Classification: LocalClassification(provider),
        Embeddings: LocalEmbeddings(provider),
        Entailments: LocalEntailments(provider),
        Models: LocalModels(provider),
        Rerank: LocalRerank(provider),
        StructuredOutput: LocalOutput(),
        TokenCounter: LocalTokenCounter(provider),
        Tokenization: LocalTokenization(provider),
    }
