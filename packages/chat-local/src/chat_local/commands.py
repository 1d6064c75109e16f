"""`chat local`: fetch, list, show, remove and convert the models of this machine.

Law: progress goes to stderr, as a bar on a terminal and as plain lines elsewhere; what was asked for goes to stdout. An
interrupted pull keeps what arrived.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from chat_cli.tables import json_option, print_json, print_rows, size

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.convert.exporting import Exporter
    from chat_local.convert.graphs import Bits
    from chat_local.layout import ModelFiles

ANY = "pico"
"""The model of a client that is asked about others: a client has one."""


@click.group("local", short_help="Fetch and manage the models of this machine.")
def local() -> None:
    """Fetch and manage the models of this machine.

    They are named as behind `local:`: pico, org/name of the hub with @revision and :variant, or a folder such as ./m.
    """


def _on_device(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:1.")(command)


@local.command("pull", short_help="Fetch a model.")
@click.argument("model")
@_on_device
def pull(model: str, device: str) -> None:
    """Fetch MODEL from the hub. A pull that was interrupted goes on where it was."""
    from chat_cli.terminal import out  # noqa: PLC0415 - `chat --help` needs none of it

    _pull(model, gpu=_is_gpu(device))
    out().line(f"{model} is there")


@local.command("list", short_help="List the models of this machine.")
@json_option
def list_(*, as_json: bool) -> None:
    """List the models that can be asked without fetching anything."""
    from chat_local.shelf import models  # noqa: PLC0415 - as above

    rows = [*models()]
    if as_json:
        print_json({"models": [*rows]})
    else:
        print_rows(
            (str(row["id"]), size(row.get("size")), _words(row.get("variants")), _day(row.get("modified")))
            for row in rows
        )


@local.command("show", short_help="Show what is known about a model.")
@click.argument("model")
@_on_device
@json_option
def show(model: str, device: str, *, as_json: bool) -> None:
    """Show what is in MODEL, and where it runs: it is loaded once to see that."""
    files = _files(model, device)
    facts = {**_facts(files), "device": _real_device(files, device)}
    if as_json:
        print_json({"model": model, **facts})
    else:
        print_rows((name.replace("_", " "), _said(value)) for name, value in {"model": model, **facts}.items())


@local.command("remove", short_help="Delete models from the cache.")
@click.argument("models", nargs=-1, required=True)
def remove(models: tuple[str, ...]) -> None:
    """Delete MODELS from the hub's cache on this machine."""
    from chat_cli.terminal import out  # noqa: PLC0415 - as above
    from chat_core.errors import ConfigurationError  # noqa: PLC0415 - as above
    from chat_local import hub, names  # noqa: PLC0415 - as above

    for model in models:
        name = names.read(model)
        if name.source == "embedded":
            raise ConfigurationError(f"{name} belongs to chat-local, and goes with it: pip uninstall chat-local")
        if name.source == "folder":
            raise ConfigurationError(f"{name} is a folder of yours: only models in the hub's cache are removed")
        out().line(f"{name} is removed: {size(hub.removed(name))}")


@local.command("convert", short_help="Make a graph of published weights.")
@click.argument("source")
@click.option("--to", type=click.Path(path_type=Path), help="The folder to be made; that of SOURCE if not said.")
@click.option(
    "--bits",
    type=click.Choice(["4", "8", "16", "32"]),
    help="Of a weight; 16 for a GPU. Default: 8, and 32 for a model that only reads.",
)
@click.option("--half", is_flag=True, help="With --bits 4: count in 16 bits, for a GPU.")
@click.option("--dynamic", is_flag=True, help="Of a model that only reads: count in 8 bits, faster and less exact.")
@click.option("--exporter", type=click.Choice(["genai", "optimum"]), help="Another's, for other kinds of models.")
def convert(
    source: str, to: Path | None, bits: str | None, *, half: bool, dynamic: bool, exporter: Exporter | None
) -> None:
    """Make an ONNX graph of the safetensors weights of SOURCE: a folder, or a model of the hub.

    A model of the hub is fetched first, and converted into a folder that is called as it is. With --exporter,
    onnxruntime-genai or optimum do the work, which need PyTorch; the folder has to be a new one.
    """
    from chat_cli.terminal import err, out  # noqa: PLC0415 - as above
    from chat_core.errors import ConfigurationError  # noqa: PLC0415 - as above
    from chat_local import hub, names  # noqa: PLC0415 - as above
    from chat_local.convert.converting import convert as made  # noqa: PLC0415 - as above

    name = names.read(source)
    folder, target = names.folder_of(name), to
    if name.source == "folder" and not folder.is_dir():
        raise ConfigurationError(f"there is no folder {source}")
    if name.source == "hub":
        _pull(source, weights=True)
        folder = hub.kept(name) or folder
        target = to or Path(name.place.rpartition("/")[2])
    err().line(f"converting {source}" if bits is None else f"converting {source} to {bits} bits")
    few = None if bits is None else cast("Bits", int(bits))
    if exporter is None:
        graph = made(folder, target or folder, bits=few, half=half, dynamic=dynamic)
    else:
        graph = _exported(folder, target, few, exporter, half=half)
    at = str(graph.parent)
    shown = at if at.startswith(("/", "~", ".")) else f"./{at}"
    use = f"chat embed -m local:{shown}" if (folder / "modules.json").is_file() else f"chat -m local:{shown}"
    out().line(f"{graph} is there: {use}")


def _exported(source: Path, target: Path | None, bits: Bits | None, exporter: Exporter, *, half: bool) -> Path:
    from chat_local.convert.exporting import export  # noqa: PLC0415 - as above

    place = target or source.with_name(f"{source.name}-{exporter}")
    return export(source, place, exporter=exporter, bits=32 if bits is None else bits, half=half)


def _pull(model: str, *, weights: bool = False, gpu: bool = False) -> None:
    from chat_cli.transfers import show as show_transfer  # noqa: PLC0415 - as above
    from chat_core.chat import Chat  # noqa: PLC0415 - as above
    from chat_local import transfers  # noqa: PLC0415 - as above

    with Chat(f"local:{ANY}").drive(transfers.pull(model, weights=weights, gpu=gpu)) as task:
        show_transfer(task)


def _is_gpu(device: str) -> bool:
    """Tell whether models run on a GPU, which `auto` finds by trying."""
    from chat_local.engine.runtime import Settings, expected  # noqa: PLC0415 - as above

    return expected(Settings(device=device)).kind == "cuda"


def _files(model: str, device: str) -> ModelFiles:
    from chat_local import layout, names  # noqa: PLC0415 - as above
    from chat_local.server import find  # noqa: PLC0415 - as above

    gpu = _is_gpu(device)
    return layout.read(find(model, offline=True), name=model, variant=names.read(model).variant, gpu=gpu)


def _facts(files: ModelFiles) -> JSONObject:
    from chat_local.formats import choose  # noqa: PLC0415 - as above

    kinds = files.config.get("architectures")
    return {
        "folder": str(files.folder),
        "graph": str(files.graph.relative_to(files.folder)),
        "size": sum(path.stat().st_size for path in files.files),
        "variant": files.variant or "(unnamed)",
        "variants": [variant or "(unnamed)" for variant in files.variants],
        "architecture": kinds[0] if isinstance(kinds, list) and kinds else files.config.get("model_type"),
        "context_tokens": files.context,
        "format": choose(files),
    }


def _real_device(files: ModelFiles, device: str) -> str:
    """Load a model, and say where it runs."""
    from chat_local.engine import memory, runtime  # noqa: PLC0415 - as above

    with _clear(files):
        memory.require(files.name, memory.estimate(files.files, cache=0), 0)
        return str(runtime.load(files.graph, runtime.Settings(device=device)).device)


@contextmanager
def _clear(files: ModelFiles) -> Generator[None]:
    """Say in our own words why a model cannot be loaded."""
    from chat_core.errors import ChatError, ConfigurationError  # noqa: PLC0415 - as above
    from chat_local.server import unloadable  # noqa: PLC0415 - as above

    try:
        yield
    except ChatError:
        raise
    except MemoryError as error:
        raise ConfigurationError(str(error)) from None
    except Exception as error:  # noqa: BLE001 - onnxruntime's own, of which all share no class
        raise ConfigurationError(unloadable(files.graph, error)) from None


def _said(value: JSON) -> str:
    match value:
        case list():
            return _words(value)
        case int():
            return f"{value}"
        case None:
            return ""
        case _:
            return str(value)


def _words(value: JSON) -> str:
    return ", ".join(str(word) or "(unnamed)" for word in value) if isinstance(value, list) else ""


def _day(seconds: JSON) -> str:
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%d}" if isinstance(seconds, int | float) else ""
