"""Writes the graph of an encoder: what it makes of every token, or the scores of its classes.

The operations are those that onnxruntime's own optimiser makes of exported encoders (source: its list of contributed
operations). Law: as `graphs`: nothing is computed that no answer needs. Scores need the last layer's first place only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from chat_core.errors import ConfigurationError
from chat_local.convert.blocks import BLOCK, quantised
from chat_local.convert.encoder_shape import BUCKETS, FURTHEST, OTHERS
from chat_local.convert.graphs import ORT
from chat_local.convert.onnxfiles import MAKER, TYPES, constant, model, node, port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from chat_local.convert.encoder_shape import Activation, Encoder
    from chat_local.convert.weights import Weights

    Floats = NDArray[np.float32]

Precision: TypeAlias = Literal["fp32", "fp16", "q8", "int8"]
"""32-bit floats; 16-bit ones, for a GPU; weights in 8 bits; weights and what they are multiplied with in 8 bits."""

UNUSED = ("cls.", "lm_head.", "pooler.", "vocab_layer_norm.", "vocab_projector.", "vocab_transform.")
"""Beginnings of weights that a model was trained with and that no vector needs."""

_OPERATIONS: Mapping[Activation, tuple[str, str, dict[str, str]]] = {
    "gelu": ("Gelu", "", {}),
    "tanh_gelu": ("Gelu", "", {"approximate": "tanh"}),
    "relu": ("Relu", "", {}),
    "tanh": ("Tanh", "", {}),
}


class EncoderGraph:
    """Collects the nodes and constants of one encoder."""

    def __init__(self, shape: Encoder, weights: Weights, precision: Precision) -> None:
        """Write an encoder with weights of such a precision."""
        self._shape = shape
        self._weights = weights
        self._precision: Precision = precision
        prefix = shape.names.prefix
        self._prefix = prefix if f"{prefix}embeddings.word_embeddings.weight" in weights else ""
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def written(self) -> Any:  # noqa: ANN401 - onnx's own message
        """Return the whole model.

        Raises:
            ConfigurationError: a weight is missing or of another shape, or one is there that this graph has no use for.
        """
        shape = self._shape
        self._node("Cast", ["attention_mask"], "mask", to=TYPES["int32"])
        if shape.family == "mpnet":
            self._distances()
        x = self._embedded()
        for layer in range(shape.layers):
            x = self._layer(layer, x, first_only=shape.classes is not None and layer + 1 == shape.layers)
        output = port("last_hidden_state", "float32", ["batch", "length", shape.width])
        if shape.classes is None:
            self._node("Cast", [x], "last_hidden_state", to=TYPES["float32"])
        else:
            self._scores(x)
            output = port("logits", "float32", ["batch", shape.classes])
        self._nothing_left()
        held, maker = [*self._constants.values()], f"{shape.family} {MAKER}"
        return model(self._nodes, self._inputs(), [output], held, maker, name="encoder")

    def _nothing_left(self) -> None:
        """Refuse weights that nobody took: the model computes something that this graph does not."""
        unused = (*UNUSED, *(f"{self._shape.names.prefix}{word}" for word in UNUSED))
        left = [
            name for name in self._weights.left if not name.startswith(unused) and not name.endswith(".position_ids")
        ]
        if left:
            raise ConfigurationError(f"a {self._shape.family} with {left[0]} is not converted here: {OTHERS}")

    def _inputs(self) -> list[Any]:
        names = ("input_ids", "attention_mask", *(("token_type_ids",) if self._shape.types > 1 else ()))
        return [port(name, "int64", ["batch", "length"]) for name in names]

    def _take(self, name: str, *shape: int) -> Floats:
        return self._weights.take(f"{self._prefix}{name}", *shape)

    def _embedded(self) -> str:
        """Add up what a token, its place and its kind of text are, and norm it."""
        shape = self._shape
        places = self._take("embeddings.position_embeddings.weight", shape.places, shape.width)[shape.first :]
        if shape.types:
            types = self._take("embeddings.token_type_embeddings.weight", shape.types, shape.width)
            if shape.types == 1:
                places = places + types
            else:
                self._hold("types", types)
        self._hold("places", places)
        self._hold("zero", np.array([0], np.int64))
        self._node("Shape", ["input_ids"], "length", start=1, end=2)
        self._node("Slice", ["places", "zero", "length", "zero"], "place")
        self._node("Add", [self._words(), "place"], "placed")
        if shape.types > 1:
            self._node("Gather", ["types", "token_type_ids"], "type")
            self._node("Add", ["placed", "type"], "typed")
        return self._norm("typed" if shape.types > 1 else "placed", None, "embeddings.LayerNorm")

    def _words(self) -> str:
        shape = self._shape
        table = self._take("embeddings.word_embeddings.weight", shape.vocabulary, shape.width)
        if self._precision in {"fp32", "fp16"}:
            self._hold("table", table)
            self._node("Gather", ["table", "input_ids"], "word")
            return "word"
        numbers, scales = _whole_rows(table)
        self._hold("table", numbers)
        self._hold("table.scales", scales[:, None])
        self._node("Gather", ["table", "input_ids"], "word8")
        self._node("Cast", ["word8"], "word32", to=TYPES["float32"])
        self._node("Gather", ["table.scales", "input_ids"], "word.scale")
        self._node("Mul", ["word32", "word.scale"], "word")
        return "word"

    def _distances(self) -> None:
        """Tell attention how far apart places are, `[1, heads, length, length]`."""
        shape = self._shape
        self._hold("buckets", _buckets(shape.places - shape.first))
        self._hold("distances", self._take("encoder.relative_attention_bias.weight", BUCKETS, shape.heads))
        self._hold("zeros", np.array([0, 0], np.int64))
        self._node("Shape", ["input_ids"], "size", start=1, end=2)
        self._node("Concat", ["size", "size"], "sizes", axis=0)
        self._node("Slice", ["buckets", "zeros", "sizes"], "bucket")
        self._node("Gather", ["distances", "bucket"], "far")
        self._nodes.append(node("Transpose", ["far"], ["far.heads"], perm=[2, 0, 1]))
        self._hold("first_axis", np.array([0], np.int64))
        self._node("Unsqueeze", ["far.heads", "first_axis"], "far.bias")

    def _layer(self, layer: int, x: str, *, first_only: bool) -> str:
        """Write a layer; `first_only` = of its first place."""
        shape, names = self._shape, self._shape.names
        at = names.layer.format(layer)
        seen = x
        if first_only:
            self._first(x, f"{at}.first")
            seen = f"{at}.first"
        attended = self._norm(self._attention(at, x, seen), seen, f"{at}.{names.attended}")
        up = self._linear(attended, f"{at}.{names.up}", shape.width, shape.inner)
        acted = self._act(up, shape.activation)
        down = self._linear(acted, f"{at}.{names.down}", shape.inner, shape.width)
        return self._norm(down, attended, f"{at}.{names.ended}")

    def _first(self, x: str, output: str) -> None:
        self._hold("zero", np.array([0], np.int64))
        self._node("Gather", [x, "zero"], output, axis=1)

    def _attention(self, at: str, x: str, seen: str) -> str:
        """Write attention of the places `seen` to all of `x`."""
        shape, names, out = self._shape, self._shape.names, f"{at}.seen"
        parts = [f"{at}.{part}" for part in (names.query, names.key, names.value)]
        bias = "" if shape.family != "mpnet" else "far.bias"
        if bias and seen != x:
            self._nodes.append(node("Gather", [bias, "zero"], ["far.first"], axis=2))
            bias = "far.first"
        if seen == x and self._precision == "fp32":
            # its products within: on a CPU a twentieth less time than products, a split, and attention
            kind, inputs = "Attention", [x, *self._held(*self._joined(parts), f"{at}.all"), "mask", "", bias]
        elif seen == x:
            kind, inputs = "MultiHeadAttention", [*self._together(x, parts), "", "mask", bias]
        else:
            query = self._linear(seen, parts[0], shape.width, shape.width)
            kind, inputs = "MultiHeadAttention", [query, *self._together(x, parts[1:]), "", "mask", bias]
        self._nodes.append(node(kind, inputs, [out], domain=ORT, num_heads=shape.heads))
        return self._linear(out, f"{at}.{names.out}", shape.width, shape.width)

    def _joined(self, names: Sequence[str]) -> tuple[Floats, Floats]:
        """Take several matrices, and what is added to each, as one."""
        width = self._shape.width
        matrix = np.concatenate([self._take(f"{name}.weight", width, width) for name in names])
        return matrix, np.concatenate([self._take(f"{name}.bias", width) for name in names])

    def _together(self, x: str, names: Sequence[str]) -> list[str]:
        """Write several products of one thing as one, and return its parts."""
        together = self._product(x, *self._joined(names), f"{names[0]}.together")
        parts = [f"{name}.part" for name in names]
        self._nodes.append(node("Split", [together], parts, axis=-1, num_outputs=len(names)))
        return parts

    def _held(self, matrix: Floats, bias: Floats, name: str) -> tuple[str, str]:
        """Hold a matrix `[outputs, inputs]` as it is multiplied with, and what is added; return their names."""
        self._hold(f"{name}.matrix", np.ascontiguousarray(matrix.T))
        self._hold(f"{name}.added", bias)
        return f"{name}.matrix", f"{name}.added"

    def _norm(self, x: str, rest: str | None, name: str) -> str:
        """Add what went past the last step, and norm."""
        width = self._shape.width
        weight, bias = ("gamma", "beta") if f"{self._prefix}{name}.gamma" in self._weights else ("weight", "bias")
        self._hold(f"{name}.weight", self._take(f"{name}.{weight}", width))
        self._hold(f"{name}.bias", self._take(f"{name}.{bias}", width))
        if rest is not None:
            # not `Add`, which onnxruntime joins with the norm to an operation that takes twenty times as long on a CPU
            self._node("Sum", [rest, x], f"{name}.sum")
        summed, out = x if rest is None else f"{name}.sum", f"{name}.normed"
        parts = [summed, f"{name}.weight", f"{name}.bias"]
        self._node("LayerNormalization", parts, out, axis=-1, epsilon=self._shape.epsilon)
        return out

    def _scores(self, x: str) -> None:
        """Write the head: the scores of the classes."""
        shape = self._shape
        self._hold("row", np.array([-1, shape.width], np.int64))
        self._node("Reshape", [x, "row"], "first")
        self._node("Cast", ["first"], "head", to=TYPES["float32"])
        found = "head"
        for name, activation in shape.names.head:
            found = self._act(self._of_head(found, name, shape.width, name), activation)
        self._of_head(found, shape.names.scores, shape.classes or 0, "logits")

    def _of_head(self, x: str, name: str, outputs: int, out: str) -> str:
        """Write a product of the head, as exact as it can be: it is small, and all that is asked for."""
        matrix = self._weights.take(f"{name}.weight", outputs, self._shape.width)
        self._hold(f"{name}.weight", np.ascontiguousarray(matrix.T), exact=True)
        self._hold(f"{name}.bias", self._weights.take(f"{name}.bias", outputs), exact=True)
        self._node("MatMul", [x, f"{name}.weight"], f"{name}.product")
        self._node("Add", [f"{name}.product", f"{name}.bias"], out)
        return out

    def _linear(self, x: str, name: str, inputs: int, outputs: int) -> str:
        return self._product(
            x, self._take(f"{name}.weight", outputs, inputs), self._take(f"{name}.bias", outputs), name
        )

    def _product(self, x: str, matrix: Floats, bias: Floats, name: str) -> str:
        """Multiply by a matrix `[outputs, inputs]`, and add."""
        outputs, inputs = matrix.shape
        product, out = f"{name}.product", f"{name}.out"
        match self._precision:
            case "fp32" | "fp16":
                held, added = self._held(matrix, bias, name)
                self._node("MatMul", [x, held], product)
                # not `Add` on a CPU, where onnxruntime joins it with GELU to an operation that takes longer than both
                self._node("Sum" if self._precision == "fp32" else "Add", [product, added], out)
            case "q8":
                self._hold(f"{name}.added", bias)
                numbers, scales = quantised(matrix, 8)
                self._hold(f"{name}.numbers", numbers)
                self._hold(f"{name}.scales", scales)
                parts = [x, f"{name}.numbers", f"{name}.scales"]
                sizes = {"K": inputs, "N": outputs, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
                self._nodes.append(node("MatMulNBits", parts, [product], domain=ORT, **sizes))
                self._node("Add", [product, f"{name}.added"], out)
            case "int8":
                numbers8, scales = _whole_rows(matrix)
                self._hold(f"{name}.numbers", np.ascontiguousarray(numbers8.T))
                self._hold(f"{name}.scales", scales)
                self._hold(f"{name}.added", bias)
                parts = [x, f"{name}.numbers", f"{name}.scales", "", f"{name}.added"]
                self._nodes.append(node("DynamicQuantizeMatMul", parts, [out], domain=ORT))
        return out

    def _act(self, x: str, activation: Activation) -> str:
        kind, domain, attributes = _OPERATIONS[activation]
        self._nodes.append(node(kind, [x], [f"{x}.acted"], domain=domain, **attributes))
        return f"{x}.acted"

    def _hold(self, name: str, value: NDArray[Any], *, exact: bool = False) -> None:
        """Hold a constant; floats in the graph's own precision, unless they shall be exact."""
        if self._precision == "fp16" and value.dtype == np.float32 and not exact:
            value = value.astype(np.float16)
        self._constants.setdefault(name, constant(name, value))

    def _node(self, kind: str, inputs: Sequence[str], output: str, **attributes: float) -> None:
        self._nodes.append(node(kind, inputs, [output], domain="", **attributes))


def _whole_rows(matrix: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return a matrix in 8 bits, every row with a scale of its own."""
    furthest = np.abs(matrix).max(axis=1)
    scales = np.where(furthest == 0, 1, furthest / 127).astype(np.float32)
    return np.rint(matrix / scales[:, None]).astype(np.int8), scales


def _buckets(longest: int) -> NDArray[np.int64]:
    """Return which kind of distance is between two places, `[longest, longest]` (source: transformers' MPNet)."""
    half, near = BUCKETS // 2, BUCKETS // 4
    place = np.arange(longest)
    far = place[:, None] - place[None, :]  # how far back
    size = np.abs(far)
    with np.errstate(divide="ignore"):
        steps = np.log(size.astype(np.float32) / near) / np.log(FURTHEST / near) * (half - near)
    large = np.minimum(near + np.maximum(steps, 0).astype(np.int64), half - 1)
    found: NDArray[np.int64] = np.where(far < 0, half, 0) + np.where(size < near, size, large)
    return found
