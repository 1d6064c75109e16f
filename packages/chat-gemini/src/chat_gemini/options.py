"""What only Gemini can be told: options beside the portable ones, and the tools that Google runs.

Law: fields are named and shaped as the wire has them, so that a new member inside one needs no new release. What this
version has no field for goes into `generation_config`, where the model's settings are, or into `extra`, beside them.
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

PROVIDER = "gemini"
"""The wire family that reads these options and tools."""

Cached = Literal["systemInstruction", "tools", "toolConfig"]
"""A member of a request that a cache can hold, by its name on the wire."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class GeminiOptions(NativeOptions):
    """Options of the generateContent wire; `None` = not sent.

    Attributes:
        include_thoughts: whether summaries of the thoughts are answered.
        thinking: what `thinkingConfig` holds beside that and the portable options.
        response_modalities: what is answered: `TEXT`, `IMAGE`, `AUDIO`, `VIDEO`.
        response_mime_type: the type of a text that is answered, such as `text/x.enum`.
        response_schema: the answer's schema in the wire's own dialect of OpenAPI; `Request.output` is the portable one.
        speech_config: how to speak, made by `voice` or `voices`.
        image_config: how to draw, made by `image`.
        media_resolution: how closely media are looked at: `MEDIA_RESOLUTION_LOW`, `…_MEDIUM`, `…_HIGH`.
        audio_timestamp: whether sounds are read with their times (Vertex AI).
        enable_enhanced_civic_answers: whether questions of civic life are answered in more depth (developer API).
        routing_config, model_selection_config: which model answers (Vertex AI).
        generation_config: further members of `generationConfig`, which go before all others.
        safety_settings: what is blocked, made by `safety`.
        cached_content: the name of a cache that holds the beginning of the conversation, instructions and tools.
        cache_holds: what of the request is in that cache, so that leaving it out loses nothing: no notice, and no error
            under `strict`.
        tool_config: further members of `toolConfig`, which go before all others.
        include_server_tools: whether calls and results of the service's own tools are answered (developer API).
        stream_arguments: whether arguments of calls come in pieces (Vertex AI).
        retrieval_config: where and in which language to search: `{"latLng": …, "languageCode": …}`.
        mcp_servers: remote MCP servers, made by `mcp_server` (developer API).
        labels: marks for the bill (Vertex AI).
        model_armor_config: the templates of Model Armor that check the prompt and the answer (Vertex AI).
        store: whether the service keeps the exchange (developer API).
        continuation_token: what an answer that the service paused came with; sent by itself where the history ends
            with that answer.
    """

    provider: ClassVar[str] = PROVIDER
    include_thoughts: bool | None = None
    thinking: JSONObject | None = field(default=None, hash=False)
    response_modalities: tuple[str, ...] | None = None
    response_mime_type: str | None = None
    response_schema: JSONObject | None = field(default=None, hash=False)
    speech_config: JSONObject | None = field(default=None, hash=False)
    image_config: JSONObject | None = field(default=None, hash=False)
    media_resolution: str | None = None
    audio_timestamp: bool | None = None
    enable_enhanced_civic_answers: bool | None = None
    routing_config: JSONObject | None = field(default=None, hash=False)
    model_selection_config: JSONObject | None = field(default=None, hash=False)
    generation_config: JSONObject | None = field(default=None, hash=False)
    safety_settings: tuple[JSONObject, ...] | None = field(default=None, hash=False)
    cached_content: str | None = None
    cache_holds: tuple[Cached, ...] = ()
    tool_config: JSONObject | None = field(default=None, hash=False)
    include_server_tools: bool | None = None
    stream_arguments: bool | None = None
    retrieval_config: JSONObject | None = field(default=None, hash=False)
    mcp_servers: tuple[JSONObject, ...] | None = field(default=None, hash=False, repr=False)  # they hold tokens
    labels: JSONObject | None = field(default=None, hash=False)
    model_armor_config: JSONObject | None = field(default=None, hash=False)
    store: bool | None = None
    continuation_token: str | None = field(default=None, repr=False)


GENERATION_FIELDS: Mapping[str, str] = {
    "response_modalities": "responseModalities",
    "speech_config": "speechConfig",
    "image_config": "imageConfig",
    "media_resolution": "mediaResolution",
    "audio_timestamp": "audioTimestamp",
    "enable_enhanced_civic_answers": "enableEnhancedCivicAnswers",
    "routing_config": "routingConfig",
    "model_selection_config": "modelSelectionConfig",
}
"""Fields of `GeminiOptions` that are members of `generationConfig`."""

BODY_FIELDS: Mapping[str, str] = {
    "safety_settings": "safetySettings",
    "cached_content": "cachedContent",
    "labels": "labels",
    "model_armor_config": "modelArmorConfig",
    "store": "store",
    "continuation_token": "continuationToken",
}
"""Fields of `GeminiOptions` that are members of the body."""

Threshold = Literal["OFF", "BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE"]


def safety(category: str, threshold: Threshold) -> JSONObject:
    """Say what is blocked of a category, such as `HARASSMENT`: a value of `safety_settings`."""
    prefix = "HARM_CATEGORY_"
    name = category if category.startswith(prefix) else prefix + category
    return {"category": name, "threshold": threshold}


def voice(name: str, *, language: str | None = None) -> JSONObject:
    """Speak in one of the service's voices, such as `Kore`: a value of `speech_config`."""
    return _given({"voiceConfig": _voice(name), "languageCode": language})


def voices(speakers: Mapping[str, str], *, language: str | None = None) -> JSONObject:
    """Speak a dialogue: the voices by the names that the text gives its speakers."""
    configs: list[JSON] = [{"speaker": speaker, "voiceConfig": _voice(name)} for speaker, name in speakers.items()]
    return _given({"multiSpeakerVoiceConfig": {"speakerVoiceConfigs": configs}, "languageCode": language})


def image(*, aspect_ratio: str | None = None, size: str | None = None, **more: JSON) -> JSONObject:
    """Draw in a form such as `16:9` and a size such as `2K`: a value of `image_config`."""
    return _given({"aspectRatio": aspect_ratio, "imageSize": size, **more})


def mcp_server(name: str, url: str, *, headers: Mapping[str, str] | None = None, **more: JSON) -> JSONObject:
    """Name a remote MCP server: a value of `mcp_servers`."""
    held: JSON = None if headers is None else dict(headers)
    return {"name": name, "streamableHttpTransport": _given({"url": url, "headers": held, **more})}


def google_search(
    *, exclude_domains: Sequence[str] | None = None, start: str | None = None, end: str | None = None, **more: JSON
) -> NativeTool:
    """Search the web with Google.

    Args:
        exclude_domains: sites that are left out (Vertex AI).
        start: the time after which what is found was published, as RFC 3339 has it; not without `end`.
        end: the time before which it was.
        more: further members, such as `searchTypes`.
    """
    times = _given({"startTime": start, "endTime": end})
    domains: JSON = None if exclude_domains is None else list(exclude_domains)
    return _tool("googleSearch", timeRangeFilter=times or None, excludeDomains=domains, **more)


def google_maps(**more: JSON) -> NativeTool:
    """Look places up; `GeminiOptions.retrieval_config` says where."""
    return _tool("googleMaps", **more)


def code_execution() -> NativeTool:
    """Run Python in Google's sandbox."""
    return _tool("codeExecution")


def url_context() -> NativeTool:
    """Read the pages whose addresses are in the conversation."""
    return _tool("urlContext")


def file_search(
    stores: Sequence[str], *, top_k: int | None = None, metadata_filter: str | None = None, **more: JSON
) -> NativeTool:
    """Search the documents of file search stores (developer API)."""
    return _tool("fileSearch", fileSearchStoreNames=list(stores), topK=top_k, metadataFilter=metadata_filter, **more)


def computer_use(
    environment: str = "ENVIRONMENT_BROWSER", *, excluded: Sequence[str] | None = None, **more: JSON
) -> NativeTool:
    """Act on a screen that the program shows: the actions are calls for the program to run."""
    left_out: JSON = None if excluded is None else list(excluded)
    return _tool("computerUse", environment=environment, excludedPredefinedFunctions=left_out, **more)


def native_tool(data: JSONObject) -> NativeTool:
    """Declare a tool in the wire's own words: an entry of `tools`."""
    return NativeTool(provider=PROVIDER, data=data)


def _tool(kind: str, **settings: JSON) -> NativeTool:
    return NativeTool(provider=PROVIDER, data={kind: _given(settings)})


def _voice(name: str) -> JSONObject:
    return {"prebuiltVoiceConfig": {"voiceName": name}}


def _given(data: JSONObject) -> JSONObject:
    return {key: value for key, value in data.items() if value is not None}
