"""What a decoder's description means, and what is refused of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tinyweights import CONFIGS

from chat_core.errors import ConfigurationError
from chat_local.convert.shape import angles, decoder_of

LLAMA, QWEN = CONFIGS["llama"], CONFIGS["qwen2"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model_type": "gemma3"}, "not converted here, only llama, mistral, qwen2, qwen3: pip install"),
        ({"model_type": None}, "not converted here"),
        ({"hidden_act": "gelu"}, "the activation 'gelu'"),
        ({"partial_rotary_factor": 0.5}, "a part of its heads"),
        ({"rope_parameters": {"partial_rotary_factor": 0.5}}, "a part of its heads"),
        ({"quantization_config": {"bits": 4}}, "quantised already"),
        ({"num_hidden_layers": 0}, "no usable num_hidden_layers"),
        ({"hidden_size": "64"}, "no usable hidden_size"),
        ({"head_dim": 20}, "not converted here"),
        ({"num_key_value_heads": 3}, "not converted here"),
        ({"max_position_embeddings": 10**12}, "not converted here"),
        ({"rms_norm_eps": "small"}, "where a number is wanted"),
    ],
)
def test_what_is_not_understood_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        decoder_of({**LLAMA, **changed})


@pytest.mark.parametrize("kind", ["yarn", "longrope", "dynamic"])
def test_other_ways_to_tell_places_are_refused(kind: str) -> None:
    with pytest.raises(ConfigurationError, match=f"places told by '{kind}'"):
        angles(decoder_of({**LLAMA, "rope_scaling": {"type": kind, "factor": 2.0}}))


@pytest.mark.parametrize(
    ("config", "window"),
    [
        ({**LLAMA, "sliding_window": 8}, None),
        ({**CONFIGS["mistral"], "sliding_window": 8}, 8),
        ({**QWEN, "sliding_window": 8}, None),
        ({**QWEN, "sliding_window": 8, "use_sliding_window": True}, 8),
        ({**QWEN, "sliding_window": 8, "use_sliding_window": True, "max_window_layers": 2}, None),
        ({**QWEN, "sliding_window": 8, "use_sliding_window": True, "layer_types": ["full_attention"] * 2}, None),
    ],
)
def test_how_far_back_layers_see(config: dict[str, Any], window: int | None) -> None:
    assert decoder_of(config).window == window


@pytest.mark.parametrize("more", [{"max_window_layers": 1}, {"layer_types": ["full_attention", "sliding_attention"]}])
def test_layers_that_see_differently_far_are_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="differently far"):
        decoder_of({**QWEN, "sliding_window": 8, "use_sliding_window": True, **more})
