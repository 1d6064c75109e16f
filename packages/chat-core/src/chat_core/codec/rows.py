"""Rows: what a wire's package knows of one service, as a dataclass of texts, flags, sets and tables.

Law: what a user says of a service is of the field's type and among what the field takes, or an error that names the
field, the value and what is allowed. A field that is said replaces the row's; headers add to it.
"""

from __future__ import annotations

from dataclasses import field, fields, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from chat_core.errors import ConfigurationError
from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance

    from chat_core.jsonvalue import JSON

    class _Row(DataclassInstance, Protocol):
        """A frozen dataclass with headers."""

        @property
        def headers(self) -> Mapping[str, str]: ...


Row = TypeVar("Row", bound="_Row")

GENERAL = frozenset({"name", "base_url", "env", "bearer_env", "base_url_env"})
"""Fields that every provider has in common: they are no settings of a wire."""

HIDDEN = frozenset({"headers"})
"""Fields whose values may hold a secret: errors do not show them."""

OPTIONS = frozenset({"names", "unsupported"})
"""Tables whose keys are portable options."""


@dataclass(frozen=True, slots=True)
class RowSettings(Generic[Row]):
    """What a user may say about a service of one wire: the fields of its row, in a configuration file or a call.

    Attributes:
        empty: a row that says nothing; its values tell the types of the fields.
        words: the words that a field takes, where they are few.
    """

    empty: Row
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @property
    def names(self) -> frozenset[str]:
        """The names of the settings."""
        return frozenset(item.name for item in fields(self.empty)) - GENERAL

    def changed(self, row: Row, settings: Mapping[str, JSON]) -> Row:
        """Return a row with the fields that the settings name.

        Raises:
            ConfigurationError: a setting is unknown, or its value is not what the field takes.
        """
        values: dict[str, Any] = {name: self._value(name, value) for name, value in settings.items()}
        if "headers" in values:
            values["headers"] = {**row.headers, **values["headers"]}
        return replace(row, **values)

    def _value(self, name: str, value: JSON) -> object:
        if name not in self.names:
            raise ConfigurationError(f"there is no setting {name!r}. Known: {', '.join(sorted(self.names))}")
        match getattr(self.empty, name):
            case bool():
                if isinstance(value, bool):
                    return value
                raise _refused(name, value, "true or false")
            case frozenset():
                return self._set(name, value)
            case dict():
                return _table(name, value)
            case _:
                return self._text(name, value)

    def _text(self, name: str, value: JSON) -> str:
        words = self.words.get(name)
        if isinstance(value, str) and (words is None or value in words):
            return value
        raise _refused(name, value, "a text" if words is None else _one_of(words))

    def _set(self, name: str, value: JSON) -> frozenset[str]:
        words = self.words.get(name)
        if isinstance(value, list):
            items = frozenset(item for item in value if isinstance(item, str) and (words is None or item in words))
            if len(items) == len(value):
                return items
        raise _refused(name, value, "a list of texts" if words is None else f"a list of {_one_of(words)}, each once")


def _table(name: str, value: JSON) -> dict[str, str]:
    options = _options() if name in OPTIONS else None
    if isinstance(value, dict):
        members = {key: item for key, item in value.items() if isinstance(item, str)}
        wrong = [key for key in members if options is not None and key not in options]
        if wrong:
            raise ConfigurationError(f"{name}.{wrong[0]} is no option. Options: {', '.join(sorted(options or ()))}")
        if len(members) == len(value):
            return members
    raise _refused(name, value, "a table of texts")


def _options() -> frozenset[str]:
    from chat_core.codec.members import PORTABLE  # noqa: PLC0415 - the codec is loaded by whoever calls

    return frozenset(PORTABLE)


def _refused(name: str, value: JSON, allowed: str) -> ConfigurationError:
    shown = "something else" if name in HIDDEN else f"{value!r:.80}"
    return ConfigurationError(f"{name} takes {allowed}, not {shown}")


def _one_of(words: tuple[str, ...]) -> str:
    return " or ".join(repr(word) for word in words)
