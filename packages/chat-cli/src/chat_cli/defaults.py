"""Which model is asked when none is named.

Law: `-m`, then what the configuration file says for this task, then `CHAT_MODEL`, then `model` in that file. Where
nothing is set up at all, a model that comes along answers questions, and a line says so; as soon as there is a key, no
model is chosen for the user.
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
    from collections.abc import Mapping

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
    small = None if task is None else EXAMPLES.get(task)
    if small is None:
        return _unasked()
    here = f"On this machine, with chat-local: chat local pull {small}, then -m local:{small}"
    raise ConfigurationError(f"{_hint(survey(registry()), f'`{task}` under [models]')}. {here}")


def _unasked() -> str:
    """Return the model that comes along, if nothing is set up."""
    found = survey(registry())
    model = along(found)
    if model is None:
        raise ConfigurationError(_hint(found))
    err().line(f"nothing is set up: {model} answers, a demonstration model; -m provider:model asks another one", DIM)
    return model


def along(found: Survey) -> str | None:
    """Return the model that comes along and answers questions; `None` where there is none, or something is set up."""
    if _keyed(found):
        return None
    models = (f"{each.name}:{each.ready_model}" for each in found.providers if each.ready_model and each.ready)
    return next(models, None)


def example(found: Survey) -> str:
    """Return how to name a model of a provider that has a key; of any, where none has one."""
    keyed = _keyed(found)
    return f"-m {keyed[0]}:MODEL" if keyed else "-m provider:model"


def _keyed(found: Survey) -> list[str]:
    return [provider.name for provider in found.providers if provider.key is not None]


def _hint(found: Survey, setting: str = "`model`") -> str:
    ready = _keyed(found)
    listed = ", ".join(ready[:_SHOWN]) + (" …" if len(ready) > _SHOWN else "")
    keys = f"There are keys for: {listed}" if ready else "There is no key yet: `chat keys set PROVIDER` keeps one"
    return (
        f"no model is named: pass {example(found)}, or set {MODEL}, or {setting} in {found.config_file}. "
        f"{keys}. `chat models` lists models; -m {DEMO} needs no key and no network"
    )
