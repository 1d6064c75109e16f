"""The capability: where its sessions are."""

from __future__ import annotations

import pytest
from conversing import CONFIG, LIVE, MODEL, VERTEX_LIVE

from chat_core.codec.live import Live
from chat_core.codec.provider import Secret
from chat_core.live import LiveConfig
from chat_core.options import Options
from chat_gemini.live.live import GeminiLive
from chat_gemini.live.options import GeminiLiveOptions
from chat_gemini.places import developer
from chat_gemini.provider import Gemini

EPHEMERAL = LiveConfig(model=MODEL, options=Options(native=(GeminiLiveOptions(ephemeral=True),)))
HOST = "wss://generativelanguage.googleapis.com"
SERVICE = "google.ai.generativelanguage"


def test_the_provider_offers_live_sessions() -> None:
    assert Gemini().capabilities[Live] == LIVE


@pytest.mark.parametrize(
    ("live", "config", "url"),
    [
        (
            LIVE,
            CONFIG,
            f"{HOST}/ws/{SERVICE}.v1.GenerativeService.BidiGenerateContent",
        ),
        (
            LIVE,
            EPHEMERAL,
            f"{HOST}/ws/{SERVICE}.v1alpha.GenerativeService.BidiGenerateContentConstrained",
        ),
        (
            GeminiLive(Gemini(place=developer("http://localhost:1/v1beta"))),
            CONFIG,
            f"ws://localhost:1/ws/{SERVICE}.v1beta.GenerativeService.BidiGenerateContent",
        ),
        (
            VERTEX_LIVE,
            CONFIG,
            "wss://europe-west4-aiplatform.googleapis.com/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent",
        ),
    ],
    ids=["developer", "ephemeral", "elsewhere", "vertex"],
)
def test_the_address_names_the_place(live: GeminiLive, config: LiveConfig, url: str) -> None:
    wire = live.connect(config)
    assert (wire.url, wire.method, wire.body) == (url, "GET", None)


def test_a_short_lived_token_is_shown_as_one() -> None:
    assert developer().authorization(Secret("auth_tokens/invented")) == {"authorization": "Token auth_tokens/invented"}


def test_the_handshake_says_what_is_not_sent_as_asked() -> None:
    wire = LIVE.connect(LiveConfig(model=MODEL, options=Options(user="u")))
    assert [notice.feature for notice in wire.notices] == ["user"]
