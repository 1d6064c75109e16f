"""Services that speak the Realtime wire keep the laws of all live sessions. The sessions are invented: source: spec."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from speaking import (
    CONFIG,
    MODEL,
    begun,
    call,
    called,
    created,
    done,
    ended,
    event,
    message,
    of,
    session,
    spoken_sound,
    spoken_text,
)

from chat_core.codec.wire import Frame
from chat_core.live import AudioInput, Interruption, LiveConfig, MessageInput, ResultsInput
from chat_core.messages import user
from chat_core.parts import Text, ToolResult
from chat_core.testing import LiveCase, LiveContract
from chat_responses.presets import OPENAI, PRESETS
from chat_responses.provider import Responses
from chat_responses.realtime.codec import IGNORED
from chat_responses.settings import changed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.codec.provider import Provider
    from chat_core.jsonvalue import JSONObject

USAGE: JSONObject = {
    "total_tokens": 30, "input_tokens": 20, "output_tokens": 10,
    "input_token_details": {"cached_tokens": 4, "audio_tokens": 6},
    "output_token_details": {"audio_tokens": 7},
}  # fmt: skip
WORDS = "conversation.item.input_audio_transcription."
FULL: JSONObject = {"name": "requests", "limit": 100, "remaining": 99, "reset_seconds": 1.5}


def frames(*events: JSONObject) -> tuple[Frame, ...]:
    return tuple(Frame(json.dumps(data)) for data in events)


def results(*ids: str) -> ResultsInput:
    return ResultsInput(tuple(ToolResult(call_id=name, content=(Text("Rain."),)) for name in ids))


def heard(item: str) -> list[JSONObject]:
    """Make the events of a spoken turn."""
    spoken: JSONObject = {"id": item, "type": "message", "role": "user", "content": [{"type": "input_audio"}]}
    return [
        event("input_audio_buffer.speech_started", item_id=item, audio_start_ms=10),
        event("input_audio_buffer.speech_stopped", item_id=item, audio_end_ms=900),
        event("input_audio_buffer.committed", item_id=item),
        event("conversation.item.added", item=spoken),
        event(f"{WORDS}delta", item_id=item, content_index=0, delta="Good"),
        event(f"{WORDS}completed", item_id=item, content_index=0, transcript="Good day."),
    ]


def cut(words: str) -> list[JSONObject]:
    """Make the end of an answer in sound that was cut short."""
    whole = message({"type": "output_audio", "transcript": words}, status="incomplete")
    details: JSONObject = {"type": "cancelled", "reason": "turn_detected"}
    return [ended(whole), done(whole, status="cancelled", status_details=details, usage=USAGE)]


CALLS = (
    call('{"city": "London"}'),
    call("{}", id="item_3", call_id="call_2"),
)
FAILURE: JSONObject = {"type": "invalid_request_error", "code": "invalid_value", "message": "no", "param": "item"}
BROKEN: JSONObject = {"type": "failed", "error": {"type": "server_error", "code": "server_error", "message": "no"}}


def cases(config: LiveConfig = CONFIG) -> tuple[LiveCase, ...]:
    return (
        LiveCase(
            name="words",
            config=config,
            steps=(
                *frames(session(), event("conversation.created", conversation={"id": "conv_1"})),
                MessageInput(user("Hi")),
                *frames(*spoken_text()[:-1], event("rate_limits.updated", rate_limits=[FULL])),
                *frames(done(message({"type": "output_text", "text": "Hello there."}), usage=USAGE)),
                *frames(session("session.updated", voice="marin")),
            ),
        ),
        LiveCase(
            name="sound",
            config=config,
            steps=(
                *frames(session()),
                AudioInput(bytes(480)),
                *frames(*heard("item_0"), *spoken_sound("Hi there.")),
                Interruption(1),
                *frames(*cut("Hi there.")),
                *frames(event("conversation.item.truncated", item_id="item_1", content_index=0, audio_end_ms=1)),
                *frames(*spoken_text("Yes?")),
            ),
        ),
        LiveCase(
            name="calls",
            config=config,
            steps=(
                *frames(session(), *called(*CALLS)),
                results("call_1"),
                results("call_2"),
                *frames(event("error", error=FAILURE), created("resp_2"), done(id="resp_2", status="completed")),
            ),
        ),
        LiveCase(
            name="cut call",
            config=config,
            steps=(
                *frames(session(), created(), begun(call("", status="in_progress"))),
                *frames(of("response.function_call_arguments.delta", "item_2", call_id="call_1", delta='{"ci')),
                *frames(ended(call('{"ci', status="incomplete")), done(call('{"ci'), status="cancelled")),
            ),
        ),
        LiveCase(
            name="failure",
            config=config,
            steps=frames(session(), *spoken_text()[:4], done(status="failed", status_details=BROKEN)),
        ),
    )


MALFORMED: tuple[Frame | tuple[Frame, ...], ...] = (
    *frames(
        event("session.updated", session=1),
        event("response.created", response={"id": 1}),
        event("conversation.item.added", item=1),
        event("input_audio_buffer.speech_started", item_id=1),
        event(f"{WORDS}delta", delta=1),
        {"event_id": "event_1"},
    ),
    *(
        frames(created(), data)
        for data in (
            of("response.output_text.delta", content_index=0, delta=1),
            of("response.output_audio.delta", content_index=0, delta="?"),
            of("response.function_call_arguments.delta", delta={}),
            event("response.output_item.added", output_index=0, item={}),
            event("response.done", response={"id": "resp_1", "output": [1]}),
        )
    ),
)
"""Messages that are not as they should be, some of them in the middle of an answer."""
ONE_ANSWER = "the service cancels no call"
NO_WARNING = "the service closes without a warning"


class Realtime(LiveContract):
    """What all services of the wire have in common."""

    sessions: ClassVar[Sequence[LiveCase]] = cases()
    unknown = frames(event("something.new", said="so"))[0]
    malformed: ClassVar[Sequence[Frame | tuple[Frame, ...]]] = MALFORMED
    skips: ClassVar[Mapping[str, str]] = {
        "calls cancelled": ONE_ANSWER,
        "ending": NO_WARNING,
        "token": "a session cannot be taken up again",
    }
    ignored = IGNORED


class TestOpenAI(Realtime):
    """OpenAI's own service."""

    provider: ClassVar[Provider | None] = Responses(OPENAI)


class TestAzure(Realtime):
    """Azure, whose address is the user's."""

    provider: ClassVar[Provider | None] = Responses(
        PRESETS["azure-responses"], base_url="https://r.azure.test/openai/v1"
    )


class TestVoiceLive(Realtime):
    """Azure's Voice Live, which has kept the earlier form."""

    provider: ClassVar[Provider | None] = Responses(
        changed(PRESETS["azure-responses"], {"realtime": "flat"}), base_url="https://r.azure.test/voice-live"
    )


class TestXAI(Realtime):
    """A service whose sessions can be taken up again."""

    spec = "xai-responses"
    sessions = cases(LiveConfig(model=MODEL, resumable=True))
    skips: ClassVar[Mapping[str, str]] = {"calls cancelled": ONE_ANSWER, "ending": NO_WARNING}
