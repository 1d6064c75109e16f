from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_completions.options import CompletionsOptions
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.fold import fold
from chat_core.codec.wire import Frame
from chat_core.errors import DecodeError
from chat_core.options import Options
from chat_core.parts import Inline, Media
from chat_core.request import Request

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

PROVIDER = Completions(PRESETS["openai-chat"])
SPOKEN = CompletionsOptions(modalities=("text", "audio"), audio={"voice": "v", "format": "wav"})
REQUEST = Request(model="m", messages=(), options=Options(native=(SPOKEN,)))
ORIGIN = PROVIDER.origin("m")


def heard(*deltas: JSON) -> tuple[Media, ...]:
    chunks: list[JSONObject] = [{"choices": [{"delta": {"audio": delta}}]} for delta in deltas]
    decoder = PROVIDER.decoder(REQUEST)
    frames = [Frame(json.dumps(data).encode()) for data in chunks]
    return fold([*decoder.feed([*frames, Frame(b"[DONE]")]), *decoder.finish()]).media


def test_sound_is_media_with_its_transcript_and_id() -> None:
    (media,) = heard(
        {"id": "a"}, {"data": "AAEC"}, {"transcript": "H"}, {"data": "Aw==", "transcript": "i"}, {"expires_at": 9}
    )
    assert media == Media(
        kind="audio",
        source=Inline(b"\x00\x01\x02\x03"),
        mime="audio/wav",
        transcript="Hi",
        meta={ORIGIN: {"id": "a", "expires_at": 9}},
    )


@given(st.binary(min_size=1, max_size=40), st.integers(1, 7))
def test_base64_may_be_cut_anywhere(data: bytes, size: int) -> None:
    text = base64.b64encode(data).decode()
    deltas: list[JSON] = [{"id": "a", "data": text[at : at + size]} for at in range(0, len(text), size)]
    (media,) = heard(*deltas)
    assert media.source == Inline(data)


@pytest.mark.parametrize("text", ["no base64!", "AAEC~other~", "AAE"])
def test_what_is_no_base64_is_kept(text: str) -> None:
    (media,) = heard({"id": "a", "data": text})
    assert text.endswith(str(media.meta[ORIGIN]["data"]))


def test_an_object_of_empty_members_says_nothing() -> None:
    assert heard({"id": "", "data": "", "transcript": "", "expires_at": 0}) == ()


@pytest.mark.parametrize("delta", ["x", {"id": "a", "data": 5}])
def test_malformed_sound_is_a_decode_error(delta: JSON) -> None:
    with pytest.raises(DecodeError):
        heard(delta)
