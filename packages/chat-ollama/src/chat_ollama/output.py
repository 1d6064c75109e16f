"""Structured output on Ollama's wire: `format` holds the model's answer to a grammar made from a JSON Schema.

Law: schemas travel whole. What the server's grammar has no rule for, the server leaves out without a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from chat_core.request import OutputFormat, Strategy

STRATEGIES: tuple[Strategy, ...] = ("native", "prompted")
"""No tool can be forced on this wire, so there is no `tool`."""


@dataclass(frozen=True, slots=True)
class OllamaOutput:
    """Implements `chat_core.codec.capabilities.StructuredOutput`."""

    strategies: tuple[Strategy, ...] = STRATEGIES
    json_mode: bool = True

    def strategies_for(self, output: OutputFormat) -> tuple[Strategy, ...]:  # noqa: ARG002 - the protocol's parameter: every form can be carried
        """Return the strategies that can carry this form: all of them."""
        return self.strategies
