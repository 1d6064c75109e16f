"""optimum, where it is installed, says what this package says: token for token."""

from __future__ import annotations

import importlib
import json
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import pytest
from tinymodel import TEMPLATE, asking, write_model
from tinytokens import write_tokens
from tinyweights import PROMPTS
from tinyweights import write_model as write_weights

from chat_core.errors import ConfigurationError
from chat_local import layout
from chat_local.convert.converting import convert
from chat_local.engine import optimum, runtime
from chat_local.engine.runtime import CPU, Settings
from chat_local.transport import LocalTransport

if TYPE_CHECKING:
    from pathlib import Path


def installed() -> bool:
    try:
        return bool(version("optimum-onnx"))
    except PackageNotFoundError:
        return False


needs_optimum = pytest.mark.skipif(not installed(), reason="optimum-onnx is not installed")


def made(folder: Path) -> Path:
    write_weights(folder, "llama")
    write_tokens(folder / "tokenizer.json")
    (folder / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")
    convert(folder, folder, bits=32)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "eos_token_id": 95}), encoding="utf-8")  # a rare one
    return folder


@needs_optimum
def test_both_give_the_same_logits_and_go_back_alike(tmp_path: Path) -> None:
    from chat_local.engine.graph import runner  # noqa: PLC0415 - beside what it is compared with

    files, options = layout.read(made(tmp_path)), runtime.run_options()
    theirs = optimum.Optimum(files, Settings(threads=1), CPU, room=lambda _: None)
    ours = runner(runtime.load(files.graph, Settings(device="cpu", threads=1)), rows=1, longest=256)
    assert theirs.width == ours.width
    for run in (theirs, ours):
        run.read(0, PROMPTS[2], 0, options)
    for ids, past in ((PROMPTS[2][9:20], 9), ([5], 20), ([6, 7], 21)):
        found = [run.read(0, ids, past, options).copy() for run in (theirs, ours)]
        assert abs(found[0] - found[1]).max() < 1e-3


@needs_optimum
def test_whole_answers_are_equal(tmp_path: Path) -> None:
    transport, said = LocalTransport(), list[Any]()
    folder = made(tmp_path)
    for engine in ("own", "optimum"):
        asked = asking(folder, "hello there", engine=engine, max_tokens=64)
        said.append(json.loads(transport.send(asked, None).body)["events"])
    transport.close()
    texts = ["".join(event.get("text", "") for event in events) for events in said]
    assert texts[0] == texts[1]
    assert len(texts[0]) > 20


def test_an_engine_that_is_not_there_is_said_with_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(optimum, "import_module", missing)
    folder, transport = write_model(tmp_path), LocalTransport()
    with pytest.raises(ConfigurationError, match=r"No module named 'torch'.*chat-local\[cpu,optimum\]"):
        transport.send(asking(folder, engine="optimum"), None)
    monkeypatch.setattr(optimum, "import_module", importlib.import_module)
    with pytest.raises(ConfigurationError, match="there is no engine 'other': write own, or optimum"):
        transport.send(asking(folder, engine="other"), None)
    transport.close()
