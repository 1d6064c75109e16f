"""What only the Interactions wire can be told: options beside the portable ones, and the tools that it declares itself.

Law: fields are named and shaped as the wire has them. A field that this version does not know goes into `extra`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, ClassVar, Literal

from chat_core.frozen import dataclass
from chat_core.options import NativeOptions
from chat_core.tools import NativeTool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.jsonvalue import JSON, JSONObject


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class InteractionsOptions(NativeOptions):
    """Options of the Interactions wire; `None` = not sent.

    Google calls `cached_content`, `image_config`, `response_mime_type` and `response_modalities` deprecated; what the
    last three said is said by `response_format`.

    Attributes:
        chain: whether to continue the last interaction that the history proves to be unchanged by its id, and to send
            only what came after it. The id is in the answer's message; it is there when the answer was asked for with
            `chain` as well, and the service stored it.
        agent: the agent that answers, in place of the model.
        agent_config: its settings.
        background: whether the service answers later; see `background.wait`.
        cached_content: the name of cached content to begin with.
        continuation_token: what has an answer go on that the service had not finished. An answer that ends as `pause`
            keeps its own, and the next request sends it.
        environment: where code runs: an id, or its description.
        generation_config: further members of `generation_config`, beside those that have options.
        image_config, speech_config, transcription_config, video_config: how to make and read media.
        labels: labels of the request.
        previous_interaction_id: the interaction to continue; the messages are then only what is new.
        response_format: the forms of the answer in the wire's words; goes before `Request.output`.
        response_mime_type: the media type of the answer.
        response_modalities: kinds of content to answer with.
        safety_settings: categories and thresholds of the filters.
        store: whether to keep the interaction at the service; it does unless told not to.
        thinking_summaries: whether to say what was thought: `auto` or `none`.
        tool_choice: the choice of tools in the wire's words; goes before `Request.tool_choice`.
        webhook_config: whom to tell when a background answer is there.
    """

    provider: ClassVar[str] = "gemini-interactions"
    chain: bool | None = None
    agent: str | None = None
    agent_config: JSONObject | None = field(default=None, hash=False)
    background: bool | None = None
    cached_content: str | None = None
    continuation_token: str | None = field(default=None, repr=False)
    environment: str | JSONObject | None = field(default=None, hash=False, repr=False)  # it may hold tokens
    generation_config: JSONObject | None = field(default=None, hash=False)
    image_config: JSONObject | None = field(default=None, hash=False)
    labels: JSONObject | None = field(default=None, hash=False)
    previous_interaction_id: str | None = None
    response_format: JSON = field(default=None, hash=False)
    response_mime_type: str | None = None
    response_modalities: tuple[str, ...] | None = None
    safety_settings: tuple[JSONObject, ...] | None = field(default=None, hash=False)
    speech_config: JSON = field(default=None, hash=False)
    store: bool | None = None
    thinking_summaries: str | None = None
    tool_choice: JSON = field(default=None, hash=False)
    transcription_config: JSONObject | None = field(default=None, hash=False)
    video_config: JSONObject | None = field(default=None, hash=False)
    webhook_config: JSONObject | None = field(default=None, hash=False, repr=False)  # as above


PLAIN = (
    "agent", "agent_config", "background", "cached_content", "continuation_token", "environment", "labels",
    "previous_interaction_id", "response_format", "response_mime_type", "response_modalities", "safety_settings",
    "store", "webhook_config",
)  # fmt: skip
"""The options that are body fields of the same name."""

CONFIG = "generation_config"

CONFIGURED = (
    "image_config", "speech_config", "thinking_summaries", "tool_choice", "transcription_config", "video_config",
)  # fmt: skip
"""The options that are members of `generation_config` of the same name."""

NAMES: Mapping[str, str] = {
    "max_tokens": f"{CONFIG}.max_output_tokens",
    "temperature": f"{CONFIG}.temperature",
    "top_p": f"{CONFIG}.top_p",
    "seed": f"{CONFIG}.seed",
    "stop": f"{CONFIG}.stop_sequences",
    "reasoning_effort": f"{CONFIG}.thinking_level",
    "service_tier": "service_tier",
}
"""The body fields of the portable options; the wire has none for the others."""


def native_tool(data: JSONObject) -> NativeTool:
    """Make a tool of this wire from its declaration as the wire has it."""
    return NativeTool(provider=InteractionsOptions.provider, data=data)


def google_search(search_types: Sequence[str] | None = None) -> NativeTool:
    """Let the model search the web: `web_search`, `image_search`, `enterprise_web_search`."""
    return _tool("google_search", search_types=None if search_types is None else [*search_types])


def url_context() -> NativeTool:
    """Let the model read the pages whose addresses are in the conversation."""
    return _tool("url_context")


def code_execution() -> NativeTool:
    """Let the model run Python at the service."""
    return _tool("code_execution")


def google_maps(
    *, latitude: float | None = None, longitude: float | None = None, enable_widget: bool | None = None
) -> NativeTool:
    """Let the model look for places, near a point where it is given."""
    return _tool("google_maps", latitude=latitude, longitude=longitude, enable_widget=enable_widget)


def file_search(stores: Sequence[str], *, top_k: int | None = None, metadata_filter: str | None = None) -> NativeTool:
    """Let the model search files that were put into file search stores."""
    return _tool("file_search", file_search_store_names=[*stores], top_k=top_k, metadata_filter=metadata_filter)


def computer_use(environment: Literal["browser", "mobile", "desktop"] | None = None, **settings: JSON) -> NativeTool:
    """Let the model use a computer: it calls functions that the service defines, such as `click_at`."""
    return _tool("computer_use", environment=environment, **settings)


def mcp_server(name: str, url: str, **settings: JSON) -> NativeTool:
    """Let the service use a remote MCP server."""
    return _tool("mcp_server", name=name, url=url, **settings)


def retrieval(**settings: JSON) -> NativeTool:
    """Let the model search the stores that the settings name, as the wire has them."""
    return _tool("retrieval", **settings)


def tool_search(*, execution: Literal["server", "client"] | None = None, **settings: JSON) -> NativeTool:
    """Let the model look for tools that are declared with `defer_loading`."""
    return _tool("tool_search", execution=execution, **settings)


def _tool(kind: str, **members: JSON) -> NativeTool:
    given = {key: value for key, value in members.items() if value is not None}
    return native_tool({"type": kind, **given})
