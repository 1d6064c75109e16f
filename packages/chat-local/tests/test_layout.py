"""Model folders: what is found in one, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import onnx
import pytest

from chat_core.errors import ConfigurationError
from chat_local import layout
from chat_local.names import PICO_FOLDER

if TYPE_CHECKING:
    from pathlib import Path


def graph(*locations: str, length: int = 8) -> bytes:
    tensors: list[onnx.TensorProto] = []
    for location in locations:
        tensor = onnx.TensorProto(name="w", data_type=1, dims=[2], data_location=onnx.TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value=location)
        tensor.external_data.add(key="length", value=str(length))
        tensors.append(tensor)
    made = onnx.helper.make_model(onnx.helper.make_graph([], "g", [], [], tensors))
    data: bytes = made.SerializeToString()
    return data


def folder(place: Path, **files: object) -> Path:
    """Make a model's folder; `__` is a dot, and a dict is JSON."""
    held: dict[str, object] = {
        "tokenizer.json": {},
        "model.onnx": graph(),
        **{name.replace("__", "."): v for name, v in files.items()},
    }
    place.mkdir(parents=True, exist_ok=True)
    for name, value in held.items():
        if value is None:
            continue
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return place


def refused(place: Path, variant: str | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        layout.read(place, variant=variant)
    return caught.value.message


def test_the_embedded_model_is_a_model_folder() -> None:
    files = layout.read(PICO_FOLDER)
    assert (files.name, files.variant, files.weights) == ("pico", "", ())
    assert files.ends
    assert "default" in files.templates


def test_what_a_folder_says_is_found(tmp_path: Path) -> None:
    place = folder(
        tmp_path / "m",
        config__json={"max_position_embeddings": 99, "eos_token_id": 1},
        generation_config__json={"eos_token_id": [2, 3]},
        tokenizer_config__json={"eos_token": {"content": "<e>"}, "bos_token": "<b>", "chat_template": "old"},
        chat_template__jinja=b"new",
    )
    files = layout.read(place)
    assert (files.name, files.context, files.ends) == ("m", 99, (2, 3))
    assert files.special == {"eos_token": "<e>", "bos_token": "<b>"}
    assert files.templates == {"default": "new"}


def test_named_templates_are_found(tmp_path: Path) -> None:
    named = [{"name": "default", "template": "d"}, {"name": "tool_use", "template": "t"}]
    place = folder(tmp_path, tokenizer_config__json={"chat_template": named})
    (tmp_path / "additional_chat_templates").mkdir()
    (tmp_path / "additional_chat_templates" / "rag.jinja").write_text("r")
    assert layout.read(place).templates == {"default": "d", "tool_use": "t", "rag": "r"}


@pytest.mark.parametrize(("gpu", "variant"), [(False, "int4"), (True, "fp16")])
def test_the_variant_that_suits_the_device_is_chosen(tmp_path: Path, gpu: bool, variant: str) -> None:
    place = folder(tmp_path, model_fp16__onnx=graph(), model_int4__onnx=graph())
    assert layout.read(place, gpu=gpu).variant == variant


def test_a_variant_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    assert "has no variant 'q4', only (unnamed)" in refused(folder(tmp_path), variant="q4")


def test_a_description_of_genai_is_understood(tmp_path: Path) -> None:
    decoder = {"filename": "phi.onnx", "head_size": 96}
    described = {"model": {"decoder": decoder, "context_length": 4096, "eos_token_id": [7, 8]}}
    place = folder(tmp_path, model__onnx=None, phi__onnx=graph(), genai_config__json=described)
    files = layout.read(place)
    assert (files.graph.name, files.context, files.ends, files.head) == ("phi.onnx", 4096, (7, 8), 96)


@pytest.mark.parametrize(
    ("config", "head"),
    [({"head_dim": 64, "hidden_size": 512, "num_attention_heads": 4}, 64), ({"hidden_size": 512}, None), ({}, None),
     ({"hidden_size": 512, "num_attention_heads": 4}, 128), ({"head_dim": None, "hidden_size": "x"}, None)],
)  # fmt: skip
def test_numbers_in_a_head_are_those_of_the_description(tmp_path: Path, config: dict[str, object], head: int) -> None:
    assert layout.read(folder(tmp_path / "m", config__json=config)).head == head


@pytest.mark.parametrize("name", ["../phi.onnx", "/tmp/phi.onnx"])
def test_a_description_of_genai_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    described = {"model": {"decoder": {"filename": name}}}
    place = folder(tmp_path / "m", model__onnx=None, genai_config__json=described)
    (tmp_path / "phi.onnx").write_bytes(graph())
    assert "a file outside of itself" in refused(place)


def test_weights_beside_the_graph_are_found(tmp_path: Path) -> None:
    place = folder(tmp_path, model__onnx=graph("model.onnx.data"), model__onnx__data=b"\0" * 8)
    files = layout.read(place)
    assert files.files == (place / "model.onnx", place / "model.onnx.data")


def test_weights_outside_of_the_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\0" * 8)
    for number, location in enumerate(["../secret", str(tmp_path / "secret"), "a/../../secret"]):
        place = folder(tmp_path / str(number), model__onnx=graph(location))
        assert "a file outside of itself" in refused(place)


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\0" * 8)
    place = folder(tmp_path / "m", model__onnx=graph("w"))
    (place / "w").symlink_to(tmp_path / "secret")
    assert "a file outside of itself" in refused(place)
    other = folder(tmp_path / "n", config__json=None)
    (tmp_path / "config.json").write_text("{}")
    (other / "config.json").symlink_to(tmp_path / "config.json")
    assert "a file outside of itself" in refused(other)


def test_the_links_of_the_hubs_cache_are_followed_within_it(tmp_path: Path) -> None:
    cache = tmp_path / "hub" / "models--org--m"
    place = folder(cache / "snapshots" / "abc")
    (cache / "blobs").mkdir()
    (place / "model.onnx").rename(cache / "blobs" / "1")
    (place / "model.onnx").symlink_to("../../blobs/1")
    assert layout.read(place).graph == place / "model.onnx"
    (tmp_path / "secret").write_text("{}")
    (place / "config.json").symlink_to(tmp_path / "secret")
    assert "a file outside of itself" in refused(place)


def test_weights_that_are_missing_or_cut_are_said(tmp_path: Path) -> None:
    place = folder(tmp_path, model__onnx=graph("model.onnx_data"))
    assert "model.onnx has weights in model.onnx_data, which is not there" in refused(place)
    (place / "model.onnx_data").write_bytes(b"\0" * 7)
    assert "is incomplete: model.onnx needs 8 bytes of it" in refused(place)


def test_a_graph_that_is_cut_is_said(tmp_path: Path) -> None:
    place = folder(tmp_path, model__onnx=graph("somewhere")[:-5])
    assert "damaged or incomplete" in refused(place)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("model.safetensors", "chat local convert"),
        ("model.gguf", "use the provider ollama"),
        ("pytorch_model.bin", "pickled weights, which are never loaded"),
        ("notes.txt", "it should hold model.onnx"),
    ],
)
def test_a_folder_without_a_graph_says_what_would_help(tmp_path: Path, file: str, said: str) -> None:
    place = folder(tmp_path, model__onnx=None)
    (place / file).write_bytes(b"")
    assert said in refused(place)


def test_what_is_missing_or_malformed_is_named(tmp_path: Path) -> None:
    assert "there is no folder" in refused(tmp_path / "absent")
    assert "has no tokenizer.json" in refused(folder(tmp_path / "a", tokenizer__json=None))
    assert "config.json cannot be read" in refused(folder(tmp_path / "b", config__json=b"{"))
    assert "config.json cannot be read" in refused(folder(tmp_path / "c", config__json=b"[]"))
    assert "chat template without a name" in refused(
        folder(tmp_path / "d", tokenizer_config__json={"chat_template": [1]})
    )


def test_a_folder_that_changed_is_read_anew(tmp_path: Path) -> None:
    place = folder(tmp_path)
    assert layout.read(place) is layout.read(place)
    assert layout.read(place).context == layout.DEFAULT_CONTEXT
    folder(tmp_path, config__json={"n_ctx": 12})
    assert layout.read(place).context == 12
