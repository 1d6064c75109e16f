"""Translate between chat-core and Ollama's native API. Names are loaded when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_ollama.generate import Generate as Generate
    from chat_ollama.generate import GenerateOptions as GenerateOptions
    from chat_ollama.local_models import Running as Running
    from chat_ollama.local_models import Shown as Shown
    from chat_ollama.local_models import copy as copy
    from chat_ollama.local_models import delete as delete
    from chat_ollama.local_models import running as running
    from chat_ollama.local_models import show as show
    from chat_ollama.local_models import version as version
    from chat_ollama.options import OllamaOptions as OllamaOptions
    from chat_ollama.options import native_tool as native_tool
    from chat_ollama.provider import Ollama as Ollama
    from chat_ollama.transfers import Progress as Progress
    from chat_ollama.transfers import Transferred as Transferred
    from chat_ollama.transfers import create as create
    from chat_ollama.transfers import pull as pull

_MODULES = {
    "generate": ("Generate", "GenerateOptions"),
    "local_models": ("Running", "Shown", "copy", "delete", "running", "show", "version"),
    "options": ("OllamaOptions", "native_tool"),
    "provider": ("Ollama",),
    "transfers": ("Progress", "Transferred", "create", "pull"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = list(_HOME)  # pyright: ignore[reportUnsupportedDunderAll] - made from the table, so that no name is missing


def __getattr__(name: str) -> object:
    """Load a public name's module when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(_HOME)
