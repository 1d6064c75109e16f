"""What a decoder looks like, as its `config.json` says; kinds that this converter does not know are refused.

Law: a setting that changes what the model computes is understood or refused, and never passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from chat_core.jsonvalue import JSON, JSONObject

    Floats = NDArray[np.float32]

FAMILIES: Mapping[str, str] = {
    "llama": "LlamaForCausalLM",
    "mistral": "MistralForCausalLM",
    "qwen2": "Qwen2ForCausalLM",
    "qwen3": "Qwen3ForCausalLM",
}
"""The kinds of models that are converted, by `model_type`."""

OTHERS = (
    "pip install 'chat-local[export]' and use onnxruntime-genai's builder, or 'chat-local[optimum]' and optimum-cli"
)
"""What makes graphs of the other kinds."""


HEAD_STEP = 16
"""What the numbers in a head are a multiple of (source: onnxruntime's attention on a CPU)."""

MAX_LENGTH = 1 << 21
"""The longest context: the table of its places is a part of the graph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """The sizes of a decoder.

    Attributes:
        family: its `model_type`.
        layers, width, inner: how many layers, how wide they are outside, and inside of their second half.
        heads, kv_heads, head: heads of queries, heads of keys and values, and numbers in a head.
        vocabulary: how many tokens it knows.
        longest: the longest context.
        epsilon: what keeps norms from dividing by nothing.
        tied: whether the table of tokens serves at the end as well.
        normed: whether queries and keys are normed, as in Qwen 3.
        rope: how places are told: what `config.json` says of it.
        theta: the base of their angles.
        window: how far back a layer sees; `None` = to the beginning.
    """

    family: str
    layers: int
    width: int
    inner: int
    heads: int
    kv_heads: int
    head: int
    vocabulary: int
    longest: int
    epsilon: float
    tied: bool
    normed: bool
    rope: JSONObject
    theta: float
    window: int | None


def decoder_of(config: JSONObject) -> Decoder:
    """Read a `config.json`.

    Raises:
        ConfigurationError: it is of a kind that is not converted here, or says what is not understood.
    """
    family = config.get("model_type")
    if not isinstance(family, str) or family not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise ConfigurationError(f"models of the kind {family!r} are not converted here, only {known}: {OTHERS}")
    act = config.get("hidden_act", "silu")
    if act != "silu":
        raise ConfigurationError(f"the activation {act!r} is not converted here: {OTHERS}")
    if config.get("quantization_config") is not None:
        raise ConfigurationError("weights that are quantised already are not converted: use the model's own weights")
    heads, width = whole(config, "num_attention_heads"), whole(config, "hidden_size")
    head = config.get("head_dim")
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    rope = rope if isinstance(rope, dict) else {}
    if any(found.get("partial_rotary_factor", 1.0) != 1.0 for found in (rope, config)):
        raise ConfigurationError(f"a {family} that tells places by a part of its heads is not converted here: {OTHERS}")
    theta = rope.get("rope_theta", config.get("rope_theta", 10_000.0))
    made = Decoder(
        family=family,
        layers=whole(config, "num_hidden_layers"),
        width=width,
        inner=whole(config, "intermediate_size"),
        heads=heads,
        kv_heads=whole(config, "num_key_value_heads", heads),
        head=head if isinstance(head, int) else width // heads,
        vocabulary=whole(config, "vocab_size"),
        longest=whole(config, "max_position_embeddings", 2048),
        epsilon=number(config.get("rms_norm_eps", 1e-6)),
        tied=config.get("tie_word_embeddings", False) is True,
        normed=family == "qwen3",
        rope=rope,
        theta=number(theta),
        window=_window(config),
    )
    if made.head % HEAD_STEP or heads % made.kv_heads or made.longest > MAX_LENGTH:
        raise ConfigurationError(
            f"{heads} heads of {made.head} over {made.kv_heads}, {made.longest} places: not converted here: {OTHERS}"
        )
    return made


def angles(shape: Decoder) -> tuple[Floats, Floats]:
    """Return cosines and sines of every place, `[longest, head / 2]`.

    Raises:
        ConfigurationError: places are told in a way that is not understood.
    """
    steps = 1.0 / shape.theta ** (np.arange(0, shape.head, 2, dtype=np.float64) / shape.head)
    match shape.rope.get("rope_type", shape.rope.get("type", "default")):
        case "default" | None:
            pass
        case "linear":
            steps = steps / number(shape.rope.get("factor"))
        case "llama3":
            steps = _llama3(steps, shape.rope)
        case other:
            raise ConfigurationError(f"places told by {other!r} are not converted here: {OTHERS}")
    turned = np.outer(np.arange(shape.longest, dtype=np.float64), steps)
    return np.cos(turned).astype(np.float32), np.sin(turned).astype(np.float32)


def _llama3(steps: NDArray[np.float64], rope: JSONObject) -> NDArray[np.float64]:
    """Stretch the slow angles, as Llama 3.1 does."""
    factor, first = number(rope.get("factor")), number(rope.get("original_max_position_embeddings"))
    low, high = number(rope.get("low_freq_factor")), number(rope.get("high_freq_factor"))
    waves = 2 * np.pi / steps
    smooth = np.clip((first / waves - low) / (high - low), 0, 1)
    blended: NDArray[np.float64] = (1 - smooth) * steps / factor + smooth * steps
    return np.where(waves < first / high, steps, np.where(waves > first / low, steps / factor, blended))


def _window(config: JSONObject) -> int | None:
    """Return how far back layers see, where it is one number for all."""
    window, family = config.get("sliding_window"), config.get("model_type")
    used = config.get("use_sliding_window", family == "mistral") is True
    if family == "llama" or not used or not isinstance(window, int):
        return None
    kinds = config.get("layer_types")
    if isinstance(kinds, list):
        names = {str(kind) for kind in kinds}
    else:  # before transformers 4.53, the first layers of a Qwen saw everything
        layers, first = whole(config, "num_hidden_layers"), config.get("max_window_layers", 0)
        full = first if isinstance(first, int) and family != "mistral" else 0
        names = {name for name, there in (("full_attention", full > 0), ("sliding", full < layers)) if there}
    if len(names) > 1:
        raise ConfigurationError(f"layers that see differently far are not converted here: {OTHERS}")
    return None if names == {"full_attention"} else window


def whole(config: JSONObject, name: str, default: int | None = None) -> int:
    """Return a whole number above 0 of a `config.json`.

    Raises:
        ConfigurationError: it has none.
    """
    value = config.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise ConfigurationError(f"the model's config.json has no usable {name}: {value!r}")


def number(value: JSON) -> float:
    """Return a number.

    Raises:
        ConfigurationError: it is none.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise ConfigurationError(f"the model's config.json has {value!r} where a number is wanted")
