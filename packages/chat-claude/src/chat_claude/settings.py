"""What a user may say about a host of this wire: fields of `Claude`, from a configuration file or a call.

Law: a value is what its field takes, or an error that names the field, the value and what is allowed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_claude.provider import ANTHROPIC, VERTEX, Claude, Surface
from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON

SURFACES: Mapping[str, Surface] = {"anthropic": ANTHROPIC, "vertex": VERTEX}
"""The kinds of hosts, by the words that name them."""

ALLOWED: Mapping[str, str] = {
    "family": "a text, such as 'claude'",
    "headers": "a table of texts",
    "surface": " or ".join(repr(word) for word in SURFACES),
    "version": "a text, such as '2023-06-01'",
}
"""The settings, and what each takes."""


def configured(settings: Mapping[str, JSON], *, base_url: str | None = None, name: str | None = None) -> Claude:
    """Make a `Claude` of what the user says; what is not said is as Anthropic's own host has it.

    Raises:
        ConfigurationError: a setting is unknown, or its value is not what the field takes.
    """
    claude = Claude()
    if base_url is not None:
        claude = replace(claude, base_url=base_url)
    if name is not None:
        claude = replace(claude, name=name)
    for key, value in settings.items():
        claude = _with(claude, key, value)
    return claude


def _with(claude: Claude, key: str, value: JSON) -> Claude:
    match key, value:
        case "family", str() if value:
            return replace(claude, family=value)
        case "version", str() if value:
            return replace(claude, version=value)
        case "surface", str() if value in SURFACES:
            return replace(claude, surface=SURFACES[value])
        case "headers", dict():
            headers = {name: item for name, item in value.items() if isinstance(item, str)}
            if len(headers) == len(value):
                return replace(claude, headers=headers)
        case _:
            pass
    if key not in ALLOWED:
        raise ConfigurationError(f"there is no setting {key!r}. Known: {', '.join(ALLOWED)}")
    shown = "something else" if key == "headers" else f"{value!r:.80}"  # a header may hold a secret
    raise ConfigurationError(f"{key} takes {ALLOWED[key]}, not {shown}")
