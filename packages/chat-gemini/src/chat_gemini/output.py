"""Structured output on Gemini's wire: `responseJsonSchema` holds the answer to a schema.

Law: schemas travel whole. What the service has no rule for it leaves out or refuses, and says so itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from chat_core.request import OutputFormat, Strategy

STRATEGIES: tuple[Strategy, ...] = ("native", "tool", "prompted")
"""Models before Gemini 3 refuse a schema beside tools: with those the program asks for `tool`."""


@dataclass(frozen=True, slots=True)
class GeminiOutput:
    """Implements `chat_core.codec.capabilities.StructuredOutput`."""

    strategies: tuple[Strategy, ...] = STRATEGIES
    json_mode: bool = True

    def strategies_for(self, output: OutputFormat) -> tuple[Strategy, ...]:
        """Return the strategies that can carry this form: a tool needs a schema."""
        return self.strategies if output.schema is not None else ("native", "prompted")
