"""What a user may say about a service of this package: its own settings, and those of the chat completions wire.

Law: a value is what its setting takes, or an error that names the setting, the value and what is allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat_completions.settings import SETTINGS as OF_CHAT
from chat_completions.settings import changed
from chat_core.errors import ConfigurationError
from chat_huggingface.presets import POOLINGS, RELATIONS, ROWS, SERVERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON
    from chat_huggingface.provider import HuggingFace


def _one_of(words: tuple[str, ...]) -> str:
    return " or ".join(repr(word) for word in words)


OWN: Mapping[str, str] = {
    "server": _one_of(SERVERS),
    "bill_to": "the name of an organisation",
    "classes": f"a table of {_one_of(RELATIONS)} by names of a model's classes",
    "batch": "a whole number above 0",
    "pooling": _one_of(POOLINGS),
}
"""The settings of this package, and what each takes."""

SETTINGS = OF_CHAT | frozenset(OWN)
"""The names of all settings."""


def configured(
    row: str, settings: Mapping[str, JSON], *, base_url: str | None = None, name: str | None = None
) -> HuggingFace:
    """Make a provider of a row and of what the user says beside it.

    Raises:
        ConfigurationError: a setting is unknown, or its value is not what it takes.
    """
    from chat_huggingface.provider import HuggingFace  # noqa: PLC0415 - the plugin reads the names above

    preset, server = ROWS[row]
    own: dict[str, Any] = {"server": server}
    own |= {key: value for key, value in settings.items() if _is_own(key, value)}
    chat = changed(preset, {key: value for key, value in settings.items() if key not in OWN})
    return HuggingFace(chat, base_url=base_url, name=name, **own)


def _is_own(key: str, value: JSON) -> bool:
    """Tell whether a setting is one of this package's; its value is checked."""
    match key, value:
        case "server", str() if value in SERVERS:
            return True
        case "pooling", str() if value in POOLINGS:
            return True
        case "bill_to", str() if value:
            return True
        case "batch", int() if value > 0 and not isinstance(value, bool):
            return True
        case "classes", dict() if all(item in RELATIONS for item in value.values()):
            return True
        case _ if key in OWN:
            raise ConfigurationError(f"{key} takes {OWN[key]}, not {value!r:.80}")
        case _:
            return False
