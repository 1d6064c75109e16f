"""Which model is asked when none is named.

Law: `-m`, then what the configuration file says for this task, then `CHAT_MODEL`, then `model` in that file. Where
nothing is set up at all, a model that comes along answers questions, and a line says so; as soon as there is a key, no
model is chosen for the user. A file of his that is refused is an error, and not the same as none.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chat_cli.names import DEMO
from chat_cli.terminal import DIM, err
from chat_core.errors import ConfigurationError
from chat_core.plugins.registry import registry
from chat_core.plugins.settings import user_settings
from chat_core.survey import MODEL, survey

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from chat_core.survey import Survey

EXAMPLES: Mapping[str, str] = {
    "embed": "sentence-transformers/all-MiniLM-L6-v2",
    "classify": "cross-encoder/nli-MiniLM2-L6-H768",
    "stance": "cross-encoder/nli-MiniLM2-L6-H768",
    "entail": "cross-encoder/nli-MiniLM2-L6-H768",
    "rerank": "cross-encoder/ms-marco-MiniLM-L6-v2",
    "tokens": "sentence-transformers/all-MiniLM-L6-v2",
}
"""A public model that is small and runs on a CPU, for tasks that no model which comes along can do."""

_SHOWN = 8


def model_of(named: str | None, task: str | None = None) -> str:
    """Return the model that is named on the command line, in the environment, or in the configuration file.

    Args:
        named: what the command line says.
        task: what it is for, by the name of the command; `None` = to answer questions.

    Raises:
        ConfigurationError: none is; the message says which could be.
    """
    own = named or (None if task is None else user_settings().models.get(task))
    model = own or os.environ.get(MODEL, "").strip() or user_settings().model
    if model is not None:
        return model
    if task is None:
        return _unasked()
    setting, small = f"`{task}` under [models]", EXAMPLES.get(task)
    if small is not None:
        here = f"On this machine, with chat-local: chat local pull {small}, then -m local:{small}"
        raise ConfigurationError(f"{_hint(_found(), setting)}. {here}")
    able = _able(task)
    offered = f"Models for it are offered by: {', '.join(able) or 'no installed package'}"
    raise ConfigurationError(f"{_hint(_found(), setting, able)}. {offered}")


def told_by(model: str) -> str | None:
    """Return who names a model that the command line does not: the variable or the configuration file."""
    if os.environ.get(MODEL, "").strip() == model:
        return MODEL
    settings = user_settings()
    return str(settings.path) if model in {settings.model, *settings.models.values()} else None


def _able(task: str) -> tuple[str, ...]:
    """List the providers that have what a task needs; this loads all of them."""
    from chat_core.codec.images import Images  # noqa: PLC0415 - for an error
    from chat_core.codec.speech import Speech  # noqa: PLC0415 - as above
    from chat_core.codec.transcription import Transcription  # noqa: PLC0415 - as above

    kinds: Mapping[str, type] = {"image": Images, "speak": Speech, "transcribe": Transcription}
    return registry().offering(kinds[task])


def _unasked() -> str:
    """Return the model that comes along, if nothing is set up."""
    found = _found()
    model = along(found)
    if model is None:
        raise ConfigurationError(_hint(found))
    err().line(f"nothing is set up: {model} is asked, a demonstration model; -m provider:model asks another one", DIM)
    return model


def _found() -> Survey:
    """Look at what is set up.

    Raises:
        ConfigurationError: nothing can be said of it: the key file, or a key in it, is refused.
    """
    found = survey(registry())
    if found.problems and not _keyed(found):
        raise ConfigurationError(found.problems[0])
    return found


def along(found: Survey) -> str | None:
    """Return the model that comes along and answers questions; `None` where there is none, or something is set up."""
    if _keyed(found) or found.problems:
        return None
    models = (f"{each.name}:{each.ready_model}" for each in found.providers if each.ready_model and each.ready)
    return next(models, None)


def example(found: Survey, able: Container[str] | None = None) -> str:
    """Return how to name a model of a provider that has a key, and is `able`; of any, where none is."""
    keyed = [name for name in _keyed(found) if able is None or name in able]
    return f"-m {keyed[0]}:MODEL" if keyed else "-m provider:model"


def _keyed(found: Survey) -> list[str]:
    return [provider.name for provider in found.providers if provider.key is not None]


def _hint(found: Survey, setting: str = "`model`", able: Container[str] | None = None) -> str:
    ready = _keyed(found)
    listed = ", ".join(ready[:_SHOWN]) + (" …" if len(ready) > _SHOWN else "")
    keys = f"There are keys for: {listed}" if ready else "There is no key yet: `chat keys set PROVIDER` keeps one"
    return (
        f"no model is named: pass {example(found, able)}, or set {MODEL}, or {setting} in {found.config_file}. "
        f"{keys}. `chat models` lists models; -m {DEMO} needs no key and no network"
    )
