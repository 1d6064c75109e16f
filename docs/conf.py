"""How the documentation site is built: Sphinx over the plain markdown files of the whole workspace.

Law: the pages are the files as they lie in the repository, so that a link is right here and where the files are read.
Only the reference is written here, from docstrings and from what commands say about themselves.
"""

from __future__ import annotations

import shutil
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference" / "api"
"""Where the reference is written, anew with each build; git does not look at it."""
SEAMS = {
    "chat_core": (
        *("calls", "demo", "jsonvalue", "keys", "media", "setup", "survey"),
        *("codec.answers", "codec.builder", "codec.capabilities", "codec.decoder", "codec.effects", "codec.failure"),
        *("codec.fold", "codec.framers", "codec.provider", "codec.schema", "codec.unfold", "codec.wire"),
        *("flow.adrive", "flow.call", "flow.compose", "flow.converse", "flow.credential", "flow.drive", "flow.retry"),
        *("flow.timeouts", "flow.watching", "plugins.definitions", "plugins.hooks", "plugins.registry", "plugins.spec"),
        *("stores.memory", "stores.protocol", "stores.records", "stores.redaction", "stores.sqlite"),
        *("testing.contract", "testing.fixtures", "testing.laws", "testing.loopback", "testing.scenarios"),
        *("testing.stores", "transport.cassette", "transport.framing", "transport.http", "transport.protocol"),
        *("transport.recording", "transport.replay"),
    ),
    "chat_completions": ("settings",),
    "chat_responses": ("background", "chain", "settings"),
    "chat_claude": ("settings",),
}
"""Modules in the reference beside those where a package's own names live: what plugins are written with."""
COMMAND = "chat_cli"
LIBRARIES = sorted({path.parent.name for path in ROOT.glob("packages/*/src/*/__init__.py")} - {COMMAND})

project = "chat-core"
author = "the authors of chat-core"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

# The source folder is the root of the workspace: see `nox -s docs`.
root_doc = "docs/index"
include_patterns = [
    *("README.md", "ROADMAP.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    *("docs/**", "packages/*/README.md", "examples/README.md", "examples/*/README.md"),
]
exclude_patterns = [".*", "build", "dist", "tests", "benchmarks", "**/tests", "**/src"]

html_theme = "furo"
html_title = "chat-core"
html_extra_path = ["site"]
html_show_copyright = False
html_show_sourcelink = False

myst_heading_anchors = 3
default_role = "code"  # docstrings mark code as markdown does, with single backticks
python_maximum_signature_line_length = 100
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
suppress_warnings = ["ref.python"]  # several modules may have an `Answer`; a signature links to the first


def setup(app: Sphinx) -> None:
    """Have the reference written before Sphinx looks for pages."""
    app.connect("builder-inited", write_reference)
    app.connect("autodoc-process-docstring", mark_blocks, priority=400)  # before napoleon


def mark_blocks(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:  # noqa: ARG001 - the event's signature
    """Mark the indented blocks of a docstring as literal, which in the docstrings they are without a mark."""
    for place in range(len(lines) - 1, 1, -1):
        if lines[place].startswith("    ") and not lines[place - 1] and not lines[place - 2].startswith(" "):
            lines[place:place] = ["::", ""]


def write_reference(app: Sphinx) -> None:  # noqa: ARG001 - the event's signature
    """Write a page for each public module, and one for the command line."""
    shutil.rmtree(REFERENCE, ignore_errors=True)
    for package in LIBRARIES:
        homes = homes_of(package)
        modules = sorted({*homes.values(), *(f"{package}.{seam}" for seam in SEAMS.get(package, ()))})
        write(f"{package}/index", library_page(package, homes, modules))
        for module in modules:
            write(f"{package}/{module}", module_page(module))
    write(f"{COMMAND}/index", command_page())


def write(name: str, text: str) -> None:
    """Write a page of the reference."""
    page = REFERENCE / f"{name}.rst"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")


def homes_of(package: str) -> dict[str, str]:
    """Return the names that a package offers itself, each with the module that defines it."""
    module = import_module(package)
    table: dict[str, str] = getattr(module, "_HOME", {})  # constants do not know where they are defined
    names: list[str] = sorted(module.__all__)
    return {
        name: f"{package}.{table[name]}" if name in table else str(getattr(module, name).__module__) for name in names
    }


def library_page(package: str, homes: dict[str, str], modules: list[str]) -> str:
    """Return the front page of a package: its names, and its modules by folder."""
    page = heading(package) + f"{(import_module(package).__doc__ or '').strip()}\n\n"
    page += "".join(f"- :py:obj:`{name} <{home}.{name}>`\n" for name, home in homes.items()) + "\n"
    for folder in sorted({module.rpartition(".")[0] for module in modules}):
        listed = "".join(f"   {module}\n" for module in modules if module.rpartition(".")[0] == folder)
        page += f".. toctree::\n   :caption: {folder}\n   :maxdepth: 1\n\n{listed}\n"
    return page


def module_page(module: str) -> str:
    """Return the page of a module."""
    return heading(module) + f".. automodule:: {module}\n   :members:\n   :show-inheritance:\n"


def command_page() -> str:
    """Return what the command line says about itself."""
    main: click.Group = import_module(f"{COMMAND}.cli").cli
    with click.Context(main, info_name="chat", **main.context_settings) as context:
        return "".join(helped(main, context))


def helped(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the help of a command, and of those below it."""
    yield heading(context.command_path, "=" if context.parent is None else "-")
    yield literal(command.get_help(context))
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                with click.Context(below, parent=context, info_name=name) as inner:
                    yield from helped(below, inner)


def heading(text: str, line: str = "=") -> str:
    """Return a heading."""
    return f"{text}\n{line * len(text)}\n\n"


def literal(text: str) -> str:
    """Return a block of text as it is."""
    return ".. code-block:: text\n\n" + "".join(f"   {line}\n" for line in text.splitlines()) + "\n"
