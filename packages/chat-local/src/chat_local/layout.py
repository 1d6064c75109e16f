"""Model folders: what is in one, and which of its graphs is meant.

Law: nothing of a folder is executed and nothing outside of it is read. What is missing is said by name, with the way to
get it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from chat_core.errors import ConfigurationError, DecodeError
from chat_core.jsonvalue import parse
from chat_local import kinds
from chat_local.external import External, external
from chat_local.names import PICO_FOLDER
from chat_local.variants import GRAPH_PLACES, chosen, graphs_among

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chat_core.jsonvalue import JSON, JSONObject

MAX_JSON = 64 * 1024 * 1024
"""Most bytes of a description; weights are never read here."""

DEFAULT_CONTEXT = 2048
"""Tokens of a model that does not say how long its context is."""

PLACES = (*GRAPH_PLACES, "additional_chat_templates")
"""The folders of a model's folder in which something is looked for."""

Stamp: TypeAlias = tuple[tuple[str, int, int], ...]
"""What a folder looked like: paths, with their times and sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """What a model's folder holds.

    Attributes:
        name: what the user calls the model.
        folder: where it is.
        graph: the graph to be run.
        variant: which of its graphs that is; empty = the one without a name.
        variants: all that are there.
        weights: the files beside the graph that hold its weights.
        tokenizer: its `tokenizer.json`.
        config, generation, tokenizer_config: its descriptions; empty where there is none.
        templates: chat templates by name; the usual one is `default`.
    """

    name: str
    folder: Path
    graph: Path
    variant: str
    variants: tuple[str, ...]
    weights: tuple[Path, ...]
    tokenizer: Path
    config: JSONObject = field(repr=False)
    generation: JSONObject = field(repr=False)
    tokenizer_config: JSONObject = field(repr=False)
    templates: Mapping[str, str] = field(repr=False)

    @property
    def context(self) -> int:
        """Most tokens of an answer with its prompt."""
        names = ("max_position_embeddings", "n_positions", "max_sequence_length", "context_length", "n_ctx")
        found = (_count(self.config.get(name)) for name in names)
        return next((count for count in found if count is not None), DEFAULT_CONTEXT)

    @property
    def head(self) -> int | None:
        """How many numbers a head has; `None` = the files do not say."""
        width, heads = _count(self.config.get("hidden_size")), _count(self.config.get("num_attention_heads"))
        even = width // heads if width is not None and heads is not None else None
        return _count(self.config.get("head_dim")) or even

    @property
    def ends(self) -> tuple[int, ...]:
        """The tokens that end an answer."""
        for source in (self.generation, self.config):
            match source.get("eos_token_id"):
                case int(token):
                    return (token,)
                case list(tokens):
                    return tuple(token for token in tokens if isinstance(token, int))
                case _:
                    pass
        return ()

    @property
    def special(self) -> Mapping[str, str]:
        """The special tokens that templates know by name, such as `bos_token`."""
        names = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
        words = {name: _token(self.tokenizer_config.get(name)) for name in names}
        return {name: word for name, word in words.items() if word is not None}

    @property
    def files(self) -> tuple[Path, ...]:
        """The files whose bytes are loaded to run it: the graph, and what holds its weights."""
        return (self.graph, *self.weights)


def read(folder: Path, *, name: str | None = None, variant: str | None = None, gpu: bool = False) -> ModelFiles:
    """Read what a folder holds; a folder that has not changed since is not read again.

    Args:
        folder: the model's folder.
        name: what the user calls it; `None` = as the folder.
        variant: which graph; `None` = the one that suits the device.
        gpu: whether it will run on a GPU.

    Raises:
        ConfigurationError: something is missing, malformed, or leads out of the folder.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"there is no folder {folder}: a model is a folder with a graph and a tokenizer.json")
    return _read(folder, name if name is not None else folder.name, variant, gpu, _stamp(folder))


@lru_cache(maxsize=16)
def _read(folder: Path, name: str, variant: str | None, gpu: bool, stamp: Stamp) -> ModelFiles:  # noqa: FBT001 - a key
    """Read a folder that looks like this."""
    found = _graphs(folder, tuple(path for path, _, _ in stamp))
    if not found:
        raise ConfigurationError(_without_graph(folder))
    config = {**_genai(folder), **description(folder, "config.json")}
    exact = kinds.reads(config, (path for path, _, _ in stamp))
    which = chosen(folder, found, variant, gpu=gpu, exact=exact)
    tokenizer = folder / "tokenizer.json"
    if not tokenizer.is_file():
        raise ConfigurationError(f"{folder} has no tokenizer.json: it is a file of the model's repository")
    words = description(folder, "tokenizer_config.json")
    graph = _inside(folder, folder / found[which])
    return ModelFiles(
        name=name,
        folder=folder,
        graph=graph,
        variant=which,
        variants=tuple(found),
        weights=tuple(_weights(folder, graph, place) for place in external(graph)),
        tokenizer=_inside(folder, tokenizer),
        config=config,
        generation=description(folder, "generation_config.json"),
        tokenizer_config=words,
        templates=dict(_templates(folder, words)),
    )


def _stamp(folder: Path) -> Stamp:
    """Return what a folder looks like."""
    found: list[tuple[str, int, int]] = []
    for place in PLACES:
        if not (folder / place).is_dir():
            continue
        for path in (folder / place).iterdir():
            try:
                state = path.stat()
            except OSError:  # a link that leads nowhere: reading it says so
                continue
            found.append((path.relative_to(folder).as_posix(), state.st_mtime_ns, state.st_size))
    return tuple(sorted(found))


def _graphs(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return the graphs of a folder by the names of their variants; the one that a description names goes first."""
    found = graphs_among(paths)
    match description(folder, "genai_config.json"):
        case {"model": {"decoder": {"filename": str(file)}}} if file not in found.values():
            return {"": file, **{variant: path for variant, path in found.items() if variant}}
        case _:
            return found


def _weights(folder: Path, graph: Path, place: External) -> Path:
    """Return a file that holds weights of a graph."""
    path = _inside(folder, graph.parent / place.location)
    if not path.is_file():
        raise ConfigurationError(f"{graph.name} has weights in {place.location}, which is not there: fetch it as well")
    if path.stat().st_size < place.end:
        raise ConfigurationError(f"{path} is incomplete: {graph.name} needs {place.end} bytes of it; fetch it again")
    return path


def _without_graph(folder: Path) -> str:
    if any(folder.glob("*.safetensors")):
        return f"{folder} has weights and no ONNX graph: chat local convert {folder} makes one"
    if any(folder.glob("*.gguf")):
        return f"{folder} has GGUF weights, which only llama.cpp and Ollama run: use the provider ollama"
    if any((*folder.glob("*.bin"), *folder.glob("*.pt"), *folder.glob("*.pth"))):
        return f"{folder} has pickled weights, which are never loaded: get the model's safetensors or ONNX files"
    return f"{folder} has no ONNX graph: it should hold model.onnx, or onnx/model.onnx"


def _inside(folder: Path, path: Path) -> Path:
    """Return a path, unless it leads out of the folder, by its own words or by a link.

    The hub's cache is made of links, which lead to other folders of the same cache; and those who install this package
    may link its own files.
    """
    if folder == PICO_FOLDER:
        return path
    real, home = path.resolve(), folder.resolve()
    of_cache = home.parent.name == "snapshots" and home.parents[1].name.startswith("models--")
    homes = (home, home.parents[2]) if of_cache else (home,)
    by_words = Path(os.path.normpath(path)).is_relative_to(os.path.normpath(folder))
    if not by_words or not any(real.is_relative_to(each) for each in homes):
        raise ConfigurationError(f"{folder} names a file outside of itself, which is not read: {path}")
    return path


def _templates(folder: Path, words: JSONObject) -> Iterator[tuple[str, str]]:
    """Yield the chat templates: those of files go before those in the tokenizer's description."""
    match words.get("chat_template"):
        case str(text):
            yield "default", text
        case list(named):
            for item in named:
                match item:
                    case {"name": str(name), "template": str(text)}:
                        yield name, text
                    case _:
                        raise ConfigurationError(f"{folder} has a chat template without a name")
        case _:
            pass
    for path in sorted((folder / "additional_chat_templates").glob("*.jinja")):
        yield path.stem, _text(_inside(folder, path))
    if (folder / "chat_template.jinja").is_file():
        yield "default", _text(_inside(folder, folder / "chat_template.jinja"))


def _genai(folder: Path) -> JSONObject:
    """Return what onnxruntime-genai's description says, in the words of a `config.json`."""
    match description(folder, "genai_config.json"):
        case {"model": dict(model)}:
            names = ("context_length", "eos_token_id", "bos_token_id", "vocab_size")
            found = {name: model[name] for name in names if name in model}
            match model.get("decoder"):
                case {"head_size": int(head)}:
                    return {**found, "head_dim": head}
                case _:
                    return found
        case _:
            return {}


def described(folder: Path, name: str) -> JSON:
    """Read a description of any kind; `None` = it is not there.

    Raises:
        ConfigurationError: it cannot be read, or leads out of the folder.
    """
    path = folder / name
    if not path.is_file():
        return None
    if path.stat().st_size > MAX_JSON:
        raise ConfigurationError(f"{path} has more than {MAX_JSON} bytes, too many for a description")
    try:
        return parse(_inside(folder, path).read_bytes(), limit=MAX_JSON)
    except (DecodeError, OSError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from None


def description(folder: Path, name: str) -> JSONObject:
    """Read a description that is an object; one that is not there is empty."""
    match described(folder, name):
        case None:
            return {}
        case dict(found):
            return found
        case other:
            raise ConfigurationError(f"{folder / name} cannot be read: it is no object but {type(other).__name__}")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from None


def _count(value: JSON) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _token(value: JSON) -> str | None:
    match value:
        case str(word) | {"content": str(word)}:
            return word
        case _:
            return None
