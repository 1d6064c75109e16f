"""An encoder in memory: its tokenizer, its graph, and what its folder says of vectors or classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError, UnsupportedContent
from chat_local import kinds
from chat_local.encoders.batches import BUDGETS, Batches
from chat_local.encoders.classes import Classes, classes_of
from chat_local.encoders.graph import Graph
from chat_local.encoders.sentence import Sentence, sentence_of
from chat_local.encoders.texts import Texts
from chat_local.engine import runtime
from chat_local.layout import description

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.jsonvalue import JSONObject
    from chat_local.encoders.graph import Runs
    from chat_local.engine.runtime import Device, Settings
    from chat_local.layout import ModelFiles

LONGEST = 1 << 20
"""The largest number of tokens that is one: tokenizers that know no limit name a far larger one."""


@dataclass(slots=True)
class Encoder:
    """A model in memory that reads only.

    Attributes:
        files: where it came from.
        texts: its tokenizer.
        batches: reads texts.
        device: where it runs.
        gives_tokens: whether its graph gives what every token became, and not what the text did.
        width: how many numbers its graph gives for a token, a text, or a text's classes.
        sentence: how it makes vectors; `None` = it makes none.
        classes: what it tells apart; `None` = it sorts nothing.
        used: when it was last asked.
    """

    files: ModelFiles
    texts: Texts
    batches: Batches
    device: Device
    gives_tokens: bool
    width: int
    sentence: Sentence | None
    classes: Classes | None
    used: float = 0.0

    def retire(self) -> bool:
        """End its thread if it has nothing to do, and tell whether that was so."""
        return self.batches.retire()

    def close(self) -> None:
        """End what is being made, and its thread."""
        self.batches.close()

    @property
    def described(self) -> str:
        """What it is, for errors."""
        if self.classes is None:
            return "is an encoder, which makes vectors of texts"
        if self.classes.inference is not None:
            return "is trained for natural language inference"
        if len(self.classes.labels) == 1:
            return "is a cross-encoder, which scores pairs"
        return f"sorts texts into {', '.join(self.classes.labels[:5])}"


def load(files: ModelFiles, settings: Settings, *, service: str, budget: int | None = None) -> Encoder:
    """Load an encoder.

    Args:
        files: where it is.
        settings: how it is run.
        service: what it is wanted for, for errors.
        budget: tokens of a batch, padding included; `None` = what suits the device.

    Raises:
        ConfigurationError: it is no encoder, its files do not fit together, or it cannot be run with what is installed.
        Exception: as onnxruntime raises it, of a graph that is damaged.
    """
    if budget is not None and budget < 1:
        raise ConfigurationError(f"batch_tokens is {budget}, and has to be at least 1")
    refuse_writers(files, service)
    session, device = _session(files.graph, settings)
    try:
        graph = Graph(session, pad=_count(files.config, "pad_token_id") or 0)
    except UnsupportedContent as error:
        raise ConfigurationError(kinds.wrong(files.name, f"is none: {error.message}", service)) from None
    width = _width(session, graph)
    said = description(files.folder, "config_sentence_transformers.json")
    makes = graph.gives != "scores"
    sentence = sentence_of(files.folder) if makes else None
    lower = sentence is not None and sentence.lower
    return Encoder(
        files=files,
        texts=Texts(files.tokenizer, limit=_limit(files, None if sentence is None else sentence.limit), lower=lower),
        batches=Batches(graph, budget=BUDGETS[device.kind] if budget is None else budget),
        device=device,
        gives_tokens=graph.gives == "tokens",
        width=width,
        sentence=sentence,
        classes=None if makes else classes_of(files.folder, files.config, said, width),
    )


def refuse_writers(files: ModelFiles, service: str) -> None:
    """Refuse a model that writes text, before it is loaded.

    Raises:
        ConfigurationError: it does.
    """
    if kinds.writes(files.config):
        found = f"is a {kinds.architecture(files.config)}, which writes text"
        raise ConfigurationError(kinds.wrong(files.name, found, service))


def _session(graph: Path, settings: Settings) -> tuple[Runs, Device]:
    """Load a graph by the engine that is asked for, and say where it runs."""
    match settings.engine:
        case "own":
            loaded = runtime.load(graph, settings)
            return loaded.session, loaded.device
        case "openvino" | "openvino:bf16":
            from chat_local.encoders.openvino import OpenVINO  # noqa: PLC0415 - most never ask for it

            return OpenVINO(graph, settings), runtime.CPU
        case other:
            raise ConfigurationError(f"no encoder has the engine {other!r}: write own, openvino or openvino:bf16")


def _width(session: Runs, graph: Graph) -> int:
    """Return how many numbers the graph gives, which it mostly says; else it is tried."""
    last = next(value.shape[-1] for value in session.get_outputs() if value.name == graph.output)
    return last if isinstance(last, int) else graph.tried()


def _limit(files: ModelFiles, own: int | None) -> int:
    """Return how many tokens of a text are read: the smallest of all limits that the files name."""
    config = files.config
    places = _count(config, "max_position_embeddings")
    if places is not None and config.get("model_type") in PADDED:  # their first places are never used
        places -= (_count(config, "pad_token_id") or 0) + 1
    words = _count(files.tokenizer_config, "model_max_length")
    limits = [limit for limit in (own, places, words) if limit is not None and limit <= LONGEST]
    return min(limits, default=512)


PADDED = frozenset({"camembert", "longformer", "mpnet", "roberta", "roberta-prelayernorm", "xlm-roberta", "xmod"})
"""The kinds whose places are counted from behind the number of the padding token."""


def _count(config: JSONObject, name: str) -> int | None:
    value = config.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
