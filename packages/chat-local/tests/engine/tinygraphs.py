"""Tiny decoders as ONNX graphs of both kinds, and the same computation in plain numpy, without any cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from chat_local.engine.resident import Resident
from chat_local.engine.signature import signature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from chat_local.engine.runtime import Loaded

    Floats: TypeAlias = NDArray[Any]

Flavour: TypeAlias = Literal["shared", "concat"]


@dataclass(frozen=True, kw_only=True)
class Tiny:
    """The shape of a decoder; head size and the number of heads are those of the queries; `half` = halves of floats."""

    vocabulary: int = 96
    width: int = 32
    layers: int = 2
    heads: int = 2
    kv_heads: int = 1
    head: int = 16
    inner: int = 48
    longest: int = 2048
    theta: float = 10_000.0
    seed: int = 7
    half: bool = False


def weights(tiny: Tiny) -> dict[str, Floats]:
    """Return random weights, wide enough for varied answers."""
    draw = np.random.default_rng(tiny.seed)

    def matrix(*shape: int) -> Floats:  # of wide models smaller ones, or halves overflow
        return draw.normal(0, min(0.25, 1.5 / shape[0] ** 0.5), shape).astype(np.float32)

    found = {"embed": draw.normal(0, 1, (tiny.vocabulary, tiny.width)).astype(np.float32)}
    for layer in range(tiny.layers):
        found |= {
            f"{layer}.norm1": np.ones(tiny.width, np.float32),
            f"{layer}.norm2": np.ones(tiny.width, np.float32),
            f"{layer}.q": matrix(tiny.width, tiny.heads * tiny.head),
            f"{layer}.k": matrix(tiny.width, tiny.kv_heads * tiny.head),
            f"{layer}.v": matrix(tiny.width, tiny.kv_heads * tiny.head),
            f"{layer}.o": matrix(tiny.heads * tiny.head, tiny.width),
            f"{layer}.gate": matrix(tiny.width, tiny.inner),
            f"{layer}.up": matrix(tiny.width, tiny.inner),
            f"{layer}.down": matrix(tiny.inner, tiny.width),
        }
    return {**found, "norm": np.ones(tiny.width, np.float32), "head": matrix(tiny.width, tiny.vocabulary)}


def tables(tiny: Tiny) -> tuple[Floats, Floats]:
    """Return cosines and sines of every place, `[longest, head / 2]`."""
    powers = tiny.theta ** (-np.arange(0, tiny.head, 2) / tiny.head)
    angles = np.outer(np.arange(tiny.longest), powers)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def reference(tiny: Tiny, ids: Sequence[int]) -> Floats:
    """Return the logits of every place, computed from the beginning."""
    known, (cos, sin) = weights(tiny), tables(tiny)
    n = len(ids)
    x = known["embed"][list(ids)]
    for layer in range(tiny.layers):
        h = _norm(x) * known[f"{layer}.norm1"]
        q = _turned((h @ known[f"{layer}.q"]).reshape(n, tiny.heads, tiny.head), cos, sin)
        k = _turned((h @ known[f"{layer}.k"]).reshape(n, tiny.kv_heads, tiny.head), cos, sin)
        v = (h @ known[f"{layer}.v"]).reshape(n, tiny.kv_heads, tiny.head)
        k, v = (np.repeat(each, tiny.heads // tiny.kv_heads, axis=1) for each in (k, v))
        scores = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(tiny.head)
        scores = np.where(np.tril(np.ones((n, n), bool)), scores, -np.inf)
        share = np.exp(scores - scores.max(-1, keepdims=True))
        share /= share.sum(-1, keepdims=True)
        x = x + np.einsum("hqk,khd->qhd", share, v).reshape(n, -1) @ known[f"{layer}.o"]
        h = _norm(x) * known[f"{layer}.norm2"]
        gate = h @ known[f"{layer}.gate"]
        x = x + (gate / (1 + np.exp(-gate)) * (h @ known[f"{layer}.up"])) @ known[f"{layer}.down"]
    logits: Floats = (_norm(x) * known["norm"]) @ known["head"]
    return logits


def greedy(tiny: Tiny, ids: Sequence[int], count: int) -> list[int]:
    """Return the likeliest tokens after a prompt."""
    known = list(ids)
    for _ in range(count):
        known.append(int(reference(tiny, known)[-1].argmax()))
    return known[len(ids) :]


def resident(loaded: Loaded, *, rows: int, longest: int, room: Callable[[int], None] = lambda _: None) -> Resident:
    """Return what runs a graph with a shared buffer on a GPU, as `graph.runner` makes it there, on any device."""
    shape = signature(loaded.session)
    width = shape.vocabulary
    assert width is not None
    return Resident(loaded, shape, width, rows=rows, longest=longest, room=room, ragged=True)


def _norm(x: Floats) -> Floats:
    normed: Floats = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6)
    return normed


def _turned(x: Floats, cos: Floats, sin: Floats) -> Floats:
    n, _, head = x.shape
    first, second = x[..., : head // 2], x[..., head // 2 :]
    c, s = cos[:n, None], sin[:n, None]
    return np.concatenate([first * c - second * s, second * c + first * s], -1)


def write(path: Path, tiny: Tiny, flavour: Flavour) -> None:
    """Write the graph: with a shared buffer (GroupQueryAttention), or one that returns ever longer caches."""
    path.write_bytes(_Writer(tiny, flavour).model().SerializeToString())


class _Writer:
    """Collects nodes and weights."""

    def __init__(self, tiny: Tiny, flavour: Flavour) -> None:
        self.tiny, self.flavour = tiny, flavour
        self.kind = TensorProto.FLOAT16 if tiny.half else TensorProto.FLOAT
        self.nodes: list[Any] = []
        self.known: dict[str, NDArray[Any]] = {**weights(tiny)}
        self.inputs = [
            self._info("input_ids", TensorProto.INT64, ["batch", "length"]),
            self._info("attention_mask", TensorProto.INT64, ["batch", "total"]),
        ]
        self.outputs: list[Any] = []

    def model(self) -> onnx.ModelProto:
        tiny = self.tiny
        self.known["cos"], self.known["sin"] = tables(tiny)
        if self.flavour == "shared":
            self._lengths()
        else:
            self.inputs.append(self._info("position_ids", TensorProto.INT64, ["batch", "length"]))
            self._mask()
        self._add("Gather", ["embed", "input_ids"], "x0")
        for layer in range(tiny.layers):
            self._layer(layer)
        self._normed(f"x{2 * tiny.layers}", "norm", "normed")
        self._add("MatMul", ["normed", "head"], "logits")
        self.outputs.insert(0, self._info("logits", self.kind, ["batch", "length", tiny.vocabulary]))
        initial = [numpy_helper.from_array(self._counted(value), name) for name, value in self.known.items()]
        graph = helper.make_graph(self.nodes, "tiny", self.inputs, self.outputs, initial)
        imports = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=imports, ir_version=10)

    def _layer(self, layer: int) -> None:
        tiny = self.tiny
        self._normed(f"x{2 * layer}", f"{layer}.norm1", f"{layer}.h1")
        for name in "qkv":
            self._add("MatMul", [f"{layer}.h1", f"{layer}.{name}"], f"{layer}.{name}flat")
        cache: list[str | int] = ["batch", tiny.kv_heads, "past", tiny.head]
        for kind in ("key", "value"):
            self.inputs.append(self._info(f"past_key_values.{layer}.{kind}", self.kind, cache))
            self.outputs.append(self._info(f"present.{layer}.{kind}", self.kind, [*cache[:2], "all", cache[3]]))
        if self.flavour == "shared":
            self._group_attention(layer)
        else:
            self._plain_attention(layer)
        self._add("MatMul", [f"{layer}.attended", f"{layer}.o"], f"{layer}.mixed")
        self._add("Add", [f"x{2 * layer}", f"{layer}.mixed"], f"x{2 * layer + 1}")
        self._normed(f"x{2 * layer + 1}", f"{layer}.norm2", f"{layer}.h2")
        self._add("MatMul", [f"{layer}.h2", f"{layer}.gate"], f"{layer}.g")
        self._add("Sigmoid", [f"{layer}.g"], f"{layer}.sg")
        self._add("Mul", [f"{layer}.g", f"{layer}.sg"], f"{layer}.silu")
        self._add("MatMul", [f"{layer}.h2", f"{layer}.up"], f"{layer}.u")
        self._add("Mul", [f"{layer}.silu", f"{layer}.u"], f"{layer}.gu")
        self._add("MatMul", [f"{layer}.gu", f"{layer}.down"], f"{layer}.d")
        self._add("Add", [f"x{2 * layer + 1}", f"{layer}.d"], f"x{2 * layer + 2}")

    def _lengths(self) -> None:
        self.known |= {"one": np.array([1], np.int64), "axis1": np.array([1], np.int64)}
        self._add("ReduceSum", ["attention_mask", "axis1"], "sums", keepdims=0)
        self._add("Sub", ["sums", "one"], "last")
        self._add("Cast", ["last"], "seqlens", to=TensorProto.INT32)
        self._add("Shape", ["attention_mask"], "maskshape", start=1, end=2)
        self._add("Cast", ["maskshape"], "totals", to=TensorProto.INT32)
        self.known["scalar"] = np.array([], np.int64)
        self._add("Reshape", ["totals", "scalar"], "total32")

    def _group_attention(self, layer: int) -> None:
        tiny = self.tiny
        self.nodes.append(
            helper.make_node(
                "GroupQueryAttention",
                [
                    *(f"{layer}.{name}flat" for name in "qkv"),
                    f"past_key_values.{layer}.key",
                    f"past_key_values.{layer}.value",
                    *("seqlens", "total32", "cos", "sin"),
                ],
                [f"{layer}.attended", f"present.{layer}.key", f"present.{layer}.value"],
                domain="com.microsoft",
                num_heads=tiny.heads,
                kv_num_heads=tiny.kv_heads,
                do_rotary=1,
            )
        )

    def _mask(self) -> None:
        """Let each place see those up to its own: `0` or a very small number."""
        self.known |= {"zero64": np.array(0, np.int64), "one64": np.array(1, np.int64)}
        self.known |= {"low": np.array(-1e9, np.float32), "none": np.array(0, np.float32)}
        self._add("Shape", ["attention_mask"], "total1", start=1, end=2)
        self._add("Squeeze", ["total1"], "total")
        self._add("Range", ["zero64", "total", "one64"], "places")
        self.known |= {"ax": np.array([2], np.int64), "ax1": np.array([1], np.int64)}
        self._add("Unsqueeze", ["position_ids", "ax"], "asking")
        self._add("LessOrEqual", ["places", "asking"], "seen")
        self._add("Where", ["seen", "none", "low"], "hidden3")
        self._add("Unsqueeze", ["hidden3", "ax1"], "hidden")
        for name in ("cos", "sin"):
            self._add("Gather", [name, "position_ids"], f"{name}3")
            self._add("Unsqueeze", [f"{name}3", "ax"], f"{name}4")

    def _plain_attention(self, layer: int) -> None:
        tiny = self.tiny
        for name, heads in (("q", tiny.heads), ("k", tiny.kv_heads), ("v", tiny.kv_heads)):
            self.known[f"{layer}.{name}shape"] = np.array([0, 0, heads, tiny.head], np.int64)
            self._add("Reshape", [f"{layer}.{name}flat", f"{layer}.{name}shape"], f"{layer}.{name}4")
        for name in "qk":
            self._turn(f"{layer}.{name}4", f"{layer}.{name}t")
        for name, source, kind in (("k", f"{layer}.kt", "key"), ("v", f"{layer}.v4", "value")):
            self._add("Transpose", [source], f"{layer}.{name}s", perm=[0, 2, 1, 3])
            past = f"past_key_values.{layer}.{kind}"
            self._add("Concat", [past, f"{layer}.{name}s"], f"present.{layer}.{kind}", axis=2)
        self._add("Transpose", [f"{layer}.qt"], f"{layer}.qs", perm=[0, 2, 1, 3])
        self._add("Transpose", [f"present.{layer}.key"], f"{layer}.kk", perm=[0, 1, 3, 2])
        self._add("MatMul", [f"{layer}.qs", f"{layer}.kk"], f"{layer}.raw")  # one head of keys serves all
        self.known["scale"] = np.array(tiny.head**-0.5, np.float32)
        self._add("Mul", [f"{layer}.raw", "scale"], f"{layer}.scaled")
        self._add("Add", [f"{layer}.scaled", "hidden"], f"{layer}.masked")
        self._add("Softmax", [f"{layer}.masked"], f"{layer}.share", axis=-1)
        self._add("MatMul", [f"{layer}.share", f"present.{layer}.value"], f"{layer}.ctx")
        self._add("Transpose", [f"{layer}.ctx"], f"{layer}.ctxt", perm=[0, 2, 1, 3])
        self.known["flat"] = np.array([0, 0, -1], np.int64)
        self._add("Reshape", [f"{layer}.ctxt", "flat"], f"{layer}.attended")

    def _turn(self, source: str, to: str) -> None:
        half = self.tiny.head // 2
        self.known |= {"half": np.array([half, half], np.int64)}
        self.nodes.append(helper.make_node("Split", [source, "half"], [f"{to}.a", f"{to}.b"], axis=-1))
        for out, (left, right, sign) in {"x": ("a", "b", "Sub"), "y": ("b", "a", "Add")}.items():
            self._add("Mul", [f"{to}.{left}", "cos4"], f"{to}.{out}1")
            self._add("Mul", [f"{to}.{right}", "sin4"], f"{to}.{out}2")
            self._add(sign, [f"{to}.{out}1", f"{to}.{out}2"], f"{to}.{out}")
        self._add("Concat", [f"{to}.x", f"{to}.y"], to, axis=-1)

    def _normed(self, source: str, scale: str, to: str) -> None:
        self.known |= {
            "two": np.array(2, np.float32),
            "eps": np.array(1e-6, np.float32),
            "m1": np.array([-1], np.int64),
        }
        self._add("Pow", [source, "two"], f"{to}.sq")
        self._add("ReduceMean", [f"{to}.sq", "m1"], f"{to}.mean")
        self._add("Add", [f"{to}.mean", "eps"], f"{to}.safe")
        self._add("Sqrt", [f"{to}.safe"], f"{to}.root")
        self._add("Div", [source, f"{to}.root"], f"{to}.unit")
        self._add("Mul", [f"{to}.unit", scale], to)

    def _counted(self, value: NDArray[Any]) -> NDArray[Any]:
        """Return numbers as the graph has them."""
        return value.astype(np.float16) if self.tiny.half and value.dtype == np.float32 else value

    def _add(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))

    def _info(self, name: str, kind: int, shape: Sequence[str | int]) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, list(shape))
