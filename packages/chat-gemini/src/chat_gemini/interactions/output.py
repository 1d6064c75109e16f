"""Structured output on the Interactions wire: `response_format` holds the answer to a JSON Schema.

Law: schemas travel whole; the service says which keywords it takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.frozen import dataclass
from chat_core.request import OutputFormat
from chat_core.response import Notice

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Strategy

JSON_TYPE = "application/json"

STRATEGIES: tuple[Strategy, ...] = ("native", "tool", "prompted")


@dataclass(frozen=True, slots=True)
class InteractionsOutput:
    """Implements `chat_core.codec.capabilities.StructuredOutput`."""

    strategies: tuple[Strategy, ...] = STRATEGIES
    json_mode: bool = True

    def strategies_for(self, output: OutputFormat) -> tuple[Strategy, ...]:
        """Return the strategies that can carry this form; schemas travel whole with all of them."""
        return ("native", "prompted") if output.schema is None else self.strategies


def encode_output(output: OutputFormat) -> JSONObject:
    """Spell the form of the answer."""
    data: JSONObject = {"type": "text", "mime_type": JSON_TYPE}
    if output.schema is not None:
        data["schema"] = output.schema
    return data


def unsaid(output: OutputFormat) -> list[Notice]:
    """Say what of the form has no field on this wire."""
    told: dict[str, JSON] = {"name": output.name, "description": output.description}
    notices = [
        Notice(feature=f"output.{name}", requested=asked, reason="a schema has none on this wire")
        for name, asked in told.items()
        if asked is not None
    ]
    if output.strict is False:
        reason = "the wire always holds the model to the schema"
        notices.append(Notice(feature="output.strict", requested=False, reason=reason))
    return notices


def parse_output(data: JSON) -> OutputFormat | None:
    """Read the form of the answer; `None` when it has no portable form."""
    match data:
        case {"type": "text", "mime_type": str(mime), "schema": dict(schema), **more} if mime == JSON_TYPE and not more:
            return OutputFormat(schema=schema)
        case {"type": "text", "mime_type": str(mime), **more} if mime == JSON_TYPE and not more:
            return OutputFormat(kind="json")
        case _:
            return None
