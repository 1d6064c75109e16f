"""The hub, from which models are fetched: the one module that imports its client, and the cache that they share.

Law: what is on this machine is used without asking anybody; `chat local pull` fetches what is newer. An error says what
to do, and holds no token.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chat_core.errors import ConfigurationError, ConnectFailed
from chat_local import layout
from chat_local.repository import graphs, safe
from chat_local.variants import chosen, graphs_among

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from chat_core.jsonvalue import JSONObject
    from chat_local.names import Name

TELEMETRY = "HF_HUB_DISABLE_TELEMETRY"
"""The variable that keeps the hub's client from telling what it is used for."""

MAIN = "main"
"""The branch that is meant where none is named."""

PATIENCE = 30.0
"""Seconds that the hub has for a list."""

_TOKEN = "set HF_TOKEN to one that may read it"  # noqa: S105 - advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a repository holds at one of its commits.

    Attributes:
        name: the model that was asked for.
        commit: the commit.
        files: its files that can be fetched safely, with their sizes where the hub says them.
    """

    name: Name
    commit: str
    files: dict[str, int | None]


def fetched(name: Name, *, offline: bool = False, gpu: bool = False) -> Path:
    """Return the folder of a model, fetched if it is not on this machine.

    Args:
        name: a model of the hub.
        offline: ask the hub for nothing.
        gpu: whether it will run on a GPU, for which other variants are better.

    Raises:
        ConfigurationError: it cannot be had.
        ConnectFailed: the hub cannot be reached.
    """
    folder = kept(name)
    if folder is not None and _complete(folder, name):
        return folder
    if offline or client().constants.HF_HUB_OFFLINE:
        raise ConfigurationError(f"{name} is not on this machine, and the hub is not asked: chat local pull {name}")
    from chat_local.fetching import fetch  # noqa: PLC0415 - for models that are not here yet

    return fetch(listed(name), gpu=gpu)


def listed(name: Name) -> Listed:
    """Ask the hub what a repository holds.

    Raises:
        ConfigurationError: there is none, or it is not for everybody.
        ConnectFailed: the hub cannot be reached.
    """
    with failures(name):
        found = client().HfApi().model_info(name.place, revision=name.revision, files_metadata=True, timeout=PATIENCE)
    sizes = {file.rfilename: file.size for file in found.siblings or ()}
    return Listed(name=name, commit=_commit(name, found.sha), files={path: sizes[path] for path in safe(sizes)})


def graph_of(listed: Listed, *, gpu: bool, exact: bool = False) -> str:
    """Return the graph that is meant among the files of a repository.

    Args:
        listed: the files.
        gpu: whether it will run on a GPU.
        exact: whether the model only reads, as its descriptions say.

    Raises:
        ConfigurationError: there is none, or not the wanted variant.
    """
    found = graphs(listed.name, listed.files)
    return found[chosen(listed.name, found, listed.name.variant, gpu=gpu, exact=exact)]


def kept(name: Name) -> Path | None:
    """Return the folder of a model in the cache, whole or not; `None` = it is not there."""
    place = repository_folder(name)
    commit = name.revision or MAIN
    ref = place / "refs" / commit
    if ref.is_file():
        commit = ref.read_text(encoding="utf-8").strip()
    folder = place / "snapshots" / commit
    return folder if "/" not in commit and folder.is_dir() else None


def repository_folder(name: Name) -> Path:
    """Return the folder of a repository in the cache."""
    return cache_folder() / f"models--{name.place.replace('/', '--')}"


def cache_folder() -> Path:
    """Return the hub's cache on this machine, which other programs use as well."""
    return Path(client().constants.HF_HUB_CACHE)


def cached() -> Iterator[JSONObject]:
    """Yield the models in the cache that have a graph."""
    for repository in _repositories():
        for revision in sorted(repository.revisions, key=lambda found: str(found.commit_hash)):
            folder = Path(revision.snapshot_path)
            found = graphs_among(path.relative_to(folder).as_posix() for path in folder.rglob("*.onnx"))
            if found:
                yield {
                    "id": _name_of(repository.repo_id, revision),
                    "size": int(revision.size_on_disk),
                    "variants": [*found],
                    "commit": str(revision.commit_hash),
                    "modified": float(revision.last_modified),
                }


def removed(name: Name) -> int:
    """Delete a model from the cache, and return how many bytes that freed.

    Raises:
        ConfigurationError: it is not there, or only a part of it is named.
    """
    if name.variant is not None:
        raise ConfigurationError(f"variants are not removed one by one: chat local remove {name.place}")
    folder = kept(name)
    if folder is None:
        raise ConfigurationError(f"{name} is not on this machine: chat local list shows what is")
    strategy = client().scan_cache_dir(cache_folder()).delete_revisions(folder.name)
    strategy.execute()
    return int(strategy.expected_freed_size)


@contextmanager
def failures(name: Name) -> Generator[None]:
    """Say in our own words what the hub's client raises."""
    errors = client().errors
    try:
        yield
    except errors.GatedRepoError:
        raise ConfigurationError(f"{name} has terms to be accepted on the hub first; then {_TOKEN}") from None
    except errors.RevisionNotFoundError:
        raise ConfigurationError(f"{name.place} has no revision {name.revision!r}") from None
    except errors.RepositoryNotFoundError:
        raise ConfigurationError(
            f"the hub has no model {name.place}, or does not show it to everybody: check its name, or {_TOKEN}"
        ) from None
    except errors.HFValidationError:
        raise ConfigurationError(f"{name.place!r} cannot be the name of a model on the hub") from None
    except errors.OfflineModeIsEnabled:
        raise ConfigurationError(f"{name} is wanted of the hub, and HF_HUB_OFFLINE forbids to ask it") from None
    except errors.HfHubHTTPError as error:
        raise ConnectFailed(f"the hub failed at {name}: {_status(error)}") from None
    except errors.HfHubHTTPError.__bases__ as error:  # its HTTP client's errors, and those of the system
        if isinstance(error, OSError) and error.errno is not None:
            raise ConfigurationError(f"{name} cannot be stored: {error.strerror}") from None
        raise ConnectFailed(f"the hub cannot be reached for {name}: {type(error).__name__}") from None


@cache
def client() -> Any:  # noqa: ANN401 - a library that is loaded late; its names are checked by tests against a hub
    """Import the hub's client."""
    os.environ.setdefault(TELEMETRY, "1")
    for part in ("constants", "errors", "file_download", "utils"):
        import_module(f"huggingface_hub.{part}")
    return import_module("huggingface_hub")


def _complete(folder: Path, name: Name) -> bool:
    try:
        layout.read(folder, variant=name.variant)
    except ConfigurationError:
        return False
    return True


def _commit(name: Name, commit: object) -> str:
    if isinstance(commit, str) and commit.isalnum() and len(commit) <= 64:  # noqa: PLR2004 - of SHA-256
        return commit
    raise ConfigurationError(f"the hub does not say which commit {name} is at")


def _repositories() -> list[Any]:
    try:
        found = client().scan_cache_dir(cache_folder())
    except client().errors.CacheNotFound:
        return []
    models = [each for each in found.repos if each.repo_type == "model"]
    return sorted(models, key=lambda each: str(each.repo_id))


def _name_of(repository: str, revision: Any) -> str:  # noqa: ANN401 - the client's own
    refs = sorted(str(ref) for ref in revision.refs)
    if MAIN in refs:
        return repository
    return f"{repository}@{refs[0] if refs else revision.commit_hash}"


def _status(error: Any) -> str:  # noqa: ANN401 - as above
    status = getattr(getattr(error, "response", None), "status_code", None)
    return type(error).__name__ if status is None else f"status {status}"
