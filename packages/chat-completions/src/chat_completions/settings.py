"""What a user may say about a service of this wire: the fields of `Preset`, from a configuration file or a call.

Law: a value is of the field's type and among what the field takes, or an error that names the field, the value and
what is allowed. A field that is said replaces the row's; headers add to it.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from chat_completions.preset import (
    ALL_MEDIA,
    AUDIO,
    CAPABILITIES,
    COUNTINGS,
    EMBEDDINGS,
    IMAGES,
    MODERATIONS,
    Preset,
)
from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON

GENERAL = frozenset({"name", "base_url", "env", "bearer_env", "base_url_env"})
"""Fields that every provider has in common: they are no settings of this wire."""

SETTINGS = frozenset(field.name for field in fields(Preset)) - GENERAL
"""The names of the settings."""

WORDS: Mapping[str, tuple[str, ...]] = {
    "capabilities": CAPABILITIES,
    "embeddings": EMBEDDINGS,
    "counting": COUNTINGS,
    "images": IMAGES,
    "audio": AUDIO,
    "moderation": MODERATIONS,
    "system_role": ("system", "developer"),
    "reasoning_field": ("reasoning_content", "reasoning"),
    "media": tuple(sorted(ALL_MEDIA)),
    "empty_content": ("",),
}
"""The words that a field takes, where they are few."""

HIDDEN = frozenset({"headers"})
"""Fields whose values may hold a secret: errors do not show them."""


def changed(preset: Preset, settings: Mapping[str, JSON]) -> Preset:
    """Return a row with the fields that the settings name.

    Raises:
        ConfigurationError: a setting is unknown, or its value is not what the field takes.
    """
    values: dict[str, Any] = {name: _value(name, value) for name, value in settings.items()}
    if "headers" in values:
        values["headers"] = {**preset.headers, **values["headers"]}
    return replace(preset, **values)


def _value(name: str, value: JSON) -> object:
    if name not in SETTINGS:
        raise ConfigurationError(f"there is no setting {name!r}. Known: {', '.join(sorted(SETTINGS))}")
    match getattr(_EMPTY, name):
        case bool():
            if isinstance(value, bool):
                return value
            raise _refused(name, value, "true or false")
        case frozenset():
            return _set(name, value)
        case dict():
            return _table(name, value)
        case _:
            return _text(name, value)


def _text(name: str, value: JSON) -> str:
    words = WORDS.get(name)
    if isinstance(value, str) and (words is None or value in words):
        return value
    raise _refused(name, value, "a text" if words is None else _one_of(words))


def _set(name: str, value: JSON) -> frozenset[str]:
    words = WORDS.get(name)
    if isinstance(value, list):
        items = frozenset(item for item in value if isinstance(item, str) and (words is None or item in words))
        if len(items) == len(value):
            return items
    raise _refused(name, value, "a list of texts" if words is None else f"a list of {_one_of(words)}, each once")


def _table(name: str, value: JSON) -> dict[str, str]:
    options = _options() if name in {"names", "unsupported"} else None
    if isinstance(value, dict):
        members = {key: item for key, item in value.items() if isinstance(item, str)}
        wrong = [key for key in members if options is not None and key not in options]
        if wrong:
            raise ConfigurationError(f"{name}.{wrong[0]} is no option. Options: {', '.join(sorted(options or ()))}")
        if len(members) == len(value):
            return members
    raise _refused(name, value, "a table of texts")


def _options() -> frozenset[str]:
    from chat_completions.encode import PORTABLE  # noqa: PLC0415 - the codec is loaded by whoever calls

    return frozenset(PORTABLE)


def _refused(name: str, value: JSON, allowed: str) -> ConfigurationError:
    shown = "something else" if name in HIDDEN else f"{value!r:.80}"
    return ConfigurationError(f"{name} takes {allowed}, not {shown}")


def _one_of(words: tuple[str, ...]) -> str:
    return " or ".join(repr(word) for word in words)


_EMPTY = Preset(name="")
