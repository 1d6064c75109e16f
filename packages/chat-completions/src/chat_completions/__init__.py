"""OpenAI-compatible chat completions for chat-core. Names are loaded when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_completions.options import CompletionsOptions as CompletionsOptions
    from chat_completions.options import custom_tool as custom_tool
    from chat_completions.options import grammar as grammar
    from chat_completions.options import native_tool as native_tool
    from chat_completions.preset import Preset as Preset
    from chat_completions.presets import COMPATIBLE as COMPATIBLE
    from chat_completions.presets import PRESETS as PRESETS
    from chat_completions.provider import Completions as Completions
    from chat_completions.text_completions import TextCompletions as TextCompletions

_HOME = {
    "COMPATIBLE": "presets",
    "Completions": "provider",
    "CompletionsOptions": "options",
    "PRESETS": "presets",
    "Preset": "preset",
    "TextCompletions": "text_completions",
    "custom_tool": "options",
    "grammar": "options",
    "native_tool": "options",
}

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
