"""Structured output on the Messages wire: how it can be asked for, and what of JSON Schema the wire takes.

Law: a schema that the wire holds the model to is weakened to its subset, with notices; one that cannot be weakened is
sent whole, and the service decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.schema import Subset, obstacles, weakened
from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_core.request import OutputFormat, Strategy
    from chat_core.response import Notice

STRATEGIES: tuple[Strategy, ...] = ("native", "tool", "prompted")
"""Models from before `output_config.format` refuse it: for those the program asks for `tool`."""

SUBSET = Subset(
    name="the wire",
    unsupported=frozenset(
        {
            "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
            "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "prefixItems", "minProperties",
            "maxProperties", "propertyNames", "dependentRequired", "dependentSchemas", "not", "if", "then", "else",
        }
    ),
    at_most={"minItems": 1},
    formats=frozenset(
        {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
    ),
    lookaround=False,
    one_of=False,
    closed=True,
    typed=True,
    recursion=False,
)  # fmt: skip
"""What the wire takes, as its documentation and the vendor's own SDK have it."""


@dataclass(frozen=True, slots=True)
class ClaudeOutput:
    """Implements `chat_core.codec.capabilities.StructuredOutput`."""

    strategies: tuple[Strategy, ...] = STRATEGIES
    json_mode: bool = False

    def strategies_for(self, output: OutputFormat) -> tuple[Strategy, ...]:
        """Return the strategies that can carry this form: `native` knows JSON after a schema only."""
        if output.schema is None:
            return ("prompted",)
        return self.strategies[1:] if obstacles(output.schema, SUBSET) else self.strategies


def taken(schema: JSONObject, *, feature: str) -> tuple[JSONObject, tuple[Notice, ...]]:
    """Return a schema as the wire takes it, and what was changed."""
    return (schema, ()) if obstacles(schema, SUBSET) else weakened(schema, SUBSET, feature=feature)


def can_be_strict(schema: JSONObject) -> bool:
    """Tell whether the wire takes a schema as it is for a strict tool."""
    return not obstacles(schema, SUBSET) and weakened(schema, SUBSET, feature="")[0] is schema
