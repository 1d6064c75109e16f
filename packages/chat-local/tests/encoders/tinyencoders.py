"""Small encoders of every family that is converted, with tokenizers of their own; their weights made from a seed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from tinyweights import write_safetensors
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

WIDTH = 32

BERT: dict[str, Any] = {
    "hidden_size": WIDTH, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
    "max_position_embeddings": 40, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu",
    "pad_token_id": 0,
}  # fmt: skip

ROBERTA = {**BERT, "type_vocab_size": 1, "layer_norm_eps": 1e-5, "pad_token_id": 1, "max_position_embeddings": 42}

DISTILBERT: dict[str, Any] = {
    "dim": WIDTH, "hidden_dim": 48, "n_layers": 2, "n_heads": 2, "max_position_embeddings": 40, "activation": "gelu",
    "pad_token_id": 0,
}  # fmt: skip

NLI = {"0": "contradiction", "1": "entailment", "2": "neutral"}

CONFIGS: Mapping[str, dict[str, Any]] = {
    "bert": {**BERT, "model_type": "bert", "architectures": ["BertModel"]},
    "bert-tanh": {**BERT, "model_type": "bert", "architectures": ["BertModel"], "hidden_act": "gelu_new"},
    "distilbert": {**DISTILBERT, "model_type": "distilbert", "architectures": ["DistilBertModel"]},
    "mpnet": {
        **BERT, "model_type": "mpnet", "architectures": ["MPNetModel"], "pad_token_id": 1, "layer_norm_eps": 1e-5,
        "max_position_embeddings": 42, "relative_attention_num_buckets": 32,
    },
    "roberta": {**ROBERTA, "model_type": "roberta", "architectures": ["RobertaModel"]},
    "bert-nli": {
        **BERT, "model_type": "bert", "architectures": ["BertForSequenceClassification"],
        "id2label": {"0": "entailment", "1": "neutral", "2": "contradiction"},
    },
    "roberta-nli": {
        **ROBERTA, "model_type": "roberta", "architectures": ["RobertaForSequenceClassification"],
        "id2label": {"0": "CONTRADICTION", "1": "NEUTRAL", "2": "ENTAILMENT"},
    },
    "mpnet-nli": {
        **BERT, "model_type": "mpnet", "architectures": ["MPNetForSequenceClassification"], "pad_token_id": 1,
        "max_position_embeddings": 42, "relative_attention_num_buckets": 32,
        "id2label": {"0": "not_entailment", "1": "entailment"},
    },
    "distilbert-moods": {
        **DISTILBERT, "model_type": "distilbert", "architectures": ["DistilBertForSequenceClassification"],
        "id2label": {"0": "sad", "1": "glad", "2": "mad", "3": "calm"},
    },
    "roberta-topics": {
        **ROBERTA, "model_type": "roberta", "architectures": ["RobertaForSequenceClassification"],
        "problem_type": "multi_label_classification", "id2label": {"0": "sea", "1": "war", "2": "bread"},
    },
    "bert-rank": {
        **BERT, "model_type": "bert", "architectures": ["BertForSequenceClassification"], "id2label": {"0": "LABEL_0"},
    },
    "xlm-roberta-rank": {
        **ROBERTA, "model_type": "xlm-roberta", "architectures": ["XLMRobertaForSequenceClassification"],
        "id2label": {"0": "LABEL_0"},
        "sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity",
    },
}  # fmt: skip
"""The models, as their `config.json` has it, but for the number of their tokens."""

_POOLING = {"word_embedding_dimension": WIDTH, "pooling_mode_mean_tokens": False}

SENTENCES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "cls": ("bert", {"pooling": {**_POOLING, "pooling_mode_cls_token": True}}),
    "mean": ("bert", {"pooling": {"word_embedding_dimension": WIDTH, "pooling_mode_mean_tokens": True}}),
    "mean-unit": ("bert-tanh", {"pooling": {"pooling_mode_mean_tokens": True}, "normalize": True, "limit": 12}),
    "max": ("distilbert", {"pooling": {**_POOLING, "pooling_mode_max_tokens": True}}),
    "sqrt": ("distilbert", {"pooling": {**_POOLING, "pooling_mode_mean_sqrt_len_tokens": True}}),
    "weighted": ("roberta", {"pooling": {**_POOLING, "pooling_mode_weightedmean_tokens": True}, "normalize": True}),
    "last": ("roberta", {"pooling": {**_POOLING, "pooling_mode_lasttoken": True}}),
    "several": (
        "mpnet",
        {"pooling": {**_POOLING, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, "normalize": True},
    ),
    "dense": ("mpnet", {"pooling": {"pooling_mode_mean_tokens": True}, "dense": 12, "normalize": True, "lower": True}),
    "prompts": (
        "bert",
        {
            "pooling": {"pooling_mode_mean_tokens": True},
            "prompts": {"query": "find: ", "passage": "said: ", "sort": "sort this: "},
            "default": "sort",
        },
    ),
    "prompts-apart": (
        "bert",
        {
            "pooling": {"pooling_mode_mean_tokens": True, "include_prompt": False},
            "prompts": {"query": "find: ", "document": ""},
        },
    ),
}
"""Models of sentences: the encoder, and what stands behind it."""

TEXTS = (
    "the boat",
    "The old boat lies in the harbour, and nobody sails it.",
    "a",
    "Bread is baked at night, sold in the morning, and eaten before noon by those who never slept at all",
    "Řeka teče; war is over!",
    "",
    "boat boat boat",
)
"""What is read: short, long, with letters that the tokenizer does not know, and nothing at all."""

PAIRS = (
    ("The boat lies in the harbour.", "the boat is at sea"),
    ("Bread is baked at night.", "somebody bakes"),
    ("a very long premise that goes on and on about boats and bread and rivers and war and never ends", "it ends"),
    ("", "nothing"),
    ("nobody sails to sea", "nobody at all ever sails to the sea"),
)
"""Premises with hypotheses; those of the last pair are too long together, and it matters which of them is cut."""

LABELS = ("sea", "war and peace", "bread")


def tokenizer_of(config: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return a tokenizer of letters, and its description."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,:;!? "
    if config["model_type"] in {"bert", "distilbert"}:
        return _wordpiece(letters)
    return _bytes(pad=int(config["pad_token_id"]))


def _wordpiece(letters: str) -> tuple[Any, dict[str, Any]]:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "boat", "bread", "##ing", "##s"]
    small = [letter for letter in letters.lower() if letter != " "]
    vocabulary = {word: place for place, word in enumerate(dict.fromkeys([*words, *small, *(f"##{x}" for x in small)]))}
    made: Any = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.add_special_tokens(words[:5])
    named = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return made, {**named, "model_input_names": ["input_ids", "token_type_ids", "attention_mask"]}


def _bytes(pad: int) -> tuple[Any, dict[str, Any]]:
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {word: place for place, word in enumerate([*special, *alphabet])}
    assert vocabulary["<pad>"] == pad
    made: Any = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    made.add_special_tokens(special)
    named = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>"}
    return made, {**named, "sep_token": "</s>", "model_input_names": ["input_ids", "attention_mask"]}


def whole_config(name: str) -> dict[str, Any]:
    """Return a model's `config.json`."""
    config = CONFIGS[name]
    made, _ = tokenizer_of(config)
    labels = config.get("id2label")
    more = {"label2id": {label: int(place) for place, label in labels.items()}} if labels else {}
    return {**config, "vocab_size": made.get_vocab_size(), **more}


def tensors(config: Mapping[str, Any]) -> dict[str, NDArray[np.float32]]:
    """Return weights of a model, by the names that its family has for them."""
    draw = np.random.default_rng(23)
    family, head = config["model_type"], bool(config.get("id2label"))
    prefix = {"bert": "bert.", "distilbert": "distilbert.", "mpnet": "mpnet."}.get(family, "roberta.") if head else ""

    def matrix(*shape: int, spread: float = 0.25) -> NDArray[np.float32]:
        return draw.normal(0, spread, shape).astype(np.float32)

    def linear(name: str, outputs: int, inputs: int = WIDTH) -> dict[str, NDArray[np.float32]]:
        return {f"{name}.weight": matrix(outputs, inputs), f"{name}.bias": matrix(outputs)}

    def norm(name: str) -> dict[str, NDArray[np.float32]]:
        return {f"{name}.weight": 1 + matrix(WIDTH), f"{name}.bias": matrix(WIDTH)}

    at = f"{prefix}embeddings"
    found = {
        f"{at}.word_embeddings.weight": matrix(config["vocab_size"], WIDTH, spread=1.0),
        f"{at}.position_embeddings.weight": matrix(config["max_position_embeddings"], WIDTH, spread=0.5),
        **norm(f"{at}.LayerNorm"),
    }
    if family not in {"distilbert", "mpnet"}:
        found[f"{at}.token_type_embeddings.weight"] = matrix(config["type_vocab_size"], WIDTH, spread=0.5)
    if family == "mpnet":
        found[f"{prefix}encoder.relative_attention_bias.weight"] = matrix(32, 2, spread=1.0)
    names = {
        "distilbert": (
            "transformer.layer.{}", "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin",
            "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm",
        ),
        "mpnet": (
            "encoder.layer.{}", "attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o",
            "attention.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm",
        ),
    }.get(family, (
        "encoder.layer.{}", "attention.self.query", "attention.self.key", "attention.self.value",
        "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense",
        "output.LayerNorm",
    ))  # fmt: skip
    for layer in range(2):
        place = prefix + names[0].format(layer)
        for part in names[1:5]:
            found |= linear(f"{place}.{part}", WIDTH)
        found |= {**norm(f"{place}.{names[5]}"), **linear(f"{place}.{names[6]}", 48)}
        found |= {**linear(f"{place}.{names[7]}", WIDTH, 48), **norm(f"{place}.{names[8]}")}
    if not head:
        return found
    classes = len(config["id2label"])
    match family:
        case "bert":
            return {**found, **linear("bert.pooler.dense", WIDTH), **linear("classifier", classes)}
        case "distilbert":
            return {**found, **linear("pre_classifier", WIDTH), **linear("classifier", classes)}
        case _:
            return {**found, **linear("classifier.dense", WIDTH), **linear("classifier.out_proj", classes)}


def write_source(folder: Path, name: str) -> Path:
    """Write a model's folder as it is published: weights, tokenizer, descriptions."""
    folder.mkdir(parents=True, exist_ok=True)
    config = whole_config(name)
    made, said = tokenizer_of(config)
    made.save(str(folder / "tokenizer.json"))
    limit = {"model_max_length": 40, "tokenizer_class": "PreTrainedTokenizerFast"}
    (folder / "tokenizer_config.json").write_text(json.dumps({**said, **limit}), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    write_safetensors(folder / "model.safetensors", tensors(config))
    return folder


def write_sentence(folder: Path, name: str) -> Path:
    """Write a model of sentences."""
    encoder, more = SENTENCES[name]
    write_source(folder, encoder)
    modules = [("Transformer", ""), ("Pooling", "1_Pooling")]
    _write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": WIDTH, **more["pooling"]})
    if "dense" in more:
        modules.append(("Dense", "2_Dense"))
        _write_dense(folder / "2_Dense", more["dense"])
    if more.get("normalize"):
        modules.append(("Normalize", f"{len(modules)}_Normalize"))
    listed = [
        {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for place, (kind, path) in enumerate(modules)
    ]
    _write(folder / "modules.json", listed)
    _write(
        folder / "sentence_bert_config.json",
        {"max_seq_length": more.get("limit", 40), "do_lower_case": more.get("lower", False)},
    )
    if "prompts" in more:
        said = {"prompts": more["prompts"], "default_prompt_name": more.get("default")}
        _write(folder / "config_sentence_transformers.json", said)
    return folder


def _write_dense(folder: Path, outputs: int) -> None:
    draw = np.random.default_rng(29)
    _write(
        folder / "config.json",
        {
            "in_features": WIDTH,
            "out_features": outputs,
            "bias": True,
            "activation_function": "torch.nn.modules.activation.Tanh",
        },
    )
    found = {
        "linear.weight": draw.normal(0, 0.3, (outputs, WIDTH)).astype(np.float32),
        "linear.bias": draw.normal(0, 0.3, outputs).astype(np.float32),
    }
    write_safetensors(folder / "model.safetensors", found)


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
