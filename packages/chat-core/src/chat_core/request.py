"""Requests: what is asked of a model, in no vendor's words."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.frozen import dataclass
from chat_core.options import Options

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_core.messages import Message
    from chat_core.tools import AnyTool, ToolChoice

OutputKind: TypeAlias = Literal["schema", "json"]

Strategy: TypeAlias = Literal["native", "tool", "prompted"]
"""How the form of an answer is asked for: by the wire's own field, by a tool that has to be called, or in words."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class OutputFormat:
    """The form of the answer.

    Attributes:
        kind: `schema` for JSON after a schema, `json` for any JSON object.
        schema: JSON Schema, sent whole.
        name, description: what the schema is called and stands for, where the service wants to know.
        strict: whether the service has to hold the model to the schema; `None` = not sent.
    """

    kind: OutputKind = "schema"
    schema: JSONObject | None = field(default=None, hash=False)
    name: str | None = None
    description: str | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Request:
    """One call of a model.

    Attributes:
        model: the service's name of the model, forwarded as it is.
        messages: the conversation so far.
        tools: what the model may call.
        tool_choice: which of them it may or must call; `None` = not sent.
        output: the form of the answer; `None` = free text.
        options: how to answer.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[AnyTool, ...] = ()
    tool_choice: ToolChoice | None = None
    output: OutputFormat | None = None
    options: Options = field(default_factory=Options)
