"""Folders that are bad, and requests that cannot be met, each end in one clear error before the first event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import onnx
import pytest
from onnx import TensorProto, helper
from tinymodel import asking, write_model

from chat_core.errors import ChatError, ConfigurationError, UnsupportedContent
from chat_local import server as server_module
from chat_local.engine import memory, runtime
from chat_local.engine.runtime import CPU, Device
from chat_local.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def begin(server: Server, folder: Path, text: str = "hello", **options: Any) -> list[dict[str, Any]]:
    """Return all events of an answer."""
    from queue import SimpleQueue  # noqa: PLC0415 - here only

    said: SimpleQueue[tuple[bytes, bool]] = SimpleQueue()
    begun = server.begin(asking(folder, text, **options).body, lambda event, last: said.put((event, last)))
    found, last = [json.loads(begun.start)], False
    while not last:
        event, last = said.get(timeout=20)
        found.append(json.loads(event))
    return found


def rewritten(folder: Path, change: Callable[[onnx.ModelProto], object]) -> None:
    path = folder / "model.onnx"
    graph = onnx.ModelProto.FromString(path.read_bytes())
    change(graph)
    path.write_bytes(graph.SerializeToString())


def truncated(folder: Path) -> None:
    path = folder / "model.onnx"
    path.write_bytes(path.read_bytes()[:-2000])


def no_graph_at_all(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"<html>not found</html>")


def wrong_shapes(folder: Path) -> None:
    def change(graph: onnx.ModelProto) -> None:
        weight = next(each for each in graph.graph.initializer if each.name == "0.q")
        weight.dims[0], weight.dims[1] = weight.dims[1] * 2, weight.dims[0] // 2

    rewritten(folder, change)


def unknown_operator(folder: Path) -> None:
    def change(graph: onnx.ModelProto) -> None:
        graph.graph.node[-1].op_type = "RunThisShell"

    rewritten(folder, change)


def operators_of_a_library(folder: Path) -> None:
    def change(graph: onnx.ModelProto) -> None:
        graph.graph.node[-1].domain = "evil.operators"
        graph.opset_import.append(helper.make_opsetid("evil.operators", 1))

    rewritten(folder, change)


def weights_in(folder: Path, location: str) -> None:
    def change(graph: onnx.ModelProto) -> None:
        weight = next(each for each in graph.graph.initializer if each.name == "0.q")
        weight.ClearField("raw_data")
        weight.data_location = TensorProto.EXTERNAL
        entry = weight.external_data.add()
        entry.key, entry.value = "location", location

    rewritten(folder, change)


def weights_elsewhere(folder: Path) -> None:
    (folder.parent / "secret").write_bytes(b"\0" * 20000)
    weights_in(folder, "../secret")


def weights_missing(folder: Path) -> None:
    weights_in(folder, "model.onnx.data")


def encoder(folder: Path) -> None:
    def change(graph: onnx.ModelProto) -> None:
        for value in [each for each in graph.graph.output if each.name.startswith("present")]:
            graph.graph.output.remove(value)

    rewritten(folder, change)


def pickled(folder: Path) -> None:
    (folder / "model.onnx").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def no_template(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()


def hostile_template(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text("{{ cycler.__init__.__globals__.os.system('touch /tmp/never') }}")


BAD = [
    (truncated, "model.onnx"),
    (no_graph_at_all, "model.onnx"),
    (wrong_shapes, "cannot be loaded"),
    (unknown_operator, "RunThisShell"),
    (operators_of_a_library, "evil.operators"),
    (weights_elsewhere, "secret"),
    (weights_missing, "model.onnx.data"),
    (encoder, "no decoder with a cache"),
    (pickled, "pickled"),
    (no_tokenizer, "tokenizer.json"),
    (no_template, "no chat template"),
    (hostile_template, "template"),
]


@pytest.mark.parametrize(("spoil", "says"), BAD, ids=[spoil.__name__ for spoil, _ in BAD])
def test_a_bad_folder_is_one_clear_error(
    server: Server, tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    folder = write_model(tmp_path / "model")
    spoil(folder)
    with pytest.raises((ConfigurationError, UnsupportedContent)) as refused:
        begin(server, folder)
    assert says in str(refused.value)
    assert server.models.size == 0 or spoil in {no_template, hostile_template}


def test_a_folder_that_is_not_there_is_said(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no folder"):
        begin(server, tmp_path / "nowhere")


def test_a_model_larger_than_memory_is_refused_before_it_is_loaded(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_model(tmp_path)
    monkeypatch.setenv(memory.VARIABLE, "1MB")
    with pytest.raises(ConfigurationError, match=r"takes about 5\d MB of memory and 1 MB are left"):
        begin(server, folder)
    assert not server.models.loaded


def test_a_prompt_that_is_too_long_says_by_how_much(server: Server, tmp_path: Path) -> None:
    folder = write_model(tmp_path, context=64)
    with pytest.raises(UnsupportedContent, match=r"the prompt has \d+ tokens, and .* takes 63 with the answer"):
        begin(server, folder, "x" * 80)


def test_a_template_that_makes_nothing_is_said(server: Server, tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    (folder / "chat_template.jinja").write_text("{% if messages %}{% endif %}")
    with pytest.raises(ChatError, match="template"):
        begin(server, folder)


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("max_tokens", 0, "max_tokens is 0"),
        ("top_logprobs", -1, "top_logprobs is -1"),
        ("repetition_penalty", 0, "above 0"),
        ("logit_bias", {"word": 1}, "logit_bias has 'word'"),
        ("logit_bias", {"96": 1}, "tokens 0 to 95"),
        ("device", "tpu", "there is no device 'tpu'"),
    ],
)
def test_a_setting_that_cannot_be_followed_is_said(
    server: Server, tmp_path: Path, option: str, value: Any, says: str
) -> None:
    with pytest.raises((ConfigurationError, UnsupportedContent), match=says):
        begin(server, write_model(tmp_path), **{option: value})


def test_more_tokens_than_the_context_has_end_with_it(server: Server, tmp_path: Path) -> None:
    folder = write_model(tmp_path, context=64)
    *_, last = begin(server, folder, max_tokens=100_000)
    end = last["end"]
    assert isinstance(end, dict)
    assert end["reason"] == "length"
    assert end["usage"]["prompt_tokens"] + end["usage"]["completion_tokens"] == 64


def test_probabilities_come_with_the_text(server: Server, tmp_path: Path) -> None:
    _, *pieces, _ = begin(server, write_model(tmp_path), top_logprobs=2, max_tokens=4)
    for piece in pieces:
        (found,) = piece["logprobs"]
        assert found["top"][0]["logprob"] == found["logprob"] <= 0
        assert len(found["top"]) == 2


def test_the_models_own_description_says_how_tokens_are_drawn(server: Server, tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    (folder / "generation_config.json").write_text('{"do_sample": true, "top_k": 1, "temperature": 2.0}')
    sure = begin(server, folder, temperature=None)
    greedy = begin(server, folder)
    assert [event.get("text") for event in sure] == [event.get("text") for event in greedy]


@pytest.mark.parametrize(
    ("best", "asked", "variant"),
    [(CPU, {}, "int4"), (Device("cuda"), {}, "fp16"), (Device("cuda"), {"device": "cpu"}, "int4")],
)
def test_the_variant_is_that_which_suits_the_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, best: Device, asked: dict[str, Any], variant: str
) -> None:
    folder = write_model(tmp_path)
    for name in ("fp16", "q4f16", "int4"):
        (folder / f"model_{name}.onnx").write_bytes((folder / "model.onnx").read_bytes())
    monkeypatch.setattr(runtime, "best", lambda: best)
    files, _ = server_module._files({"model": str(folder), "options": asked})  # pyright: ignore[reportPrivateUsage] - before a GPU is needed
    assert files.variant == variant
