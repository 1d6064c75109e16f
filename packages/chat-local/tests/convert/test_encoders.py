"""Encoders: what is converted, how exactly, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from tinyencoders import CONFIGS, PAIRS, TEXTS, tensors, whole_config, write_sentence, write_source
from tinyweights import write_safetensors

from chat_core.chat import Chat
from chat_core.errors import ConfigurationError
from chat_local import layout
from chat_local.convert.converting import convert

if TYPE_CHECKING:
    from pathlib import Path

    from chat_local.convert.graphs import Bits

ON_CPU: dict[str, Any] = {"options": {"device": "cpu", "threads": 1}}


def vectors(folder: Path, variant: str = "") -> np.ndarray[Any, Any]:
    with Chat(f"local:{folder}{variant}") as chat:
        return np.array(chat.embed(TEXTS, extra=ON_CPU).vectors)


def changed(folder: Path, **config: Any) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **config}))
    return folder


def rewritten(folder: Path, name: str, found: dict[str, Any]) -> Path:
    write_source(folder, name)
    write_safetensors(folder / "model.safetensors", found)
    return folder


@pytest.mark.parametrize("name", ["mean-unit", "dense", "weighted"])
def test_fewer_bits_give_nearly_the_same_vectors(tmp_path: Path, name: str) -> None:
    source, made = write_sentence(tmp_path / "source", name), tmp_path / "made"
    convert(source, made)
    convert(source, made, bits=8)
    convert(source, made, bits=16)
    convert(source, made, dynamic=True)
    assert set(layout.read(made).variants) == {"", "fp16", "q8", "int8"}
    whole = vectors(made)
    for variant, least in ((":fp16", 0.9999), (":q8", 0.995), (":int8", 0.98)):
        few = vectors(made, variant)
        alike = (whole * few).sum(1) / np.linalg.norm(whole, axis=1) / np.linalg.norm(few, axis=1)
        assert 0 < (1 - alike).max() < 1 - least


def test_scores_in_halves_are_nearly_the_same(tmp_path: Path) -> None:
    source, made = write_source(tmp_path / "source", "bert-nli"), tmp_path / "made"
    convert(source, made)
    convert(source, made, bits=16)
    found: list[list[float]] = []
    for variant in ("", ":fp16"):
        with Chat(f"local:{made}{variant}") as chat:
            found.append([one.entailment for one in chat.entail(PAIRS, extra=ON_CPU).results])
    assert found[0] != found[1]
    assert found[1] == pytest.approx(found[0], abs=0.01)


def test_a_model_that_reads_is_run_as_exactly_as_it_can_be(tmp_path: Path) -> None:
    source, made = write_sentence(tmp_path / "source", "mean"), tmp_path / "made"
    convert(source, made, dynamic=True)
    assert layout.read(made).variant == "int8"
    convert(source, made)
    assert layout.read(made).variant == ""


@pytest.mark.parametrize(("bits", "kind"), [(32, "Attention"), (16, "MultiHeadAttention"), (8, "MultiHeadAttention")])
def test_whole_floats_have_the_products_of_attention_within_it(tmp_path: Path, bits: Bits, kind: str) -> None:
    source = write_source(tmp_path / "source", "bert")
    graph = convert(source, tmp_path / "made", bits=bits).read_bytes()
    nodes = onnx.ModelProto.FromString(graph).graph.node
    found = [found.op_type for found in nodes]
    assert {name for name in found if name.endswith("Attention")} == {kind}
    assert found.count("Split") == (0 if bits == 32 else 2)


def test_modules_come_along(tmp_path: Path) -> None:
    source, made = write_sentence(tmp_path / "source", "dense"), tmp_path / "made"
    (source / "1_Pooling" / "evil.py").write_text("")
    convert(source, made)
    assert sorted(path.relative_to(made).as_posix() for path in made.rglob("*.*")) == [
        "1_Pooling/config.json", "2_Dense/config.json", "2_Dense/model.safetensors", "config.json", "model.onnx",
        "modules.json", "sentence_bert_config.json", "tokenizer.json", "tokenizer_config.json",
    ]  # fmt: skip


def test_old_names_and_weights_of_no_use_are_read(tmp_path: Path) -> None:
    config = whole_config("bert")
    plain = tensors(config)
    convert(write_source(tmp_path / "a", "bert"), tmp_path / "a-made")
    old = {
        f"bert.{name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta')}": value
        for name, value in plain.items()
    }
    old |= {"cls.predictions.bias": np.zeros(3, np.float32), "bert.pooler.dense.bias": np.zeros(3, np.float32)}
    source = changed(rewritten(tmp_path / "b", "bert", old), architectures=["BertForMaskedLM"])
    convert(source, tmp_path / "b-made")
    assert np.array_equal(vectors(tmp_path / "a-made"), vectors(tmp_path / "b-made"))


def test_weights_that_the_graph_would_leave_out_are_refused(tmp_path: Path) -> None:
    more = {**tensors(whole_config("bert")), "encoder.layer.0.adapter.weight": np.ones(3, np.float32)}
    with pytest.raises(ConfigurationError, match=r"a bert with encoder.layer.0.adapter.weight"):
        convert(rewritten(tmp_path / "source", "bert", more), tmp_path / "made")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hidden_act": "swish"}, "activation 'swish'"),
        ({"position_embedding_type": "relative_key"}, "tells places by other than a table"),
        ({"is_decoder": True}, "that writes text"),
        ({"quantization_config": {}}, "quantised already"),
        ({"architectures": ["BertForTokenClassification"]}, "BertForTokenClassification is not converted"),
        ({"num_hidden_layers": 0}, "no usable num_hidden_layers"),
        ({"intermediate_size": 47}, "wants"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        convert(changed(write_source(tmp_path / "source", "bert"), **change), tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_precisions_that_are_no_good_are_refused(tmp_path: Path) -> None:
    source = write_source(tmp_path / "source", "bert")
    with pytest.raises(ConfigurationError, match="no good in 4 bits"):
        convert(source, tmp_path / "made", bits=4)
    with pytest.raises(ConfigurationError, match="without --dynamic"):
        convert(changed(source, model_type="llama"), tmp_path / "made", dynamic=True)


def test_the_number_of_classes_is_transformers_where_the_config_is_silent(tmp_path: Path) -> None:
    name = "mpnet-nli"  # of two classes
    source = write_source(tmp_path / "source", name)
    config = {
        key: value for key, value in json.loads((source / "config.json").read_text()).items() if "label" not in key
    }
    (source / "config.json").write_text(json.dumps(config))
    convert(source, tmp_path / "made")
    with Chat(f"local:{tmp_path / 'made'}") as chat:
        assert set(chat.classify("a", extra=ON_CPU).results[0].scores) == {"LABEL_0", "LABEL_1"}
    assert CONFIGS[name]["id2label"] != {}
