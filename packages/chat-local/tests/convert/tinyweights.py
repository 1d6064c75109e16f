"""Small models of every family that is converted, their weights made by numpy from a seed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

COMMON: dict[str, Any] = {
    "vocab_size": 96,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 256,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10_000.0,
    "hidden_act": "silu",
    "tie_word_embeddings": False,
    "bos_token_id": 1,
    "eos_token_id": 2,
}

LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}

CONFIGS: Mapping[str, dict[str, Any]] = {
    "llama": {**COMMON, "model_type": "llama", "architectures": ["LlamaForCausalLM"]},
    "llama-tied-llama3": {
        **COMMON,
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "tie_word_embeddings": True,
        "rope_scaling": LLAMA3,
    },
    "llama-linear": {
        **COMMON,
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "rope_scaling": {"rope_type": "linear", "factor": 4.0},
    },
    "mistral": {**COMMON, "model_type": "mistral", "architectures": ["MistralForCausalLM"], "sliding_window": None},
    "mistral-window": {
        **COMMON,
        "model_type": "mistral",
        "architectures": ["MistralForCausalLM"],
        "sliding_window": 8,
    },
    "qwen2": {**COMMON, "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "use_sliding_window": False},
    "qwen3": {**COMMON, "model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], "use_sliding_window": False},
}

PROMPTS = [[1, 5, 9, 33, 71], [1], [1, *range(3, 60)]]


def tensors(config: Mapping[str, Any]) -> dict[str, NDArray[np.float32]]:
    """Return weights that give varied answers."""
    draw = np.random.default_rng(11)
    width, inner, head = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    heads, kv_heads = config["num_attention_heads"] * head, config["num_key_value_heads"] * head

    def matrix(*shape: int, spread: float = 0.2) -> NDArray[np.float32]:
        return draw.normal(0, spread, shape).astype(np.float32)

    found = {"model.embed_tokens.weight": matrix(config["vocab_size"], width, spread=1.0)}
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}"
        rows = {"q": heads, "k": kv_heads, "v": kv_heads}
        for part, row in rows.items():
            found[f"{at}.self_attn.{part}_proj.weight"] = matrix(row, width)
            if config["model_type"] == "qwen2":
                found[f"{at}.self_attn.{part}_proj.bias"] = matrix(row)
        if config["model_type"] == "qwen3":
            found |= {f"{at}.self_attn.{part}_norm.weight": 1 + matrix(head) for part in "qk"}
        found |= {
            f"{at}.self_attn.o_proj.weight": matrix(width, heads),
            f"{at}.mlp.gate_proj.weight": matrix(inner, width),
            f"{at}.mlp.up_proj.weight": matrix(inner, width),
            f"{at}.mlp.down_proj.weight": matrix(width, inner),
            f"{at}.input_layernorm.weight": 1 + matrix(width),
            f"{at}.post_attention_layernorm.weight": 1 + matrix(width),
        }
    found["model.norm.weight"] = 1 + matrix(width)
    if not config["tie_word_embeddings"]:
        found["lm_head.weight"] = matrix(config["vocab_size"], width)
    return found


def write_model(folder: Path, name: str, *, kind: str = "F32") -> None:
    """Write a model's folder, but for its tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    config = CONFIGS[name]
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    write_safetensors(folder / "model.safetensors", tensors(config), kind=kind)


def write_safetensors(path: Path, found: Mapping[str, NDArray[np.float32]], *, kind: str = "F32") -> None:
    """Write tensors as the format has them."""
    table: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, value in found.items():
        raw = _spelled(value, kind)
        table[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(table).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + data)


def _spelled(value: NDArray[np.float32], kind: str) -> bytes:
    match kind:
        case "BF16":
            return (value.view(np.uint32) >> 16).astype(np.uint16).tobytes()
        case "F16":
            return value.astype(np.float16).tobytes()
        case _:
            return value.tobytes()
