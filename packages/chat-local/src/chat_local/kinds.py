"""What kind of model a folder holds, as its descriptions say: one that writes text, or one that only reads.

Law: nothing is loaded to know it. What a description does not say, the graph says later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.jsonvalue import JSONObject

WRITING = ("ForCausalLM", "ForConditionalGeneration", "LMHeadModel")
"""The ends of the names of architectures that write text."""

READING = ("ForMaskedLM", "ForPreTraining", "ForSequenceClassification", "Model")
"""The ends of the names of those that only read."""

_INFERENCE = "a model trained for natural language inference, such as local:cross-encoder/nli-distilroberta-base"

EXAMPLES = {
    "embed": "a model of sentences, such as local:sentence-transformers/all-MiniLM-L6-v2",
    "classify": "a model that sorts texts, such as local:distilbert/distilbert-base-uncased-finetuned-sst-2-english",
    "entail": _INFERENCE,
    "rerank": "a cross-encoder, such as local:cross-encoder/ms-marco-MiniLM-L6-v2",
    "zero-shot": _INFERENCE,
}
"""What each service needs, with a model of the hub that has it."""

SAID = {"zero-shot": "sorting into given labels"}
"""What services are called in errors, where it is not their own name."""


def architecture(config: JSONObject) -> str | None:
    """Return the name of a model's architecture; `None` = it does not say."""
    match config.get("architectures"), config.get("model_type"):
        case [str(name), *_], _:
            return name
        case _, str(name):
            return name
        case _:
            return None


def writes(config: JSONObject) -> bool:
    """Tell whether a model is said to write text."""
    return (architecture(config) or "").endswith(WRITING)


def reads(config: JSONObject, files: Iterable[str]) -> bool:
    """Tell whether a model is said to read only.

    Args:
        config: its `config.json`.
        files: what else is there.
    """
    name = architecture(config) or ""
    return "modules.json" in files or (not name.endswith(WRITING) and name.endswith(READING))


def wrong(name: object, found: str, service: str) -> str:
    """Say that a model cannot do something, what it is, and what can."""
    return f"{name} {found}, and {SAID.get(service, service)} needs {EXAMPLES[service]}"
