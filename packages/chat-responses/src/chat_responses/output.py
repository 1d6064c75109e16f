"""Structured output on the Responses wire: how a service can be asked for it, and what strict schemas may say.

Law: the preset decides. A strict schema is weakened to OpenAI's subset where the service keeps to that; one that cannot
be weakened travels whole and is not strict, with a notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.schema import Subset, obstacles, weakened
from chat_core.frozen import dataclass
from chat_core.response import Notice

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import OutputFormat, Strategy
    from chat_responses.preset import Preset

STRICT = Subset(
    name="strict",
    unsupported=frozenset(
        {
            "minLength", "maxLength", "patternProperties", "propertyNames", "minProperties", "maxProperties",
            "unevaluatedProperties", "contains", "minContains", "maxContains", "uniqueItems", "unevaluatedItems",
            "dependentRequired", "dependentSchemas", "not", "if", "then", "else",
        }
    ),
    one_of=False,
    closed=True,
    typed=True,
    all_required=True,
    lone_refs=True,
)  # fmt: skip
"""What OpenAI's services take of a strict schema."""


@dataclass(frozen=True, slots=True)
class ResponsesOutput:
    """Implements `chat_core.codec.capabilities.StructuredOutput`."""

    preset: Preset

    @property
    def strategies(self) -> tuple[Strategy, ...]:
        """What the service takes: its field for schemas, else a forced tool, else words."""
        native: tuple[Strategy, ...] = ("native",) if self.preset.json_schema else ()
        tool: tuple[Strategy, ...] = ("tool",) if self.preset.forced_tools else ()
        return (*native, *tool, "prompted")

    @property
    def json_mode(self) -> bool:
        """Whether an answer can be bound to be some JSON object."""
        return True

    def strategies_for(self, output: OutputFormat) -> tuple[Strategy, ...]:
        """Return the strategies that can carry this form; schemas travel whole with all of them."""
        return ("native", "prompted") if output.schema is None else self.strategies


def strict_schema(schema: JSONObject, preset: Preset, *, feature: str) -> tuple[JSONObject | None, tuple[Notice, ...]]:
    """Return a strict schema as the service takes it, and what was changed; `None` when it cannot be strict."""
    if not preset.strict_subset:
        return schema, ()
    if found := obstacles(schema, STRICT):
        asked: JSONObject = {"strict": True}
        return None, (Notice(feature=feature, requested=asked, applied={"strict": False}, reason="; ".join(found)),)
    return weakened(schema, STRICT, feature=feature)


def is_sent_whole(schema: JSON, strict: JSON, preset: Preset) -> bool:
    """Tell whether a schema, strict or not, is sent as it is."""
    return strict is not True or not isinstance(schema, dict) or strict_schema(schema, preset, feature="")[0] is schema
