"""Fetches files of the hub into its cache: with progress, resumed where it broke off, and checked.

Law: a file is in the cache whole or not at all. What arrived before an interruption lies beside it, to be gone on with.
A model's name leads to a commit only when all files of it are there.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from chat_core.errors import ConfigurationError
from chat_local import kinds, layout
from chat_local.external import external
from chat_local.hub import MAIN, client, failures, graph_of, repository_folder
from chat_local.repository import descriptions, is_inside, safetensors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chat_core.jsonvalue import JSONObject
    from chat_local.hub import Listed

    Tell = Callable[[JSONObject], None]

_ETAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def silent(progress: JSONObject) -> None:
    """Tell nobody."""


def fetch(listed: Listed, *, gpu: bool = False, weights: bool = False, tell: Tell = silent) -> Path:
    """Fetch a model.

    Args:
        listed: what its repository holds.
        gpu: whether it will run on a GPU.
        weights: fetch the weights to make a graph of, in place of a graph.
        tell: is told the progress; what it raises ends the work, which can be gone on with.

    Returns:
        Its folder.

    Raises:
        ConfigurationError: something is missing, damaged, or does not fit on the disk.
        ConnectFailed: the hub cannot be reached.
    """
    name, place = listed.name, repository_folder(listed.name)
    folder = place / "snapshots" / listed.commit
    with failures(name):
        for path in _wanted(listed, folder, gpu=gpu, weights=weights):
            if not (folder / path).is_file():
                _file(listed, path, tell)
        if name.revision != listed.commit:
            _write_ref(place / "refs" / (name.revision or MAIN), listed.commit)
    return folder


def _wanted(listed: Listed, folder: Path, *, gpu: bool, weights: bool) -> Iterator[str]:
    """Yield the files in the order in which they are fetched: a graph before the weights that it names."""
    if weights:
        yield from (*safetensors(listed.name, listed.files), *descriptions(listed.files))
        return
    graph_of(listed, gpu=gpu)  # what has none is refused before anything is fetched
    yield from descriptions(listed.files)
    exact = kinds.reads(layout.description(folder, "config.json"), listed.files)
    graph = graph_of(listed, gpu=gpu, exact=exact)
    yield graph
    for beside in external(folder / graph):
        path = str(PurePosixPath(graph).parent / beside.location)
        if not is_inside(path) or path not in listed.files:
            raise ConfigurationError(f"{graph} of {listed.name} has weights in {beside.location}, which is not of it")
        yield path


def _file(listed: Listed, path: str, tell: Tell) -> None:
    """Fetch one file, and give it its name in the cache."""
    library, name = client(), listed.name
    address = library.hf_hub_url(name.place, path, revision=listed.commit, endpoint=library.constants.ENDPOINT)
    found = library.get_hf_file_metadata(address, token=library.get_token())
    if found.etag is None or not _ETAG.fullmatch(found.etag):
        raise ConfigurationError(f"the hub does not say what {path} of {name} is")
    blob = repository_folder(name) / "blobs" / found.etag
    blob.parent.mkdir(parents=True, exist_ok=True)
    if not blob.is_file():
        _bytes(address, blob, path, found.size, tell)
    with _quiet():
        library.hf_hub_download(name.place, path, revision=listed.commit)


def _bytes(address: str, blob: Path, path: str, size: int | None, tell: Tell) -> None:
    """Fetch the bytes of one file, from where an earlier try ended if the whole can be checked against its sum."""
    library, part = client(), blob.with_name(f"{blob.name}.part")
    lock = blob.parents[2] / ".locks" / blob.parents[1].name / f"{blob.name}.part.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with library.utils.WeakFileLock(lock), _Part(part, path, size, tell) as file:
        begun = file.seek(0, os.SEEK_END)
        if (size is not None and begun > size) or not _SHA256.fullmatch(blob.name):
            begun = file.truncate(0)
            file.seek(0)
        _room(part.parent, path, None if size is None else size - begun)
        file.told(begun)
        headers = library.utils.build_hf_headers(token=library.get_token())
        with _quiet():
            library.file_download.http_get(
                address, file, resume_size=begun, headers=headers, expected_size=size, displayed_filename=path
            )
    _check(part, blob.name, path)
    part.replace(blob)


class _Part(io.FileIO):
    """A file that is on its way."""

    def __init__(self, path: Path, shown: str, size: int | None, tell: Tell) -> None:
        super().__init__(path, "r+" if path.exists() else "w+")
        self._shown = shown
        self._size = size
        self._tell = tell

    def write(self, data: Any) -> int:  # noqa: ANN401 - bytes of any kind
        """Write, and tell how far it is."""
        count = super().write(data)
        self.told(self.tell())
        return count

    def told(self, completed: int) -> None:
        """Tell how far it is."""
        progress: JSONObject = {"status": f"fetching {self._shown}", "digest": self._shown, "completed": completed}
        self._tell(progress if self._size is None else {**progress, "total": self._size})


class _quiet:  # noqa: N801 - a context manager, used as a function is
    """Keep the hub's client from drawing bars of its own."""

    _NAME = "huggingface_hub.http_get"

    def __enter__(self) -> None:
        utils = client().utils
        self._on = not utils.are_progress_bars_disabled(self._NAME)
        if self._on:
            utils.disable_progress_bars(self._NAME)

    def __exit__(self, *failure: object) -> None:
        if self._on:
            client().utils.enable_progress_bars(self._NAME)


def _room(folder: Path, path: str, wanted: int | None) -> None:
    free = shutil.disk_usage(folder).free
    if wanted is not None and wanted > free:
        raise ConfigurationError(f"{path} takes {wanted} bytes of the disk, and {free} are free in {folder}")


def _check(part: Path, etag: str, path: str) -> None:
    """Compare a file with its sum, where the hub says it."""
    if not _SHA256.fullmatch(etag):
        return
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != etag:
        part.unlink()
        raise ConfigurationError(f"{path} was damaged on its way: fetch it again")


def _write_ref(ref: Path, commit: str) -> None:
    ref.parent.mkdir(parents=True, exist_ok=True)
    fresh = ref.with_name(f"{ref.name}.{os.getpid()}")
    fresh.write_text(commit, encoding="utf-8")
    fresh.replace(ref)
