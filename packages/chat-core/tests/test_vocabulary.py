"""What holds for every public value: equal by content, hashable, frozen, copied and pickled, and discreet."""

from __future__ import annotations

import copy
import pickle
import weakref
from dataclasses import FrozenInstanceError, fields, replace

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from chat_core.codec import wire
from chat_core.codec.capabilities import EmbeddingRequest, Model, ModelPage, TokenCount
from chat_core.codec.effects import Done, Emit, Handle, Instant, Join, Now, Opened, Progress, Receive, Sleep
from chat_core.codec.images import ImageRequest, ImageResponse, PartialImage
from chat_core.codec.moderation import Judgement, ModerationRequest, ModerationResponse
from chat_core.codec.provider import Secret
from chat_core.codec.speech import SpeechRequest, SpeechResponse
from chat_core.codec.transcription import Segment, SegmentEnd, TranscriptionRequest, TranscriptionResponse
from chat_core.events import (
    CitationDelta,
    MediaDelta,
    PartEnd,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    ResponseEnd,
    ResponseStart,
    TextDelta,
    ToolCallDelta,
    UnknownEvent,
)
from chat_core.messages import assistant
from chat_core.parts import Citation, Inline, Media, Text
from chat_core.response import Response

PICTURE = Media(kind="image", source=Inline(b"x"), mime="image/png")
values = st.one_of(strategies.VALUES)
hashed: tuple[object, ...] = (
    wire.Encoded(b"{}"),
    wire.FormField(name="file", data=b"x"),
    wire.Multipart((wire.FormField(name="file", data=b"x"),)),
    wire.Frame(b"{}", event="e", id="1", cut=True),
    wire.WireRequest(url="https://host.example", body={"a": []}, headers={"a": "b"}),
    wire.WireResponse(headers={"a": "b"}, body=b"{}"),
    EmbeddingRequest(model="m", inputs=("a", (1, 2)), extra={"k": []}),
    ModelPage(models=(Model(id="m", meta={"o": {}}),), raw=[]),
    TokenCount(input_tokens=1),
    ImageRequest(model="m", prompt="a cat", images=(PICTURE,), extra={"k": []}),
    ImageResponse(images=(PICTURE,), meta={"o": {}}, raw=[]),
    SpeechRequest(model="m", text="a"),
    SpeechResponse(audio=PICTURE),
    TranscriptionRequest(model="m", audio=PICTURE, timestamps=("word",)),
    TranscriptionResponse(text="a", segments=(Segment(text="a", start=0.5),)),
    ModerationRequest(model="m", inputs=("a", PICTURE)),
    ModerationResponse(results=(Judgement(flagged=True, categories={"c": True}),)),
    Secret("s"),
    Opened(Handle(1), wire.WireResponse()),
    Instant(1.0, 2.0),
    Progress(Handle(1), "half"),
    Done(Handle(1), 3),
    Emit((TextDelta(0, "a"),)),
    Receive(Handle(1)),
    Sleep(1.0),
    Now(),
    Join(),
)
events: tuple[object, ...] = (
    PartialImage("partial", 1, media=PICTURE),
    SegmentEnd("segment", None, segment=Segment(text="a")),
    ResponseStart(id="i", model="m"),
    PartStart(0, Text("")),
    TextDelta(0, "a", choice=1),
    ReasoningDelta(0, "a"),
    ToolCallDelta(0, "a"),
    MediaDelta(0, b"a"),
    CitationDelta(0, Citation(url="u")),
    RefusalDelta(0, "a"),
    PartEnd(0, Text("a")),
    ResponseEnd(Response(message=assistant("a"))),
)


@given(values)
def test_copies_and_pickles_are_equal(value: object) -> None:
    for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert twin == value
        assert hash(twin) == hash(value)
        assert type(twin) is type(value)


@pytest.mark.parametrize(
    "value", [*hashed, *events, UnknownEvent("k", {"a": []})], ids=lambda value: type(value).__name__
)
def test_wire_values_and_events_copy_and_pickle(value: object) -> None:
    for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert twin == value


@pytest.mark.parametrize("value", [*hashed, *events], ids=lambda value: type(value).__name__)
def test_wire_values_and_events_hash(value: object) -> None:
    assert hash(value) == hash(copy.deepcopy(value))


@given(values)
def test_values_refuse_to_change_and_can_be_referred_to_weakly(value: object) -> None:
    for item in fields(value):  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - all are dataclasses
        with pytest.raises(FrozenInstanceError):
            setattr(value, item.name, None)
    assert weakref.ref(value)() is value
    assert not hasattr(value, "__dict__")


@given(strategies.responses)
def test_responses_are_equal_whatever_their_raw_reply_was(response: Response) -> None:
    other = replace(response, raw=["another"])
    assert other == response
    assert hash(other) == hash(response)


@given(strategies.parts)
def test_meta_tells_parts_apart(part: object) -> None:
    if "meta" in {item.name for item in fields(part)}:  # type: ignore[arg-type] # pyright: ignore - parts are dataclasses
        assert replace(part, meta={"other": {"k": 1}}) != part  # type: ignore[type-var] # pyright: ignore - as above


def test_bytes_and_secrets_stay_out_of_repr() -> None:
    sealed = b"sealed-bytes"
    shown = repr(
        (
            Media(kind="image", source=Inline(sealed)),
            MediaDelta(0, sealed),
            wire.FormField(name="f", data=sealed),
            Secret("sealed-bytes"),
            str(Secret("sealed-bytes")),
            f"{Secret('sealed-bytes')}",
            Response(message=assistant(), raw={"k": "sealed-bytes"}),
        )
    )
    assert "sealed" not in shown
