"""Events of an invented service, and sessions that are fed with them. Source: spec."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING

from chat_core.codec.fold import Fold
from chat_core.codec.wire import Frame, dump
from chat_core.events import (
    MediaDelta,
    PartEnd,
    PartStart,
    ResponseEnd,
    ResponseStart,
    TextDelta,
    ToolCallDelta,
    UnknownEvent,
)
from chat_core.jsonvalue import parse_object
from chat_core.live import LiveConfig
from chat_responses.presets import OPENAI, PRESETS
from chat_responses.provider import Responses
from chat_responses.realtime.live import RealtimeLive
from chat_responses.settings import changed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveEvent
    from chat_core.response import Response
    from chat_responses.realtime.codec import RealtimeCodec

MODEL = "gpt-realtime"
OPENAI_LIVE = RealtimeLive(Responses(OPENAI))
XAI_LIVE = RealtimeLive(Responses(PRESETS["xai-responses"]))
FLAT_LIVE = RealtimeLive(
    Responses(changed(PRESETS["azure-responses"], {"realtime": "flat"}), base_url="https://a.test")
)
CONFIG = LiveConfig(model=MODEL)
ORIGIN = "openai@api.openai.com/realtime"

SOUND = bytes(range(48))
"""A millisecond of sound."""


def event(kind: str, **members: JSON) -> JSONObject:
    return {"type": kind, "event_id": "event_1", **members}


def session(kind: str = "session.created", **members: JSON) -> JSONObject:
    held: JSONObject = {"type": "realtime", "id": "sess_1", "model": MODEL, **members}
    return event(kind, session=held)


def created(id: str = "resp_1") -> JSONObject:
    return event("response.created", response={"object": "realtime.response", "id": id, "status": "in_progress"})


def done(*output: JSONObject, id: str = "resp_1", status: str = "completed", **members: JSON) -> JSONObject:
    held: JSONObject = {"object": "realtime.response", "id": id, "status": status, "output": [*output], **members}
    return event("response.done", response=held)


def of(kind: str, item: str = "item_1", **members: JSON) -> JSONObject:
    """Make an event of one item."""
    return event(kind, response_id="resp_1", item_id=item, output_index=0, **members)


def begun(item: JSONObject, index: int = 0) -> JSONObject:
    return event("response.output_item.added", response_id="resp_1", output_index=index, item=item)


def ended(item: JSONObject, index: int = 0) -> JSONObject:
    return event("response.output_item.done", response_id="resp_1", output_index=index, item=item)


def message(*content: JSONObject, id: str = "item_1", status: str = "completed") -> JSONObject:
    return {"id": id, "type": "message", "status": status, "role": "assistant", "content": [*content]}


def call(arguments: str, *, id: str = "item_2", call_id: str = "call_1", status: str = "completed") -> JSONObject:
    return {
        "id": id, "type": "function_call", "status": status, "name": "get_weather", "call_id": call_id,
        "arguments": arguments,
    }  # fmt: skip


def spoken_text(text: str = "Hello there.") -> list[JSONObject]:
    """Make the events of an answer in text."""
    half = len(text) // 2
    return [
        created(),
        begun(message(status="in_progress")),
        of("response.content_part.added", content_index=0, part={"type": "text", "text": ""}),
        of("response.output_text.delta", content_index=0, delta=text[:half]),
        of("response.output_text.delta", content_index=0, delta=text[half:]),
        of("response.output_text.done", content_index=0, text=text),
        of("response.content_part.done", content_index=0, part={"type": "text", "text": text}),
        ended(message({"type": "output_text", "text": text})),
        done(message({"type": "output_text", "text": text})),
    ]


def spoken_sound(words: str = "Hi there.", *, pieces: int = 2) -> list[JSONObject]:
    """Make the events of an answer in sound, of so many milliseconds, without its end."""
    sound = b64encode(SOUND).decode()
    return [
        created(),
        begun(message(status="in_progress")),
        of("response.content_part.added", content_index=0, part={"type": "audio", "transcript": ""}),
        of("response.output_audio_transcript.delta", content_index=0, delta=words),
        *(of("response.output_audio.delta", content_index=0, delta=sound) for _ in range(pieces)),
    ]


def called(*calls: JSONObject) -> list[JSONObject]:
    """Make the events of an answer that calls tools."""
    events = [created()]
    for index, item in enumerate(calls):
        events += [begun({**item, "arguments": "", "status": "in_progress"}, index), ended(item, index)]
    return [*events, done(*calls)]


def fed(codec: RealtimeCodec, *events: JSONObject) -> list[LiveEvent]:
    return [told for data in events for told in codec.feed(Frame(json.dumps(data)))]


def begin(config: LiveConfig = CONFIG, live: RealtimeLive = OPENAI_LIVE) -> RealtimeCodec:
    """Begin a session that the service has taken; what was sent is thrown away."""
    codec = live.codec(config)
    fed(codec, session())
    codec.to_send()
    return codec


def sent(codec: RealtimeCodec) -> list[JSONObject]:
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
            case PartStart() | TextDelta() | ToolCallDelta() | MediaDelta() | PartEnd():
                folding.feed(told)
            case _:
                pass
    return found


def unknown(events: Iterable[LiveEvent]) -> list[UnknownEvent]:
    return [told for told in events if isinstance(told, UnknownEvent)]
