"""What only the Responses wire can be told: options beside the portable ones, and the tools that it declares itself.

Law: fields are named and shaped as the wire has them. A field that this version does not know goes into `extra`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, ClassVar, Literal

from chat_core.frozen import dataclass
from chat_core.options import NativeOptions
from chat_core.parts import Opaque
from chat_core.tools import NativeTool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_core.jsonvalue import JSON, JSONObject


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ResponsesOptions(NativeOptions):
    """Options of the Responses wire; `None` = not sent.

    Attributes:
        chain: whether to continue the last answer that the history proves to be unchanged by its id, and to send only
            what came after it. The id is in the answer's message; it is there when the answer was asked for with
            `chain` as well.
        access_programs: programs whose models and rules apply.
        background: whether the service answers later; see `background.wait`.
        context_management: what the service does when the context is full, such as to compact it.
        conversation: the id of the conversation that the service keeps.
        image: how the service treats images in the context.
        include: what an answer shall hold beside the usual.
        max_tool_calls: most calls of the service's own tools.
        metadata: labels to store with the answer.
        moderation: how to check input and output.
        personality: how the model speaks.
        previous_response_id: the answer to continue; the messages are then only what is new.
        prompt: a stored prompt with its variables.
        prompt_cache_key: what requests with the same beginning have in common.
        prompt_cache_options: mode and lifetime of the prompt cache.
        prompt_cache_retention: the legacy lifetime of the prompt cache.
        reasoning: what `reasoning` holds beside the effort, such as `summary`.
        safety_identifier: an id of the end user for abuse reports.
        store: whether to keep the answer at the service; it does unless told not to.
        stream_options: what a stream is to hold.
        text: what `text` holds beside the form, such as `verbosity`; its `format` goes before `Request.output`.
        tool_choice: the choice of tools in the wire's words; goes before `Request.tool_choice`.
        truncation: whether the service may leave out the middle of a conversation that is too long.
    """

    provider: ClassVar[str] = "responses"
    chain: bool | None = None
    access_programs: JSONObject | None = field(default=None, hash=False)
    background: bool | None = None
    context_management: tuple[JSONObject, ...] | None = field(default=None, hash=False)
    conversation: str | JSONObject | None = field(default=None, hash=False)
    image: JSONObject | None = field(default=None, hash=False)
    include: tuple[str, ...] | None = None
    max_tool_calls: int | None = None
    metadata: JSONObject | None = field(default=None, hash=False)
    moderation: JSONObject | None = field(default=None, hash=False)
    personality: JSON = field(default=None, hash=False)
    previous_response_id: str | None = None
    prompt: JSONObject | None = field(default=None, hash=False)
    prompt_cache_key: str | None = None
    prompt_cache_options: JSONObject | None = field(default=None, hash=False)
    prompt_cache_retention: str | None = None
    reasoning: JSONObject | None = field(default=None, hash=False)
    safety_identifier: str | None = None
    store: bool | None = None
    stream_options: JSONObject | None = field(default=None, hash=False)
    text: JSONObject | None = field(default=None, hash=False)
    tool_choice: JSON = field(default=None, hash=False)
    truncation: str | None = None


PLAIN = (
    "access_programs", "background", "context_management", "conversation", "image", "include", "max_tool_calls",
    "metadata", "moderation", "personality", "previous_response_id", "prompt", "prompt_cache_key",
    "prompt_cache_options", "prompt_cache_retention", "reasoning", "safety_identifier", "store", "text", "truncation",
)  # fmt: skip
"""The options that are body fields of the same name; objects are merged with what portable options put there."""


CALLED = {"computer_use_preview": "computer"}
"""What the calls of a tool are called here whose declaration has another type."""


def native_tool(data: JSONObject) -> NativeTool:
    """Make a tool of this wire from its declaration as the wire has it."""
    kind = data.get("type")
    return NativeTool(
        provider=ResponsesOptions.provider, data=data, name=CALLED.get(kind) if isinstance(kind, str) else None
    )


def custom_tool(name: str, *, description: str | None = None, format: JSONObject | None = None) -> NativeTool:
    """Make a free-form tool: the model calls it with text in place of JSON.

    Args:
        name: how the model calls it.
        description: when and how to use it.
        format: what the text looks like, such as `grammar(…)`; not given = any text.
    """
    return native_tool(_given({"type": "custom", "name": name, "description": description, "format": format}))


def grammar(definition: str, *, syntax: Literal["lark", "regex"] = "lark") -> JSONObject:
    """Describe the text of a free-form tool by a grammar."""
    return {"type": "grammar", "syntax": syntax, "definition": definition}


def web_search(
    *,
    context_size: Literal["low", "medium", "high"] | None = None,
    allowed_domains: Sequence[str] | None = None,
    user_location: JSONObject | None = None,
) -> NativeTool:
    """Let the model search the web."""
    filters: JSON = None if allowed_domains is None else {"allowed_domains": [*allowed_domains]}
    return native_tool(
        _given(
            {
                "type": "web_search",
                "search_context_size": context_size,
                "filters": filters,
                "user_location": user_location,
            }
        )
    )


def file_search(
    vector_stores: Sequence[str], *, max_results: int | None = None, filters: JSONObject | None = None
) -> NativeTool:
    """Let the model search files that were put into vector stores."""
    stores: JSON = [*vector_stores]
    return native_tool(
        _given({"type": "file_search", "vector_store_ids": stores, "max_num_results": max_results, "filters": filters})
    )


def code_interpreter(container: str | JSONObject | None = None) -> NativeTool:
    """Let the model run Python in a container; not given = one that the service makes."""
    place: JSON = {"type": "auto"} if container is None else container
    return native_tool({"type": "code_interpreter", "container": place})


def image_generation(**settings: JSON) -> NativeTool:
    """Let the model make images; settings are named as the wire has them: `size`, `quality`, `output_format`, …."""
    return native_tool({"type": "image_generation", **settings})


def mcp_server(label: str, url: str | None = None, **settings: JSON) -> NativeTool:
    """Let the model use a remote MCP server; it asks before each call unless `require_approval="never"`."""
    return native_tool(_given({"type": "mcp", "server_label": label, "server_url": url, **settings}))


def shell(environment: JSONObject | None = None) -> NativeTool:
    """Let the model run commands: in a container of the service, or by your tool named `shell` (the default)."""
    return native_tool(_given({"type": "shell", "environment": environment}))


def apply_patch() -> NativeTool:
    """Let the model edit files by patches, which your tool named `apply_patch` applies."""
    return native_tool({"type": "apply_patch"})


def computer() -> NativeTool:
    """Let the model use a computer: your tool named `computer` acts and gives a screenshot."""
    return native_tool({"type": "computer"})


def tool_search(*, execution: Literal["server", "client"] | None = None, **settings: JSON) -> NativeTool:
    """Let the model look for tools that are declared with `defer_loading`."""
    return native_tool(_given({"type": "tool_search", "execution": execution, **settings}))


def approval(request: Opaque, *, approve: bool, reason: str | None = None) -> Opaque:
    """Answer an `mcp_approval_request`: a part for the next user message."""
    data: JSONObject = {"type": "mcp_approval_response", "approval_request_id": request.data.get("id")}
    return Opaque(
        origin=request.origin,
        kind="mcp_approval_response",
        data=_given({**data, "approve": approve, "reason": reason}),
    )


def _given(data: JSONObject) -> JSONObject:
    return {key: value for key, value in data.items() if value is not None}
