"""Installed distributions, made in a folder that is put on `sys.path`: metadata and one module each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chat_core.plugins.entries import Entry, installed, opened
from chat_core.plugins.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

IMPORTS = """
from chat_core.plugins.hooks import hookimpl
from chat_core.plugins.spec import ProviderConfig, ProviderSpec, StoreSpec, ToolsSpec, TransportSpec

def _load(*arguments):
    raise AssertionError("nobody asked for it")
"""

PROVIDER = (
    IMPORTS
    + """
@hookimpl
def chat_providers():
    yield ProviderSpec(name={name!r}, load=_load, env=("KEY",), aliases={aliases!r}, api={api!r})
"""
)


def install(folder: Path, distribution: str, entries: Mapping[str, str], version: str = "1.0", **modules: str) -> None:
    """Install a distribution: its entry points, and modules by their names."""
    info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    lines = "".join(f"{name} = {target}\n" for name, target in entries.items())
    (info / "entry_points.txt").write_text(f"[chat_core.plugins]\n{lines}")
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)


def provider(name: str, aliases: tuple[str, ...] = (), api: object = 1) -> str:
    """Return the source of a plugin that offers one provider."""
    return PROVIDER.format(name=name, aliases=aliases, api=api)


def working(name: str, aliases: tuple[str, ...] = (), api: object = 1) -> str:
    """Return the source of a plugin whose provider can be made, as whoever examines it does."""
    return (
        f"{provider(name, aliases, api)}\ndef _load(config):\n    from chat_core.demo import Demo\n    return Demo()\n"
    )


def of_folder(folder: Path) -> tuple[Entry, ...]:
    """Read the index, of the distributions in one folder only."""
    return tuple(entry for entry in installed() if entry.source is not None and folder in _place(entry).parents)


def _place(entry: Entry) -> Path:
    assert entry.source is not None
    return Path(str(opened(entry.source).locate_file("here")))


def registry_of(folder: Path, environ: Mapping[str, str] | None = None) -> Registry:
    """Make a registry of what is installed in one folder."""
    return Registry(index=lambda: of_folder(folder), environ={} if environ is None else environ)
