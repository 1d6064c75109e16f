"""The services of encoders: a request of the local wire → its reply.

The wire: a JSON object in, one out; behind the object of `embed` and a line's end stand the vectors, 32-bit floats with
their low byte first, so that they are never written as text.

Law: what was cut or assumed is in `notices`. A model that cannot do what is asked is a `ConfigurationError` that says
what it is, and what can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from chat_core.codec.wire import dump
from chat_core.errors import ConfigurationError, UnsupportedContent
from chat_local import kinds
from chat_local.asking import int_of, object_of
from chat_local.encoders.pooling import MODES, pooled, unit
from chat_local.encoders.scores import sigmoid, softmax, zero_shot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.encoders.batches import Job
    from chat_local.encoders.classes import Classes, Inference, Meaning
    from chat_local.encoders.loaded import Encoder
    from chat_local.encoders.pooling import Mode
    from chat_local.encoders.sentence import Sentence
    from chat_local.encoders.texts import Cut, Reading, Stop, Text

    Exact = NDArray[np.float64]
    Floats = NDArray[np.float32]
    Lengths = NDArray[np.int64]

AHEAD = 1024
"""Texts that are made tokens while those before them are read: a GPU is as fast at the one as the CPU at the other."""

HYPOTHESIS = "This example is {}."
"""What is said of a text, with `{}` for a class (source: transformers' zero-shot pipeline)."""


def embed(encoder: Encoder, asked: JSONObject, stop: Stop) -> bytes:
    """Make vectors.

    Raises:
        ConfigurationError: the model makes none, or has no such prompt.
        UnsupportedContent: they cannot have so many numbers.
    """
    sentence = encoder.sentence
    if sentence is None:
        raise ConfigurationError(kinds.wrong(encoder.files.name, encoder.described, "embed"))
    inputs = _texts(asked, "inputs")
    notices: list[JSON] = []
    prompt = _prompt(sentence, asked, notices)
    modes = _modes(encoder, sentence, asked, notices)
    skip = encoder.texts.prompt_length(prompt) if prompt and not sentence.include_prompt else 0
    read = _reader(sentence, modes, skip, gives_tokens=encoder.gives_tokens)
    vectors, readings = _read(encoder, [prompt + text for text in inputs] if prompt else inputs, read, stop)
    vectors = _shortened(vectors, asked, is_unit=sentence.is_unit)
    sizes: JSONObject = {"count": len(vectors), "dimensions": vectors.shape[1]}
    head = dump(sizes | _common(encoder, readings, notices))
    return head + b"\n" + np.ascontiguousarray(vectors, "<f4").tobytes()


def classify(encoder: Encoder, asked: JSONObject, stop: Stop) -> bytes:
    """Sort texts into classes, the model's own or given ones.

    Raises:
        ConfigurationError: the model does not.
    """
    labels, inputs = _words(asked, "labels"), _texts(asked, "inputs")
    if labels:
        names: Sequence[str] = labels
        scores, readings = _zero_shot(encoder, inputs, labels, asked, stop)
    else:
        classes = _classes(encoder, "classify")
        names = classes.labels
        logits, readings = _logits(encoder, inputs, stop)
        scores = _meant(logits, "sigmoid" if asked.get("multi_label") is True else classes.meaning)
    results: list[JSON] = [_best(names, row, int_of(asked.get("top_n"))) for row in scores]
    return dump({"results": results, **_common(encoder, readings, [])})


def entail(encoder: Encoder, asked: JSONObject, stop: Stop) -> bytes:
    """Compare sentences.

    Raises:
        ConfigurationError: the model is not trained for that.
    """
    found = _inference(encoder, "entail")
    logits, readings = _logits(encoder, _pairs(asked), stop, cut="only_first")
    names = {"entailment": found.entailment, "neutral": found.neutral, "contradiction": found.contradiction}
    kept = {name: place for name, place in names.items() if place is not None}
    scores = softmax(logits)[:, [*kept.values()]] if len(logits) else logits
    results: list[JSON] = [dict(zip(kept, map(float, row), strict=True)) for row in scores]
    return dump({"results": results, **_common(encoder, readings, [])})


def rerank(encoder: Encoder, asked: JSONObject, stop: Stop) -> bytes:
    """Order documents by a query.

    Raises:
        ConfigurationError: the model is no cross-encoder.
    """
    classes = _classes(encoder, "rerank")
    if len(classes.labels) != 1:
        raise ConfigurationError(kinds.wrong(encoder.files.name, encoder.described, "rerank"))
    query = str(asked.get("query"))
    logits, readings = _logits(encoder, [(query, text) for text in _texts(asked, "documents")], stop)
    scores = _meant(logits[:, 0], classes.ranking) if len(logits) else np.empty(0)
    order = np.argsort(-scores, kind="stable")[: int_of(asked.get("top_n"))]
    results: list[JSON] = [{"index": int(place), "score": float(scores[place])} for place in order]
    return dump({"results": results, **_common(encoder, readings, [])})


SERVICES: Mapping[str, Callable[[Encoder, JSONObject, Stop], bytes]] = {
    "classify": classify,
    "embed": embed,
    "entail": entail,
    "rerank": rerank,
}
"""The services, by the last word of their address."""


def _prompt(sentence: Sentence, asked: JSONObject, notices: list[JSON]) -> str:
    purpose = asked.get("purpose")
    prompt, known = sentence.prompt(purpose if isinstance(purpose, str) else None)
    if not known:
        reason = "the model has no prompts: queries and documents are read alike"
        notices.append({"feature": "purpose", "requested": purpose, "reason": reason})
    return prompt


def _modes(encoder: Encoder, sentence: Sentence, asked: JSONObject, notices: list[JSON]) -> tuple[Mode, ...]:
    """Return how tokens become a vector: as asked, else as the model's folder says."""
    match object_of(asked, "options").get("pooling"):
        case None:
            if sentence.assumed and encoder.gives_tokens:
                reason = "the model's folder does not say how its vectors are made: it has no modules.json"
                notices.append({"feature": "pooling", "applied": [*sentence.modes], "reason": reason})
            return sentence.modes
        case str(word) if word in MODES:
            return (cast("Mode", word),)
        case other:
            raise UnsupportedContent(f"there is no pooling {other!r}, only {', '.join(MODES)}")


def _reader(
    sentence: Sentence, modes: Sequence[Mode], skip: int, *, gives_tokens: bool
) -> Callable[[Floats, Lengths], Floats]:
    """Return what makes vectors of what the graph gives."""

    def read(found: Floats, lengths: Lengths) -> Floats:
        if not gives_tokens:  # the graph has the steps in it; the last one may be left to whoever runs it
            return unit(found) if sentence.is_unit else found
        vectors = pooled(found, lengths, modes, skip)
        for step in sentence.steps:
            vectors = step(vectors)
        return vectors

    return read


def _shortened(vectors: Floats, asked: JSONObject, *, is_unit: bool) -> Floats:
    """Cut vectors to the length that is asked for; those of length 1 have it again."""
    wanted = int_of(asked.get("dimensions"))
    if wanted is None or not len(vectors):
        return vectors
    if not 0 < wanted <= vectors.shape[1]:
        raise UnsupportedContent(f"dimensions={wanted}, and the model's vectors have 1 to {vectors.shape[1]} numbers")
    cut = vectors[:, :wanted]
    return unit(cut) if is_unit else cut


def _zero_shot(
    encoder: Encoder, inputs: Sequence[str], labels: Sequence[str], asked: JSONObject, stop: Stop
) -> tuple[Exact, list[Reading]]:
    """Ask of every text and label whether the label's sentence follows from the text."""
    found = _inference(encoder, "zero-shot")
    said = asked.get("hypothesis")
    hypothesis = said if isinstance(said, str) else HYPOTHESIS
    pairs = [(text, hypothesis.replace("{}", label)) for text in inputs for label in labels]
    logits, readings = _logits(encoder, pairs, stop, cut="only_first")
    if not len(logits):
        return logits, readings
    apart = logits.reshape(len(inputs), len(labels), -1)
    scores = zero_shot(apart, found.entailment, found.contradiction, apart=asked.get("multi_label") is True)
    return scores, readings


def _logits(
    encoder: Encoder, texts: Sequence[Text], stop: Stop, *, cut: Cut = "longest_first"
) -> tuple[Exact, list[Reading]]:
    found, readings = _read(encoder, texts, lambda found, _: found, stop, cut=cut)
    return (found.astype(np.float64) if readings else np.empty((0, encoder.width))), readings


def _read(
    encoder: Encoder,
    texts: Sequence[Text],
    read: Callable[[Floats, Lengths], Floats],
    stop: Stop,
    *,
    cut: Cut = "longest_first",
) -> tuple[Floats, list[Reading]]:
    """Read texts as `Batches.run` does, each `AHEAD` of them while the next ones are made tokens.

    Returns:
        A row for each text, and the texts as they were read; no rows have no width.

    Raises:
        ConfigurationError: what comes out is no number.
    """
    readings: list[Reading] = []
    rows: list[Floats] = []
    before: list[Job] = []
    with encoder.batches.held():
        for start in range(0, len(texts), AHEAD):
            readings += (some := encoder.texts.encode(texts[start : start + AHEAD], stop, cut=cut))
            before.append(encoder.batches.submit(some, read, stop))
            rows += [job.result() for job in before[:-1]]
            del before[:-1]
        rows += [job.result() for job in before]
    found = np.concatenate(rows) if rows else np.empty((0, 0), np.float32)
    if not np.isfinite(found).all():
        reason = "weights that are damaged, or a variant in fewer bits than the model can be counted in"
        raise ConfigurationError(f"{encoder.files.name} gives numbers that are none (NaN or infinite): {reason}")
    return found, readings


def _classes(encoder: Encoder, service: str) -> Classes:
    if encoder.classes is None:
        raise ConfigurationError(kinds.wrong(encoder.files.name, encoder.described, service))
    return encoder.classes


def _inference(encoder: Encoder, service: str) -> Inference:
    found = None if encoder.classes is None else encoder.classes.inference
    if found is None:
        raise ConfigurationError(kinds.wrong(encoder.files.name, encoder.described, service))
    return found


def _meant(logits: Exact, meaning: Meaning) -> Exact:
    match meaning:
        case "raw":
            return logits
        case "sigmoid":
            return sigmoid(logits)
        case "softmax":
            return softmax(logits)


def _best(names: Sequence[str], scores: Exact, top_n: int | None) -> JSONObject:
    order = np.argsort(-scores, kind="stable")[:top_n]
    labels: list[JSON] = [names[int(place)] for place in order]
    return {"labels": labels, "scores": [float(scores[place]) for place in order]}


def _common(encoder: Encoder, readings: Sequence[Reading], notices: list[JSON]) -> JSONObject:
    """Return what every reply says."""
    if cut := sum(reading.cut for reading in readings):
        reason = f"{cut} of {len(readings)} texts are longer than the {encoder.texts.limit} tokens that the model reads"
        notices = [*notices, {"feature": "inputs", "requested": len(readings), "applied": "cut", "reason": reason}]
    return {
        "model": encoder.files.name,
        "usage": {"prompt_tokens": sum(reading.length for reading in readings)},
        "notices": notices,
        "device": str(encoder.device),
        "variant": encoder.files.variant,
    }


def _texts(asked: JSONObject, name: str) -> list[str]:
    match asked.get(name):
        case list(items) if all(isinstance(item, str) for item in items):
            return cast("list[str]", items)
        case other:
            raise UnsupportedContent(f"{name} has to be a list of texts, and is {type(other).__name__}")


def _words(asked: JSONObject, name: str) -> list[str]:
    return [] if asked.get(name) is None else _texts(asked, name)


def _pairs(asked: JSONObject) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    pairs = asked.get("pairs")
    for item in pairs if isinstance(pairs, list) else [pairs]:
        match item:
            case [str(premise), str(hypothesis)]:
                found.append((premise, hypothesis))
            case _:
                raise UnsupportedContent("pairs has to be a list of premises, each with its hypothesis")
    return found
