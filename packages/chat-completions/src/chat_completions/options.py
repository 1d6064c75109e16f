"""What only this wire can be told: its own request fields, and its tools that are no functions.

Law: a field that is set is sent, under its own name; what has no field here goes into `extra`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, ClassVar, Literal

from chat_core.frozen import dataclass
from chat_core.options import NativeOptions
from chat_core.tools import NativeTool

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class CompletionsOptions(NativeOptions):
    """Options of the chat completions wire; `None` = not sent.

    Attributes:
        max_tokens_field: the field for `Options.max_tokens`, where a model wants another one than its service.
        audio: voice and format of a spoken answer.
        function_call: the legacy choice of a function.
        functions: legacy declarations of functions.
        metadata: labels to store with the answer.
        modalities: kinds of answer: `text`, `audio`, `image`.
        moderation: how to check the answer.
        prediction: the text that most of the answer is expected to be.
        prompt_cache_key: what requests with the same beginning have in common.
        prompt_cache_options: mode and lifetime of the prompt cache.
        prompt_cache_retention: the legacy lifetime of the prompt cache.
        reasoning: a router's object for how to think.
        response_format: the form of the answer in the wire's words; goes before `Request.output`.
        safety_identifier: an id of the end user for abuse reports.
        store: whether to keep the answer at the service.
        stream_options: what a stream is to hold beside the usage.
        tool_choice: the choice of tools in the wire's words; goes before `Request.tool_choice`.
        verbosity: how long to answer.
        web_search_options: how models with a search of their own are to search.
    """

    provider: ClassVar[str] = "completions"
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] | None = None
    audio: JSONObject | None = field(default=None, hash=False)
    function_call: JSON = field(default=None, hash=False)
    functions: tuple[JSONObject, ...] | None = field(default=None, hash=False)
    metadata: JSONObject | None = field(default=None, hash=False)
    modalities: tuple[str, ...] | None = None
    moderation: JSONObject | None = field(default=None, hash=False)
    prediction: JSONObject | None = field(default=None, hash=False)
    prompt_cache_key: str | None = None
    prompt_cache_options: JSONObject | None = field(default=None, hash=False)
    prompt_cache_retention: str | None = None
    reasoning: JSONObject | None = field(default=None, hash=False)
    response_format: JSONObject | None = field(default=None, hash=False)
    safety_identifier: str | None = None
    store: bool | None = None
    stream_options: JSONObject | None = field(default=None, hash=False)
    tool_choice: JSON = field(default=None, hash=False)
    verbosity: str | None = None
    web_search_options: JSONObject | None = field(default=None, hash=False)


PLAIN = (
    "audio",
    "function_call",
    "functions",
    "metadata",
    "modalities",
    "moderation",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "store",
    "verbosity",
    "web_search_options",
)
"""The options that are body fields of the same name."""


def native_tool(data: JSONObject) -> NativeTool:
    """Make a tool of this wire from its declaration as the wire has it."""
    return NativeTool(provider=CompletionsOptions.provider, data=data)


def custom_tool(name: str, *, description: str | None = None, format: JSONObject | None = None) -> NativeTool:
    """Make a free-form tool: the model calls it with text in place of JSON.

    Args:
        name: how the model calls it.
        description: when and how to use it.
        format: what the text looks like, such as `grammar(…)`; not given = any text.
    """
    spec: JSONObject = {
        "name": name,
        **({} if description is None else {"description": description}),
        **({} if format is None else {"format": format}),
    }
    return native_tool({"type": "custom", "custom": spec})


def grammar(definition: str, *, syntax: Literal["lark", "regex"] = "lark") -> JSONObject:
    """Describe the text of a free-form tool by a grammar."""
    return {"type": "grammar", "grammar": {"syntax": syntax, "definition": definition}}
