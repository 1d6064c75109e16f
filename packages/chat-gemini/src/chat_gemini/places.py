"""Where Gemini is served: hosts, versions and paths of the developer API and of Vertex AI.

Law: a `Place` is a value and the one that knows addresses. A name is forwarded as it is, with the collection in front
that it lacks.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING
from urllib.parse import quote

from chat_core.codec.host import masked, place_of
from chat_core.errors import ConfigurationError
from chat_core.frozen import SHOWN, dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.provider import Secret

DEVELOPER = "https://generativelanguage.googleapis.com"
"""The developer API, whose keys come from Google AI Studio."""

GLOBAL = "https://aiplatform.googleapis.com"
"""Vertex AI without a region of its own: the location `global`, and keys of express mode."""

VERSION = "v1"
VERTEX_VERSION = "v1beta1"

HOSTS: Mapping[str, str] = {
    "global": GLOBAL,
    "us": "https://aiplatform.us.rep.googleapis.com",
    "eu": "https://aiplatform.eu.rep.googleapis.com",
}
"""Locations of Vertex AI whose hosts are no region's."""

REGIONAL = "https://{}-aiplatform.googleapis.com"

KEYS = ("AIza", "AQ.")
"""How Google's API keys begin; a token of OAuth begins otherwise."""

EPHEMERAL = "auth_tokens/"
"""How the names of short-lived tokens begin, which are their values."""

COLLECTIONS = ("projects/", "publishers/", "models/", "endpoints/", "tunedModels/")
"""How a model's whole name begins."""

_VERSION = re.compile(r"/(v\d+(?:(?:alpha|beta)\d*)?)/*$")


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Place:
    """One surface that serves Gemini.

    Attributes:
        base_url: the host, with the path before the version.
        version: the API's version: `v1`, `v1beta`, `v1alpha`; on Vertex AI `v1`, `v1beta1`.
        vertex: whether it is Vertex AI, and not the developer API.
        project: the project of Google Cloud; `None` on Vertex AI = express mode, which has keys instead.
        location: the region, the multi-region `us` or `eu`, or `global`.
    """

    base_url: str = field(default=DEVELOPER, metadata={SHOWN: masked})
    version: str = VERSION
    vertex: bool = False
    project: str | None = None
    location: str | None = None

    @property
    def parent(self) -> str:
        """What the names of this place's resources begin with: its project and location, or nothing."""
        if self.project is None:
            return ""
        return f"projects/{self.project}/locations/{self.location}"

    @property
    def surface(self) -> str:
        """What tells the private data of this place from another's: the host with its port, or the project."""
        if not self.vertex:
            return place_of(self.base_url)
        return "vertex" if self.project is None else f"vertex/{self.project}"

    def model_name(self, model: str) -> str:
        """Return a model's whole name, below the parent.

        Raises:
            ConfigurationError: it is no name of a model.
        """
        if not model or ".." in model.split("/") or set(model) & set("?&#"):
            raise ConfigurationError(f"{model!r} is no name of a model: write gemini-…, models/… or publishers/…")
        if model.startswith(COLLECTIONS):
            return model
        if not self.vertex:
            return f"models/{model}"
        publisher, slash, name = model.rpartition("/")
        return f"publishers/{publisher if slash else 'google'}/models/{name}"

    def resource(self, name: str) -> str:
        """Return the whole name of a resource: what begins with `projects/` has its parent already."""
        if name.startswith("projects/") or not self.parent:
            return name
        return f"{self.parent}/{name}"

    def url(self, path: str) -> str:
        """Return the absolute address of a path, such as `cachedContents` or the whole name of a resource."""
        return f"{self.base_url.rstrip('/')}/{self.version}/{_quoted(self.resource(path.lstrip('/')))}"

    def model_url(self, model: str, method: str) -> str:
        """Return the address of a model's method, such as `generateContent`.

        Raises:
            ConfigurationError: it is no name of a model.
        """
        return f"{self.url(self.model_name(model))}:{method}"

    def upload_url(self, path: str) -> str:
        """Return the address to which the bytes of a new resource go."""
        return f"{self.base_url.rstrip('/')}/upload/{self.version}/{_quoted(path)}"

    def authorization(self, secret: Secret) -> dict[str, str]:
        """Return the header that proves who is asking: a key, or on Vertex AI a token of OAuth.

        A short-lived token of the developer API opens live sessions.
        """
        if secret.value.startswith(EPHEMERAL):
            return {"authorization": f"Token {secret.value}"}
        if self.vertex and not secret.value.startswith(KEYS):
            return {"authorization": f"Bearer {secret.value}"}
        return {"x-goog-api-key": secret.value}


def developer(base_url: str | None = None, version: str | None = None) -> Place:
    """Return the developer API, or what is served as it is at an address, which may end with a version."""
    url, said = _split(base_url if base_url is not None else DEVELOPER)
    return Place(base_url=url, version=_named(version, "v1beta") or said or VERSION)


def vertex(
    project: str | None, location: str | None = None, *, base_url: str | None = None, version: str | None = None
) -> Place:
    """Return Vertex AI: a project at a location, or express mode without a project."""
    where = location if location is not None or project is None else "global"
    url, said = _split(base_url if base_url is not None else host_of(where))
    number = _named(version, "v1beta1") or said or VERTEX_VERSION
    return Place(base_url=url, version=number, vertex=True, project=project, location=where)


def host_of(location: str | None) -> str:
    """Return the host of Vertex AI that serves a location."""
    if location is None:
        return GLOBAL
    return HOSTS.get(location, REGIONAL.format(location))


def _split(base_url: str) -> tuple[str, str | None]:
    """Take the version off an address that ends with one.

    Raises:
        ConfigurationError: it has a query, behind which no path could follow; that may hold a key, and is not told.
    """
    if "?" in base_url or "#" in base_url:
        raise ConfigurationError("base_url= ends before the ?: pass a key as api_key=")
    found = _VERSION.search(base_url)
    return (base_url.rstrip("/"), None) if found is None else (base_url[: found.start()], found[1])


def _named(version: str | None, beta: str) -> str | None:
    """Return a version; `beta` is what Google's own client takes for the newest one of that kind."""
    return beta if version == "beta" else version


def _quoted(path: str) -> str:
    return quote(path, safe="/:@")
