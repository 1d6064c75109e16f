"""What a user may say about a server of this wire: fields of `Ollama`, from a configuration file or a call.

Law: a value is what its field takes, or an error that names the field and what is allowed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError
from chat_ollama.provider import Ollama

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON

ALLOWED: Mapping[str, str] = {"headers": "a table of texts"}
"""The settings, and what each takes."""


def configured(settings: Mapping[str, JSON], *, base_url: str | None = None, name: str | None = None) -> Ollama:
    """Make an `Ollama` of what the user says; what is not said is as Ollama's own server has it.

    Raises:
        ConfigurationError: a setting is unknown, or its value is not what the field takes.
    """
    ollama = Ollama()
    if base_url is not None:
        ollama = replace(ollama, base_url=base_url)
    if name is not None:
        ollama = replace(ollama, name=name)
    for key, value in settings.items():
        ollama = _with(ollama, key, value)
    return ollama


def _with(ollama: Ollama, key: str, value: JSON) -> Ollama:
    match key, value:
        case "headers", dict():
            headers = {name: item for name, item in value.items() if isinstance(item, str)}
            if len(headers) == len(value):
                return replace(ollama, headers=headers)
        case _:
            pass
    if key not in ALLOWED:
        raise ConfigurationError(f"there is no setting {key!r}. Known: {', '.join(ALLOWED)}")
    raise ConfigurationError(f"{key} takes {ALLOWED[key]}, not something else")  # a header may hold a secret
