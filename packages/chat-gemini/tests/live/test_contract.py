"""Gemini's live sessions keep the laws of all of them. The sessions are invented: source: spec."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from conversing import COMPLETE, CONFIG, READY, content, parts, sound, tool_call, words

from chat_core.codec.wire import Frame
from chat_core.live import AudioInput, Interruption, MessageInput, ResultsInput
from chat_core.messages import user
from chat_core.parts import Text, ToolResult
from chat_core.testing import LiveCase, LiveContract
from chat_gemini.live.codec import IGNORED
from chat_gemini.places import vertex
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.codec.provider import Provider
    from chat_core.jsonvalue import JSONObject

SPENT: JSONObject = {
    "promptTokenCount": 10, "responseTokenCount": 5, "thoughtsTokenCount": 2, "totalTokenCount": 15,
    "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 4}],
}  # fmt: skip
BARE: JSONObject = {"toolCall": {"functionCalls": [{"id": "c_9", "name": "now"}]}}


def frames(*messages: JSONObject) -> tuple[Frame, ...]:
    """Make messages as the service sends them: binary ones."""
    return tuple(Frame(json.dumps(data).encode()) for data in messages)


CASES = (
    LiveCase(
        name="words",
        config=CONFIG,
        steps=(
            *frames(READY),
            MessageInput(user("Hi")),
            *frames(parts({"text": "Hm.", "thought": True}), parts({"text": "Hel"}), parts({"text": "lo"})),
            *frames({**COMPLETE, "usageMetadata": SPENT}),
            *frames({"sessionResumptionUpdate": {"newHandle": "h_1", "resumable": True}}),
            *frames({"goAway": {"timeLeft": "9.5s"}}),
        ),
    ),
    LiveCase(
        name="sound",
        config=CONFIG,
        steps=(
            *frames(READY),
            AudioInput(bytes(320)),
            *frames({"voiceActivity": {"voiceActivityType": "ACTIVITY_START", "audioOffset": "0.5s"}}),
            *frames(content(inputTranscription={"text": "Good"}), content(inputTranscription={"text": " day."})),
            *frames({"voiceActivity": {"voiceActivityType": "ACTIVITY_END", "audioOffset": "1s"}}),
            *frames(sound(b"\0\1"), words("Hi"), sound(b"\2\3"), words(" there.")),
            Interruption(1),
            *frames(content(interrupted=True), {**COMPLETE, "usageMetadata": SPENT}),
            *frames(sound(b"\4\5"), words("Yes?"), COMPLETE),
        ),
    ),
    LiveCase(
        name="calls",
        config=CONFIG,
        steps=(
            *frames(READY, parts({"text": "Let me see."}), tool_call("look", "listen")),
            ResultsInput((ToolResult(call_id="c_0", name="look", content=(Text("Rain."),)),)),
            *frames({"toolCallCancellation": {"ids": ["c_1"]}}),
            *frames(parts({"text": "Rain."}), COMPLETE, BARE),
        ),
    ),
    LiveCase(
        name="failure",
        config=CONFIG,
        steps=frames(READY, parts({"text": "Hel"}), {"error": {"code": 500, "message": "no", "status": "INTERNAL"}}),
    ),
)


class Live(LiveContract):
    """What both places have in common."""

    sessions: ClassVar[Sequence[LiveCase]] = CASES
    unknown = frames({"somethingNew": {"said": "so"}})[0]
    malformed = frames(
        {"setupComplete": 1},
        {"serverContent": []},
        parts({"inlineData": {"mimeType": "audio/pcm", "data": "?"}}),
        content(outputTranscription={"text": 1}),
        {"toolCall": {"functionCalls": [1]}},
        {"toolCallCancellation": {"ids": [1]}},
        {"sessionResumptionUpdate": {"newHandle": 1}},
    )
    ignored: ClassVar[Mapping[str, str]] = IGNORED


class TestGemini(Live):
    """The developers' interface."""

    spec = "gemini"


class TestVertex(Live):
    """The same in Google's cloud."""

    provider: ClassVar[Provider | None] = Gemini(name="vertex", place=vertex("p", "europe-west4"))
