"""Every leaf of a task's reply is told, or a table says why not: one is changed at a time, and the result with it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Self

import pytest

from chat_core.codec.capabilities import EmbeddingRequest
from chat_core.codec.classification import ClassificationRequest
from chat_core.codec.entailment import EntailmentRequest
from chat_core.codec.rerank import RerankRequest
from chat_core.codec.tokenization import TokenizationRequest
from chat_core.codec.wire import WireResponse
from chat_core.errors import ChatError
from chat_core.messages import user
from chat_core.request import Request
from chat_core.testing.leaves import lost_in_document
from chat_huggingface import classification, count_tokens, rerank
from chat_huggingface.classification import TaskClassification
from chat_huggingface.count_tokens import ChatTokens
from chat_huggingface.embeddings import HuggingFaceEmbeddings
from chat_huggingface.entailment import HuggingFaceEntailments
from chat_huggingface.models import ServedModel
from chat_huggingface.predictions import ServerClassification
from chat_huggingface.provider import HuggingFace
from chat_huggingface.rerank import HuggingFaceRerank
from chat_huggingface.tokenization import HuggingFaceTokenization

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON

TASKS = HuggingFace()
TEI = HuggingFace(server="tei", base_url="http://localhost:8080")
TGI = HuggingFace(server="tgi", base_url="http://localhost:8080")
NLI: JSON = [
    {"label": "entailment", "score": 0.5, "new": 1},
    {"label": "neutral", "score": 0.375},
    {"label": "contradiction", "score": 0.125},
]
TOKEN: JSON = {"id": 7, "text": "hi", "special": True, "start": 0, "stop": 2, "new": 1}
TEXTS = ("a", "b")
OWN = ClassificationRequest(model="owner/m", inputs=("a",))
GIVEN = ClassificationRequest(model="owner/m", inputs=("a",), labels=TEXTS)
PAIR = EntailmentRequest(model="owner/m", pairs=(TEXTS,))
RANKED = RerankRequest(model="owner/m", query="q", documents=TEXTS)
CUT = TokenizationRequest(model="owner/m", inputs=("hi",))
ASKED = Request(model="m", messages=(user("Hi"),))
CASES: dict[str, tuple[JSON, Callable[[WireResponse], object]]] = {
    "vectors": (
        [[0.5, 1.5], [2.5, 3.5]],
        lambda reply: HuggingFaceEmbeddings(TASKS).decode(EmbeddingRequest(model="owner/m", inputs=TEXTS), reply),
    ),
    "classes": ([NLI], lambda reply: TaskClassification(TASKS).decode(OWN, reply)),
    "given labels": (
        {"sequence": "a", "labels": ["a", "b"], "scores": [0.75, 0.25], "new": 1},
        lambda reply: TaskClassification(TASKS).decode(GIVEN, reply),
    ),
    "classes of a server": ([NLI], lambda reply: ServerClassification(TEI).decode(OWN, reply)),
    "given labels of a server": ([NLI, NLI], lambda reply: ServerClassification(TEI).decode(GIVEN, reply)),
    "entailment": ([NLI], lambda reply: HuggingFaceEntailments(TASKS).decode(PAIR, reply)),
    "an order": (
        [{"index": 1, "score": 0.5, "text": "b", "new": 1}, {"index": 0, "score": 0.25}],
        lambda reply: HuggingFaceRerank(TEI).decode(RANKED, reply),
    ),
    "similar sentences": ([0.5, 0.25], lambda reply: HuggingFaceRerank(TASKS).decode(RANKED, reply)),
    "tokens": ([[TOKEN]], lambda reply: HuggingFaceTokenization(TEI).decode(CUT, reply)),
    "a count": (
        {"tokenize_response": [TOKEN], "templated_text": "<s>", "new": 1},
        lambda reply: ChatTokens(TGI).decode(ASKED, reply),
    ),
    "a model": (
        {"model_id": "owner/m", "max_input_length": 512, "model_type": {"embedding": {"pooling": "mean"}}},
        ServedModel(TEI).decode,
    ),
}
STATED = {*classification.IGNORED, *rerank.IGNORED, *count_tokens.IGNORED}
BELOW = tuple(f"{path}[]" for path in count_tokens.IGNORED)


@dataclass(frozen=True)
class Told:
    value: object = None
    error: ChatError | None = None

    def same(self, other: Self) -> bool:
        return (self.value, repr(self.error)) == (other.value, repr(other.error))


@pytest.mark.parametrize("name", CASES)
def test_a_leaf_that_changes_changes_the_result(name: str) -> None:
    document, read = CASES[name]

    def decode(body: bytes) -> Told:
        try:
            return Told(read(WireResponse(body=body)))
        except ChatError as error:
            return Told(error=error)

    lost = set(lost_in_document(document, decode, Random(1)))
    assert {path for path in lost - STATED if not path.startswith(BELOW)} == set()
