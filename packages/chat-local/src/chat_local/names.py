"""Names of models: `pico`, a folder, or a model of the hub with its revision and variant.

Law: `org/name` is always a model of the hub: a folder begins with `.`, `~`, `/` or a drive, so that no folder that
happens to be there is taken for a model somebody else published.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from chat_core.errors import ConfigurationError

Source: TypeAlias = Literal["embedded", "folder", "hub"]

PICO = "pico"
"""The model that comes with this package: a demonstration of a megabyte or two."""

PICO_FOLDER = Path(__file__).with_name("pico")

_FOLDER = re.compile(r"^(?:[.~/\\]|[A-Za-z]:[\\/])")
_HUB = re.compile(r"^(?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?(?::(?P<variant>[\w.-]*))?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Name:
    """What a model's name says.

    Attributes:
        source: where the model is.
        place: the folder, or the repository on the hub.
        revision: branch, tag or commit on the hub; `None` = its main branch.
        variant: which of its graphs; `None` = the one that suits the device.
    """

    source: Source
    place: str
    revision: str | None = None
    variant: str | None = None

    def __str__(self) -> str:
        revision = "" if self.revision is None else f"@{self.revision}"
        variant = "" if self.variant is None else f":{self.variant}"
        return f"{self.place}{revision}{variant}"


def read(name: str) -> Name:
    """Read a model's name, which is what stands behind `local:`.

    Raises:
        ConfigurationError: it is none.
    """
    if name == PICO:
        return Name("embedded", PICO)
    if name.startswith("path:"):
        return _folder(name.removeprefix("path:"))
    if _FOLDER.match(name):
        return _folder(name)
    found = _HUB.match(name.removeprefix("hub:"))
    if found is None or ".." in name or (found["revision"] or "").startswith("/"):
        raise ConfigurationError(
            f"{name!r} is no model: write local:{PICO}, local:org/name of the hub, or local:./folder for one of yours"
        )
    return Name("hub", found["repository"], found["revision"], found["variant"])


def _folder(text: str) -> Name:
    """Read a folder, behind which a colon may name a variant; a drive has a colon of its own."""
    head, colon, tail = text.rpartition(":")
    if colon and len(head) > 1 and not {"/", "\\"} & {*tail}:
        return Name("folder", head, variant=tail)
    return Name("folder", text)


def folder_of(name: Name) -> Path:
    """Return the folder of a model that is on this machine for certain."""
    return PICO_FOLDER if name.source == "embedded" else Path(name.place).expanduser()
