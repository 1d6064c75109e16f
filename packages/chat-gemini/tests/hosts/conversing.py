"""Messages of an invented session with Gemini. Source: spec."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING

from chat_core.codec.fold import Fold
from chat_core.codec.wire import Frame, dump
from chat_core.events import (
    CitationDelta,
    MediaDelta,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ResponseEnd,
    ResponseStart,
    TextDelta,
    ToolCallDelta,
)
from chat_core.jsonvalue import parse_object
from chat_core.live import LiveConfig
from chat_gemini.live.live import GeminiLive
from chat_gemini.places import vertex
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveEvent
    from chat_core.response import Response
    from chat_gemini.live.codec import GeminiLiveCodec

MODEL = "gemini-2.5-flash-native-audio"
LIVE = GeminiLive(Gemini())
VERTEX_LIVE = GeminiLive(Gemini(name="vertex", place=vertex("p", "europe-west4")))
CONFIG = LiveConfig(model=MODEL)
ORIGIN = LIVE.provider.origin(MODEL)
PCM = "audio/pcm;rate=24000"
READY: JSONObject = {"setupComplete": {"sessionId": "s_1"}}


def content(**members: JSON) -> JSONObject:
    return {"serverContent": members}


def parts(*items: JSONObject) -> JSONObject:
    return content(modelTurn={"parts": [*items]})


def sound(data: bytes, mime: str = PCM) -> JSONObject:
    return parts({"inlineData": {"mimeType": mime, "data": b64encode(data).decode()}})


def words(text: str, **members: JSON) -> JSONObject:
    return content(outputTranscription={"text": text, **members})


def tool_call(*names: str) -> JSONObject:
    calls: list[JSON] = [{"id": f"c_{at}", "name": name, "args": {"a": at}} for at, name in enumerate(names)]
    return {"toolCall": {"functionCalls": calls}}


COMPLETE = content(turnComplete=True)


def fed(codec: GeminiLiveCodec, *messages: JSONObject) -> list[LiveEvent]:
    return [told for data in messages for told in codec.feed(Frame(json.dumps(data).encode()))]


def begin(config: LiveConfig = CONFIG, live: GeminiLive = LIVE) -> GeminiLiveCodec:
    """Begin a session that the service has taken; what was sent is thrown away."""
    codec = live.codec(config)
    fed(codec, READY)
    codec.to_send()
    return codec


def sent(codec: GeminiLiveCodec) -> list[JSONObject]:
    return [parse_object(dump(data)) for data in codec.to_send() if not isinstance(data, bytes)]


def answers(events: Iterable[LiveEvent]) -> list[Response]:
    """Return the answers, each checked against the grammar."""
    found: list[Response] = []
    folding = Fold()
    for told in events:
        match told:
            case ResponseStart():
                folding = Fold()
                folding.feed(told)
            case ResponseEnd(response):
                folding.feed(told)
                assert folding.response == response
                found.append(response)
            case (
                PartStart()
                | TextDelta()
                | ReasoningDelta()
                | CitationDelta()
                | ToolCallDelta()
                | MediaDelta()
                | PartEnd()
            ):
                folding.feed(told)
            case _:
                pass
    return found
