"""Names of what is installed, for completion and help: read from the metadata, no plugin is imported to list it.

Law: a shell waits for these at every press of a key, so the registry and all that it needs stay unloaded.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_core.plugins.entries import Entry
    from chat_core.plugins.spec import Kind

DEMO = "replay:demo"


def command_names() -> list[str]:
    """List the commands that plugins add."""
    return sorted({entry.name for entry in _entries("command")})


def models_like(beginning: str) -> list[str]:
    """List what a `provider:model` that begins like this can go on with: the model is the user's to know."""
    names = {f"{name}:" for name in (*(entry.name for entry in _entries("provider")), *_defined())}
    provider, colon, _ = beginning.partition(":")
    ready = _ready(provider) if colon and f"{provider}:" in names else ()
    return sorted(name for name in {*names, *ready, DEMO} if name.startswith(beginning))


def _ready(name: str) -> tuple[str, ...]:
    """Return the model of a provider that comes along with it; its plugin alone is imported."""
    from chat_core.errors import ChatError  # noqa: PLC0415 - for completion behind a colon only
    from chat_core.plugins.registry import registry  # noqa: PLC0415 - as above

    try:
        model = registry().provider(name).ready_model
    except ChatError:  # a broken plugin: `chat doctor` says why
        return ()
    return () if model is None else (f"{name}:{model}",)


def _defined() -> tuple[str, ...]:
    from chat_core.errors import ConfigurationError  # noqa: PLC0415 - for completion of -m only
    from chat_core.plugins.settings import user_settings  # noqa: PLC0415 - as above

    try:
        return tuple(user_settings().providers)
    except ConfigurationError:  # a question, and `chat doctor`, say what is wrong with the file
        return ()


def _entries(kind: Kind) -> list[Entry]:
    from chat_core.plugins.entries import Gate, installed  # noqa: PLC0415 - questions need none of it

    gate = Gate.of(os.environ)
    return [entry for entry in installed() if entry.kind == kind and gate.bars(entry) is None]
