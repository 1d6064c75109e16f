"""Addresses, headers, origins."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chat_core.codec.framers import SSE
from chat_core.codec.provider import Secret
from chat_core.errors import UnsupportedTransport
from chat_core.messages import user
from chat_core.parts import URL, Media
from chat_core.request import Request
from chat_gemini.interactions.provider import Interactions
from chat_gemini.places import developer, vertex
from chat_gemini.provider import Gemini

GEMINI = Gemini()
ASK = Request(model="gemini-3.8-flash", messages=(user("Hi"),))
BASE = "https://generativelanguage.googleapis.com/v1/models/gemini-3.8-flash"


def test_the_address_says_the_model_and_whether_the_answer_is_streamed() -> None:
    whole, streamed = GEMINI.encode(ASK), GEMINI.encode(ASK, stream=True)
    assert whole.url == f"{BASE}:generateContent"
    assert streamed.url == f"{BASE}:streamGenerateContent?alt=sse"
    assert whole.body == streamed.body == {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
    assert (whole.framer, streamed.framer) == (None, SSE)
    assert streamed.headers["accept"] == "text/event-stream"


def test_on_vertex_the_model_is_below_its_project() -> None:
    place = vertex("p1", "europe-west4")
    assert Gemini(place=place).encode(ASK).url == (
        "https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/p1/locations/europe-west4"
        "/publishers/google/models/gemini-3.8-flash:generateContent"
    )


def test_another_channel_is_refused() -> None:
    with pytest.raises(UnsupportedTransport, match="gemini speaks http only, not websocket"):
        GEMINI.encode(ASK, channel="websocket")


def test_a_key_and_a_token_have_headers_of_their_own() -> None:
    wire, now = GEMINI.encode(ASK), datetime.now(UTC)
    assert GEMINI.authorize(wire, b"", Secret("AIzaX"), now) == {"x-goog-api-key": "AIzaX"}
    held = Gemini(place=vertex("p1", "global"))
    assert held.authorize(wire, b"", Secret("ya29.x"), now) == {"authorization": "Bearer ya29.x"}


def test_headers_of_the_user_are_in_no_repr() -> None:
    assert "hidden" not in repr(Gemini(headers={"x-proxy": "hidden"}))
    assert Gemini(headers={"x-proxy": "hidden"}).encode(ASK).headers["x-proxy"] == "hidden"


def test_the_origin_names_the_surface_and_the_family_of_models() -> None:
    assert GEMINI.origin("gemini-3.8-flash") == "gemini@generativelanguage.googleapis.com/gemini-3"
    assert GEMINI.origin("models/gemma-4") == "gemini@generativelanguage.googleapis.com/gemma-4"
    assert Gemini(name="vertex", place=vertex("p1", "us")).origin("gemini-2.5-pro") == "vertex@vertex/p1/gemini-2"


def test_what_one_surface_made_is_accepted_there_alone() -> None:
    there, other = Gemini(place=vertex("p1", "us")), Gemini(place=vertex("p2", "us"))
    assert GEMINI.accepts(Gemini(name="mine").origin("gemini-2.5-pro"))
    assert there.accepts(Gemini(place=vertex("p1", "global")).origin("m"))
    assert not there.accepts(other.origin("m"))
    assert not GEMINI.accepts(there.origin("m"))
    assert not GEMINI.accepts(Interactions().origin("gemini-3.8-flash"))
    assert not GEMINI.accepts(Gemini(place=developer("https://proxy.example")).origin("m"))


def test_a_part_is_marked_with_members_of_the_wire() -> None:
    clip = Media(kind="video", source=URL("https://youtu.be/x"))
    marked = GEMINI.marked(clip, ASK.model, videoMetadata={"fps": 2})
    assert GEMINI.encode(Request(model=ASK.model, messages=(user(marked),))).body == {
        "contents": [
            {"role": "user", "parts": [{"fileData": {"fileUri": "https://youtu.be/x"}, "videoMetadata": {"fps": 2}}]}
        ]
    }
