"""Models of the hub, with a hub of our own on loopback: fetched, resumed, checked, listed and removed."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import onnx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hub_here import COMMIT, Hub
from tinyencoders import write_sentence

from chat_core.errors import ConfigurationError, ConnectFailed
from chat_local import fetching, hub, layout, names
from chat_local.convert.converting import convert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.jsonvalue import JSONObject

PICO = names.PICO_FOLDER
FILES = {path.name: path.read_bytes() for path in PICO.iterdir() if path.suffix in {".json", ".jinja", ".onnx"}}
UNSAFE = {"model.bin": b"pickle", "run.py": b"print()", "../outside.json": b"{}", "original/weights.pth": b"pickle"}
NAME = names.read("org/tiny")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with Hub({"org/tiny": {**FILES, **UNSAFE, "model_int8.onnx": FILES["model.onnx"]}}) as made:
        constants = hub.client().constants
        monkeypatch.setattr(constants, "ENDPOINT", made.address)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", made.address + "/{repo_id}/resolve/{revision}/{filename}"
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield made


def refused(name: str = "org/tiny", **asked: bool) -> str:
    with pytest.raises(ConfigurationError) as caught:
        hub.fetched(names.read(name), **asked)
    return caught.value.message


def test_a_model_is_fetched_with_its_descriptions_and_the_graph_that_suits_the_device(server: Hub) -> None:
    folder = hub.fetched(NAME)
    files = layout.read(folder)
    assert (files.variant, files.graph.read_bytes()) == ("int8", FILES["model.onnx"])
    assert set(server.fetched()) == {*FILES, "model_int8.onnx"} - {"model.onnx"}


def test_a_named_variant_is_fetched(server: Hub) -> None:
    folder = hub.fetched(names.read("org/tiny:"))
    assert layout.read(folder, variant="").variant == ""
    assert "model_int8.onnx" not in server.fetched()


def test_a_model_that_reads_is_fetched_as_exact_as_it_is_and_with_its_modules(server: Hub, tmp_path: Path) -> None:
    convert(write_sentence(tmp_path / "source", "dense"), tmp_path / "made")
    paths = [path for path in (tmp_path / "made").rglob("*.*") if path.is_file()]
    held = {path.relative_to(tmp_path / "made").as_posix(): path.read_bytes() for path in paths}
    server.files["org/sentences"] = {**held, "model_int8.onnx": held["model.onnx"], "1_Pooling/evil.py": b"print()"}
    folder = hub.fetched(names.read("org/sentences"))
    assert layout.read(folder).variant == ""
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.is_file()} == {*held}


def test_what_is_here_is_used_without_asking_the_hub(server: Hub) -> None:
    folder = hub.fetched(NAME)
    server.asked.clear()
    assert hub.fetched(NAME) == hub.fetched(NAME, offline=True) == folder
    assert server.asked == []


def test_a_pin_is_kept_while_the_branch_moves_on(server: Hub) -> None:
    pinned = hub.fetched(names.read(f"org/tiny@{COMMIT}"))
    assert hub.kept(NAME) is None
    server.commit = "d" * 40
    server.files["org/tiny"]["config.json"] = b'{"max_position_embeddings": 77}'
    moved = fetching.fetch(hub.listed(NAME))
    assert (layout.read(moved).context, hub.kept(NAME)) == (77, moved)
    assert hub.fetched(names.read(f"org/tiny@{COMMIT}")) == pinned


def test_a_lost_connection_is_gone_on_with(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.client().constants, "DOWNLOAD_CHUNK_SIZE", 1024)
    server.breaks["model_int8.onnx"] = 500_000
    monkeypatch.setattr("time.sleep", nothing)
    folder = hub.fetched(NAME)
    assert (folder / "model_int8.onnx").read_bytes() == FILES["model.onnx"]
    asked = [found for _, path, found in server.asked if path.endswith("model_int8.onnx") and found]
    assert len(asked) == 1


def nothing(_seconds: float) -> None:
    """Wait for nothing."""


def nearly_full(_folder: Path) -> SimpleNamespace:
    return SimpleNamespace(free=7)


class Leave(Exception):
    """The user went away."""


def test_an_interrupted_pull_goes_on_where_it_was(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.client().constants, "DOWNLOAD_CHUNK_SIZE", 100_000)
    told: list[JSONObject] = []

    def leave(progress: JSONObject) -> None:
        told.append(progress)
        if progress["digest"] == "model_int8.onnx" and progress["completed"] != 0:
            raise Leave

    with pytest.raises(Leave):
        fetching.fetch(hub.listed(NAME), tell=leave)
    assert hub.kept(NAME) is None
    arrived = told[-1]["completed"]
    fetching.fetch(hub.listed(NAME), tell=told.append)
    assert ("GET", f"/org/tiny/resolve/{COMMIT}/model_int8.onnx", f"bytes={arrived}-") in server.asked
    size = len(FILES["model.onnx"])
    assert told[-1] == {
        "status": "fetching model_int8.onnx", "digest": "model_int8.onnx", "completed": size, "total": size,
    }  # fmt: skip


def test_what_cannot_be_checked_is_not_gone_on_with(server: Hub) -> None:
    blobs = hub.repository_folder(NAME) / "blobs"
    blobs.mkdir(parents=True)
    part = blobs / f"{server.tag('config.json', FILES['config.json'])}.part"
    part.write_bytes(b"anothers")
    folder = fetching.fetch(hub.listed(NAME))
    assert (folder / "config.json").read_bytes() == FILES["config.json"]
    assert not part.exists()


def test_a_file_that_is_not_what_the_hub_says_is_not_kept(server: Hub) -> None:
    server.lies.add("model_int8.onnx")
    assert "damaged on its way" in refused()
    assert not [path for path in hub.cache_folder().rglob("*") if path.name.endswith((".part", "model_int8.onnx"))]


def test_external_weights_are_fetched_as_the_graph_names_them(server: Hub) -> None:
    graph = with_weights_in("weights.bin")
    server.files["org/far"] = {**FILES, "onnx/model_int8.onnx": graph, "onnx/weights.bin": b"\0" * 64}
    del server.files["org/far"]["model.onnx"]
    files = layout.read(hub.fetched(names.read("org/far")))
    assert [path.name for path in files.weights] == ["weights.bin"]


@pytest.mark.parametrize("location", ["../../../secret", "/etc/passwd", "absent.data"])
def test_weights_outside_of_the_repository_are_refused(server: Hub, location: str) -> None:
    server.files["org/far"] = {"tokenizer.json": b"{}", "model.onnx": with_weights_in(location)}
    assert f"weights in {location}, which is not of it" in refused("org/far")


def with_weights_in(location: str) -> bytes:
    held = onnx.TensorProto(name="w", data_type=1, dims=[16], data_location=onnx.TensorProto.EXTERNAL)
    held.external_data.add(key="location", value=location)
    held.external_data.add(key="length", value="64")
    made: bytes = onnx.helper.make_model(onnx.helper.make_graph([], "g", [], [], [held])).SerializeToString()
    return made


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["model.safetensors"], "chat local convert org/other makes one"),
        (["model.gguf"], "use the provider ollama"),
        (["pytorch_model.bin"], "pickled weights, which are never loaded"),
        (["README.md"], "no ONNX graph"),
    ],
)
def test_a_repository_without_a_graph_says_what_would_help(server: Hub, files: list[str], said: str) -> None:
    server.files["org/other"] = dict.fromkeys(files, b"")
    assert said in refused("org/other")


def test_what_the_hub_refuses_says_what_to_do(server: Hub) -> None:
    assert "the hub has no model org/absent" in refused("org/absent")
    assert "no revision 'old'" in refused("org/tiny@old")
    assert "has no variant 'q4', only int8, (unnamed)" in refused("org/tiny:q4") or "(unnamed)" in refused(
        "org/tiny:q4"
    )
    assert "chat local pull org/tiny" in refused(offline=True)
    server.gated = True
    assert "set HF_TOKEN" in refused()


def test_a_hub_that_fails_is_a_matter_of_the_network(server: Hub) -> None:
    server.status = 500
    with pytest.raises(ConnectFailed, match="the hub failed at org/tiny: status 500"):
        hub.fetched(NAME)


def test_a_hub_that_is_not_there_is_a_matter_of_the_network(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.client().constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ConnectFailed, match="cannot be reached"):
        hub.fetched(NAME)
    assert server.asked == []


def test_a_token_is_sent_to_the_hub_and_in_no_error(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    server.gated = True
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert hub.fetched(NAME).is_dir()
    server.status = 500
    with pytest.raises(ConnectFailed) as caught:
        hub.listed(NAME)
    assert "hf_secret" not in repr(caught.value)


@pytest.mark.usefixtures("server")
def test_models_are_listed_and_removed() -> None:
    assert [*hub.cached()] == []
    hub.fetched(NAME)
    listed = [*hub.cached()]
    assert [(found["id"], found["variants"]) for found in listed] == [("org/tiny", ["int8"])]
    assert hub.removed(NAME) == listed[0]["size"]
    assert ([*hub.cached()], hub.kept(NAME)) == ([], None)
    with pytest.raises(ConfigurationError, match="is not on this machine"):
        hub.removed(NAME)


@pytest.mark.usefixtures("server")
def test_a_disk_that_is_full_is_said_before_anything_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", nearly_full)
    assert "7 are free" in refused()
