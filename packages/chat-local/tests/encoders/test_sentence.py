"""What stands behind an encoder: read as sentence-transformers writes it, and refused where it is not known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tinyencoders import write_sentence

from chat_core.errors import ConfigurationError
from chat_local.encoders.sentence import Sentence, sentence_of

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def modules(folder: Path, *found: dict[str, Any]) -> Path:
    write(folder / "modules.json", list(found))
    return folder


def test_a_folder_that_says_nothing_is_pooled_by_the_mean(tmp_path: Path) -> None:
    found = sentence_of(tmp_path)
    assert found.modes == ("mean",)
    assert found.assumed
    assert not found.is_unit


@pytest.mark.parametrize(
    ("config", "modes"),
    [
        ({"pooling_mode": "cls"}, ("cls",)),
        ({"pooling_mode": ["max", "mean"]}, ("max", "mean")),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True}, ("cls", "mean")),
        ({}, ("mean",)),
    ],
)
def test_pooling_is_read_in_the_old_and_the_new_way(tmp_path: Path, config: object, modes: tuple[str, ...]) -> None:
    write(tmp_path / "1_Pooling" / "config.json", config)
    kind = "sentence_transformers.sentence_transformer.modules.pooling.Pooling"
    modules(tmp_path, {"type": kind, "path": "1_Pooling"})
    found = sentence_of(tmp_path)
    assert (found.modes, found.assumed) == (modes, False)


def test_what_is_not_known_is_refused_by_name(tmp_path: Path) -> None:
    modules(tmp_path, {"type": "sentence_transformers.models.LSTM", "path": "1_LSTM"})
    with pytest.raises(ConfigurationError, match="module LSTM"):
        sentence_of(tmp_path)
    modules(tmp_path, {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"})
    write(tmp_path / "1_Pooling" / "config.json", {"pooling_mode": "median"})
    with pytest.raises(ConfigurationError, match="pools by median"):
        sentence_of(tmp_path)


@pytest.mark.parametrize("path", ["../elsewhere", "/etc", "a/../../b"])
def test_no_module_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    modules(tmp_path, {"type": "sentence_transformers.models.Dense", "path": path})
    with pytest.raises(ConfigurationError, match="without a folder"):
        sentence_of(tmp_path)


@pytest.mark.parametrize(
    "change",
    [{"activation_function": "torch.nn.GELU"}, {"use_residual": True}, {"module_input_name": "token_embeddings"}],
)
def test_a_product_of_another_kind_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    folder = write_sentence(tmp_path, "dense")
    path = folder / "2_Dense" / "config.json"
    write(path, {**json.loads(path.read_text()), **change})
    with pytest.raises(ConfigurationError, match="not known here"):
        sentence_of(folder)


def test_a_product_is_read(tmp_path: Path) -> None:
    dense, _ = sentence_of(write_sentence(tmp_path, "dense")).steps
    assert dense(np.ones((2, 32), np.float32)).shape == (2, 12)


@pytest.mark.parametrize("text", ["{}", "[1]", '[{"type": "x"}]', "[", '"x"'])
def test_a_damaged_list_of_modules_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "modules.json").write_text(text)
    with pytest.raises(ConfigurationError):
        sentence_of(tmp_path)


def test_damaged_prompts_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "config_sentence_transformers.json"
    write(path, {"prompts": {"query": 3}})
    with pytest.raises(ConfigurationError, match="prompts that are no texts"):
        sentence_of(tmp_path)
    write(path, {"prompts": {"query": "q: "}, "default_prompt_name": "other"})
    with pytest.raises(ConfigurationError, match="'other', which is not there"):
        sentence_of(tmp_path)


def test_a_purpose_has_a_prompt_or_is_refused() -> None:
    made = Sentence(prompts={"query": "q: ", "passage": "p: ", "sort": "s: "}, default="sort")
    assert [made.prompt(purpose)[0] for purpose in (None, "query", "document", "sort")] == ["s: ", "q: ", "p: ", "s: "]
    with pytest.raises(ConfigurationError, match=r"'cluster': it has query, passage, sort"):
        made.prompt("cluster")


def test_a_model_without_prompts_says_so() -> None:
    assert Sentence().prompt("query") == ("", False)
    assert Sentence(prompts={"query": "q: "}).prompt("document") == ("", True)
    assert Sentence(prompts={"query": "", "document": ""}).prompt("query") == ("", True)
