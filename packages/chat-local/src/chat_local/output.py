"""Structured output of local models: held to a schema by a grammar, or asked for in words.

Law: what is offered is what is installed: without llguidance there is no grammar, and no promise of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_core.request import OutputFormat, Strategy


INSTALL = "pip install 'chat-local[grammar]'"


@dataclass(frozen=True, slots=True)
class LocalOutput:
    """Implements `chat_core.codec.capabilities.StructuredOutput`."""

    @property
    def strategies(self) -> tuple[Strategy, ...]:
        """What it takes, the best first."""
        return ("native", "prompted") if find_spec("llguidance") is not None else ("prompted",)

    @property
    def json_mode(self) -> bool:
        """Whether answers can be kept to JSON beside the words of `prompted`."""
        return find_spec("llguidance") is not None

    @property
    def lacking(self) -> str | None:
        """What to install for answers that can only have the form that is asked for; `None` = it is here."""
        return None if find_spec("llguidance") is not None else f"nothing holds the model to the form: {INSTALL}"

    def strategies_for(self, output: OutputFormat) -> tuple[Strategy, ...]:  # noqa: ARG002 - every form can be carried
        """Return those of `strategies` that can carry this form: all of them."""
        return self.strategies
