"""What a user may say about a place that serves Gemini, from a configuration file, the environment or a call.

Law: a value is what its field takes, or an error that names the field and what is allowed. What is said goes before
the environment, and the environment before what Google's own client takes for granted.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError
from chat_gemini.places import developer, vertex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON
    from chat_gemini.places import Place

ALLOWED: Mapping[str, str] = {
    "express": "true or false: whether a key of Vertex AI's express mode takes the place of a project",
    "headers": "a table of texts",
    "location": "a text, such as 'europe-west4', 'global', 'us' or 'eu'",
    "project": "a text: the id of a project of Google Cloud",
    "version": "a text, such as 'v1' or 'v1beta'",
    "vertex": "true or false",
}
"""The settings, and what each takes."""

PROJECT = "GOOGLE_CLOUD_PROJECT"
LOCATION = "GOOGLE_CLOUD_LOCATION"
VERSION = "GOOGLE_GENAI_API_VERSION"

_TEXTS = frozenset({"location", "project", "version"})
_SWITCHES = frozenset({"express", "vertex"})


def placed(
    settings: Mapping[str, JSON],
    *,
    base_url: str | None = None,
    on_vertex: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> tuple[Place, dict[str, str]]:
    """Return the place that the user means, and his headers.

    Args:
        settings: what he says.
        base_url: the address that he gave.
        on_vertex: whether Vertex AI is meant where the settings do not say.
        environ: the environment.

    Raises:
        ConfigurationError: a setting is unknown, its value is not what the field takes, or the project is missing.
    """
    said = {name: _checked(name, value) for name, value in settings.items()}
    headers = said.get("headers")
    version = _text(said.get("version")) or _variable(environ, VERSION)
    if said.get("vertex", on_vertex) is True:
        place = _vertex(said, base_url, version, environ)
    else:
        _refuse_vertex(said)
        place = developer(base_url, version)
    return place, {} if not isinstance(headers, dict) else {name: str(value) for name, value in headers.items()}


def _vertex(said: Mapping[str, JSON], base_url: str | None, version: str | None, environ: Mapping[str, str]) -> Place:
    if said.get("express") is True:
        return vertex(None, base_url=base_url, version=version)
    project = _text(said.get("project")) or _variable(environ, PROJECT)
    location = _text(said.get("location")) or _variable(environ, LOCATION)
    if project is None:
        raise ConfigurationError(
            f"Vertex AI needs a project: set the environment variable {PROJECT} or the setting project; "
            "with a key of express mode, the setting express = true"
        )
    if location is None:
        raise ConfigurationError(
            f"Vertex AI needs a location: set the environment variable {LOCATION} or the setting location, "
            "such as global or europe-west4"
        )
    return vertex(project, location, base_url=base_url, version=version)


def _refuse_vertex(said: Mapping[str, JSON]) -> None:
    for name in ("express", "project", "location"):
        if said.get(name) not in (None, False):
            raise ConfigurationError(
                f"{name} is a setting of Vertex AI: use vertex:MODEL, or the setting vertex = true"
            )


def _checked(name: str, value: JSON) -> JSON:
    if name not in ALLOWED:
        raise ConfigurationError(f"there is no setting {name!r}. Known: {', '.join(ALLOWED)}")
    match value:
        case str() if name in _TEXTS and value:
            return value
        case bool() if name in _SWITCHES:
            return value
        case dict() if name == "headers" and all(isinstance(item, str) for item in value.values()):
            return value
        case _:
            shown = "something else" if name == "headers" else f"{value!r:.80}"  # a header may hold a secret
            raise ConfigurationError(f"{name} takes {ALLOWED[name]}, not {shown}")


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _variable(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(name, "").strip() or None
