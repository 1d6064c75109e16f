"""Hugging Face for chat-core: its router, its tasks, and its servers run oneself. Names are loaded when used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_huggingface.options import CompletionsOptions as CompletionsOptions
    from chat_huggingface.options import native_tool as native_tool
    from chat_huggingface.presets import HUGGINGFACE as HUGGINGFACE
    from chat_huggingface.presets import TEI as TEI
    from chat_huggingface.presets import TGI as TGI
    from chat_huggingface.provider import HuggingFace as HuggingFace

_MODULES = {
    "options": ("CompletionsOptions", "native_tool"),
    "presets": ("HUGGINGFACE", "TEI", "TGI"),
    "provider": ("HuggingFace",),
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
