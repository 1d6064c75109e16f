"""Write the model's files: ONNX with eight-bit or full weights, made of safetensors without torch.

Law: `python -m pico.export --folder FOLDER --out FOLDER`; the graph is one decoder with past and present keys and values.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from pico.places import SHIPPED

Weights = dict[str, NDArray[np.float32]]
HEAD, POSITIONS, THETA, EPSILON = 32, 1024, 10000.0, 1e-5


class Graph:
    """Collect the nodes and the constants of a graph."""

    def __init__(self, weights: Weights, *, bits: int) -> None:
        self.weights = weights
        self.bits = bits
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def node(self, kind: str, inputs: list[str], output: str, *more: str, domain: str = "", **attributes: int) -> str:
        """Add a node and give the name of its first output."""
        made = helper.make_node(kind, inputs, [output, *more], name=output, domain=domain)
        made.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        self.nodes.append(made)
        return output

    def constant(self, name: str, value: object, kind: type[np.generic]) -> str:
        """Add a constant."""
        self.constants.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def weight(self, name: str, matrix: NDArray[np.float32], axis: int) -> str:
        """Add a matrix, in eight bits with one scale for each of its outputs, which is along `axis`."""
        if self.bits != 8:
            return self.constant(name, matrix, np.float32)
        scale = np.maximum(np.abs(matrix).max(axis=1 - axis, keepdims=True), 1e-12) / 127
        self.constant(f"{name}.int8", np.rint(matrix / scale), np.int8)
        self.constant(f"{name}.scale", scale, np.float32)
        # a cast and a product of constants: the runtime folds them at load, so decoding pays nothing for eight bits
        cast = self.node("Cast", [f"{name}.int8"], f"{name}.cast", to=TensorProto.FLOAT)
        return self.node("Mul", [cast, f"{name}.scale"], name)

    def linear(self, name: str, x: str) -> str:
        """Multiply by a weight."""
        matrix = self.weight(f"{name}.weight", np.ascontiguousarray(self.weights[f"{name}.weight"].T), axis=1)
        return self.node("MatMul", [x, matrix], f"{name}.out")

    def norm(self, name: str, x: str) -> str:
        """Normalise by the root of the mean square."""
        weight = self.constant(f"{name}.weight", self.weights[f"{name}.weight"], np.float32)
        square = self.node("Pow", [x, "two"], f"{name}.square")
        mean = self.node("ReduceMean", [square, "last"], f"{name}.mean", keepdims=1)
        shifted = self.node("Add", [mean, "epsilon"], f"{name}.shifted")
        root = self.node("Sqrt", [shifted], f"{name}.root")
        normed = self.node("Div", [x, root], f"{name}.normed")
        return self.node("Mul", [normed, weight], f"{name}.out")


def _lengths(graph: Graph) -> None:
    """Tell the attention how long each row and the longest of them is."""
    total = graph.node("ReduceSum", ["attention_mask", "last"], "mask.sum", keepdims=0)
    before = graph.node("Sub", [total, "one"], "mask.before")
    graph.node("Cast", [before], "seqlens_k", to=TensorProto.INT32)
    shape = graph.node("Shape", ["attention_mask"], "mask.shape")
    longest = graph.node("Gather", [shape, "one"], "mask.longest", axis=0)
    graph.node("Cast", [longest], "total_sequence_length", to=TensorProto.INT32)


def _attention(graph: Graph, at: int, x: str, heads: tuple[int, int]) -> str:
    name = f"layers.{at}"
    normed = graph.norm(f"{name}.input_layernorm", x)
    query, key, value = (graph.linear(f"{name}.{part}_proj", normed) for part in "qkv")
    inputs = [query, key, value, f"past_key_values.{at}.key", f"past_key_values.{at}.value"]
    seen = graph.node(
        "GroupQueryAttention",
        [*inputs, "seqlens_k", "total_sequence_length", "cos_cache", "sin_cache"],
        f"{name}.attention",
        f"present.{at}.key",
        f"present.{at}.value",
        domain="com.microsoft",
        num_heads=heads[0],
        kv_num_heads=heads[1],
        do_rotary=1,
        rotary_interleaved=0,
    )
    return graph.node("Add", [x, graph.linear(f"{name}.o_proj", seen)], f"{name}.attended")


def _layer(graph: Graph, at: int, x: str, heads: tuple[int, int]) -> str:
    name = f"layers.{at}"
    attended = _attention(graph, at, x, heads)
    normed = graph.norm(f"{name}.post_attention_layernorm", attended)
    gate = graph.linear(f"{name}.gate_proj", normed)
    silu = graph.node("Mul", [gate, graph.node("Sigmoid", [gate], f"{name}.sigmoid")], f"{name}.silu")
    both = graph.node("Mul", [silu, graph.linear(f"{name}.up_proj", normed)], f"{name}.both")
    return graph.node("Add", [attended, graph.linear(f"{name}.down_proj", both)], f"{name}.end")


def _ports(layers: int, key_heads: int, vocabulary: int) -> tuple[list[onnx.ValueInfoProto], list[onnx.ValueInfoProto]]:
    """Name the inputs and outputs, as exporters of decoders do."""
    whole, real = TensorProto.INT64, TensorProto.FLOAT
    inputs = [
        helper.make_tensor_value_info("input_ids", whole, ["batch_size", "sequence_length"]),
        helper.make_tensor_value_info("attention_mask", whole, ["batch_size", "total_sequence_length"]),
    ]
    outputs = [helper.make_tensor_value_info("logits", real, ["batch_size", "sequence_length", vocabulary])]
    for at in range(layers):
        for part in ("key", "value"):
            past: list[str | int | None] = ["batch_size", key_heads, "past_sequence_length", HEAD]
            present: list[str | int | None] = ["batch_size", key_heads, "total_sequence_length", HEAD]
            inputs.append(helper.make_tensor_value_info(f"past_key_values.{at}.{part}", real, past))
            outputs.append(helper.make_tensor_value_info(f"present.{at}.{part}", real, present))
    return inputs, outputs


def shape_of(weights: Weights) -> dict[str, int]:
    """Read the sizes off the weights."""
    vocabulary, width = weights["embed_tokens.weight"].shape
    return {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "intermediate_size": weights["layers.0.gate_proj.weight"].shape[0],
        "num_hidden_layers": sum(name.endswith("q_proj.weight") for name in weights),
        "num_attention_heads": weights["layers.0.q_proj.weight"].shape[0] // HEAD,
        "num_key_value_heads": weights["layers.0.k_proj.weight"].shape[0] // HEAD,
    }


def model_of(weights: Weights, *, bits: int) -> onnx.ModelProto:
    """Make the model."""
    shape = shape_of(weights)
    graph = Graph(weights, bits=bits)
    graph.constant("two", 2.0, np.float32)
    graph.constant("epsilon", EPSILON, np.float32)
    graph.constant("last", [-1], np.int64)
    graph.constant("one", 1, np.int64)
    angles = np.outer(np.arange(POSITIONS), THETA ** (-np.arange(0, HEAD, 2) / HEAD))
    graph.constant("cos_cache", np.cos(angles), np.float32)
    graph.constant("sin_cache", np.sin(angles), np.float32)
    _lengths(graph)
    table = graph.weight("embed_tokens.weight", weights["embed_tokens.weight"], axis=0)
    x = graph.node("Gather", [table, "input_ids"], "embedded", axis=0)
    heads = (shape["num_attention_heads"], shape["num_key_value_heads"])
    for at in range(shape["num_hidden_layers"]):
        x = _layer(graph, at, x, heads)
    x = graph.norm("norm", x)
    graph.node("MatMul", [x, graph.node("Transpose", [table], "lm_head")], "logits")
    inputs, outputs = _ports(shape["num_hidden_layers"], heads[1], shape["vocab_size"])
    made = helper.make_graph(graph.nodes, "pico", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=9, producer_name="pico.export")


def _settings(weights: Weights, tokenizer: Tokenizer) -> tuple[dict[str, object], dict[str, object]]:
    end, start = tokenizer.token_to_id("<|im_end|>"), tokenizer.token_to_id("<|endoftext|>")
    config: dict[str, object] = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        **shape_of(weights),
        "head_dim": HEAD,
        "max_position_embeddings": POSITIONS,
        "rope_theta": THETA,
        "rms_norm_eps": EPSILON,
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "bos_token_id": start,
        "eos_token_id": end,
        "pad_token_id": start,
    }
    return config, {"eos_token_id": end, "pad_token_id": start, "do_sample": False, "max_new_tokens": 256}


def write(folder: Path, out: Path, *, bits: int = 8) -> None:
    """Write the model's files into a folder."""
    weights = load_file(folder / "model.safetensors")
    out.mkdir(parents=True, exist_ok=True)
    onnx.save_model(model_of(weights, bits=bits), out / "model.onnx")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    for name, settings in zip(("config", "generation_config"), _settings(weights, tokenizer), strict=True):
        (out / f"{name}.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    shutil.copyfile(folder / "tokenizer.json", out / "tokenizer.json")
    shutil.copyfile(Path(__file__).with_name("chat_template.jinja"), out / "chat_template.jinja")


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--bits", type=int, choices=(8, 32), default=8)
    asked = parser.parse_args()
    write(asked.folder, asked.out, bits=asked.bits)


if __name__ == "__main__":
    main()
