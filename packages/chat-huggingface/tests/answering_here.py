"""A server of our own on loopback that speaks as Text Embeddings Inference does, with a model that is a few rules.

It is no such server: its shapes, its limits and its errors are those that the project documents, its numbers are ours.
"""

from __future__ import annotations

import json
import math
from typing import Any, TypeAlias

from chat_core.testing.loopback import Answer, Asked, Loopback

Body: TypeAlias = "dict[str, Any]"
Rows: TypeAlias = "list[Any] | dict[str, Any]"

BATCH = 4
"""Most inputs that it takes at once: the real ones begin with 32."""

CLASSES = ("contradiction", "neutral", "entailment")


class Tei(Loopback):
    """Answers each request after its path and body."""

    def __init__(self, classes: tuple[str, ...] = CLASSES) -> None:
        super().__init__(Answer())
        self._classes = classes

    def next(self) -> Answer:
        asked = self.asked[-1]
        answer = _TASKS.get(asked.path)
        if answer is None:
            return Answer(status=404)
        body: Body = json.loads(asked.body) if asked.body else {}
        count = len(body.get("inputs") or body.get("texts") or ())
        if count > BATCH:
            return refused(413, f"batch size {count} > maximum allowed batch size {BATCH}", "validation")
        return said(answer(self, body), tokens=count)

    @property
    def bodies(self) -> list[Any]:
        """What was asked."""
        return [json.loads(asked.body) for asked in self.asked]

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    def info(self, _: Body) -> Rows:
        return {"model_id": "owner/model", "model_type": {"embedding": {"pooling": "mean"}}, "max_input_length": 512}

    def embed(self, body: Body) -> Rows:
        prompt = body.get("prompt_name", "")
        vectors = [_vector(f"{prompt}{text}") for text in body["inputs"]]
        return [vector[: body.get("dimensions")] for vector in vectors]

    def predict(self, body: Body) -> Rows:
        return [self._judged(row, raw=body.get("raw_scores", False)) for row in body["inputs"]]

    def rerank(self, body: Body) -> Rows:
        scores = [_overlap(body["query"], text) for text in body["texts"]]
        return sorted(
            ({"index": index, "score": score} for index, score in enumerate(scores)),
            key=lambda row: row["score"],
            reverse=True,
        )

    def tokenize(self, body: Body) -> Rows:
        return [_tokens(text, special=body.get("add_special_tokens", True)) for text in body["inputs"]]

    def _judged(self, row: list[str], *, raw: bool) -> Rows:
        """Judge one text by its length, or a pair by the words that it shares: the best class first."""
        shared = _overlap(*row) if len(row) > 1 else float(len(row[0]))
        logits = [1 - shared, 0.5, shared][: len(self._classes)]
        total = sum(map(math.exp, logits))
        scores = logits if raw else [math.exp(logit) / total for logit in logits]
        rows: list[Any] = [{"label": name, "score": score} for name, score in zip(self._classes, scores, strict=True)]
        return sorted(rows, key=lambda item: -item["score"])


_TASKS = {
    "/embed": Tei.embed,
    "/info": Tei.info,
    "/predict": Tei.predict,
    "/rerank": Tei.rerank,
    "/tokenize": Tei.tokenize,
}


def said(data: Rows, *, tokens: int | None = None) -> Answer:
    counted = {} if tokens is None else {"x-compute-tokens": str(tokens)}
    return Answer(headers={"content-type": "application/json", **counted}, pieces=(json.dumps(data).encode(),))


def refused(status: int, words: str, kind: str) -> Answer:
    body = json.dumps({"error": words, "error_type": kind}).encode()
    return Answer(status=status, headers={"content-type": "application/json"}, pieces=(body,))


def _vector(text: str) -> list[float]:
    return [float(text.count(letter)) for letter in "aeiou"]


def _overlap(one: str, other: str) -> float:
    return float(len(set(one.lower().split()) & set(other.lower().strip(".").split())))


def _tokens(text: str, *, special: bool) -> list[Any]:
    """Cut at spaces, and count places in characters."""
    found: list[Any] = []
    at = 0
    for word in text.split(" "):
        found.append({"id": len(word), "text": word, "special": False, "start": at, "stop": at + len(word)})
        at += len(word) + 1
    end = {"id": 1, "text": "</s>", "special": True, "start": None, "stop": None}
    return [*found, end] if special else found
