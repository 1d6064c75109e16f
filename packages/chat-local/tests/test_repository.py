"""Which files of a repository are fetched."""

from __future__ import annotations

import pytest

from chat_core.errors import ConfigurationError
from chat_local.repository import descriptions, graphs, is_inside, safe, safetensors

FILES = [
    "README.md", "chat_template.jinja", "config.json", "onnx/model_q4.onnx", "onnx/model.onnx", "run.py",
    "pytorch_model.bin", "model.safetensors", "additional_chat_templates/tools.jinja", "tokenizer.json",
    "additional_chat_templates/deep/er.jinja", "adapter.safetensors", "model.safetensors.index.json",
]  # fmt: skip


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "C:/x", "C:x", "a\\..\\x", "a//x", "./x", "", "a\0"])
def test_a_path_that_leads_out_is_not_fetched(path: str) -> None:
    assert not is_inside(path)
    assert safe([path, "config.json"]) == ("config.json",)


def test_descriptions_are_those_that_are_read() -> None:
    assert descriptions(FILES) == [
        "chat_template.jinja", "config.json", "additional_chat_templates/tools.jinja", "tokenizer.json",
    ]  # fmt: skip


def test_graphs_have_their_variants_as_names() -> None:
    assert graphs("m", FILES) == {"": "onnx/model.onnx", "q4": "onnx/model_q4.onnx"}


def test_the_own_graphs_of_a_folder_go_before_those_below_it() -> None:
    assert graphs("m", ["onnx/model.onnx", "model.onnx"]) == {"": "model.onnx"}


def test_weights_are_those_of_the_model_itself() -> None:
    assert safetensors("m", FILES) == ["model.safetensors", "model.safetensors.index.json"]
    with pytest.raises(ConfigurationError, match="m has no safetensors files"):
        safetensors("m", ["pytorch_model.bin"])
