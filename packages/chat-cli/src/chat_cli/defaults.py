"""Which model is asked when none is named.

Law: `-m`, then `CHAT_MODEL`, then the configuration file; no model is chosen for the user.
"""

from __future__ import annotations

import os

from chat_cli.names import DEMO
from chat_core.errors import ConfigurationError
from chat_core.plugins.registry import registry
from chat_core.plugins.settings import user_settings
from chat_core.survey import MODEL, survey

_SHOWN = 8


def model_of(named: str | None) -> str:
    """Return the model that is named on the command line, in the environment, or in the configuration file.

    Raises:
        ConfigurationError: none is; the message says which could be.
    """
    model = named or os.environ.get(MODEL, "").strip() or user_settings().model
    if model is None:
        raise ConfigurationError(_hint())
    return model


def _hint() -> str:
    found = survey(registry())
    ready = [provider.name for provider in found.providers if provider.key is not None]
    listed = ", ".join(ready[:_SHOWN]) + (" …" if len(ready) > _SHOWN else "")
    keys = f"There are keys for: {listed}" if ready else "There is no key yet: `chat keys set PROVIDER` keeps one"
    return (
        f"no model is named: pass -m provider:model, or set {MODEL}, or `model` in {found.config_file}. "
        f"{keys}. `chat models` lists models; -m {DEMO} needs no key and no network"
    )
