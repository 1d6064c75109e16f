"""Writes the graph of a decoder: attention over a cache that it is given, and logits of the last place only.

The operations are those that onnxruntime-genai's builder uses (source: its published graphs), so that onnxruntime has
fast code for them. Law: nothing is computed that no answer needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from chat_core.errors import ConfigurationError
from chat_local.convert.blocks import BLOCK, quantised
from chat_local.convert.onnxfiles import MAKER, TYPES, constant, model, node, port
from chat_local.convert.shape import OTHERS, angles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from chat_local.convert.shape import Decoder
    from chat_local.convert.weights import Weights

    Floats = NDArray[np.float32]

Bits: TypeAlias = Literal[4, 8, 16, 32]

_WHOLE = (16, 32)
"""The bits of weights that are floats."""

ORT = "com.microsoft"
"""The name under which onnxruntime has operations of its own."""


class DecoderGraph:
    """Collects the nodes and constants of one decoder."""

    def __init__(self, shape: Decoder, weights: Weights, bits: Bits, *, half: bool = False) -> None:
        """Write a decoder with weights of so many bits; `half` = it counts in 16 bits, as it does when they have them.

        Then its cache takes half as much, and a GPU has fast code for it (source: onnxruntime's operators on CUDA).
        """
        self._half = half or bits == 16  # noqa: PLR2004 - half a float
        self._kind = "float16" if self._half else "float32"
        self._shape = shape
        self._weights = weights
        self._bits = bits
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def written(self) -> Any:  # noqa: ANN401 - onnx's own message
        """Return the whole model.

        Raises:
            ConfigurationError: a weight is missing or of another shape.
        """
        shape = self._shape
        cos, sin = angles(shape)
        self._hold("cos", cos)
        self._hold("sin", sin)
        self._lengths()
        self._embedding()
        normed, rest = self._norm("x", "model.layers.0.input_layernorm.weight", None)
        for layer in range(shape.layers):
            normed, rest = self._layer(layer, normed, rest)
        self._last(normed)
        self._head("final")
        self._nothing_left()
        return model(
            self._nodes, self._inputs(), self._outputs(), [*self._constants.values()], f"{shape.family} {MAKER}"
        )

    def _nothing_left(self) -> None:
        """Refuse weights that nobody took: the model computes something that this graph does not."""
        left = [name for name in self._weights.left if name != "lm_head.weight" and not name.endswith(".inv_freq")]
        if left:
            raise ConfigurationError(f"a {self._shape.family} with {left[0]} is not converted here: {OTHERS}")

    def _inputs(self) -> list[Any]:
        ports = [port("input_ids", "int64", ["batch", "length"]), port("attention_mask", "int64", ["batch", "total"])]
        return [*ports, *(port(f"past_key_values.{name}", self._kind, self._cache("past")) for name in self._parts())]

    def _outputs(self) -> list[Any]:
        logits = port("logits", self._kind, ["batch", 1, self._shape.vocabulary])
        return [logits, *(port(f"present.{name}", self._kind, self._cache("all")) for name in self._parts())]

    def _cache(self, places: str) -> list[str | int]:
        return ["batch", self._shape.kv_heads, places, self._shape.head]

    def _parts(self) -> list[str]:
        return [f"{layer}.{kind}" for layer in range(self._shape.layers) for kind in ("key", "value")]

    def _lengths(self) -> None:
        """Tell attention how many places each row has, from its mask."""
        self._hold("one", np.array([1], np.int64))
        self._node("ReduceSum", ["attention_mask", "one"], "places", keepdims=0)
        self._node("Sub", ["places", "one"], "before")
        self._node("Cast", ["before"], "seqlens", to=TYPES["int32"])
        self._node("Shape", ["attention_mask"], "mask_shape", start=1, end=2)
        self._hold("scalar", np.array([], np.int64))
        self._node("Reshape", ["mask_shape", "scalar"], "mask_length")
        self._node("Cast", ["mask_length"], "total", to=TYPES["int32"])

    def _last(self, x: str) -> None:
        """Take each row's last place, which is not the run's where prompts of different lengths are read together.

        The tokens of a run are counted: what the operation Shape gives lies on the CPU, and would have to be copied.
        """
        self._hold("none", np.array(-1, np.int64))
        self._node("Greater", ["input_ids", "none"], "is_token")
        self._node("Cast", ["is_token"], "tokens", to=TYPES["int64"])
        self._node("ReduceSum", ["tokens", "one"], "length", keepdims=0)
        self._node("Sub", ["length", "one"], "run_end")
        self._node("Min", ["before", "run_end"], "row_end")
        self._node("Unsqueeze", ["row_end", "one"], "row_place")
        self._node("GatherND", [x, "row_place"], "ends", batch_dims=1)
        self._node("Unsqueeze", ["ends", "one"], "final")

    def _embedding(self) -> None:
        table = self._weights.take("model.embed_tokens.weight", self._shape.vocabulary, self._shape.width)
        if self._half or self._bits in _WHOLE:
            self._hold("table", table)
            self._node("Gather", ["table", "input_ids"], "x")
        else:
            self._hold("table", table.astype(np.float16))
            self._node("Gather", ["table", "input_ids"], "x16")
            self._node("Cast", ["x16"], "x", to=TYPES["float32"])

    def _head(self, x: str) -> None:
        name = "model.embed_tokens.weight" if self._shape.tied else "lm_head.weight"
        matrix = self._weights.take(name, self._shape.vocabulary, self._shape.width)
        self._product(x, matrix, "head", "logits")

    def _layer(self, layer: int, x: str, rest: str) -> tuple[str, str]:
        """Write a layer; return what the next one begins with, normed and not."""
        at = f"model.layers.{layer}"
        attended = self._attention(layer, x)
        normed, rest = self._norm(attended, f"{at}.post_attention_layernorm.weight", rest)
        gate = self._linear(normed, f"{at}.mlp.gate_proj", self._shape.width, self._shape.inner)
        up = self._linear(normed, f"{at}.mlp.up_proj", self._shape.width, self._shape.inner)
        self._node("Sigmoid", [gate], f"{at}.sigmoid")
        self._node("Mul", [gate, f"{at}.sigmoid"], f"{at}.silu")
        self._node("Mul", [f"{at}.silu", up], f"{at}.gated")
        down = self._linear(f"{at}.gated", f"{at}.mlp.down_proj", self._shape.inner, self._shape.width)
        last = layer + 1 == self._shape.layers
        after = "model.norm.weight" if last else f"model.layers.{layer + 1}.input_layernorm.weight"
        return self._norm(down, after, rest)

    def _attention(self, layer: int, x: str) -> str:
        shape, at = self._shape, f"model.layers.{layer}.self_attn"
        inputs = self._queries(at, x)
        window = {} if shape.window is None else {"local_window_size": shape.window}
        self._nodes.append(
            node(
                "GroupQueryAttention",
                [
                    *inputs,
                    f"past_key_values.{layer}.key",
                    f"past_key_values.{layer}.value",
                    "seqlens",
                    "total",
                    "cos",
                    "sin",
                ],
                [f"{at}.seen", f"present.{layer}.key", f"present.{layer}.value"],
                domain=ORT,
                num_heads=shape.heads,
                kv_num_heads=shape.kv_heads,
                do_rotary=1,
                **window,
            )
        )
        return self._linear(f"{at}.seen", f"{at}.o_proj", shape.heads * shape.head, shape.width)

    def _queries(self, at: str, x: str) -> list[str]:
        """Return queries, keys and values: in one product where nothing comes between it and attention."""
        shape = self._shape
        outputs = {"q": shape.heads, "k": shape.kv_heads, "v": shape.kv_heads}
        if shape.normed:
            made = [
                self._linear(x, f"{at}.{part}_proj", shape.width, heads * shape.head) for part, heads in outputs.items()
            ]
            return [
                self._head_norm(made[0], f"{at}.q_norm", shape.heads),
                self._head_norm(made[1], f"{at}.k_norm", shape.kv_heads),
                made[2],
            ]
        names = [f"{at}.{part}_proj" for part in outputs]
        rows = [heads * shape.head for heads in outputs.values()]
        matrices = [
            self._weights.take(f"{name}.weight", row, shape.width) for name, row in zip(names, rows, strict=True)
        ]
        self._product(x, np.concatenate(matrices), f"{at}.qkv", f"{at}.qkv.product")
        if f"{names[0]}.bias" not in self._weights:
            return [f"{at}.qkv.product", "", ""]
        biases = [self._weights.take(f"{name}.bias", row) for name, row in zip(names, rows, strict=True)]
        self._hold(f"{at}.qkv.bias", np.concatenate(biases))
        self._node("Add", [f"{at}.qkv.product", f"{at}.qkv.bias"], f"{at}.qkv.out")
        return [f"{at}.qkv.out", "", ""]

    def _head_norm(self, x: str, name: str, heads: int) -> str:
        self._hold(f"{name}.apart", np.array([0, 0, heads, self._shape.head], np.int64))
        self._hold("together", np.array([0, 0, -1], np.int64))
        self._node("Reshape", [x, f"{name}.apart"], f"{name}.heads")
        normed, _ = self._norm(f"{name}.heads", f"{name}.weight", None, width=self._shape.head)
        self._node("Reshape", [normed, "together"], f"{name}.flat")
        return f"{name}.flat"

    def _norm(self, x: str, weight: str, rest: str | None, *, width: int | None = None) -> tuple[str, str]:
        """Add what went past the last step, and norm; return the normed sum, and the sum."""
        self._hold(weight, self._weights.take(weight, self._shape.width if width is None else width))
        out = weight.removesuffix(".weight")
        if rest is None:
            self._node(
                "SimplifiedLayerNormalization", [x, weight], f"{out}.normed", epsilon=self._shape.epsilon, axis=-1
            )
            return f"{out}.normed", x
        self._nodes.append(
            node(
                "SkipSimplifiedLayerNormalization",
                [rest, x, weight],
                [f"{out}.normed", "", "", f"{out}.sum"],
                domain=ORT,
                epsilon=self._shape.epsilon,
            )
        )
        return f"{out}.normed", f"{out}.sum"

    def _linear(self, x: str, name: str, inputs: int, outputs: int) -> str:
        matrix = self._weights.take(f"{name}.weight", outputs, inputs)
        bias = f"{name}.bias"
        if bias not in self._weights:
            return self._product(x, matrix, name, f"{name}.out")
        self._product(x, matrix, name, f"{name}.product")
        self._hold(bias, self._weights.take(bias, outputs))
        self._node("Add", [f"{name}.product", bias], f"{name}.out")
        return f"{name}.out"

    def _product(self, x: str, matrix: Floats, name: str, out: str) -> str:
        """Multiply by a matrix, `[outputs, inputs]`."""
        outputs, inputs = matrix.shape
        if self._bits in _WHOLE:
            self._hold(f"{name}.matrix", np.ascontiguousarray(matrix.T))
            self._node("MatMul", [x, f"{name}.matrix"], out)
            return out
        numbers, scales = quantised(matrix, self._bits)
        self._hold(f"{name}.numbers", numbers)
        self._hold(f"{name}.scales", scales)
        self._nodes.append(
            node(
                "MatMulNBits",
                [x, f"{name}.numbers", f"{name}.scales"],
                [out],
                domain=ORT,
                K=inputs,
                N=outputs,
                bits=self._bits,
                block_size=BLOCK,
                accuracy_level=4,
            )
        )
        return out

    def _hold(self, name: str, value: NDArray[Any]) -> None:
        if self._half and value.dtype == np.float32:
            if np.abs(value).max(initial=0) > np.finfo(np.float16).max:
                raise ConfigurationError(f"{name} is too large for 16 bits: convert the model with --bits 8 or 32")
            value = value.astype(np.float16)
        self._constants.setdefault(name, constant(name, value))

    def _node(self, kind: str, inputs: Sequence[str], output: str, **attributes: float) -> None:
        self._nodes.append(node(kind, inputs, [output], domain="", **attributes))
