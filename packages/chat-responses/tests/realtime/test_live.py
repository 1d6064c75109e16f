"""The capability: who has it, and where its sessions are."""

from __future__ import annotations

import pytest
from speaking import CONFIG, MODEL, OPENAI_LIVE, XAI_LIVE

from chat_core.codec.live import Live
from chat_core.errors import UnsupportedContent
from chat_core.live import LiveConfig
from chat_core.messages import user
from chat_core.options import Options
from chat_core.parts import Inline, Media
from chat_responses.presets import COMPATIBLE, OPENAI, PRESETS
from chat_responses.provider import Responses
from chat_responses.realtime.live import RealtimeLive
from chat_responses.realtime.options import RealtimeOptions


def test_services_with_live_sessions_offer_them() -> None:
    assert isinstance(Responses(OPENAI).capabilities[Live], RealtimeLive)
    have = {name for name, row in PRESETS.items() if row.realtime is not None}
    assert have == {"azure-responses", "xai-responses"}
    assert Live not in Responses(COMPATIBLE, base_url="https://a.test").capabilities


def native(options: RealtimeOptions) -> LiveConfig:
    return LiveConfig(model=MODEL, options=Options(native=(options,)))


@pytest.mark.parametrize(
    ("live", "config", "url"),
    [
        (OPENAI_LIVE, CONFIG, "wss://api.openai.com/v1/realtime?model=gpt-realtime"),
        (OPENAI_LIVE, native(RealtimeOptions(call_id="rtc_1")), "wss://api.openai.com/v1/realtime?call_id=rtc_1"),
        (
            RealtimeLive(Responses(PRESETS["azure-responses"], base_url="https://r.test/openai/v1")),
            LiveConfig(model="my deployment"),
            "wss://r.test/openai/v1/realtime?model=my%20deployment",
        ),
        (
            RealtimeLive(Responses(PRESETS["azure-responses"], base_url="https://r.test/openai")),
            native(RealtimeOptions(query={"api-version": "2025-04-01-preview", "deployment": "d"})),
            "wss://r.test/openai/realtime?api-version=2025-04-01-preview&deployment=d",
        ),
        (
            XAI_LIVE,
            LiveConfig(model="grok-voice-latest", resume="conv_1"),
            "wss://api.x.ai/v1/realtime?model=grok-voice-latest&conversation_id=conv_1",
        ),
        (
            RealtimeLive(Responses(OPENAI, base_url="http://localhost:1/v1")),
            CONFIG,
            "ws://localhost:1/v1/realtime?model=gpt-realtime",
        ),
    ],
    ids=["openai", "a call", "azure", "azure before", "xai goes on", "not secure"],
)
def test_the_address_names_what_the_session_is_about(live: RealtimeLive, config: LiveConfig, url: str) -> None:
    wire = live.connect(config)
    assert (wire.url, wire.method, wire.body) == (url, "GET", None)


def test_the_handshake_says_what_is_not_sent_as_asked_and_has_the_users_headers() -> None:
    live = RealtimeLive(Responses(OPENAI, headers={"openai-project": "p"}))
    wire = live.connect(LiveConfig(model=MODEL, options=Options(seed=1)))
    assert [notice.feature for notice in wire.notices] == ["seed"]
    assert wire.headers == {"openai-project": "p"}


def test_what_cannot_be_spelled_is_refused_before_the_handshake() -> None:
    video = user(Media(kind="video", source=Inline(b"x"), mime="video/mp4"))
    with pytest.raises(UnsupportedContent):
        OPENAI_LIVE.connect(LiveConfig(model=MODEL, messages=(video,)))
