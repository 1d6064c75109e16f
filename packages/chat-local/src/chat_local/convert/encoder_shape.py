"""What an encoder looks like, as its `config.json` says: models that read a text at once, and write none.

Law: as `shape`: a setting that changes what the model computes is understood or refused, and never passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.errors import ConfigurationError
from chat_local.convert.shape import number, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSONObject

Activation: TypeAlias = Literal["gelu", "tanh_gelu", "relu", "tanh"]

OTHERS = "export it elsewhere, with pip install 'chat-local[optimum]' and optimum-cli for one"
"""What makes graphs of the other kinds."""

ACTIVATIONS: Mapping[str, Activation] = {
    "gelu": "gelu",
    "gelu_new": "tanh_gelu",
    "gelu_fast": "tanh_gelu",
    "gelu_pytorch_tanh": "tanh_gelu",
    "relu": "relu",
}
"""What a `config.json` calls what is between the two halves of a layer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a family calls its weights; `{}` stands for the number of a layer.

    Attributes:
        prefix: what stands before the names of all but the head's, in models that have a head.
        layer: where layers are.
        query, key, value, out: the four products of attention, within a layer.
        attended: the norm after attention.
        up, down: the two products of the second half.
        ended: the norm after it.
        head: the products of the classes' head, with what comes after each but the last.
        sizes: what its `config.json` calls layers, width, inner, heads, and the activation.
    """

    prefix: str
    layer: str = "encoder.layer.{}"
    query: str = "attention.self.query"
    key: str = "attention.self.key"
    value: str = "attention.self.value"
    out: str = "attention.output.dense"
    attended: str = "attention.output.LayerNorm"
    up: str = "intermediate.dense"
    down: str = "output.dense"
    ended: str = "output.LayerNorm"
    head: tuple[tuple[str, Activation], ...] = (("classifier.dense", "tanh"),)
    scores: str = "classifier.out_proj"
    sizes: tuple[str, str, str, str, str] = (
        "num_hidden_layers", "hidden_size", "intermediate_size", "num_attention_heads", "hidden_act",
    )  # fmt: skip


_ROBERTA = Names(prefix="roberta.")

FAMILIES: Mapping[str, Names] = {
    "bert": Names(prefix="bert.", head=(("bert.pooler.dense", "tanh"),), scores="classifier"),
    "camembert": _ROBERTA,
    "distilbert": Names(
        prefix="distilbert.",
        layer="transformer.layer.{}",
        query="attention.q_lin",
        key="attention.k_lin",
        value="attention.v_lin",
        out="attention.out_lin",
        attended="sa_layer_norm",
        up="ffn.lin1",
        down="ffn.lin2",
        ended="output_layer_norm",
        head=(("pre_classifier", "relu"),),
        scores="classifier",
        sizes=("n_layers", "dim", "hidden_dim", "n_heads", "activation"),
    ),
    "mpnet": Names(
        prefix="mpnet.",
        query="attention.attn.q",
        key="attention.attn.k",
        value="attention.attn.v",
        out="attention.attn.o",
        attended="attention.LayerNorm",
    ),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
}
"""The kinds of encoders that are converted, by `model_type`."""

PADDED = frozenset({"camembert", "mpnet", "roberta", "xlm-roberta"})
"""The kinds whose places are counted from behind the number of the padding token."""

UNTYPED = frozenset({"distilbert", "mpnet"})
"""The kinds that do not tell the two texts of a pair apart."""

BUCKETS, FURTHEST = 32, 128
"""How MPNet tells distances: that many kinds of them, alike from here on (source: transformers)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """The sizes of an encoder.

    Attributes:
        family: its `model_type`.
        names: what its weights are called.
        layers, width, inner, heads: how many layers, how wide outside and inside, and how many heads.
        vocabulary: how many tokens it knows.
        places: rows of its table of places, the unused ones included.
        first: the place of the first token.
        types: kinds of texts that it tells apart; 0 = it has no table of them.
        epsilon: what keeps norms from dividing by nothing.
        activation: what is between the two halves of a layer.
        classes: how many classes its head tells apart; `None` = it has none.
    """

    family: str
    names: Names
    layers: int
    width: int
    inner: int
    heads: int
    vocabulary: int
    places: int
    first: int
    types: int
    epsilon: float
    activation: Activation
    classes: int | None


def is_encoder(config: JSONObject) -> bool:
    """Tell whether a `config.json` is of a kind of encoders that is converted."""
    return config.get("model_type") in FAMILIES


def encoder_of(config: JSONObject) -> Encoder:
    """Read a `config.json`, of which `is_encoder` is true.

    Raises:
        ConfigurationError: it says what is not understood.
    """
    family = str(config["model_type"])
    names = FAMILIES[family]
    layers, width, inner, heads, activation = names.sizes
    act = config.get(activation, "gelu")
    if act not in ACTIVATIONS:
        raise ConfigurationError(f"the activation {act!r} is not converted here: {OTHERS}")
    _refuse_others(config, family)
    pad = config.get("pad_token_id", 1)
    return Encoder(
        family=family,
        names=names,
        layers=whole(config, layers),
        width=whole(config, width),
        inner=whole(config, inner),
        heads=whole(config, heads),
        vocabulary=whole(config, "vocab_size"),
        places=whole(config, "max_position_embeddings", 512),
        first=(pad if isinstance(pad, int) else 1) + 1 if family in PADDED else 0,
        types=0 if family in UNTYPED else whole(config, "type_vocab_size", 2),
        epsilon=number(config.get("layer_norm_eps", 1e-12)),
        activation=ACTIVATIONS[str(act)],
        classes=_classes(config),
    )


def _refuse_others(config: JSONObject, family: str) -> None:
    if config.get("position_embedding_type", "absolute") != "absolute" or config.get("sinusoidal_pos_embds") is True:
        raise ConfigurationError(f"a {family} that tells places by other than a table is not converted here: {OTHERS}")
    if config.get("is_decoder") is True or config.get("add_cross_attention") is True:
        raise ConfigurationError(f"a {family} that writes text is not converted here: {OTHERS}")
    if config.get("quantization_config") is not None:
        raise ConfigurationError("weights that are quantised already are not converted: use the model's own weights")
    if family == "mpnet" and config.get("relative_attention_num_buckets", BUCKETS) != BUCKETS:
        raise ConfigurationError(f"an mpnet with other than {BUCKETS} kinds of distances is not converted: {OTHERS}")


def _classes(config: JSONObject) -> int | None:
    """Return how many classes the head tells apart, where there is one."""
    match config.get("architectures"):
        case [str(kind), *_]:
            pass
        case _:
            return None
    if kind.endswith("ForSequenceClassification"):
        match config.get("id2label"), config.get("num_labels"):
            case dict(labels), _ if labels:
                return len(labels)
            case _, int(count) if count > 0:
                return count
            case _:
                return 2  # what transformers takes, and leaves out when it writes
    if kind.endswith(("Model", "ForMaskedLM", "ForPreTraining")):
        return None
    raise ConfigurationError(f"a {kind} is not converted here, only encoders and ForSequenceClassification: {OTHERS}")
